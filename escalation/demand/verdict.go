package demand

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"primalinea/escalation/interval"
)

// A Matter says what is wrong with a line.
type Matter string

// The matters, with what mends them.
const (
	Missing      Matter = "missing"      // no article says it: write one
	Unfound      Matter = "unfound"      // one does, but is not found by these words: teach it to
	Unhelpful    Matter = "unhelpful"    // one is found and does not help: improve it
	Untranslated Matter = "untranslated" // one does in another language: translate it
)

const (
	// First is how many of the articles that a search shows count as found.
	First = 3
	// knows is how much of what people ask an article has to say in its title, its
	// phrases and its headings to be about it: two of three words.
	knows = 0.66
	// most is the share of those who ask that has to be so for the line to be.
	most = 0.5
	// answered is the share of those who ask that has to have said that an article
	// answered them for it to be the answer: most say nothing.
	answered = 0.25
)

// A Verdict is what is the matter with a line, and what speaks for it.
type Verdict struct {
	Matter  Matter
	Article string // key; of Missing, that of the nearest, if there is one
	Lang    string // of its text
	Title   string
	Langs   []string // of Untranslated: in which it can be read
	Into    string   // of Untranslated: in which it is missing

	Settled   int      // requests of the line that it settled
	Confirmed int      // visitors whom it answered in the end
	Vain      int      // people who found and read it, and then wrote or said no
	Idle      int      // people who found something, and opened nothing
	Asked     int      // people who asked in the wordings that were tried
	Found     int      // of them, those who are shown it
	Lost      []string // wordings that do not find it
	Held      float64  // share of their words that it has in title, phrases and headings
	Debit     *Debit   // nil: nothing is known of its readers
}

// A Debit says how often an article was read and a request followed all the same.
type Debit struct {
	Contacted interval.Proportion
	High      bool // surely more often than after other articles
}

// Facts are what a verdict is made of.
type Facts struct {
	Lang   string
	Tried  []Tried // wordings in that language, that of most people first
	Linked []Linked
	// Elsewhere are articles that say it in other languages in which the line is asked.
	Elsewhere []Shown
	People    int            // of the line
	Tickets   int            // of it
	Vain      map[string]int // people who read an article in vain, by its key
	Idle      int
}

// A Tried is a wording with the first articles that a search in its language shows.
type Tried struct {
	Text   string
	People int
	Shown  []Shown
}

// A Shown is an article that a search shows, and the share of the words searched that
// it has in its title, its phrases and its headings. A score would not do: it means
// nothing beside that of another search.
type Shown struct {
	Key, Lang, Title string
	Held             float64
}

// A Linked is an article that was the answer for some.
type Linked struct {
	Key      string
	Titles   map[string]string // by the languages in which visitors can read it
	Settled  int               // requests
	Answered int               // visitors who said so
}

// Judge returns what is the matter with a line.
func Judge(f Facts) Verdict {
	answers := f.answers()
	for _, a := range answers {
		if _, here := a.Titles[f.Lang]; here {
			v := f.about(a.Key)
			v.Title, v.Settled, v.Confirmed = a.Titles[f.Lang], a.Settled, a.Answered
			if v.Matter = Unhelpful; float64(v.Found) < most*float64(v.Asked) {
				v.Matter = Unfound
			}
			return v
		}
	}
	for _, a := range answers {
		if len(a.Titles) > 0 {
			v := Verdict{Matter: Untranslated, Article: a.Key, Langs: slices.Sorted(maps.Keys(a.Titles)), Into: f.Lang, Settled: a.Settled, Confirmed: a.Answered}
			v.Lang = v.Langs[0]
			v.Title = a.Titles[v.Lang]
			return v
		}
	}
	best, covers := f.best()
	if covers {
		v := f.about(best.Key)
		v.Matter, v.Title = Unhelpful, best.Title
		return v
	}
	if len(f.Elsewhere) > 0 {
		e := f.Elsewhere[0]
		return Verdict{Matter: Untranslated, Article: e.Key, Lang: e.Lang, Title: e.Title, Langs: []string{e.Lang}, Into: f.Lang, Held: e.Held}
	}
	if best.Key == "" {
		return Verdict{Matter: Missing}
	}
	v := f.about(best.Key)
	v.Matter, v.Title = Missing, best.Title
	return v
}

// answers are the linked articles that were the answer for enough, that of most first:
// for half of the requests, or for several visitors who said so.
func (f *Facts) answers() []Linked {
	list := slices.DeleteFunc(slices.Clone(f.Linked), func(a Linked) bool {
		settled := a.Settled > 0 && float64(a.Settled) >= most*float64(f.Tickets)
		return !settled && (a.Answered < Floor || float64(a.Answered) < answered*float64(f.People))
	})
	slices.SortStableFunc(list, func(a, b Linked) int {
		return cmp.Or(b.Settled+b.Answered-a.Settled-a.Answered, strings.Compare(a.Key, b.Key))
	})
	return list
}

// about sums up how the wordings do by an article.
func (f *Facts) about(key string) Verdict {
	v := Verdict{Article: key, Lang: f.Lang, Vain: f.Vain[key], Idle: f.Idle}
	held := 0.0
	for _, t := range f.Tried {
		v.Asked += t.People
		i := slices.IndexFunc(t.Shown[:min(len(t.Shown), First)], func(s Shown) bool { return s.Key == key })
		if i < 0 {
			v.Lost = append(v.Lost, t.Text)
			continue
		}
		v.Found += t.People
		held += float64(t.People) * t.Shown[i].Held
	}
	if v.Found > 0 {
		v.Held = held / float64(v.Found)
	}
	return v
}

// best returns the article that knows most of what most people ask, and whether it is
// about it: whether for most of them it is among the first, and knows enough.
func (f *Facts) best() (best Shown, covers bool) {
	type tally struct {
		Shown
		held   float64
		covers int
	}
	tallies := map[string]*tally{}
	asked := 0
	for _, t := range f.Tried {
		asked += t.People
		for _, s := range t.Shown[:min(len(t.Shown), First)] {
			if tallies[s.Key] == nil {
				tallies[s.Key] = &tally{Shown: s}
			}
			tallies[s.Key].held += float64(t.People) * s.Held
			if s.Held >= knows {
				tallies[s.Key].covers += t.People
			}
		}
	}
	var top *tally
	for _, key := range slices.Sorted(maps.Keys(tallies)) {
		if t := tallies[key]; t.held > 0 && (top == nil || t.covers > top.covers || t.covers == top.covers && t.held > top.held) {
			top = t
		}
	}
	if top == nil {
		return Shown{}, false
	}
	return top.Shown, float64(top.covers) >= most*float64(asked)
}
