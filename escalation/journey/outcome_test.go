package journey

import (
	"fmt"
	"math"
	"reflect"
	"slices"
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

// TestPassed holds that nothing is decided while a journey may go on, or while a
// ticket may still be written down.
func TestPassed(t *testing.T) {
	for _, test := range []struct {
		age  time.Duration
		want int
	}{
		{0, 0}, {Resume + Settling - time.Millisecond, 0}, {day + Settling, 1}, {3 * day, 1}, {3*day + Settling, 2},
		{Window + Settling - time.Millisecond, 2}, {Window + Settling, 3}, {14 * day, 3}, {14*day + Settling, 4}, {400 * day, 4},
	} {
		if got := (&Journey{Ended: noon}).Passed(noon.Add(test.age)); got != test.want {
			t.Errorf("after %v: %d windows, want %d", test.age, got, test.want)
		}
	}
}

// TestAbout follows what a journey is about.
func TestAbout(t *testing.T) {
	var j Journey
	add := func(kind Kind, article string, seconds int) {
		at := noon
		if !j.Ended.IsZero() {
			at = j.Ended.Add(time.Second)
		}
		j.Add(Event{ID: at.String(), At: at, Visitor: "v", Kind: kind, Lang: "it", Article: article, Seconds: seconds}, nil)
	}
	want := func(article string) {
		t.Helper()
		text := Text{article, "it"}
		if article == "" {
			text = Text{}
		}
		if got := j.About(); got != text {
			t.Errorf("about %v, want %v", got, text)
		}
	}
	add(Zero, "", 0)
	want("")
	add(ResultClick, "first", 0)
	add(ArticleOpen, "first", 0)
	want("first")
	add(ArticleOpen, "other", 0)
	add(ArticleRead, "other", 5)
	want("first") // none was read
	add(ArticleRead, "other", 12)
	want("other")
	add(ArticleOpen, "last", 0)
	add(ArticleRead, "last", 30)
	want("last")
	if j.Answered {
		t.Error("nobody said whether it helped")
	}
	add(VoteYes, "other", 0)
	want("other")
	add(VoteNo, "other", 0)
	want("last")
	if !j.Answered {
		t.Error("somebody said whether it helped")
	}
	add(Confirm, "offered", 0)
	want("offered") // and read where it was offered
}

func sums(days int, s OutcomeSum) OutcomeSum {
	s.Day, s.Days, s.Rules = noon.Truncate(day), days, Rules
	return s
}

func TestSummarize(t *testing.T) {
	span := LastDays(28, "", noon)
	today, before := noon.Truncate(day), noon.Truncate(day).Add(-27*day)
	counts := Counts{
		Sums: []OutcomeSum{
			sums(7, OutcomeSum{Lang: "it", Section: "returns", Confirmed: 8, Failed: 1, Escalated: 1, Asked: 9, Answered: 8}),
			sums(1, OutcomeSum{Lang: "es", Section: "devices", Presumed: 10}),
			sums(3, OutcomeSum{Lang: "es", Section: "devices", Presumed: 6, Escalated: 4}),
			sums(7, OutcomeSum{Lang: "es", Section: "devices", Presumed: 5, Escalated: 4}),
			sums(7, OutcomeSum{Lang: "es", Presumed: 1}),
			sums(14, OutcomeSum{Lang: "es", Section: "devices", Presumed: 6, Escalated: 4}),
		},
		Waiting: []Waiting{{today, "es", 0, 2, 0}, {before, "es", 2, 1, 1}, {today, "es", 3, 50, 50}},
		Unknown: []UnknownDay{{today, "it", 5}, {today, "", 2}, {today.Add(day), "it", 100}},
		Apart:   []ApartDay{{today, Staff, 3}, {before, Crawlers, 7}, {today, Crawlers, 1}, {before.Add(-day), Probes, 9}},
	}
	r := Summarize(span, counts)
	if got := r.Total; got.Escalated != 5 || got.Failed != 1 || got.Pending != 3 || got.Sent != 1 || got.Unknown != 7 || got.Decided() != 20 {
		t.Errorf("total %+v", got)
	}
	it := r.ByLang[1]
	if it.Lang != "it" || it.Confirmed.K != 8 || it.Confirmed.N != 10 || it.Confirmed.Low < 0.49 || it.Confirmed.High > 0.944 {
		t.Errorf("Italian figures %+v, want 8 of 10", it)
	}
	if a := it.Answered; a.K != 8 || a.N != 9 {
		t.Errorf("%d of %d said whether it helped, want 8 of 9", a.K, a.N)
	}
	es := r.ByLang[0]
	for i, want := range []struct{ days, k, n int }{{1, 10, 10}, {3, 6, 10}, {7, 6, 10}, {14, 6, 10}} {
		if got := es.Presumed[i]; got.Days != want.days || got.K != want.k || got.N != want.n {
			t.Errorf("presumed in Spanish: %+v, want %+v", got, want)
		}
	}
	if es.Confirmed.N != 10 || es.Pending != 3 || es.PresumedWithin().K != 6 {
		t.Errorf("Spanish figures %+v: what is pending must not be counted", es)
	}
	if u := r.Total.UnknownShare(); u.K != 7 || u.N != 30 {
		t.Errorf("unknown share %+v, want 7 of 30", u)
	}
	var sections []string
	for _, f := range r.BySection {
		sections = append(sections, fmt.Sprint(f.Section, f.Decided()))
	}
	if want := []string{"returns10", "devices9", "1"}; !slices.Equal(sections, want) {
		t.Errorf("sections %v, want %v", sections, want)
	}
	if n := len(r.Steps); n != 4 || r.Steps[3].Decided() != 20 || r.Steps[0].Pending != 1 || r.Steps[0].Decided() != 0 {
		t.Errorf("weeks %+v", r.Steps)
	}
	if want := []ApartSum{{Crawlers, 8, []int{7, 0, 0, 1}}, {Staff, 3, []int{0, 0, 0, 3}}}; !reflect.DeepEqual(r.Apart, want) {
		t.Errorf("apart %+v, want %+v", r.Apart, want)
	}
	span.Lang = "it"
	if r := Summarize(span, counts); r.Total.Decided() != 10 || r.Total.Unknown != 5 || r.Total.Pending != 0 || len(r.BySection) != 1 || len(r.ByLang) != 1 {
		t.Errorf("in Italian alone: %+v", r)
	}
	if empty := Summarize(span, Counts{}); empty.Total.Confirmed.High != 1 || len(empty.Total.Presumed) != 4 || len(empty.Rules) != 0 {
		t.Errorf("of nothing: %+v", empty.Total)
	}
}

// TestRules holds that what older rules decided stays as it is, and that a report
// says so.
func TestRules(t *testing.T) {
	old := sums(7, OutcomeSum{Lang: "it", Confirmed: 3})
	old.Rules = Rules - 1
	r := Summarize(LastDays(7, "", noon), Counts{Sums: []OutcomeSum{sums(7, OutcomeSum{Lang: "it", Failed: 2}), old}})
	if !slices.Equal(r.Rules, []int{Rules - 1, Rules}) || r.Total.Confirmed.K != 3 || r.Total.Failed != 2 {
		t.Errorf("rules %v: %+v", r.Rules, r.Total)
	}
}

// TestVectors holds the figures to those that design and specification give.
func TestVectors(t *testing.T) {
	for _, test := range []struct {
		k, n      int
		low, high float64
	}{
		{3, 3, .439, 1}, {8, 10, .490, .943}, {24, 30, .627, .905}, {0, 10, 0, .278}, {160, 200, .739, .850},
	} {
		f := Summarize(LastDays(7, "", noon), Counts{Sums: []OutcomeSum{sums(7, OutcomeSum{Lang: "it", Confirmed: test.k, Failed: test.n - test.k})}}).Total
		if c := f.Confirmed; math.Abs(c.Low-test.low) > .0005 || math.Abs(c.High-test.high) > .0005 || c.TooFew() != (test.n < 30) {
			t.Errorf("%d of %d: %.3f to %.3f, want %.3f to %.3f", test.k, test.n, c.Low, c.High, test.low, test.high)
		}
	}
}
