package rehearsal

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"

	"primalinea/escalation/journey"
)

// A Model says how visitors behave. Its fields are probabilities: it is the truth
// that estimates from what was recorded can be compared with.
type Model struct {
	NoCookie float64 // nobody can join what they do
	Direct   float64 // go to the form at once
	Outside  float64 // come to the article from a search engine
	Finds    float64 // see the article that answers among the hits
	Strays   float64 // open another one, where none answers
	Helps    float64 // are satisfied by an article that answers
	Says     float64 // say so, when they are
	Objects  float64 // say "no", when they are not
	Again    float64 // search once more, in other words
	Writes   float64 // open the form, when nothing helped
	Accepts  float64 // open the article that answers when the form offers it
	Leaves   float64 // leave the form
	Quits    float64 // leave it later, when all is written
	Returns  float64 // come back within days, when nothing helped
	Relapses float64 // write within days, although they seemed satisfied
}

// Usual is how visitors of a help centre behave that answers most of what they ask.
var Usual = Model{
	NoCookie: .05, Direct: .06, Outside: .12, Finds: .93, Strays: .45, Helps: .84, Says: .22, Objects: .3,
	Again: .4, Writes: .3, Accepts: .55, Leaves: .25, Quits: .07, Returns: .15, Relapses: .025,
}

// A Found is an article that a search or the form shows.
type Found struct{ Key, Lang, Revision string }

// A Visit is what one visitor did in one go.
type Visit struct {
	Events    []journey.Event
	Satisfied bool      // as the model knows, not as anybody can see
	Writes    bool      // a ticket
	Subject   string    // of the ticket
	Ends      time.Time // when the ticket is sent, if there is one
}

// A Lot is what an experiment on the contact form has drawn for a visitor.
type Lot struct{ Experiment, Arm string }

// A visit is a Visit in the making.
type visit struct {
	model Model
	Chance
	Visit
	who    string
	lot    Lot
	matter *Matter
	now    time.Time
	find   func(text string) []Found
	form   bool // they came for the form
}

const (
	onPage = 5 // hits that somebody looks at
	atForm = 3 // articles that the form offers
)

// Visit returns what a visitor does about a matter. find is what a search finds.
// form says that they have read enough, and come to write.
func (m Model) Visit(who string, lot Lot, about *Matter, at time.Time, form bool, find func(text string) []Found, c Chance) Visit {
	v := visit{model: m, Chance: c, who: who, lot: lot, matter: about, now: stamp(at), find: find, form: form}
	v.walk()
	v.Ends = v.now
	return v.Visit
}

// note adds an event of now.
func (v *visit) note(e journey.Event) {
	e.At, e.Visitor = v.now, v.who
	if e.Kind.Answers() {
		e.Network = network(v.who)
	}
	if e.Lang == "" {
		e.Lang = v.matter.Lang
	}
	v.Events = append(v.Events, e)
}

func (v *visit) pause(least, most time.Duration) {
	v.now = stamp(v.now.Add(v.between(least, most)))
}

func (v *visit) walk() {
	switch {
	case v.form || v.is(v.model.Direct):
	case v.matter.Article != "" && v.is(v.model.Outside):
		v.open(Found{Key: v.matter.Article, Lang: v.matter.Lang, Revision: v.matter.Revision}, 0, "")
	default:
		v.search()
	}
	if v.Satisfied {
		return
	}
	if v.form || len(v.Events) == 0 || v.is(v.model.Writes) {
		v.ask()
	}
}

// search looks for the matter in up to three wordings.
func (v *visit) search() {
	for i, at := range v.Perm(len(v.matter.Ask)) {
		if i == 3 || i > 0 && !v.is(v.model.Again) {
			return
		}
		query := v.matter.Ask[at]
		hits := v.find(query)
		v.note(journey.Event{Kind: journey.Search, Query: query, Hits: len(hits)})
		v.pause(4*time.Second, 40*time.Second)
		hits = hits[:min(len(hits), onPage)]
		rank, answers := v.choose(hits)
		if rank == 0 {
			continue
		}
		v.note(journey.Event{Kind: journey.ResultClick, Lang: hits[rank-1].Lang, Query: query, Article: hits[rank-1].Key, Rank: rank})
		if v.open(hits[rank-1], rank, query); answers && v.Satisfied {
			return
		}
	}
}

// choose returns the place of the hit that is opened, or 0.
func (v *visit) choose(hits []Found) (rank int, answers bool) {
	for i, h := range hits {
		if v.matter.Article != "" && h.Key == v.matter.Article && v.is(v.model.Finds) {
			return i + 1, true
		}
	}
	if len(hits) > 0 && v.is(v.model.Strays) {
		return 1, false
	}
	return 0, false
}

