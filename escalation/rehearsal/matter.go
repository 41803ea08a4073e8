package rehearsal

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A Matter is something that people want to know or to have done, in one language.
type Matter struct {
	ID      string
	Lang    string
	Share   float64  // of all matters of the language, in any unit
	Ask     []string // how they search for it
	Subject string   // how most write about it; empty: as they search
	Text    string
	Answer  string // what we answer

	// The article that answers it; empty while none does.
	Article  string // key
	Revision string
	Title    string // of the article, or of the one that will be made

	Team    string // who answers it when a person has to; empty: the first line
	Tier    int
	Section string // key, where an article about it belongs; empty: nobody can make one
}

// subject returns how somebody writes about the matter: many as they searched.
func (m *Matter) subject(c Chance) string {
	if m.Subject != "" && c.is(.6) {
		return m.Subject
	}
	return capital(pick(c, m.Ask))
}

// unmet are the matters that no shipped article answers: what differs between
// them, but for their words.
var unmet = []Matter{
	{ID: "hotspot", Share: 5, Section: "device"},
	{ID: "bank-app", Share: 4, Section: "data"},
	{ID: "print", Share: 3.2, Section: "data"},
	{ID: "monitor", Share: 3.5, Section: "device", Team: "tech", Tier: 2},
	{ID: "contacts", Share: 2.6, Section: "data"},
	{ID: "key", Share: 2, Team: "rrr", Tier: 2},
	{ID: "charged-twice", Share: 1.8, Team: "payments", Tier: 2},
	{ID: "parcel", Share: 2.4, Team: "logistics", Tier: 2},
	{ID: "antivirus", Share: 3.6, Section: "data"},
	{ID: "smartwatch", Share: 2.8},
}

// met is how often what the articles answer is asked, in the unit of unmet.
const met = 120

// matters returns what people want in a language: what the articles answer, the
// first of them most often, and what none does.
func (w *words) matters(articles []Article) []*Matter {
	var list []*Matter
	sum := 0.0
	for i := range articles {
		sum += 1 / float64(i+3)
	}
	for i, a := range articles {
		m := &Matter{
			ID: a.Key, Lang: w.lang, Share: met / float64(i+3) / sum, Article: a.Key, Revision: a.Revision, Title: a.Title,
			Ask: a.Asked,
		}
		if len(m.Ask) == 0 {
			m.Ask = []string{a.Title}
		}
		m.Text = fmt.Sprintf(w.text, a.Title)
		m.Answer = fmt.Sprintf(w.answer, a.Title)
		list = append(list, m)
	}
	for _, m := range unmet {
		said := w.unmet[m.ID]
		m.Lang, m.Ask, m.Subject, m.Text, m.Title, m.Answer = w.lang, said.ask, said.subject, said.text, said.title, said.answer
		list = append(list, &m)
	}
	return list
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}
