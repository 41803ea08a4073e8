package escalation_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/clock"
)

// timed checks the clocks of a ticket against how it stands: the ledger is only
// added to, and which clocks run can be told by what everybody sees of the ticket.
func timed(tb failer, before, after *Ticket) {
	tb.Helper()
	if diff := differ(before.Clocks, after.Clocks[:len(before.Clocks)]); diff != "" {
		tb.Fatalf("the ledger of clocks was changed:\n%s", diff)
	}
	for _, e := range after.Clocks[len(before.Clocks):] {
		if e.Entry <= before.Version || e.Entry > after.Version || !e.At.Equal(after.Entries[e.Entry-1].At) || e.Cause == "" {
			tb.Fatalf("a clock's event of no entry: %+v", e)
		}
	}
	running, waits, priority := map[clock.Kind]bool{}, "", clock.NormalPriority
	for _, e := range after.Clocks.Counting() {
		switch {
		case e.Act == clock.Weigh:
			priority = e.Priority
		case e.Clock == "" && e.Act == clock.Pause:
			waits = e.Cause
		case e.Clock == "":
			waits = ""
		default:
			running[e.Clock] = e.Act != clock.Stop
		}
		if e.Act == clock.Start && (e.Tier < 1 || e.Tier > 3) {
			tb.Fatalf("a clock without a tier: %+v", e)
		}
	}
	active := after.State != Solved && after.State != Closed
	answered, heard := false, false
	for _, e := range after.Entries {
		if e.Kind == Public && e.By.Kind == ByRequester {
			heard = true
		} else if e.Kind == Public {
			answered, heard = true, false
		}
		if ev := e.Event; ev != nil && (ev.Kind == EventSolved || ev.Kind == EventConfirmed) {
			heard = false // what was said before needs no answer
		} else if ev != nil && ev.Owed {
			heard = true // in another ticket
		}
	}
	want := map[clock.Kind]bool{
		clock.Resolution: active,
		clock.First:      active && !answered && after.Reopened == 0,
		clock.Next:       active && heard && (answered || after.Reopened > 0),
		clock.Accept:     active && (after.Assignee == "" || after.Pending() != nil),
		clock.Work:       active && (after.Assignee != "" || running[clock.Work]), // a tier's time goes on when nobody has it
		clock.Update:     active && running[clock.Update],
	}
	for _, k := range clock.Kinds {
		want[k] = want[k] && (after.Parent == nil || k.Internal())
		if running[k] != want[k] || slices.Contains(after.Running, k) != want[k] {
			tb.Fatalf("clock %s runs: %t, is said to: %t, should: %t\n%+v", k, running[k], slices.Contains(after.Running, k), want[k], after.Clocks)
		}
	}
	wait := map[State]string{WaitCustomer: clock.WaitCustomer, WaitOther: clock.WaitOther}[after.State]
	if after.Doubt == Spam || after.Doubt == Merged {
		wait = clock.Aside
	}
	if priority != after.Priority() {
		tb.Fatalf("the ledger has priority %d, the ticket %d", priority, after.Priority())
	}
	if waits != wait {
		tb.Fatalf("the ledger waits for %q, the ticket is %s", waits, after.State)
	}
}

// TestClocks follows the clocks of a ticket through what happens to it.
func TestClocks(t *testing.T) {
	d := opened(t)
	said := func() string {
		var lines []string
		for _, e := range d.Clocks {
			line := string(e.Act) + " " + string(e.Clock)
			if e.Tier > 0 {
				line += fmt.Sprint(" ", e.Tier)
			}
			lines = append(lines, strings.TrimSpace(line)+" ("+e.Cause+")")
		}
		return strings.Join(lines, ", ")
	}
	done := 0
	for _, step := range []struct {
		what string
		do   func()
		want string
	}{
		{"opened", func() {}, "start resolution 1 (opened), start first 1 (opened), start accept 1 (opened)"},
		{"taken", func() { d.did(d.Take("", anna, d.ids, d.now)) }, "stop accept (taken), start work 1 (taken), start update 1 (taken)"},
		{"she writes again", func() {
			d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "Hello?"}}, d.me(), d.ids, d.now))
		}, ""},
		{"asked", func() { d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now)) }, "stop first (asked), pause (wait_customer), start update 1 (asked)"},
		{"she answers", func() { d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "P3"}}, d.me(), d.ids, d.now)) }, "resume (replied), start next 1 (replied)"},
		{"noted", func() { d.did(d.Note(Message{Text: "hm"}, anna, d.ids, d.now)) }, ""},
		{"released", func() { d.did(d.Release(anna, d.ids, d.now)) }, "start accept 1 (released)"},
		{"offered", func() { d.did(d.Offer(d.up("tech", 2), lead, d.ids, d.now)) }, "stop accept (taken), start accept 2 (offered)"},
		{"accepted", func() { d.did(d.Accept("", bruno, d.ids, d.now)) },
			"stop work (accepted), stop update (accepted), stop accept (accepted), start work 2 (accepted), start update 2 (accepted)"},
		{"answered", func() { d.did(d.Reply(Message{Text: "Soon."}, bruno, d.ids, d.now)) }, "stop next (answered), start update 2 (answered)"},
		{"a part comes", func() {
			d.did(d.Wait(WaitCommand{Party: "Courier", Until: d.now.Add(time.Hour)}, bruno, d.ids, d.now))
		}, "pause (wait_other)"},
		{"solved", func() { d.solve(bruno) }, "stop update (solved), stop resolution (solved), stop work (solved), resume (solved)"},
		{"it is not", func() { d.did(d.NotSolved(Message{Text: "No."}, d.me(), d.ids, d.now)) },
			"resume resolution (reopened), resume work (reopened), start update 2 (reopened), start next 2 (reopened)"},
		{"closed", func() { d.did(d.Confirm(Message{}, d.me(), d.ids, d.now)) },
			"stop next (confirmed), stop update (confirmed), stop resolution (confirmed), stop work (confirmed)"},
	} {
		before := len(said())
		step.do()
		if got := strings.TrimPrefix(said()[min(before*min(done, 1), len(said())):], ", "); got != step.want {
			t.Errorf("%s:\n got %s\nwant %s", step.what, got, step.want)
		}
		done++
	}
}

