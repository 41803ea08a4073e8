package desk

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// localTime is how browsers send a date and a time of day.
const localTime = "2006-01-02T15:04"

// A form is what was typed into one part of a ticket's page. Each part has its
// own names, "reply-text" and "solve-text", so that one page holds them all and a
// mistake is told where it was made.
type form struct {
	Key  string // of the page: makes the same form sent twice one entry
	Seen int    // the ticket's version when it was drawn

	About string // id of what of several of a kind the part is about

	part  string
	typed map[string]string
	files []escalation.File // taken in, and not sent yet
}

// receive reads the named fields of one part.
func receive(c *fiber.Ctx, part string, names ...string) form {
	f := form{Key: c.FormValue("key"), part: part, typed: map[string]string{}}
	f.Seen, _ = strconv.Atoi(c.FormValue("seen")) // no number: not asked
	for _, name := range names {
		f.typed[part+"-"+name] = c.FormValue(part + "-" + name)
	}
	return f
}

// get returns a field of the part.
func (f *form) get(name string) string { return f.typed[f.part+"-"+name] }

// facts returns what was typed of the facts that the ticket's type asks for.
func (f *form) facts(c *fiber.Ctx) map[string]string {
	facts := map[string]string{}
	prefix := f.part + "-" + escalation.FactField
	for _, name := range web.Names(c) {
		if key, ok := strings.CutPrefix(name, prefix); ok && len(facts) < escalation.MaxNeeds {
			value := c.FormValue(name)
			facts[key], f.typed[name] = value, value
		}
	}
	return facts
}

// time returns a date that was typed, as clocks show it in a zone, or none; the
// rules say what is wrong.
func (f *form) time(name string, zone *time.Location) time.Time {
	for _, layout := range []string{localTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, f.get(name), zone); err == nil {
			return t
		}
	}
	if t, err := time.ParseInLocation(time.DateOnly, f.get(name), zone); err == nil {
		return t.Add(18 * time.Hour)
	}
	return time.Time{}
}

// place returns the team and the tier of a field such as "tech/2", or "tech/2/anna" for
// somebody there.
func (f *form) place(name string) (team string, tier int) {
	team, t, _ := strings.Cut(f.get(name), "/")
	t, _, _ = strings.Cut(t, "/") // somebody there
	tier, _ = strconv.Atoi(t)     // no number is no tier
	return team, tier
}

// message is what was written, for the rules.
func (f *form) message() escalation.Message {
	return escalation.Message{Text: f.get("text"), Files: f.files, Key: f.once(), Seen: f.Seen}
}

// once names what is sent: the same part of a page with the same words is the same
// form, also after the way back; with other words it is another one.
func (f *form) once() string {
	words := []string{f.part, f.About}
	for _, file := range f.files {
		// Not its id: of a double click each half brings the file.
		words = append(words, file.Name, file.Type, strconv.FormatInt(file.Size, 10))
	}
	return once(f.Key, f.typed, words...)
}

// once names what was typed into a form with a key; "" without one.
func once(key string, typed map[string]string, words ...string) string {
	if key == "" {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(typed)) {
		words = append(words, name, typed[name])
	}
	h := sha256.New()
	for _, w := range append(words, key) {
		fmt.Fprintf(h, "%q", strings.TrimSpace(strings.ReplaceAll(w, "\r\n", "\n")))
	}
	return hex.EncodeToString(h.Sum(nil))
}

// field names the input that an error is about.
func (f *form) field(name string) string {
	switch name {
	case "":
		return ""
	case "team", "tier":
		name = "to"
	}
	if of, n, ok := strings.Cut(name, "-"); ok && (of == "team" || of == "tier") {
		name = "to-" + n // one of several
	}
	return f.part + "-" + name
}

// chosenFrom are the fields of the parts whose values a list offers: they are no words, and
// are soon chosen again.
var chosenFrom = []string{
	"take-instead", "handoff-to", "decide-to", "task-to", "solve-article", "solve-key", "solve-tasks", "refuse-reason", "call-cause", "done-result",
	"step-remedy", "step-outcome", "step-who", "problem-id", "type-type", "stage-stage", "priority-impact", "priority-urgency",
}

// lost returns what was typed into a part, in the order of names, for a page that has
// no such part any more.
func (f *form) lost(part string) (list []web.Typed) {
	for _, name := range slices.Sorted(maps.Keys(f.typed)) {
		chosen := slices.Contains(chosenFrom, name) || strings.HasPrefix(name, "consult-to") || strings.HasPrefix(name, "ask-") && strings.HasSuffix(name, "-again")
		if value := f.typed[name]; value != "" && strings.HasPrefix(name, part+"-") && !chosen {
			list = append(list, web.Typed{Name: name, Value: value})
		}
	}
	return list
}

// A rule makes a change of a ticket.
type rule func(t *escalation.Ticket) (escalation.Change, error)

// change applies a rule to the ticket of an address. What is not accepted comes
// back as the ticket's page as it is now, with all that was typed; what was
// written meanwhile stands first, and then the form may be sent again.
func (r *Room) change(c *fiber.Ctx, f form, then string, rule rule) error {
	t, err := r.read(c)
	if err != nil {
		return err
	}
	t, err = r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return rule(&t)
	})
	if err == nil {
		return web.Redirect(c, "/desk/tickets/"+t.Number+then)
	}
	return r.again(c, f, err)
}

// kept returns the ticket's page as it is now, with a form as it was typed.
func (r *Room) kept(c *fiber.Ctx, f form) (*ticketPage, error) {
	p, err := r.pageOf(c)
	if err != nil {
		return nil, err
	}
	p.keep(f)
	p.sinceThen(f.Seen)
	if f.Seen > 0 {
		p.Form.Seen = f.Seen // it is still to be asked whether what is new was read
	}
	return p, nil
}

// again shows the ticket with a form that was not accepted.
func (r *Room) again(c *fiber.Ctx, f form, err error) error {
	return r.refused(c, f, err, func(c *fiber.Ctx, status int, p *ticketPage) error {
		if escalation.KindOf(err) == escalation.Conflict {
			p.Form.Seen = p.Ticket.Version // what is new stands above the form
		}
		return r.show(c, status, p)
	})
}

// refused shows a page of the ticket with a form that was not accepted, and what is wrong
// with it. Whatever is not the sender's to correct is returned.
func (r *Room) refused(c *fiber.Ctx, f form, err error, show func(c *fiber.Ctx, status int, p *ticketPage) error) error {
	p, wrong := r.kept(c, f)
	if wrong != nil {
		return wrong
	}
	if !p.refuse(f, err) {
		return err
	}
	return show(c, web.Status(escalation.KindOf(err)), p)
}

// refuse notes what is wrong at the fields of a form, if the sender may be told.
func (p *ticketPage) refuse(f form, err error) bool {
	if !p.Refuse(err) {
		return false
	}
	for i := range p.Problems {
		p.Problems[i].Field = f.field(p.Problems[i].Field)
	}
	return true
}

// keep puts what was typed back into its part of the page.
func (p *ticketPage) keep(f form) {
	p.Do = f.part
	if f.Key != "" {
		p.Form.Key = f.Key
	}
	// What was proposed and struck out stays struck out.
	for name := range p.Form.typed {
		if strings.HasPrefix(name, f.part+"-") {
			delete(p.Form.typed, name)
		}
	}
	for name, value := range f.typed {
		p.Form.typed[name] = value
	}
	p.Form.files, p.Form.About = f.files, f.About
	p.rows()
}
