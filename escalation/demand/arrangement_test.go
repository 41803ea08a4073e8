package demand

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"primalinea/escalation"
)

// TestArrangement follows acts: what each makes of lines, and that each is undone
// by another.
func TestArrangement(t *testing.T) {
	join := func(line, other string) Act { return Act{Kind: Join, Line: line, Other: other} }
	part := func(line, other string) Act { return Act{Kind: Part, Line: line, Other: other} }
	for _, test := range []struct {
		name  string
		acts  []Act
		lines string // of the strands a, b, c
		apart string // pairs of lines
	}{
		{"nothing", nil, "abc", ""},
		{"joined", []Act{join("a", "b")}, "aac", ""},
		{"joined twice", []Act{join("a", "b"), join("c", "a")}, "ccc", ""},
		{"taken off again", []Act{join("a", "b"), part("a", "b")}, "abc", "ab"},
		{"both taken off again at once", []Act{join("a", "b"), join("c", "a"), part("c", "a")}, "aac", "ac"},
		{"and one by one", []Act{join("a", "b"), join("c", "a"), part("c", "a"), part("a", "b")}, "abc", "ab ac bc"},
		{"one of two", []Act{join("a", "b"), join("a", "c"), part("a", "b")}, "aba", "ab"},
		{"not the same", []Act{{Kind: Apart, Line: "a", Other: "b"}}, "abc", "ab"},
		{"what is joined to it is not either", []Act{{Kind: Apart, Line: "a", Other: "b"}, join("b", "c")}, "abb", "ab"},
		{"the same after all", []Act{{Kind: Apart, Line: "a", Other: "b"}, {Kind: Allow, Line: "b", Other: "a"}}, "abc", ""},
		{"joined after all", []Act{{Kind: Apart, Line: "a", Other: "b"}, join("a", "b")}, "aac", ""},
		{"split off", []Act{{Kind: Split, Line: "a", Other: "b"}}, "abc", "ab"},
		{"joined where it was split off", []Act{{Kind: Split, Line: "a", Other: "b"}, join("a", "b")}, "aac", ""},
	} {
		a := NewArrangement(test.acts)
		lines, apart := "", ""
		for _, s := range []string{"a", "b", "c"} {
			lines += a.LineOf(s)
		}
		for _, p := range []string{"ab", "ac", "bc"} {
			if x, y := p[:1], p[1:]; a.LineOf(x) == x && a.LineOf(y) == y && a.Apart(x, y) {
				if apart += " "; apart == " " {
					apart = ""
				}
				apart += p
				if !slices.Contains(a.Kept(x), y) || !slices.Contains(a.Kept(y), x) {
					t.Errorf("%s: %s is kept from %v, %s from %v", test.name, x, a.Kept(x), y, a.Kept(y))
				}
			}
		}
		if lines != test.lines || apart != test.apart {
			t.Errorf("%s: lines %s, apart %q; want %s, %q", test.name, lines, apart, test.lines, test.apart)
		}
	}
	a := NewArrangement([]Act{{Kind: Rename, Line: "a", Title: "one"}, {Kind: Rename, Line: "a", Title: "two"}})
	if a.Title("a") != "two" || a.Title("b") != "" {
		t.Errorf("called %q and %q", a.Title("a"), a.Title("b"))
	}
	if a = a.with([]Act{{Kind: Rename, Line: "a"}}); a.Title("a") != "" {
		t.Errorf("still called %q", a.Title("a"))
	}
}