// TestClocksOfMany: a ticket with ten thousand entries is put together in no time to
// speak of.
func TestClocksOfMany(t *testing.T) {
	d := taken(t)
	for range 100 {
		d.did(d.Reply(Message{Text: "Soon."}, anna, d.ids, d.now))
		d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "When?"}}, d.me(), d.ids, d.now))
	}
	entries := d.Entries
	for len(entries) < 10_000 {
		for _, e := range d.Entries[2:202] {
			e.Seq = len(entries) + 1
			entries = append(entries, e)
		}
	}
	began := time.Now()
	many, err := Rebuild(entries)
	if err != nil || len(many.Clocks) < 10_000 {
		t.Fatalf("%d events, %v", len(many.Clocks), err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

// TestClocksSetBack: somebody sets the machine's clock back while a ticket is worked
// on. Nothing runs backwards, nothing is done before it began, and every due date can
// still be told.
func TestClocksSetBack(t *testing.T) {
	d := opened(t)
	began := d.now
	d.did(d.Take("", anna, d.ids, d.now))
	d.now = began.Add(-50 * time.Hour)
	d.did(d.Ask(ask(d, "model"), anna, d.ids, d.now))
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "P3"}}, d.me(), d.ids, d.now))
	d.did(d.Offer(d.up("tech", 2), lead, d.ids, d.now))
	d.did(d.Accept("", bruno, d.ids, d.now))
	d.did(d.Reply(Message{Text: "Soon."}, bruno, d.ids, d.now))
	runs := func() map[clock.Kind]clock.Due {
		last := map[clock.Kind]clock.Due{}
		for _, due := range d.Dues(ShippedDesk()) {
			last[due.Clock] = due
			if !due.Stopped.IsZero() && due.Stopped.Before(due.Start) || !due.At.IsZero() && due.At.Before(due.Start) || due.Left < 0 {
				t.Errorf("it runs backwards: %+v", due)
			}
			at := due.Start
			for _, r := range due.Reasons {
				if !r.From.Equal(at) || !r.To.IsZero() && r.To.Before(r.From) {
					t.Errorf("%s is not told without a gap: %+v", due.Clock, due.Reasons)
				}
				at = r.To
			}
		}
		return last
	}
	before := runs()
	if waited := d.Clocks.Elapsed(d.now); waited != 0 {
		t.Errorf("the customer waited for %v at a time before they asked", waited)
	}
	if first := before[clock.First]; first.Standing(d.now) != clock.Met {
		t.Errorf("the first answer is %s: %+v", first.Standing(d.now), first)
	}

	// Set right again, it goes on as if nothing had been.
	d.now = began.Add(time.Hour)
	d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: "When?"}}, d.me(), d.ids, d.now))
	after := runs()
	if waited := d.Clocks.Elapsed(d.now); waited != d.now.Sub(d.Opened) {
		t.Errorf("the customer waited for %v of %v", waited, d.now.Sub(d.Opened))
	}
	if !after[clock.Resolution].At.Equal(before[clock.Resolution].At) || !after[clock.Next].Start.Equal(began.Add(time.Hour)) {
		t.Errorf("the solution is due %s, then %s; the answer from %s", before[clock.Resolution].At, after[clock.Resolution].At, after[clock.Next].Start)
	}
}
