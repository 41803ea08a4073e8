package journey

import (
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func TestDecide(t *testing.T) {
	for _, test := range []struct {
		name   string
		j      Journey
		age    time.Duration // since its end
		window time.Duration
		want   Outcome
	}{
		{"no identity", Journey{Confirmed: true}, 30 * day, Window, Unknown},
		{"ticket on the way", Journey{Visitor: "v", Ticket: noon}, time.Minute, Window, Escalated},
		{"ticket at the very end of the window", Journey{Visitor: "v", Ticket: noon.Add(Window)}, 8 * day, Window, Escalated},
		{"ticket after the window", Journey{Visitor: "v", Confirmed: true, Ticket: noon.Add(Window + 1)}, 8 * day, Window, Confirmed},
		{"the same ticket in a longer window", Journey{Visitor: "v", Confirmed: true, Ticket: noon.Add(Window + 1)}, 8 * day, 14 * day, Escalated},
		{"ticket beats confirmation", Journey{Visitor: "v", Confirmed: true, Ticket: noon.Add(day)}, 8 * day, Window, Escalated},
		{"confirmed, but young", Journey{Visitor: "v", Confirmed: true}, Window - 1, Window, Pending},
		{"failed, but young", Journey{Visitor: "v", Last: Zero}, day, Window, Pending},
		{"young for one window, old for another", Journey{Visitor: "v", Confirmed: true}, 2 * day, day, Confirmed},
		{"confirmed", Journey{Visitor: "v", Confirmed: true, Last: Search}, Window, Window, Confirmed},
		{"read and left", Journey{Visitor: "v", Read: true, Last: ArticleOpen}, 8 * day, Window, Presumed},
		{"read, then suggestion opened", Journey{Visitor: "v", Read: true, Last: SuggestionClick}, 8 * day, Window, Presumed},
		{"not read long enough", Journey{Visitor: "v", Last: ArticleOpen}, 8 * day, Window, Failed},
		{"read, then searched", Journey{Visitor: "v", Read: true, Last: Search}, 8 * day, Window, Failed},
		{"read, then found nothing", Journey{Visitor: "v", Read: true, Last: Zero}, 8 * day, Window, Failed},
		{"read, then said no", Journey{Visitor: "v", Read: true, Last: VoteNo}, 8 * day, Window, Failed},
		{"read, then opened the form", Journey{Visitor: "v", Read: true, Last: FormOpen}, 8 * day, Window, Failed},
		{"read, then left the form", Journey{Visitor: "v", Read: true, Last: FormAbandon}, 8 * day, Window, Failed},
		{"found nothing", Journey{Visitor: "v", Last: Zero}, 8 * day, Window, Failed},
	} {
		test.j.Ended = noon
		if got := Decide(test.j, noon.Add(test.age), test.window); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestSummarize(t *testing.T) {
	now := noon.Add(60 * day)
	old := func(j Journey) Journey {
		j.Visitor, j.Ended = "v", noon
		return j
	}
	groups := []Group{
		{old(Journey{Lang: "it", Confirmed: true}), 8},
		{old(Journey{Lang: "it", Last: Zero}), 1},
		{old(Journey{Lang: "it", Ticket: noon.Add(5 * day)}), 1},
		{old(Journey{Lang: "es", Read: true, Last: ArticleOpen}), 6},
		{old(Journey{Lang: "es", Read: true, Last: ArticleOpen, Ticket: noon.Add(2 * day)}), 4},
		{Journey{Lang: "es", Visitor: "v", Ended: now, Confirmed: true}, 3},
	}
	r := Summarize(noon, now, now, groups, map[string]int{"it": 5, "": 2})
	if got := r.Total; got.Escalated != 5 || got.Failed != 1 || got.Pending != 3 || got.Unknown != 7 || got.Decided() != 20 {
		t.Errorf("total %+v", got)
	}
	it := r.ByLang[1]
	if it.Lang != "it" || it.Confirmed.K != 8 || it.Confirmed.N != 10 || it.Confirmed.Low < 0.49 || it.Confirmed.High > 0.944 {
		t.Errorf("Italian figures %+v, want 8 of 10", it)
	}
	es := r.ByLang[0]
	for i, want := range []struct{ days, k, n int }{{1, 10, 10}, {3, 6, 10}, {7, 6, 10}, {14, 6, 10}} {
		if got := es.Presumed[i]; got.Days != want.days || got.K != want.k || got.N != want.n {
			t.Errorf("presumed in Spanish: %+v, want %+v", got, want)
		}
	}
	if es.Confirmed.N != 10 || es.Pending != 3 {
		t.Errorf("Spanish figures %+v: what is pending must not be counted", es)
	}
	if u := r.Total.UnknownShare(); u.K != 7 || u.N != 30 {
		t.Errorf("unknown share %+v, want 7 of 30", u)
	}
	if empty := Summarize(noon, now, now, nil, nil); empty.Total.Confirmed.High != 1 || len(empty.Total.Presumed) != 4 {
		t.Errorf("of nothing: %+v", empty.Total)
	}
}