// TestArrangementHolds does what comes, as long as it is allowed: no line is part
// of another's part, nothing is lost, and what was joined last can be undone.
func TestArrangementHolds(t *testing.T) {
	strands := []string{"a", "b", "c", "d", "e", "f"}
	rapid.Check(t, func(t *rapid.T) {
		a := NewArrangement(nil)
		for range rapid.IntRange(1, 30).Draw(t, "acts") {
			act := Act{
				Kind: rapid.SampledFrom([]ActKind{Join, Part, Apart, Allow}).Draw(t, "kind"),
				Line: rapid.SampledFrom(strands).Draw(t, "line"), Other: rapid.SampledFrom(strands).Draw(t, "other"),
			}
			before := fmt.Sprint(a.line)
			act, err := a.next(act, func(string) bool { return true })
			if err != nil {
				if k := escalation.KindOf(err); k != escalation.Invalid && k != escalation.Conflict {
					t.Fatalf("%+v: %v", act, err)
				}
				continue
			}
			a = a.with([]Act{act})
			if act.Kind == Join {
				back := a.with([]Act{{Kind: Part, Line: act.Line, Other: act.Other}})
				if fmt.Sprint(back.line) != before {
					t.Fatalf("%s, joined %+v and taken off %v", before, act, back.line)
				}
			}
		}
		seen := map[string]int{}
		for _, s := range strands {
			line := a.LineOf(s)
			if a.LineOf(line) != line {
				t.Fatalf("%s is on %s, which is on %s", s, line, a.LineOf(line))
			}
			if line == s {
				for _, of := range a.Strands(s) {
					seen[of]++
				}
			}
			for _, kept := range a.Kept(line) {
				if kept == line || !a.Apart(line, kept) {
					t.Fatalf("%s is kept from %s", line, kept)
				}
			}
		}
		for _, s := range strands {
			if seen[s] != 1 {
				t.Fatalf("%s is on %d lines", s, seen[s])
			}
		}
	})
}

// TestNext refuses what makes no sense, and what others made senseless.
func TestNext(t *testing.T) {
	a := NewArrangement([]Act{{Number: 1, Kind: Join, Line: "a", Other: "b"}, {Number: 2, Kind: Apart, Line: "a", Other: "c"}})
	for _, test := range []struct {
		act  Act
		want string
	}{
		{Act{Kind: Join, Line: "a", Other: "d"}, ""},
		{Act{Kind: Join, Line: "a"}, "error.arrange_choose"},
		{Act{Kind: Join, Line: "a", Other: "a"}, "error.arrange_itself"},
		{Act{Kind: Join, Line: "a", Other: "b"}, "error.arrange_joined"},
		{Act{Kind: Join, Line: "b", Other: "a"}, "error.arrange_gone"}, // a ring
		{Act{Kind: Join, Line: "c", Other: "b"}, "error.arrange_other_gone"},
		{Act{Kind: Join, Line: "a", Other: "none"}, "error.arrange_other_gone"},
		{Act{Kind: Join, Line: "none", Other: "a"}, "error.arrange_gone"},
		{Act{Kind: Part, Line: "a", Other: "b"}, ""},
		{Act{Kind: Part, Line: "a", Other: "c"}, "error.arrange_parted"},
		{Act{Kind: Apart, Line: "a", Other: "a"}, "error.arrange_itself"},
		{Act{Kind: Allow, Line: "c", Other: "a"}, ""},
		{Act{Kind: Allow, Line: "c", Other: "d"}, "error.arrange_allowed"},
		{Act{Kind: Rename, Line: "a", Title: "  Batteria   gonfia "}, ""},
		{Act{Kind: Rename, Line: "a", Title: fmt.Sprintf("%101d", 1)}, ""}, // gaps are none
		{Act{Kind: Rename, Line: "a", Title: fmt.Sprintf("%0101d", 1)}, "error.arrange_title"},
		{Act{Kind: "hide", Line: "a"}, "error.arrange_kind"},
	} {
		act, err := a.next(test.act, func(line string) bool { return line != "none" })
		if test.want == "" {
			if err != nil || act.Number != 3 {
				t.Errorf("%+v: %v", test.act, err)
			}
			continue
		}
		if e, ok := err.(*escalation.Error); !ok || e.Reason != test.want {
			t.Errorf("%+v: %v, want %s", test.act, err, test.want)
		}
	}
	if act, _ := a.next(Act{Kind: Rename, Line: "a", Title: " Scrivere a ada@example.it "}, func(string) bool { return true }); act.Title != "Scrivere a [e-mail]" {
		t.Errorf("called %q", act.Title)
	}
}
