package rehearsal

import (
	"fmt"
	"strings"
	"time"
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
	Title    string  // of the article, or of the one that will be made
	Helps    float64 // how probably it does, where that is another than the model says
	// Until then the article was an earlier text, which helped few.
	Rewritten time.Time

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

// weak is how probably an article helps that answers badly.
const weak = .4

// asOf returns the matter as it was at a time.
func (m *Matter) asOf(t time.Time) *Matter {
	if !t.Before(m.Rewritten) {
		return m
	}
	then := *m
	then.Revision, then.Helps = "earlier", weak
	return &then
}

// tell lets articles differ where there are enough of them: of those that are asked
// for most, one answers badly and another did until it was rewritten, and there are
// some that nobody asks for.
func tell(answered []*Matter, rewritten time.Time) {
	n := len(answered)
	if n < 20 {
		return
	}
	answered[2].Helps = weak
	answered[4].Rewritten = rewritten
	for _, m := range answered[n-3:] {
		m.Share = 0
	}
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
// first of them most often, and what none does. One of the articles is rewritten
// at a time.
func (w *words) matters(articles []Article, rewritten time.Time) []*Matter {
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
	tell(list, rewritten)
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

// kindOf is the kind of request that a team settles.
var kindOf = map[string]string{"tech": "device", "rrr": "return", "payments": "payment", "logistics": "logistics"}

// kind is the kind of request that the matter is, empty when it is none of these.
func (m *Matter) kind() string {
	kind := kindOf[m.Team]
	if kind == "" && (m.Section == "device" || strings.HasPrefix(m.Article, "device/")) {
		kind = "device"
	}
	return kind
}
