package journey

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation/interval"
)

// opened is an article that was open for some seconds, some minutes after noon.
func opened(minutes, seconds int, key string) Event {
	return Event{Kind: ArticleOpen, At: noon.Add(time.Duration(minutes) * time.Minute), Article: key, Lang: "it", Revision: "r1", Seconds: seconds}
}

func said(minutes int, kind Kind, key, reason string) Event {
	return Event{Kind: kind, At: noon.Add(time.Duration(minutes) * time.Minute), Article: key, Lang: "it", Revision: "r1", Reason: reason}
}

func TestSettle(t *testing.T) {
	text := func(key string) Text { return Text{key, "it"} }
	for _, test := range []struct {
		name    string
		outcome Outcome
		ticket  int // minutes after noon
		events  []Event
		shares  []Share
		votes   []Vote
	}{
		{"two were read", Presumed, 0, []Event{opened(0, 10, "a"), opened(1, 9, "b"), opened(2, 30, "c"), opened(3, 30, "a")},
			[]Share{{text("a"), Whole / 2, false}, {text("c"), Whole / 2, false}}, nil},
		{"one solved it", Confirmed, 0, []Event{opened(0, 10, "a"), opened(1, 10, "b"), said(2, VoteYes, "b", "")},
			[]Share{{text("a"), Whole / 2, false}, {text("b"), Whole / 2, true}}, []Vote{{text("b"), "r1", true, true, ""}}},
		{"it was offered on the form", Confirmed, 0, []Event{said(2, Confirm, "b", "")},
			[]Share{{text("b"), Whole, true}}, []Vote{{text("b"), "r1", true, true, ""}}},
		{"read, then contacted", Escalated, 2, []Event{opened(0, 10, "a"), opened(3, 10, "b")},
			[]Share{{text("a"), 0, false}}, nil},
		{"said yes, and wrote all the same", Escalated, 2, []Event{said(1, VoteYes, "a", "")},
			[]Share{{text("a"), 0, false}}, []Vote{{text("a"), "r1", true, false, ""}}},
		{"said no, and why later", Failed, 0, []Event{opened(0, 10, "a"), said(1, VoteNo, "a", "unclear"), said(2, VoteNo, "a", "")},
			[]Share{{text("a"), 0, false}}, []Vote{{text("a"), "r1", false, false, "unclear"}}},
		{"took the yes back", Failed, 0, []Event{opened(0, 5, "a"), said(1, VoteYes, "a", ""), said(2, VoteNo, "a", "other")},
			nil, []Vote{{text("a"), "r1", false, false, "other"}}},
		{"took the no back", Confirmed, 0, []Event{said(1, VoteNo, "a", "other"), said(2, VoteYes, "a", "")},
			[]Share{{text("a"), Whole, true}}, []Vote{{text("a"), "r1", true, true, ""}}},
		{"the page said how long", Presumed, 0, []Event{opened(0, 3, "a"), {Kind: ArticleRead, Article: "a", Lang: "it", Seconds: 60}}, nil, nil},
		{"nothing", Failed, 0, nil, nil, nil},
	} {
		j := Journey{Visitor: "v", Lang: "es", Started: noon}
		if test.ticket > 0 {
			j.Ticket = noon.Add(time.Duration(test.ticket) * time.Minute)
		}
		want := Account{noon.Truncate(day), "es", test.outcome, test.shares, test.votes}
		if diff := cmp.Diff(want, Settle(j, test.outcome, test.events)); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
	}
}

// TestCreditsAddUp holds that the credits of all texts, and of all sections, are
// together exactly the journeys that ended well, however many were read on each,
// and that nothing is credited for one that did not.
func TestCreditsAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	outcomes := []Outcome{Escalated, Confirmed, Presumed, Failed}
	section := func(t Text) string { return t.Article[:1] }
	for range 200 {
		sums, ended := map[string]*Tally{}, map[Outcome]int{}
		for range r.IntN(40) {
			outcome := outcomes[r.IntN(len(outcomes))]
			ended[outcome]++
			events := []Event{opened(0, 10, "never-alone")}
			for i := range r.IntN(40) {
				events = append(events, opened(i, 5+r.IntN(20), fmt.Sprint(r.IntN(30))))
			}
			a := Settle(Journey{Visitor: "v", Lang: "it", Started: noon, Ticket: noon.Add(time.Hour)}, outcome, events)
			most, least := 0, Whole
			for _, s := range a.Shares {
				most, least = max(most, s.Parts), min(least, s.Parts)
			}
			if n := len(a.Shares); most-least > 1 || n <= 16 && most != least {
				t.Fatalf("%d texts get from %d to %d", n, least, most)
			}
			for about, n := range a.Tallies(section) {
				if sums[about.Kind] == nil {
					sums[about.Kind] = &Tally{}
				}
				sums[about.Kind].Add(n)
			}
		}
		for kind, sum := range sums {
			if sum.Confirmed != ended[Confirmed]*Whole || sum.Presumed != ended[Presumed]*Whole {
				t.Fatalf("%s: credits are %d and %d, want %d and %d journeys", kind, sum.Confirmed, sum.Presumed, ended[Confirmed], ended[Presumed])
			}
		}
		if all := sums[CountAll]; all != nil && (all.Contacted != ended[Escalated] || all.Journeys != ended[Escalated]+ended[Confirmed]+ended[Presumed]+ended[Failed]) {
			t.Fatalf("all journeys: %+v, want %v", all, ended)
		}
	}
}

