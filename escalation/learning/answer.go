package learning

import (
	"slices"
	"time"

	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
)

const (
	// Rephrasing is the time within which a search that led to nothing is said
	// again in other words.
	Rephrasing = 2 * time.Minute

	maxQueries = 4 // of one answer
)

// Terms analyses words, as search does.
type Terms func(lang, text string) []string

// An Answer is an article that answered somebody's searches. Who that was is told
// by hashes and a mark, which say that two answers are of different people, and no
// more.
type Answer struct {
	ID      string
	Article string    // key
	Lang    string    // of the searches
	Queries []string  // scrubbed
	Visitor string    // key of the browser
	Person  string    // hash of the requester; the visitor again for who wrote nothing
	Network string    // mark of where they were
	Journey string    // id
	At      time.Time // when it was said
}

// A Solved is a ticket that was solved with an article.
type Solved struct {
	Article string // key
	Person  string // hash of the requester
	At      time.Time
}

// FromJourney returns what was answered on a journey: the articles of which its
// visitor says that they solved it, and the one with which a ticket was solved that
// came of it. events are those of one journey, oldest first; solved has the tickets
// by their ids.
//
// What was said last counts: a "no" takes a "yes" back, and so does a ticket, for
// then it was not solved. An article answers the last search before it was opened,
// and earlier ones that were about the same. What nobody searched for teaches
// nothing, and neither does who cannot be told from others.
func FromJourney(events []journey.Event, solved map[string]Solved, terms Terms) []Answer {
	var answers []Answer
	done := map[string]bool{} // articles that were judged later
	asked := false            // a ticket came later
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		a := Answer{ID: e.ID, Article: e.Article, Visitor: e.Visitor, Person: e.Visitor, Network: e.Network, Journey: e.Journey, At: e.At}
		before := events[:i]
		switch e.Kind {
		case journey.VoteNo:
			done[e.Article] = true
			continue
		case journey.Confirm, journey.VoteYes:
			if done[e.Article] || asked {
				continue
			}
			done[e.Article] = true
			before = before[:opened(before, e.Article)]
		case journey.TicketCreated:
			asked = true
			s, ok := solved[e.Ticket]
			if !ok || e.Ticket == "" {
				continue
			}
			a.Article, a.Person, a.At = s.Article, s.Person, s.At
		default:
			continue
		}
		if a.Queries, a.Lang = searches(before, terms); len(a.Queries) > 0 && a.Article != "" && a.Visitor != "" && a.Network != "" {
			answers = append(answers, a)
		}
	}
	slices.SortFunc(answers, oldestFirst)
	return answers
}

// opened returns how many events there are before an article was opened last.
func opened(events []journey.Event, article string) int {
	for i := len(events) - 1; i >= 0; i-- {
		e := &events[i]
		if e.Article == article && (e.Kind == journey.ArticleOpen || e.Kind == journey.ResultClick || e.Kind == journey.SuggestionClick) {
			return i
		}
	}
	return 0
}

// searches returns the last search, and those before it that were about the same,
// the last first: they share a word with it, or it came soon after them and nothing
// was read meanwhile. What was answered before ended another matter.
func searches(events []journey.Event, terms Terms) (queries []string, lang string) {
	var last []string       // words of the last search
	var next *journey.Event // the search after
	chain, read := true, false
	for i := len(events) - 1; i >= 0 && len(queries) < maxQueries; i-- {
		e := &events[i]
		switch {
		case e.Kind.Answers():
			return queries, lang
		case e.Kind == journey.ArticleOpen:
			read = read || time.Duration(e.Seconds)*time.Second >= journey.Reading
		case e.Kind.IsSearch():
			query, _ := scrub.Text(e.Query)
			words := terms(e.Lang, scrub.Without(query))
			if len(words) == 0 {
				continue
			}
			if next == nil {
				last, lang = words, e.Lang
			}
			chain = chain && (next == nil || !read && next.At.Sub(e.At) <= Rephrasing)
			next, read = e, false
			if e.Lang != lang {
				continue // another index knows these words
			}
			if shared, _ := journey.Overlap(last, words); (chain || shared > 0) && !slices.Contains(queries, query) {
				queries = append(queries, query)
			}
		}
	}
	return queries, lang
}
