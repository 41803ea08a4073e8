package escalation_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// A desk is a ticket in the hands of a test: time passes with each change.
type desk struct {
	testing.TB
	Ticket
	now     time.Time
	ids     func() string
	letters []Letter // of the last change
}

func counter() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("id%d", n) }
}

func agent(id, name string, tier int, teams ...string) staff.Person {
	return staff.Person{ID: id, Name: name, Roles: []staff.Role{staff.Agent}, Tier: tier, Teams: teams, PasswordHash: "x"}
}

var (
	anna  = agent("anna", "Anna Bianchi", 1, "general", "tech")
	bruno = agent("bruno", "Bruno Neri", 2, "tech")
	carla = agent("carla", "Carla Rossi", 3, "tech")
	dora  = agent("dora", "Dora Verdi", 2, "payments")
	elio  = agent("elio", "Elio Galli", 1, "general")
	lead  = staff.Person{ID: "lea", Name: "Lea Longo", Roles: []staff.Role{staff.Lead}, PasswordHash: "x"}
	pen   = staff.Person{ID: "pia", Name: "Pia Serra", Roles: []staff.Role{staff.Writer}, PasswordHash: "x"}
	robot = staff.Token{Name: "crm", Scopes: staff.Scopes}
	house = []staff.Person{anna, bruno, carla, dora, elio, lead, pen}
)

func question() OpenCommand {
	return OpenCommand{
		Number: "0123ABCD", Subject: "The screen stays black", Text: "Since this morning.",
		Name: "Maria Conti", Email: "maria@example.com", Lang: "it",
	}
}

// opened returns a desk with a new ticket.
func opened(tb testing.TB) *desk {
	tb.Helper()
	d := &desk{TB: tb, now: monday, ids: counter()}
	d.did(NewTicket(question(), RequesterOf{}, d.ids, d.now))
	return d
}

// taken returns a desk whose ticket Anna works on.
func taken(tb testing.TB) *desk {
	tb.Helper()
	d := opened(tb)
	d.did(d.Take("", anna, d.ids, d.now))
	return d
}

// did takes a change over, after looking whether it is sound.
func (d *desk) did(c Change, err error) {
	d.Helper()
	if err != nil {
		d.Fatalf("at %s: %v", d.State, err)
	}
	sound(d, &d.Ticket, c)
	d.Ticket, d.letters = c.Ticket, c.Letters
	d.now = d.now.Add(time.Minute)
}

// refused checks that a change was refused, for a reason.
func (d *desk) refused(c Change, err error) func(Kind, string, string) {
	return func(kind Kind, reason, field string) {
		d.Helper()
		e, ok := errors.AsType[*Error](err)
		if !ok {
			d.Fatalf("got %v, want %s", err, reason)
		}
		if e.Kind != kind || e.Reason != reason || e.Field != field {
			d.Errorf("got kind %d, %s (%s), want kind %d, %s (%s)", e.Kind, e.Reason, e.Field, kind, reason, field)
		}
		if len(c.Entries)+len(c.Letters) > 0 {
			d.Errorf("%s comes with a change", reason)
		}
	}
}

// me is the ticket's requester.
func (d *desk) me() RequesterOf { return RequesterOf{d.ID, d.Requester.Name} }

// up is a complete handoff.
func (d *desk) up(team string, tier int) OfferCommand {
	return OfferCommand{
		Desk: ShippedDesk(),
		Team: team, Tier: tier,
		Problem: "The screen stays black after an update.",
		Tried:   []Tried{{What: "Restarted it", Result: "No change"}, {}},
		Asked:   "Find out whether it is the hardware.",
		By:      d.now.AddDate(0, 0, 1),
		Tell:    "Our technicians will look at the screen.",

		Candidates: staff.Candidates(house, team, tier),
	}
}

// moveTo has a ticket offered by the lead, and accepted.
func (d *desk) moveTo(team string, tier int, by Actor) {
	d.Helper()
	d.did(d.Offer(d.up(team, tier), lead, d.ids, d.now))
	d.did(d.Accept("", by, d.ids, d.now))
}

// A failer is a testing.TB or a rapid.T.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// differ is cmp.Diff, which takes its time, only for what differs.
func differ[T any](a, b T) string {
	if reflect.DeepEqual(a, b) {
		return ""
	}
	return cmp.Diff(a, b, cmpopts.EquateEmpty())
}

// sound checks what holds of every change, whatever the rule: the ticket is what
// its entries add up to, and what it was is untouched.
func sound(tb failer, before *Ticket, c Change) {
	tb.Helper()
	after := &c.Ticket
	rebuilt, err := Rebuild(after.Entries)
	if err != nil {
		tb.Fatal(err)
	}
	if diff := differ(after, &rebuilt); diff != "" {
		tb.Fatalf("rebuilt otherwise (-stored +rebuilt):\n%s", diff)
	}
	if diff := differ(Ledger(before.Entries), Ledger(after.Entries[:len(before.Entries)])); diff != "" {
		tb.Fatalf("entries were changed:\n%s", diff)
	}
	if differ(c.Entries, after.Entries[len(before.Entries):]) != "" {
		tb.Fatal("the change's entries are not those that the ticket has more")
	}
	if after.Version != len(after.Entries) {
		tb.Fatalf("version %d of %d entries", after.Version, len(after.Entries))
	}
	if before.Version > 0 {
		old, err := Rebuild(before.Entries)
		if err != nil {
			tb.Fatal(err)
		}
		if diff := differ(before, &old); diff != "" {
			tb.Fatalf("the ticket before was changed:\n%s", diff)
		}
	}
	seen := map[string]bool{}
	for _, e := range after.Entries {
		if e.ID == "" || seen[e.ID] {
			tb.Fatalf("entry %d has the id %q", e.Seq, e.ID)
		}
		seen[e.ID] = true
	}
	timed(tb, before, after)
	for _, l := range c.Letters {
		if l.ID == "" || l.To == "" || l.Ticket != after.ID || l.Args.Number == "" || l.NotBefore.IsZero() {
			tb.Fatalf("incomplete letter %+v", l)
		}
		if a := l.Args; !after.Requester.Verified && a.Name+a.Subject+a.Text+a.Tell != "" {
			tb.Fatalf("letter to an address that is not verified repeats %+v", a)
		}
	}
}
