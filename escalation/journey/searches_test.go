package journey

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// plain is the fold of these tests.
func plain(s string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "?", "", "é", "e").Replace(s))
}

func TestSearches(t *testing.T) {
	const now = 4 * time.Hour // after noon
	for _, test := range []struct {
		name   string
		script []string // as walk takes them, in one journey
		now    time.Duration
		want   []string
	}{
		{"something was opened", []string{"0 search batteria", "9 result_click a", "9 article_open a"}, now, []string{"batteria o"}},
		{"from the topics, not the results", []string{"0 search batteria", "60 article_open b"}, now, []string{"batteria o"}},
		{"what the form offered", []string{"0 search batteria", "60 form_open", "90 suggestion_click a"}, now, []string{"batteria o"}},
		{"nothing was found", []string{"0 zero batteria"}, now, []string{"batteria n"}},
		{"nothing was found, whatever was opened then", []string{"0 zero batteria", "9 article_open a"}, now, []string{"batteria n"}},
		{"nothing was opened", []string{"0 search batteria"}, now, []string{"batteria u"}},
		{"a form is no article", []string{"0 search batteria", "9 form_open"}, now, []string{"batteria u"}},
		{"said differently, then opened", []string{"0 search batteria", "60 search schermo", "70 article_open a"}, now, []string{"batteria u", "schermo o"}},
		{"too late", []string{"0 search batteria", "1700 form_open", "1801 article_open a"}, now, []string{"batteria u"}},
		{"just in time", []string{"0 search batteria", "1800 article_open a"}, now, []string{"batteria o"}},
		{"it may still be opened", []string{"0 search batteria"}, 30 * time.Minute, []string{"batteria ?"}},
		{"no longer", []string{"0 search batteria"}, 30*time.Minute + time.Second, []string{"batteria u"}},
		{"no longer: the next search came", []string{"0 search batteria", "60 search schermo"}, 2 * time.Minute, []string{"batteria u", "schermo ?"}},
		{"typed letter by letter", []string{"0 zero b", "1 search bat", "20 search batteria", "30 article_open a"}, now, []string{"batteria o"}},
		{"typed slowly", []string{"0 search bat", "31 search batteria", "40 article_open a"}, now, []string{"bat u", "batteria o"}},
		{"back at the same results", []string{"0 search batteria", "9 article_open a", "60 search batteria", "70 search Batteria?"}, now, []string{"batteria o"}},
		{"the same again, later", []string{"0 search batteria", "9 article_open a", "1801 search batteria"}, now, []string{"batteria o", "batteria u"}},
		{"in between something else", []string{"0 search batteria", "60 search schermo", "120 search batteria"}, now, []string{"batteria u", "schermo u", "batteria u"}},
		{"what was struck out is nobody else's", []string{"0 zero ordine_[e-mail]"}, now, []string{"ordine n"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			kept := walk(t, &Journey{ID: "j"}, test.script...)
			var events []Event
			for _, e := range kept {
				events = append(events, e)
			}
			slices.SortFunc(events, func(a, b Event) int {
				if c := a.At.Compare(b.At); c != 0 {
					return c
				}
				return strings.Compare(a.ID, b.ID)
			})
			var got []string
			for _, s := range Searches(events, plain, noon.Add(test.now)) {
				got = append(got, fmt.Sprintf("%s %c", s.Query, s.Finding))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

// TestSearchesApart holds that nobody's clicks answer for somebody else.
func TestSearchesApart(t *testing.T) {
	event := func(visitor string, k Kind) Event {
		e := Event{At: noon, Visitor: visitor, Kind: k, Query: "x"}
		if visitor != "" {
			e.Journey = "of " + visitor
		}
		return e
	}
	got := Searches([]Event{
		event("a", Search), event("b", Search), event("", Search), event("", Search), event("", ArticleOpen), event("b", ArticleOpen),
	}, plain, noon.Add(time.Hour))
	var findings string
	for _, s := range got {
		findings += string(s.Finding)
	}
	if findings != "uo??" {
		t.Errorf("findings %s", findings)
	}
}

// A crowd makes n people search for something on a day before noon's, one finding
// each.
func crowd(days map[time.Time]SearchLog, ago, n int, name, lang, query string, f Finding) {
	d := noon.Truncate(day).Add(-time.Duration(ago) * day)
	var all []Sought
	for i := range n {
		s := Sought{At: d, Lang: lang, Query: query, Alike: plain(query), Finding: f}
		if name != "" {
			s.Visitor = fmt.Sprint(name, i)
		}
		all = append(all, s)
	}
	days[d] += NewSearchLog(all)
}

func TestReportSearches(t *testing.T) {
	days := map[time.Time]SearchLog{}
	crowd(days, 0, 6, "a", "it", "batteria", Opened)
	crowd(days, 1, 6, "a", "it", "Batteria?", OpenedNone) // the same people
	crowd(days, 2, 4, "b", "it", "batteria", Undecided)
	crowd(days, 3, 5, "c", "es", "batería", FoundNothing)
	crowd(days, 3, 4, "c", "it", "café", FoundNothing)
	crowd(days, 4, 1, "d", "it", "Cafe", FoundNothing)
	crowd(days, 9, 2, "e", "it", "raro", FoundNothing)
	crowd(days, 9, 9, "", "it", "raro", FoundNothing) // whoever they are, they are not three people
	crowd(days, 9, 3, "f", "it", "?", OpenedNone)     // no word is left
	crowd(days, 27, 1, "g", "it", "altro", FoundNothing)
	crowd(days, 28, 2, "h", "it", "batteria", Opened) // in the span before
	crowd(days, 55, 2, "i", "it", "batteria", FoundNothing)
	crowd(days, 56, 9, "k", "it", "batteria", Opened) // before that
	span := LastDays(28, "", noon)
	r := ReportSearches(span, days, span.Before().From, noon)

	if r.Searches != 32 || r.People != 22 || r.Apart != 9 {
		t.Errorf("%d searches of %d people and %d apart", r.Searches, r.People, r.Apart)
	}
	if p := r.FoundNothing; p.K != 13 || p.N != 32 {
		t.Errorf("nothing found by %d of %d", p.K, p.N)
	}
	if p := r.OpenedNone; p.K != 9 || p.N != 28 {
		t.Errorf("nothing opened by %d of %d", p.K, p.N)
	}
	said := func(list SearchList) (all []string) {
		for _, l := range list.Lines {
			all = append(all, fmt.Sprintf("%s %s %d/%d", l.Lang, l.Query, l.People, l.Searches))
		}
		return all
	}
	if got, want := said(r.Most), []string{"it batteria 10/16", "es batería 5/5", "it café 5/5"}; !slices.Equal(got, want) {
		t.Errorf("most searched %q, want %q", got, want)
	}
	if got, want := said(r.Nothing), []string{"es batería 5/5", "it café 5/5"}; !slices.Equal(got, want) {
		t.Errorf("found nothing %q, want %q", got, want)
	}
	if got, want := said(r.Unopened), []string{"it batteria 10/16"}; !slices.Equal(got, want) {
		t.Errorf("opened nothing %q, want %q", got, want)
	}
	if r.Rare != 2 {
		t.Errorf("%d wordings are rare, want those of one and of two people", r.Rare)
	}
	if l := r.Most.Lines[0]; l.Share.K != 16 || l.Share.N != 32 || l.OpenedNone.K != 6 || l.OpenedNone.N != 12 || l.Growth.Before != 4 {
		t.Errorf("batteria: %+v, growth %+v", l, l.Growth)
	}
	if g := r.Change.People; g.Before != 4 || !g.Excludes(1) || g.Value < 5 {
		t.Errorf("people grew by %+v", g)
	}
	if !r.Change.OpenedNone.Excludes(5) || r.Change.FoundNothing.Excludes(0) {
		t.Errorf("change %+v", r.Change)
	}
	if n := len(r.Steps); n != 4 || r.Steps[3].Searches != 26 || r.Steps[2].Searches != 5 || r.Steps[0].Searches != 1 || r.Steps[0].From != span.From {
		t.Errorf("steps %+v", r.Steps)
	}

	it := span
	it.Lang = "it"
	if r := ReportSearches(it, days, span.Before().From, noon); r.Searches != 27 || len(r.Nothing.Lines) != 1 {
		t.Errorf("in Italian: %+v", r)
	}
	if r := ReportSearches(span, days, span.Before().From.Add(day), noon); r.Change != nil || r.Most.Lines[0].Growth != nil {
		t.Error("what is not kept whole is compared")
	}
	if r := ReportSearches(span, nil, time.Time{}, noon); r.Change != nil || r.Searches != 0 || len(r.Steps) != 4 || r.FoundNothing.High != 1 {
		t.Errorf("of nothing: %+v", r)
	}
}

// TestGrowth holds when a trend is called one: where chance does not explain it,
// with regard to how much of today has passed.
func TestGrowth(t *testing.T) {
	for _, test := range []struct {
		now, before int
		clear       bool
	}{
		{3, 0, false},
		{5, 0, true},
		{5, 5, false},
		{40, 30, false},
		{60, 30, true},
		{18, 40, true},
	} {
		days := map[time.Time]SearchLog{}
		crowd(days, 1, test.now, "a", "it", "x", Opened)
		crowd(days, 29, test.before, "b", "it", "x", Opened)
		r := ReportSearches(LastDays(28, "", noon), days, noon.Add(-90*day), noon)
		if got := r.Most.Lines[0].Growth; got.Excludes(1) != test.clear || got.Before != test.before {
			t.Errorf("%d people after %d: %+v", test.now, test.before, got)
		}
	}
	// In the morning of the first of one day, a quarter of it has passed.
	days := map[time.Time]SearchLog{}
	crowd(days, 0, 20, "a", "it", "x", Opened)
	crowd(days, 1, 80, "b", "it", "x", Opened)
	morning := noon.Add(-6 * time.Hour)
	if g := ReportSearches(LastDays(1, "", morning), days, noon.Add(-90*day), morning).Change.People; g.Value < 0.99 || g.Value > 1.01 {
		t.Errorf("at six in the morning: %+v", g)
	}
}

func TestMostOf(t *testing.T) {
	days := map[time.Time]SearchLog{}
	for i := range maxLines + 5 {
		crowd(days, 1, 3+i, "a", "it", fmt.Sprintf("question %02d", i), FoundNothing)
	}
	r := ReportSearches(LastDays(7, "", noon), days, time.Time{}, noon)
	if n := len(r.Nothing.Lines); n != maxLines || r.Nothing.More != 5 || r.Nothing.Lines[0].Query != "question 29" || r.Nothing.Lines[n-1].Query != "question 05" {
		t.Errorf("%d lines and %d more: %+v", n, r.Nothing.More, r.Nothing.Lines)
	}
	if len(r.Unopened.Lines) != 0 || r.Unopened.More != 0 {
		t.Errorf("%+v", r.Unopened)
	}
}

func TestSteps(t *testing.T) {
	for _, test := range []struct{ days, steps, first int }{{1, 1, 1}, {7, 7, 1}, {8, 2, 1}, {28, 4, 7}, {90, 13, 6}} {
		steps := LastDays(test.days, "", noon).steps()
		if len(steps) != test.steps || int(steps[0].To.Sub(steps[0].From)/day) != test.first {
			t.Errorf("%d days: %d steps, the first of %v", test.days, len(steps), steps[0].To.Sub(steps[0].From))
		}
	}
}

// FuzzSearchLog holds that what anybody types is one line of a log and comes back
// from it, and that a damaged log is read as far as it goes.
func FuzzSearchLog(f *testing.F) {
	f.Add("it", "batteria", "v1", "")
	f.Add("", "a\tb\nc", "", "it\tx\tX\t--------n\nbroken")
	f.Fuzz(func(t *testing.T, lang, query, visitor, damaged string) {
		log := NewSearchLog([]Sought{{Lang: lang, Query: query, Alike: query, Visitor: visitor, Finding: Opened}})
		n := 0
		for l := range (log + SearchLog(damaged)).lines() {
			if n++; n == 1 && (l.lang != inLine(lang) || l.typed != inLine(query) || l.codes != codeOf(visitor)+"o") {
				t.Errorf("%q of %q in %q became %+v", query, visitor, lang, l)
			}
			if len(l.codes)%(codeLen+1) != 0 {
				t.Errorf("%q is no line", l.codes)
			}
		}
		if n == 0 {
			t.Errorf("%q was lost", query)
		}
	})
}
