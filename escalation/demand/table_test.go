package demand

import (
	"slices"
	"testing"
)

// TestTable has as many cells in each row as in its head, and nothing that is not
// known.
func TestTable(t *testing.T) {
	d := usual()
	d.tickets("line", "en", -12, -6, 10)
	d.tickets("line", "en", 2, 4, 9)
	p := promoted()
	worked := Effect(p, []Promotion{p}, NewCounts(d), weekOf(7).Time())
	alone := Effect(p, []Promotion{p}, NewCounts(nil), weekOf(7).Time())
	early := Effect(p, []Promotion{p}, NewCounts(d), weekOf(3).Time())
	rows := Report{Receipts: []Receipt{worked, alone, early}}.Table()
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			t.Errorf("row %d has %d cells of %d: %q", i, len(row), len(rows[0]), row)
		}
		if slices.Contains(row, "NaN") || slices.Contains(row, "+Inf") {
			t.Errorf("row %d: %q", i, row)
		}
	}
	cell := func(row int, name string) string { return rows[row][slices.Index(rows[0], name)] }
	for name, want := range map[string]string{
		"finding": "worked", "tickets_before": "40", "tickets_after": "18", "journeys_before": "4000", "ratio": "0.4500",
		"before_from": "2026-02-23", "before_to": "2026-03-22", "after_from": "2026-05-18", "after_to": "2026-06-14", "next_look": "",
	} {
		if got := cell(1, name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if cell(2, "change") != "" || cell(3, "finding") != "too_early" || cell(3, "next_look") != "2026-06-15" || cell(3, "change") != "" {
		t.Errorf("rows %q, %q", rows[2], rows[3])
	}
}
