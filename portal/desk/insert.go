package desk

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
)

// An insert is a text that can be put into what is being written.
type insert struct {
	Value    string // of its button
	Name     string
	Text     string // as it would be put in
	Lang     string // of the text
	LangName string // empty when it is the customer's
	Path     string // of the article that it links to
}

// An insertList is what can be put into one part of the answer.
type insertList struct {
	Part  string
	Words string // that it answers
	Items []insert
	More  int // that are not listed
}

// Begins is the first line or so of a text.
func (i insert) Begins() string {
	words := []rune(strings.Join(strings.Fields(i.Text), " "))
	if len(words) > 90 {
		return string(words[:90]) + "…"
	}
	return string(words)
}

// Last is the place of the last one.
func (l insertList) Last() int { return len(l.Items) - 1 }

// mostInserts is how many are listed at once; words find the others.
const mostInserts = 8

// The kinds of inserts, as their buttons begin.
const (
	insertMacro   = "macro:"
	insertMention = "@"
	insertArticle = "article:"
)

// notePart is the part of the answer that colleagues are called in.
const notePart = "note"

// inserts returns what can be put into a part of an answer to a ticket.
func (r *Room) inserts(c *fiber.Ctx, t *escalation.Ticket, part, words string) (l insertList, err error) {
	var links []insert
	if part == notePart {
		l, err = r.names(c, words)
	} else {
		l, links = r.texts(c, t, words), r.links(c, t, words)
	}
	l.Part, l.Words = part, words
	if n := len(l.Items) - (mostInserts - len(links)); n > 0 {
		l.More, l.Items = n, l.Items[:len(l.Items)-n]
	}
	l.Items = append(l.Items, links...)
	return l, err
}

// names returns the colleagues that a note can call, whose name has all the words.
func (r *Room) names(c *fiber.Ctx, words string) (l insertList, err error) {
	people, err := r.Staff.People(c.UserContext())
	wanted := strings.Fields(strings.ToLower(words))
	for _, who := range colleagues(people, r.Me(c).ID) {
		name := strings.ToLower(who.Name)
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(name, w) }) {
			l.Items = append(l.Items, insert{Value: insertMention + who.Name, Name: who.Name, Text: insertMention + who.Name + " "})
		}
	}
	return l, err
}

// texts returns the texts for an answer to a ticket: what has all the words, in its name
// or itself. The customer's language comes first.
func (r *Room) texts(c *fiber.Ctx, t *escalation.Ticket, words string) (l insertList) {
	desk, by, said := r.Desk(), r.Me(c).Ref(), r.Theme.Words.Speaker(r.Lang(c))
	wanted := strings.Fields(strings.ToLower(words))
	for i := range desk.Macros {
		m := &desk.Macros[i]
		one := insert{Value: insertMacro + m.ID, Name: m.Name.In(said.Lang), Text: m.For(t, by, desk), Lang: m.Spoken(t.Lang)}
		if one.Lang != t.Lang {
			one.LangName = said.LanguageName(one.Lang)
		}
		all := strings.ToLower(one.Name + "\n" + m.Name.In(t.Lang) + "\n" + one.Text)
		if !slices.ContainsFunc(wanted, func(w string) bool { return !strings.Contains(all, w) }) {
			l.Items = append(l.Items, one)
		}
	}
	slices.SortStableFunc(l.Items, func(a, b insert) int { return len(a.LangName) - len(b.LangName) })
	return l
}

// links returns links to the articles that answer words, of those that the customer may
// read.
func (r *Room) links(c *fiber.Ctx, t *escalation.Ticket, words string) (list []insert) {
	if strings.TrimSpace(words) == "" {
		return nil
	}
	said := r.Theme.Words.Speaker(r.Lang(c))
	for _, a := range r.choices(c, t, words, "", said.Lang) {
		one := insert{Value: insertArticle + a.Key, Name: a.Title, Text: r.linkTo(a.Title, a.Path), Lang: a.Lang, Path: a.Path}
		if a.Lang != t.Lang {
			one.LangName = said.LanguageName(a.Lang)
		}
		list = append(list, one)
	}
	return list
}

// linkTo is an article in what is written to a customer.
func (r *Room) linkTo(title, path string) string { return title + ":\n" + r.Link(path) }

// inserted returns the text of a button's value, "" when there is none any more.
func (r *Room) inserted(c *fiber.Ctx, t *escalation.Ticket, value string) string {
	if id, ok := strings.CutPrefix(value, insertMacro); ok {
		desk := r.Desk()
		if m := desk.Macro(id); m != nil {
			return m.For(t, r.Me(c).Ref(), desk)
		}
	}
	if key, ok := strings.CutPrefix(value, insertArticle); ok {
		// A draft, or what is for agents alone, is nothing to send to a customer.
		if a := r.Article(key, t.Lang); a != nil && a.Live(r.Now()) && a.Audience != content.Agents {
			return r.linkTo(a.Title, a.Path())
		}
	}
	if strings.HasPrefix(value, insertMention) {
		return value + " "
	}
	return ""
}

// looks says whether a button of an answer was pressed that sends nothing: to find
// something, or to put something in.
func looks(c *fiber.Ctx) bool { return c.FormValue("find") != "" || c.FormValue("insert") != "" }

// look shows the ticket with a form as it was typed, what its words find, and what was
// to be put into its text.
func (r *Room) look(c *fiber.Ctx, f form) error {
	f.typed[f.part+"-look"] = c.FormValue(f.part + "-look")
	p, err := r.kept(c, f)
	if err != nil {
		return err
	}
	if p.Value(f.part+"-look") != "" || c.FormValue("insert") != "" {
		p.Looked = f.part
	}
	if text := r.inserted(c, p.Ticket, c.FormValue("insert")); text != "" {
		field := f.part + "-text"
		between := "\n\n"
		if f.part == notePart {
			between = " "
		}
		p.Form.typed[field] = strings.TrimLeft(strings.TrimRight(p.Value(field), " \r\n")+between+text, " \n")
	}
	return r.show(c, fiber.StatusOK, p)
}

// findInserts finds what can be put into each part of the answer that takes it.
func (r *Room) findInserts(c *fiber.Ctx, p *ticketPage) (err error) {
	p.Inserts = map[string]insertList{}
	for part, can := range map[string]bool{"reply": p.Can.Reply, "solve": p.Can.Solve, notePart: p.Can.Note} {
		if !can {
			continue
		}
		words := ""
		if part == p.Looked {
			words = p.Value(part + "-look")
		}
		if p.Inserts[part], err = r.inserts(c, p.Ticket, part, words); err != nil {
			return err
		}
	}
	return nil
}

// offered serves GET /desk/tickets/{number}/inserts/{part}?q=: what can be put into a part
// of the answer, for the script.
func (r *Room) offered(c *fiber.Ctx) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	list, err := r.inserts(c, &t, c.Params("part"), c.Query("q"))
	if err != nil {
		return err
	}
	return r.RenderPart(c, "desk/ticket", "insertoptions", struct {
		speaker
		insertList
	}{r.Theme.Words.Speaker(r.Lang(c)), list})
}
