package main

import (
	"slices"
	"testing"

	"primalinea/escalation"
)

// TestFoundTickets: an index that is made anew finds what the one before found, and no
// word of a ticket that was erased.
func TestFoundTickets(t *testing.T) {
	site := newSite(t)
	first, second := site.open(), site.open()
	find := func() []string {
		t.Helper()
		numbers, total, whole, err := site.sought.Find(t.Context(), first.Subject, "", 10, 0)
		if err != nil || !whole || total != len(numbers) {
			t.Fatal(numbers, total, whole, err)
		}
		return numbers
	}
	before := find()
	if !slices.Contains(before, first.Number) || !slices.Contains(before, second.Number) {
		t.Fatalf("found %v", before)
	}
	site.sought.papers.Empty()
	if got := find(); !slices.Equal(got, before) {
		t.Errorf("made anew: %v, want %v", got, before)
	}
	if _, err := site.db.Change(t.Context(), first.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Erase(true, escalation.System{Rule: escalation.CommandRule}, escalation.NewID, site.clock.Now())
	}); err != nil {
		t.Fatal(err)
	}
	if got := find(); slices.Contains(got, first.Number) || !slices.Contains(got, second.Number) {
		t.Errorf("erased: %v", got)
	}
}
