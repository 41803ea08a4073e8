package lead

import (
	"reflect"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/portal/web"
)

// Parts are one of the lists that the desk is set up with: what is in it has an id and a
// name, and a form of its own that adds it, changes it or takes it away.
type parts[T any] struct {
	list string // its name in addresses, and in the fields of errors
	of   func(d *escalation.Desk) *[]T
	id   func(one *T) string
}

var (
	teams     = parts[escalation.Team]{"teams", func(d *escalation.Desk) *[]escalation.Team { return &d.Teams }, func(t *escalation.Team) string { return t.ID }}
	types     = parts[escalation.RequestType]{"types", func(d *escalation.Desk) *[]escalation.RequestType { return &d.Types }, func(t *escalation.RequestType) string { return t.ID }}
	macros    = parts[escalation.Macro]{"macros", func(d *escalation.Desk) *[]escalation.Macro { return &d.Macros }, func(m *escalation.Macro) string { return m.ID }}
	skills    = parts[escalation.Skill]{"skills", func(d *escalation.Desk) *[]escalation.Skill { return &d.Skills }, func(s *escalation.Skill) string { return s.ID }}
	calendars = parts[clock.Calendar]{"calendars", func(d *escalation.Desk) *[]clock.Calendar { return &d.Calendars }, func(c *clock.Calendar) string { return c.ID }}
	policies  = parts[clock.Policy]{"policies", func(d *escalation.Desk) *[]clock.Policy { return &d.Policies }, func(p *clock.Policy) string { return p.ID }}
)

// in returns the part of a desk that has an id, nil when it has none.
func (l parts[T]) in(d *escalation.Desk, id string) *T {
	all := *l.of(d)
	for i := range all {
		if l.id(&all[i]) == id {
			return &all[i]
		}
	}
	return nil
}

// partID is the id of what a form is about: of what there is not yet, the one that was
// typed.
func partID(c *fiber.Ctx) string {
	if id := c.Params("id"); id != newPart {
		return id
	}
	return strings.TrimSpace(c.FormValue("id"))
}

// removes says whether a form takes away what it is about.
func (p *deskPage) removes(c *fiber.Ctx) bool { return !p.New && c.FormValue("do") == "remove" }

// edit returns what a form makes of a desk: one part more, one less, or one that is as it
// was typed. Unless may is nil, it is asked first whether the desk allows that.
func (l parts[T]) edit(c *fiber.Ctx, p *deskPage, typed T, may func(d *escalation.Desk) error) func(d *escalation.Desk) error {
	return func(d *escalation.Desk) error {
		if may != nil {
			if err := may(d); err != nil {
				return err
			}
		}
		id, all := l.id(&typed), slices.Clone(*l.of(d)) // the version that there is keeps its own
		i := slices.IndexFunc(all, func(one T) bool { return l.id(&one) == id })
		switch {
		case p.New && id == newPart:
			return &escalation.Error{Kind: escalation.Invalid, Field: "id", Reason: "error.id_new"}
		case p.New:
			all = append(all, typed)
		case p.removes(c):
			all = slices.Delete(all, i, i+1)
		default:
			all[i] = typed
		}
		*l.of(d) = all
		return nil
	}
}

// keep keeps what edit makes of the desk, and leads to the list; then status is 0. Else
// the form has to be shown again, with the part as it is kept; nil when it is gone.
func (l parts[T]) keep(c *fiber.Ctx, r *Desk, p *deskPage, id string, edit func(d *escalation.Desk) error) (now *T, status int, err error) {
	ok, status, err := r.save(c, p, l.list+"."+id, func(d *escalation.Desk) any { return l.in(d, id) }, edit)
	if err != nil {
		return nil, 0, err
	}
	if ok {
		return nil, 0, web.Redirect(c, "/lead/desk/"+l.list+"?done=1")
	}
	return l.in(p.Desk, id), status, nil
}

// changes says what one version made of the list of the one before it; what names a part
// by its kind, and name says it by its own.
func (l parts[T]) changes(p web.Page, was, is *escalation.Desk, what string, name func(*T) escalation.Text) (said []string) {
	say := func(key string, one *T) {
		said = append(said, p.T(key, "What", p.T(what, "Name", name(one).In(p.Lang))))
	}
	byID := func(d *escalation.Desk) []T {
		return slices.SortedFunc(slices.Values(*l.of(d)), func(a, b T) int { return strings.Compare(l.id(&a), l.id(&b)) })
	}
	for _, one := range byID(is) {
		switch before := l.in(was, l.id(&one)); {
		case before == nil:
			say("config.added", &one)
		case !reflect.DeepEqual(*before, one):
			say("config.changed", &one)
		}
	}
	for _, one := range byID(was) {
		if l.in(is, l.id(&one)) == nil {
			say("config.removed", &one)
		}
	}
	return said
}