// TestSectionsCountOnce holds that a journey counts once for a section, whatever
// was read of it.
func TestSectionsCountOnce(t *testing.T) {
	a := Settle(Journey{Visitor: "v", Lang: "it", Started: noon, Ticket: noon.Add(time.Hour)}, Escalated,
		[]Event{opened(0, 10, "a/1"), opened(1, 10, "a/2"), opened(2, 10, "b/1")})
	want := map[Counted]Tally{
		{CountText, Text{"a/1", "it"}}:  {Journeys: 1, Contacted: 1},
		{CountText, Text{"a/2", "it"}}:  {Journeys: 1, Contacted: 1},
		{CountText, Text{"b/1", "it"}}:  {Journeys: 1, Contacted: 1},
		{CountSection, Text{"a", "it"}}: {Journeys: 1, Contacted: 1},
		{CountSection, Text{"b", "it"}}: {Journeys: 1, Contacted: 1},
		{CountAll, Text{"", "it"}}:      {Journeys: 1, Contacted: 1},
	}
	if diff := cmp.Diff(want, a.Tallies(func(t Text) string { return t.Article[:1] })); diff != "" {
		t.Error(diff)
	}
}

// TestRanks holds that few journeys never beat many, and that a rate alone gives no
// place.
func TestRanks(t *testing.T) {
	stand := func(key string, solved, contacted, n int) Standing {
		return standing(Text{Article: key}, Tally{Journeys: n, Solved: solved, Contacted: contacted})
	}
	all := []Standing{
		stand("all of three", 3, 0, 3),
		stand("half of many", 200, 0, 400),
		stand("most of forty", 24, 0, 40), // 0.600, from 0.446
		stand("a fifth of forty", 8, 0, 40),
		stand("never", 0, 0, 500),
		stand("contacted by all of five", 0, 5, 5),
		stand("contacted by 12 of 30", 0, 12, 30), // 0.400, from 0.246
		stand("contacted by 150 of 400", 0, 150, 400),
		stand("contacted by 4 of 40", 0, 4, 40),
	}
	r := CreditReport{Mean: interval.Wilson(100, 1000), Solved: interval.Wilson(200, 1000)}
	keys := func(list []Standing) (keys []string) {
		for _, s := range list {
			keys = append(keys, s.Article)
		}
		return keys
	}
	if diff := cmp.Diff([]string{"half of many", "most of forty"}, keys(r.Best(all, 9))); diff != "" {
		t.Errorf("best:\n%s", diff)
	}
	if diff := cmp.Diff([]string{"contacted by 150 of 400", "contacted by 12 of 30"}, keys(r.Worst(all, 9))); diff != "" {
		t.Errorf("worst:\n%s", diff)
	}
	if got := r.Worst(all, 1); len(got) != 1 {
		t.Errorf("at most one: %v", got)
	}
}

func TestCreditReport(t *testing.T) {
	a, b := Text{"a", "it"}, Text{"b", "en"}
	r := Credits{
		Pending: 7,
		Tallies: map[Counted]Tally{
			{CountAll, Text{"", "it"}}:      {Journeys: 40, Contacted: 10, Confirmed: 10 * Whole, Presumed: 15 * Whole},
			{CountAll, Text{"", "en"}}:      {Journeys: 10},
			{CountText, a}:                  {Journeys: 30, Solved: 9, Contacted: 8, Confirmed: 9*Whole + Whole/2, Presumed: 15 * Whole},
			{CountSection, Text{"s", "it"}}: {Journeys: 30},
		},
		Votes: []Voted{{Text: a, Revision: "new", Yes: 5}, {Text: a, Revision: "old", No: 2, Reason: "unclear"}, {Text: b, No: 1}},
	}.Report()
	if r.Decided != 50 || r.Pending != 7 || r.Mean != interval.Wilson(8, 30) || r.Solved != interval.Wilson(9, 30) || len(r.Sections) != 1 || len(r.Texts) != 2 {
		t.Errorf("%+v", r)
	}
	want := Standing{a, 9.5, 15, interval.Wilson(9, 30), interval.Wilson(8, 30), 5, 2}
	if diff := cmp.Diff(want, r.Of(a)); diff != "" {
		t.Error(diff)
	}
	if got := r.Of(b); got.No != 1 || got.Solved.N != 0 || !got.TooFew() {
		t.Errorf("%+v: what is only voted on is there", got)
	}
	if got := r.Of(Text{"c", "it"}); got.Article != "c" || got.Contacted.High != 1 {
		t.Errorf("%+v: of what was never read, nothing is known", got)
	}
}

