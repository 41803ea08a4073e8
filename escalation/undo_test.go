package escalation_test

import (
	"testing"
	"time"

	. "primalinea/escalation"
)

// TestUndoTime: as long as somebody can take back what they said, its requester does not
// see it. Where the clock was set back in between, that is over, or nobody would see it
// for as long as that.
func TestUndoTime(t *testing.T) {
	c, err := NewTicket(question(), RequesterOf{}, counter(), monday)
	if err != nil {
		t.Fatal(err)
	}
	ids := counter()
	said, err := c.Ticket.Reply(Message{Text: "So."}, anna, ids, monday)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		after time.Duration
		seen  bool
	}{
		{0, false},
		{UndoTime - time.Millisecond, false},
		{UndoTime, true},
		{time.Hour, true},
		{-UndoTime, false}, // as the clocks of two machines may differ
		{-UndoTime - time.Millisecond, true},
		{-time.Hour, true},
	} {
		now := monday.Add(test.after)
		public, err := said.Ticket.ForPublic(now)
		if err != nil {
			t.Fatal(err)
		}
		if seen := public.Version == said.Ticket.Version; seen != test.seen {
			t.Errorf("%s after it was said: seen %t", test.after, seen)
		}
		if _, err := said.Ticket.Undo(said.Ticket.Version, anna, ids, now); (err != nil) != test.seen {
			t.Errorf("%s after it was said: taken back: %v", test.after, err)
		}
	}
}
