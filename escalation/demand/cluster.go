package demand

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/interval"
)

const (
	maxExamples = 5
	maxWordings = 20
)

func fold(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

func oldestFirst(a, b Signal) int {
	return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID))
}

// Lines returns what was asked in vain, the most people first, then the newest.
// Signals that lie on no line are left out. a says what people arranged; it may be
// nil.
func Lines(signals []Signal, a *Arrangement) []Line {
	signals = slices.Clone(signals)
	for i := range signals {
		if signals[i].Strand != "" {
			signals[i].Line = a.LineOf(signals[i].Strand)
		}
	}
	slices.SortFunc(signals, oldestFirst)
	people := samePeople(signals)
	byLine := map[string][]Signal{}
	var order []string
	for _, s := range signals {
		if s.Line == "" {
			continue
		}
		if byLine[s.Line] == nil {
			order = append(order, s.Line)
		}
		byLine[s.Line] = append(byLine[s.Line], s)
	}
	lines := make([]Line, 0, len(order))
	others := usualMinutes(signals)
	for _, id := range order {
		l := lineOf(id, byLine[id], people, others)
		if title := a.Title(id); title != "" {
			l.Title = title
		}
		lines = append(lines, l)
	}
	slices.SortStableFunc(lines, func(a, b Line) int {
		return cmp.Or(b.People-a.People, b.Last.Compare(a.Last), strings.Compare(a.ID, b.ID))
	})
	return lines
}

// samePeople returns who is behind each name: a visitor who then wrote a ticket
// is one person, known by two.
func samePeople(signals []Signal) func(who string) string {
	same := map[string]string{}
	var find func(who string) string
	find = func(who string) string {
		next, ok := same[who]
		if !ok {
			return who
		}
		root := find(next)
		same[who] = root
		return root
	}
	byJourney := map[string]string{}
	for _, s := range signals {
		if s.Journey == "" || s.Who == "" {
			continue
		}
		if other, ok := byJourney[s.Journey]; !ok {
			byJourney[s.Journey] = s.Who
		} else if a, b := find(other), find(s.Who); a != b {
			same[b] = a
		}
	}
	return find
}

// lineOf sums up the signals of a line, which are sorted. usual is how many minutes
// requests take of which nothing is known.
func lineOf(id string, signals []Signal, person func(string) string, usual float64) Line {
	l := Line{ID: id, Langs: langsOf(signals, person), First: signals[0].At, Last: signals[len(signals)-1].At, Handling: usual}
	l.Lang = l.Langs[0]
	people := map[string]bool{}
	articles := map[string]int{}
	vain := map[string]map[string]bool{}
	idle := map[string]bool{}
	l.solved, l.vain = map[string]int{}, map[string]int{}
	if minutes := minutesOf(signals); len(minutes) > 0 {
		l.Handling, l.Handled = interval.Median(minutes).Value, len(minutes)
	}
	for _, s := range slices.Backward(signals) {
		who := person(s.Who)
		people[who] = true
		l.asks = append(l.asks, ask{at: s.At.UnixMilli(), who: hashOf(who), ticket: s.Kind == Ticket})
		switch s.Kind {
		case Ticket:
			l.Tickets = append(l.Tickets, s.Ticket)
			if s.Article != "" {
				l.solved[s.Article]++
			}
		case Waits:
		default:
			l.Searches++
			if s.Kind == NoClick {
				idle[who] = true
			} else if s.Kind != Rephrase && s.Article != "" {
				if vain[s.Article] == nil {
					vain[s.Article] = map[string]bool{}
				}
				vain[s.Article][who] = true
			}
		}
		if len(l.Examples) < maxExamples {
			l.Examples = append(l.Examples, s)
		}
		if s.Article != "" {
			articles[s.Article]++
		}
	}
	l.People, l.idle = len(people), len(idle)
	for key, who := range vain {
		l.vain[key] = len(who)
	}
	wordings := wordingsOf(signals, person)
	l.Title = wordings[slices.IndexFunc(wordings, func(w Wording) bool { return w.Lang == l.Lang })].Text
	l.Wordings = slices.Clone(wordings[:min(len(wordings), maxWordings)])
	for key := range articles {
		l.Articles = append(l.Articles, key)
	}
	slices.SortFunc(l.Articles, func(a, b string) int {
		return cmp.Or(articles[b]-articles[a], strings.Compare(a, b))
	})
	return l
}

// wordingsOf returns the ways in which signals say it, the most common first. The
// signals are sorted.
func wordingsOf(signals []Signal, person func(string) string) []Wording {
	type tally struct {
		Wording
		who  map[string]bool
		last time.Time
	}
	tallies := map[Query]*tally{}
	var order []*tally
	for _, s := range slices.Backward(signals) {
		said := Query{s.Lang, fold(s.Text)}
		w := tallies[said]
		if w == nil {
			w = &tally{Wording: Wording{Lang: s.Lang, Text: s.Text}, who: map[string]bool{}, last: s.At}
			tallies[said] = w
			order = append(order, w)
		}
		w.Count++
		w.who[person(s.Who)] = true
		w.Searched = w.Searched || s.Kind != Ticket
	}
	slices.SortStableFunc(order, func(a, b *tally) int {
		return cmp.Or(len(b.who)-len(a.who), b.Count-a.Count, b.last.Compare(a.last), strings.Compare(a.Text, b.Text))
	})
	wordings := make([]Wording, len(order))
	for i, w := range order {
		w.People = len(w.who)
		wordings[i] = w.Wording
	}
	return wordings
}

// langsOf returns the languages of signals, that of most people first.
func langsOf(signals []Signal, person func(string) string) []string {
	who := map[string]map[string]bool{}
	count := map[string]int{}
	for _, s := range signals {
		if who[s.Lang] == nil {
			who[s.Lang] = map[string]bool{}
		}
		who[s.Lang][person(s.Who)] = true
		count[s.Lang]++
	}
	return slices.SortedFunc(maps.Keys(who), func(a, b string) int {
		return cmp.Or(len(who[b])-len(who[a]), count[b]-count[a], strings.Compare(a, b))
	})
}

// An ask is one signal of a line, without its words.
type ask struct {
	at     int64 // in milliseconds
	who    uint64
	ticket bool
}

// PeopleBetween returns how many different people asked from a time until before
// another.
func (l *Line) PeopleBetween(from, to time.Time) int {
	people := map[uint64]bool{}
	for _, a := range l.asks {
		if a.at >= from.UnixMilli() && a.at < to.UnixMilli() {
			people[a.who] = true
		}
	}
	return len(people)
}

// TicketsBetween returns how many tickets were solved from a time until before
// another.
func (l *Line) TicketsBetween(from, to time.Time) int {
	n := 0
	for _, a := range l.asks {
		if a.ticket && a.at >= from.UnixMilli() && a.at < to.UnixMilli() {
			n++
		}
	}
	return n
}
