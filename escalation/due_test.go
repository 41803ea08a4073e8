package escalation_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/clock"
)

// TestPromise: a kind of request is promised what is said for it, else what is said
// for all; a version from before there were targets promises what is shipped.
func TestPromise(t *testing.T) {
	d := ShippedDesk()
	d.Policies = append([]clock.Policy{d.Policies[0]}, d.Policies...)
	d.Policies[0].ID, d.Policies[0].Types = "devices", []string{"device"}
	for kind, want := range map[string]string{"device": "devices", "payment": "standard", "": "standard", "gone": "standard"} {
		if p, c := d.Promise(kind); p.ID != want || c.ID != "office" {
			t.Errorf("%q is promised %s by %s, want %s", kind, p.ID, c.ID, want)
		}
	}
	if p, c := (&Desk{Version: 1}).Promise("device"); p.ID != "standard" || c.ID != "office" {
		t.Errorf("an old desk promises %s by %s", p.ID, c.ID)
	}
}

// TestPromiseAgain: a ticket keeps what it was promised when leads promise otherwise.
// Who says its kind again applies to it what is in force; that is an entry.
func TestPromiseAgain(t *testing.T) {
	first, second := ShippedDesk(), ShippedDesk()
	second.Version = 2
	second.Policies[0].Targets[0].Within = clock.Span(time.Hour)
	versions := map[int]*Desk{1: first, 2: second}
	within := func(ticket *Ticket) time.Duration {
		t.Helper()
		for _, d := range ticket.Dues(versions[ticket.Desk]) {
			if d.Clock == clock.First {
				return d.Target
			}
		}
		t.Fatal("no first answer is promised")
		return 0
	}
	d := taken(t)
	d.did(d.SetType(TypeCommand{Desk: first, Type: "device"}, anna, d.ids, d.now))
	if got := within(&d.Ticket); got != 8*time.Hour {
		t.Errorf("promised within %v", got)
	}
	began := d.Clocks[1]
	d.did(d.SetType(TypeCommand{Desk: second, Type: "device"}, anna, d.ids, d.now))
	if got := within(&d.Ticket); got != time.Hour || d.Clocks[1] != began {
		t.Errorf("promised within %v by %+v", got, d.Clocks[1])
	}
	again, err := Rebuild(d.Entries)
	if err != nil || again.Desk != 2 || within(&again) != time.Hour {
		t.Errorf("rebuilt, it is of version %d: %v", again.Desk, err)
	}
}

// TestCleanClocks says which calendars and targets a desk does not take.
func TestCleanClocks(t *testing.T) {
	other := func(d *Desk) *clock.Policy {
		p := d.Policies[0]
		p.ID = "other"
		d.Policies = append(d.Policies, p)
		return &d.Policies[len(d.Policies)-1]
	}
	for _, test := range []struct {
		name string
		edit func(*Desk)
		want string
	}{
		{"as shipped", func(d *Desk) {}, ""},
		{"for one kind", func(d *Desk) { other(d).Types = []string{"device"} }, ""},
		{"two for one kind", func(d *Desk) { other(d).Types = []string{"device"}; d.Policies[0].Types = []string{"device"} }, "error.policy_types (policies.other.types)"},
		{"none for the rest", func(d *Desk) { d.Policies[0].Types = []string{"device"} }, "error.policy_general (policies.standard.types)"},
		{"the same id", func(d *Desk) { other(d).ID = "standard" }, "error.id_twice (policies.id)"},
		{"a calendar twice", func(d *Desk) { d.Calendars = append(d.Calendars, d.Calendars[0]) }, "error.id_twice (calendars.id)"},
		{"no calendar for it", func(d *Desk) { d.Calendars = nil }, "error.calendar_unknown (policies.standard.calendar)"},
		{"never open", func(d *Desk) { d.Calendars[0].Week = [7][]clock.Window{} }, "error.calendar_closed (calendars.office.week-mon)"},
		{"at once", func(d *Desk) { d.Policies[0].Targets[0].Within = 0 }, "error.target_zero (policies.standard.target-first-0-0)"},
		{"too many", func(d *Desk) {
			for range MaxClocks {
				other(d)
			}
		}, "error.clocks_many (calendars)"},
	} {
		d := ShippedDesk()
		test.edit(d)
		_, err := d.Clean()
		got := ""
		if e, ok := errors.AsType[*Error](err); ok && e.Kind == Invalid {
			got = e.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestTry: a policy is tried on what is decided, run by run.
func TestTry(t *testing.T) {
	nine := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC) // in Rome
	answered := func(after time.Duration) Past {
		return Past{Clocks: clock.Ledger{{At: nine, Act: clock.Start, Clock: clock.First, Tier: 1}, {At: nine.Add(after), Act: clock.Stop, Clock: clock.First}}}
	}
	d := ShippedDesk()
	promised := func(Past) (*clock.Policy, *clock.Calendar) { return d.Promise("") }
	past := []Past{
		answered(time.Hour),      // in time either way
		answered(4 * time.Hour),  // late only with two hours
		answered(30 * time.Hour), // late either way
		{Clocks: clock.Ledger{{At: nine.Add(47 * time.Hour), Act: clock.Start, Clock: clock.First, Tier: 1}}}, // not decided
	}
	now := nine.Add(48 * time.Hour)
	within := func(h time.Duration) *clock.Policy {
		return &clock.Policy{Targets: []clock.Target{{Clock: clock.First, Within: clock.Span(h * time.Hour)}, {Clock: clock.Next, Within: clock.Span(time.Hour)}}}
	}
	for h, want := range map[time.Duration]Trial{
		2:  {Clock: clock.First, Old: 1, OldN: 3, New: 2, NewN: 3, Worse: 1},
		8:  {Clock: clock.First, Old: 1, OldN: 3, New: 1, NewN: 3},
		20: {Clock: clock.First, Old: 1, OldN: 3, New: 0, NewN: 3, Less: 1},
	} {
		if got := Try(past, promised, func(Past) (*clock.Policy, *clock.Calendar) { return within(h), &d.Calendars[0] }, now); !reflect.DeepEqual(got, []Trial{want}) {
			t.Errorf("within %d h: %+v, want %+v", h, got, want)
		}
	}
}