// helps draws whether the article that answers does help.
func (v *visit) helps() bool { return v.is(cmp.Or(v.matter.Helps, v.model.Helps)) }

// open reads an article.
func (v *visit) open(a Found, rank int, query string) {
	answers := v.matter.Article != "" && a.Key == v.matter.Article
	if answers {
		a.Revision = cmp.Or(v.matter.Revision, a.Revision)
	}
	v.note(journey.Event{Kind: journey.ArticleOpen, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Outside: query == "" && rank == 0})
	if answers {
		v.pause(20*time.Second, 4*time.Minute)
	} else {
		v.pause(3*time.Second, 25*time.Second)
	}
	read := int(v.now.Sub(v.Events[len(v.Events)-1].At) / time.Second)
	if v.is(.9) { // the others have no JavaScript
		v.note(journey.Event{Kind: journey.ArticleRead, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Seconds: read})
	}
	v.Satisfied = answers && v.helps()
	switch {
	case v.Satisfied && v.is(v.model.Says):
		v.pause(time.Second, 5*time.Second)
		v.note(journey.Event{Kind: journey.VoteYes, Lang: a.Lang, Article: a.Key, Revision: a.Revision})
	case !v.Satisfied && read >= 10 && v.is(v.model.Objects):
		v.pause(time.Second, 5*time.Second)
		v.note(journey.Event{Kind: journey.VoteNo, Lang: a.Lang, Article: a.Key, Revision: a.Revision, Reason: pick(v.Chance, []string{"not_solved", "not_solved", "unclear", "other", ""})})
	}
	v.pause(2*time.Second, 15*time.Second)
}

// ask fills in the form, which offers what may help.
func (v *visit) ask() {
	v.note(journey.Event{Kind: journey.FormOpen})
	v.pause(time.Minute, 6*time.Minute)
	if v.is(v.model.Leaves) && !v.form {
		return
	}
	v.Subject = v.matter.subject(v.Chance)
	hits := v.find(v.Subject)
	hits = hits[:min(len(hits), atForm)]
	v.offered(journey.SuggestionEligible, hits)
	if v.lot.Arm == journey.HoldOut {
		hits = nil // they are not drawn
	}
	v.offered(journey.SuggestionShown, hits)
	if len(hits) > 0 {
		v.pause(5*time.Second, 40*time.Second)
	}
	for i, h := range hits {
		if v.matter.Article != "" && h.Key == v.matter.Article && !v.read(h.Key) && v.is(v.model.Accepts) {
			v.note(journey.Event{Kind: journey.SuggestionClick, Lang: h.Lang, Article: h.Key, Revision: h.Revision, Rank: i + 1})
			v.pause(20*time.Second, 2*time.Minute)
			if v.helps() {
				v.note(journey.Event{Kind: journey.Confirm, Lang: h.Lang, Article: h.Key, Revision: h.Revision})
				v.Satisfied = true
				return
			}
		}
	}
	for i, h := range hits {
		v.note(journey.Event{Kind: journey.SuggestionDeclined, Lang: h.Lang, Article: h.Key, Rank: i + 1})
	}
	v.pause(20*time.Second, 90*time.Second)
	v.Writes = !v.is(v.model.Quits)
}

// offered notes what there is to suggest.
func (v *visit) offered(kind journey.Kind, hits []Found) {
	for i, h := range hits {
		v.note(journey.Event{Kind: kind, Lang: h.Lang, Article: h.Key, Revision: h.Revision, Hits: len(hits), Rank: i + 1, Experiment: v.lot.Experiment, Arm: v.lot.Arm})
	}
}

// read reports whether an article was opened before.
func (v *visit) read(key string) bool {
	for _, e := range v.Events {
		if e.Kind == journey.ArticleOpen && e.Article == key {
			return true
		}
	}
	return false
}

// network marks where a visitor is: nearly everybody somewhere else.
func network(who string) string {
	h := fnv.New32a()
	h.Write([]byte(who)) // never fails
	return fmt.Sprintf("%03x", h.Sum32()&0xfff)
}

// Next returns when somebody comes back about the same matter, and whether they
// do: those whom nothing helped to try again or to write, and a few who only
// seemed satisfied to write.
func (m Model) Next(v Visit, c Chance) (after time.Duration, form, comes bool) {
	switch {
	case v.Writes:
		return 0, false, false
	case v.Satisfied:
		return c.between(12*time.Hour, 6*24*time.Hour), true, c.is(m.Relapses)
	}
	return c.between(20*time.Hour, 5*24*time.Hour), c.is(.4), c.is(m.Returns)
}
