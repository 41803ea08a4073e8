package demand

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestJudge is the table of what can be the matter with a line.
func TestJudge(t *testing.T) {
	here := map[string]string{"it": "Il rimborso"}
	abroad := map[string]string{"en": "Refunds", "es": "Reembolsos"}
	shown := func(key string, held float64) Shown {
		return Shown{Key: key, Lang: "it", Title: "T " + key, Held: held}
	}
	for _, test := range []struct {
		name string
		f    Facts
		want Verdict
	}{
		{"nothing is like it", Facts{Tried: []Tried{{"voglio i soldi", 4, nil}}},
			Verdict{Matter: Missing}},
		{"the nearest knows one word of three", Facts{Tried: []Tried{{"batteria moto elettrica", 4, []Shown{shown("bat", 1./3)}}}},
			Verdict{Matter: Missing, Article: "bat", Lang: "it", Title: "T bat", Asked: 4, Found: 4, Held: 1. / 3}},
		{"agents answer with it, and these words do not find it", Facts{
			Tried:  []Tried{{"voglio i soldi", 4, []Shown{shown("bat", .5)}}, {"rimborso", 1, []Shown{shown("refund", 1)}}},
			Linked: []Linked{{"refund", here, 3, 0}}, Tickets: 5},
			Verdict{Matter: Unfound, Article: "refund", Lang: "it", Title: "Il rimborso", Settled: 3, Asked: 5, Found: 1, Lost: []string{"voglio i soldi"}, Held: 1}},
		{"it stands at the fourth place", Facts{
			Tried:  []Tried{{"soldi", 4, []Shown{shown("a", .1), shown("b", .1), shown("c", .1), shown("refund", 1)}}},
			Linked: []Linked{{"refund", here, 1, 0}}, Tickets: 1},
			Verdict{Matter: Unfound, Article: "refund", Lang: "it", Title: "Il rimborso", Settled: 1, Asked: 4, Lost: []string{"soldi"}}},
		{"visitors were answered by it in the end", Facts{
			Tried: []Tried{{"soldi", 4, nil}}, Linked: []Linked{{"refund", here, 0, 3}}, People: 12},
			Verdict{Matter: Unfound, Article: "refund", Lang: "it", Title: "Il rimborso", Confirmed: 3, Asked: 4, Lost: []string{"soldi"}}},
		{"two visitors are too few, three of thirteen people, and two tickets of five", Facts{
			Tried: []Tried{{"soldi", 4, nil}}, Linked: []Linked{{"refund", here, 0, 2}, {"many", here, 0, 3}, {"other", here, 2, 0}}, Tickets: 5, People: 13},
			Verdict{Matter: Missing}},
		{"found, read, and they wrote all the same", Facts{
			Tried: []Tried{{"rimborso", 6, []Shown{shown("refund", 1)}}}, Linked: []Linked{{"refund", here, 2, 0}}, Tickets: 3, Vain: map[string]int{"refund": 5, "bat": 1}, Idle: 1},
			Verdict{Matter: Unhelpful, Article: "refund", Lang: "it", Title: "Il rimborso", Settled: 2, Vain: 5, Idle: 1, Asked: 6, Found: 6, Held: 1}},
		{"no agent linked it, but it is about that", Facts{
			Tried: []Tried{{"rimborso lento", 3, []Shown{shown("refund", .75)}}, {"che lento", 2, []Shown{shown("slow", 1), shown("refund", .5)}}}, Vain: map[string]int{"refund": 2}},
			Verdict{Matter: Unhelpful, Article: "refund", Lang: "it", Title: "T refund", Vain: 2, Asked: 5, Found: 5, Held: .65}},
		{"it is about what a few of them ask", Facts{
			Tried: []Tried{{"rimborso", 1, []Shown{shown("refund", 1)}}, {"che lento", 3, []Shown{shown("refund", .5)}}}},
			Verdict{Matter: Missing, Article: "refund", Lang: "it", Title: "T refund", Asked: 4, Found: 4, Held: 2.5 / 4}},
		{"agents answer with what there is in other languages", Facts{
			Tried: []Tried{{"rimborso", 4, []Shown{shown("bat", .1)}}}, Linked: []Linked{{"refund", abroad, 4, 0}}, Tickets: 4},
			Verdict{Matter: Untranslated, Article: "refund", Lang: "en", Title: "Refunds", Langs: []string{"en", "es"}, Into: "it", Settled: 4}},
		{"what answers here goes before", Facts{
			Tried: []Tried{{"soldi", 4, nil}}, Linked: []Linked{{"refund", abroad, 4, 0}, {"bat", here, 3, 0}}, Tickets: 6},
			Verdict{Matter: Unfound, Article: "bat", Lang: "it", Title: "Il rimborso", Settled: 3, Asked: 4, Lost: []string{"soldi"}}},
		{"the same is asked and said in another language", Facts{
			Tried: []Tried{{"rimborso", 4, []Shown{shown("bat", .2)}}}, Elsewhere: []Shown{{"refund", "en", "Refunds", .8}}},
			Verdict{Matter: Untranslated, Article: "refund", Lang: "en", Title: "Refunds", Langs: []string{"en"}, Into: "it", Held: .8}},
		{"what was linked is gone", Facts{
			Tried: []Tried{{"soldi", 4, nil}}, Linked: []Linked{{"gone", nil, 4, 0}}, Tickets: 4},
			Verdict{Matter: Missing}},
	} {
		test.f.Lang = "it"
		if diff := cmp.Diff(test.want, Judge(test.f)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

// TestFactsOfSignals reads from signals who read what in vain, who opened nothing, and
// what settled tickets.
func TestFactsOfSignals(t *testing.T) {
	signals := said("it a x", "it b x", "it b x", "it c x", "it d x", "it e x", "it f x")
	for i, s := range []struct {
		kind    Kind
		article string
	}{{No, "a"}, {Form, "a"}, {Abandon, "a"}, {Rephrase, "b"}, {NoClick, ""}, {Ticket, "c"}, {Waits, ""}} {
		signals[i].Line, signals[i].Kind, signals[i].Article = "l", s.kind, s.article
	}
	l := Lines(signals, nil)[0]
	if l.vain["a"] != 2 || len(l.vain) != 1 || l.idle != 1 || l.solved["c"] != 1 || len(l.solved) != 1 {
		t.Errorf("in vain %v, idle %d, solved %v", l.vain, l.idle, l.solved)
	}
	if l.People != 6 || l.Searches != 5 || len(l.Tickets) != 1 {
		t.Errorf("%d people, %d searches, %d tickets", l.People, l.Searches, len(l.Tickets))
	}
}