// TestJudgements holds that what is said of an older text is not said of the
// present one.
func TestJudgements(t *testing.T) {
	a := Text{"a", "it"}
	votes := []Voted{
		{Text: a, Revision: "old", No: 4, Reason: "unclear", Last: noon},
		{Text: a, Revision: "old", No: 1, Last: noon.Add(day)},
		{Text: a, Revision: "older", Yes: 1, Kept: 1, Last: noon.Add(-day)},
		{Text: a, Revision: "new", Yes: 3, Kept: 2, Last: noon.Add(2 * day)},
		{Text: Text{"a", "en"}, Revision: "new", No: 9, Reason: "other"},
	}
	want := []Judgement{
		{"new", 3, 0, 2, noon.Add(2 * day), map[string]int{}},
		{"old", 0, 5, 0, noon.Add(day), map[string]int{"unclear": 4}},
		{"older", 1, 0, 1, noon.Add(-day), map[string]int{}},
	}
	if diff := cmp.Diff(want, Judgements(votes, a, "new")); diff != "" {
		t.Error(diff)
	}
	if got := Judgements(nil, a, "newest"); len(got) != 1 || got[0].Revision != "newest" || got[0].NoRate().N != 0 {
		t.Errorf("of nothing: %+v", got)
	}
}

func TestPatients(t *testing.T) {
	now := noon.Add(400 * day)
	mean := interval.Wilson(100, 1000)
	contacted := func(k, n int) Standing { return standing(Text{}, Tally{Journeys: n, Contacted: k}) }
	for _, test := range []struct {
		name string
		c    Condition
		want []Need
	}{
		{"well", Condition{Open: true, Seen: Seen{noon, now.Add(-179 * day)}, Standing: contacted(10, 100), Judgement: Judgement{Yes: 3, No: 3}, Due: now.Add(1), Behind: "typo"}, nil},
		{"contacted", Condition{Standing: contacted(30, 100)}, []Need{NeedContacted}},
		{"contacted more often than the mean, perhaps", Condition{Standing: contacted(14, 100)}, nil},
		{"contacted by all of too few", Condition{Standing: contacted(29, 29)}, nil},
		{"voted down", Condition{Judgement: Judgement{Yes: 2, No: 3}}, []Need{NeedVotes}},
		{"voted down by two", Condition{Judgement: Judgement{No: 2}}, nil},
		{"behind", Condition{Behind: "minor"}, []Need{NeedBehind}},
		{"overdue", Condition{Due: now.Add(-1)}, []Need{NeedReview}},
		{"never opened", Condition{Open: true, Seen: Seen{Known: now.Add(-Unused)}}, []Need{NeedUnused}},
		{"opened long ago", Condition{Open: true, Seen: Seen{noon, now.Add(-200 * day)}}, []Need{NeedUnused}},
		{"published too lately to say", Condition{Open: true, Seen: Seen{Known: now.Add(-Unused + 1)}}, nil},
		{"not seen yet", Condition{Open: true}, nil},
		{"for staff", Condition{Seen: Seen{Known: noon}}, nil},
		{"all of it", Condition{Open: true, Seen: Seen{Known: noon}, Due: noon, Behind: "major", Judgement: Judgement{No: 9}, Standing: contacted(30, 60)}, Needs},
	} {
		if diff := cmp.Diff(test.want, test.c.Needs(mean, now)); diff != "" {
			t.Errorf("%s:\n%s", test.name, diff)
		}
	}

	// What does most harm comes first, and of what does the same, what concerns most.
	named := func(key string, c Condition) Condition { c.Article = key; return c }
	list := Patients([]Condition{
		named("unused", Condition{Open: true, Seen: Seen{Known: noon}}),
		named("due, read by many", Condition{Due: noon, Standing: contacted(0, 500)}),
		named("due, read by few", Condition{Due: noon, Standing: contacted(0, 5)}),
		named("well", Condition{}),
		named("no, no, no", Condition{Judgement: Judgement{No: 3}}),
		named("twelve times no", Condition{Judgement: Judgement{No: 12}}),
		named("contacted", Condition{Standing: contacted(40, 60), Due: noon}),
	}, mean, now)
	var got []string
	for _, p := range list {
		got = append(got, p.Article)
	}
	want := []string{"contacted", "twelve times no", "no, no, no", "due, read by many", "due, read by few", "unused"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if !list[0].Has(NeedReview) || list[1].Has(NeedReview) {
		t.Error("a text has all of its needs, and no others")
	}
}
