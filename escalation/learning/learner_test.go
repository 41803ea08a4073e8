package learning_test

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// A crowd is people who look for help, and what comes of it.
type crowd struct {
	t        *testing.T
	db       *store.DB
	recorder *journey.Recorder
	salts    journey.Salts
	learner  *learning.Learner
	now      time.Time
}

func terms(_, text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func newCrowd(t *testing.T, db *store.DB) *crowd {
	return &crowd{
		t: t, db: db, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
		recorder: journey.NewRecorder(db, terms, nil), salts: journey.Salts{Secret: db.Secret},
		learner: &learning.Learner{Store: db, Terms: terms, Key: []byte("key")},
	}
}

// does lets a browser at an address do something; nobody's with an empty cookie.
func (c *crowd) does(cookie, address string, e journey.Event) {
	c.t.Helper()
	c.now = c.now.Add(5 * time.Second)
	e.At, e.Lang = c.now, "en"
	var err error
	if e.Visitor, err = c.salts.Visitor(c.t.Context(), cookie, c.now); err != nil {
		c.t.Fatal(err)
	}
	if e.Visitor != "" && e.Kind.Answers() {
		if e.Network, err = c.salts.Network(c.t.Context(), netip.MustParseAddr(address), c.now); err != nil {
			c.t.Fatal(err)
		}
	}
	c.recorder.Record(e)
}

// solves lets somebody search, open an article and say that it solved it.
func (c *crowd) solves(cookie, address, query, article string) {
	c.t.Helper()
	c.does(cookie, address, journey.Event{Kind: journey.Search, Query: query, Hits: 1})
	c.does(cookie, address, journey.Event{Kind: journey.ArticleOpen, Article: article})
	c.does(cookie, address, journey.Event{Kind: journey.VoteYes, Article: article})
}

func (c *crowd) cookie() string { return journey.NewCookie(c.now) }

// learned returns what was learned until a while from now, "article word people".
func (c *crowd) learned() []string {
	c.t.Helper()
	if err := c.recorder.Flush(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	c.now = c.now.Add(time.Hour)
	if err := c.learner.Collect(c.t.Context(), c.now); err != nil {
		c.t.Fatal(err)
	}
	words, err := c.db.LearnedWords(c.t.Context())
	if err != nil {
		c.t.Fatal(err)
	}
	var said []string
	for _, w := range words {
		said = append(said, fmt.Sprint(w.Article, " ", w.Stem, " ", w.People))
	}
	return said
}

// opens lets a visitor write a ticket.
func (c *crowd) opens(cookie, address, email string) escalation.Ticket {
	c.t.Helper()
	visitor, err := c.salts.Visitor(c.t.Context(), cookie, c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	trail, id, err := c.recorder.Trail(c.t.Context(), visitor, c.now)
	if err != nil {
		c.t.Fatal(err)
	}
	ticket, _, err := c.db.Open(c.t.Context(), "", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "It is dead", Text: "Since this morning.", Email: email, Lang: "en", Trail: &trail, Journey: id,
		}, escalation.RequesterOf{}, escalation.NewID, c.now)
	})
	if err != nil {
		c.t.Fatal(err)
	}
	c.does(cookie, address, journey.Event{Kind: journey.TicketCreated, Ticket: ticket.ID})
	return ticket
}

// TestAttacks: what one person does, however often, teaches nothing; and three
// people's answers do.
func TestAttacks(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db)
		none := func(attack string) {
			t.Helper()
			if got := c.learned(); len(got) != 0 {
				t.Errorf("%s: %q is learned", attack, got)
			}
		}
		one := c.cookie()
		for range 20 {
			c.solves(one, "192.0.2.1", "poison", "battery")
		}
		none("one browser, again and again")
		for range 100 {
			c.solves(c.cookie(), "192.0.2.1", "poison", "battery")
		}
		none("one person who throws the cookie away a hundred times")
		one = c.cookie()
		for n := range 20 { // a new journey each
			c.now = c.now.Add(journey.Resume + time.Hour)
			c.solves(one, fmt.Sprintf("198.51.%d.1", n), "poison", "battery")
		}
		none("one browser in twenty networks")
		for n := range 1000 {
			c.solves(c.cookie(), "192.0.2.1", fmt.Sprintf("poison%d word%d", n%10, n), "battery")
		}
		none("a thousand words")
		for n := range 5 {
			at := fmt.Sprintf("203.%d.113.1", n)
			c.solves(c.cookie(), at, "ada@example.it +39 02 1234567 12345678", "battery")
			c.does(c.cookie(), at, journey.Event{Kind: journey.Confirm, Article: "battery"})
			c.solves("", at, "nobody", "battery")
			cookie := c.cookie()
			for _, source := range []journey.Source{journey.Staff, journey.Program, journey.Crawlers} {
				c.does(cookie, at, journey.Event{Kind: journey.Search, Query: string(source), Hits: 1, Source: source})
				c.does(cookie, at, journey.Event{Kind: journey.ArticleOpen, Article: "battery", Source: source})
				c.does(cookie, at, journey.Event{Kind: journey.VoteYes, Article: "battery", Source: source})
			}
		}
		none("personal data, confirmed without a search, without a cookie, by staff and by machines")
		c.now = c.now.Add(24 * time.Hour)
		for range 400 {
			c.now = c.now.Add(24 * time.Hour)
			c.solves(c.cookie(), "192.0.2.1", "poison", "screen")
		}
		none("one person who waits for a year and more")

		c.solves(c.cookie(), "192.0.2.1", "gadget croaked", "battery")
		c.solves(c.cookie(), "198.51.100.1", "croaked", "battery")
		none("two people")
		c.solves(c.cookie(), "203.0.113.1", "gizmo croaked", "battery")
		if got := c.learned(); !slices.Equal(got, []string{"battery croaked 3"}) {
			t.Errorf("three people: %q", got)
		}
	})
}

// TestLearner follows a word from three people to the writer who removes it, and what
// they said until it is forgotten.
func TestLearner(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		c := newCrowd(t, db)
		want := func(when string, want ...string) {
			t.Helper()
			if got := c.learned(); !slices.Equal(got, want) {
				t.Errorf("%s: %q, want %q", when, got, want)
			}
		}
		ada, eva := c.cookie(), c.cookie()
		c.solves(ada, "192.0.2.1", "croaked", "battery")
		c.solves(eva, "198.51.100.1", "croaked", "battery")

		// Leo is answered by a person, with the same article.
		leo := c.cookie()
		c.does(leo, "203.0.113.1", journey.Event{Kind: journey.Search, Query: "gadget croaked"})
		ticket := c.opens(leo, "203.0.113.1", "leo@example.com")
		want("a ticket is open")
		anna := &staff.Person{ID: "anna", Name: "Anna", Roles: []staff.Role{staff.Lead}}
		change := func(rule func(t escalation.Ticket) (escalation.Change, error)) {
			t.Helper()
			if _, err := db.Change(ctx, ticket.Number, rule); err != nil {
				t.Fatal(err)
			}
		}
		solve := func(article string) {
			t.Helper()
			change(func(t escalation.Ticket) (escalation.Change, error) {
				return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "Charge it."}, Article: article}, anna, escalation.NewID, c.now)
			})
		}
		again := func() {
			t.Helper()
			change(func(t escalation.Ticket) (escalation.Change, error) {
				return t.NotSolved(escalation.Message{Text: "Still dead."}, escalation.RequesterOf{Ticket: t.ID}, escalation.NewID, c.now)
			})
		}
		solve("battery")
		want("it is solved", "battery croaked 3")
		again()
		want("it is open again")
		solve("screen")
		want("it is solved with another article")
		again()
		solve("battery")
		want("it is solved after all", "battery croaked 3")
		change(func(t escalation.Ticket) (escalation.Change, error) { return t.SetAside(anna, escalation.NewID, c.now) })
		want("it was spam")
		change(func(t escalation.Ticket) (escalation.Change, error) { return t.Clear(anna, escalation.NewID, c.now) })
		want("it was none", "battery croaked 3")

		if err := db.RemoveWord(ctx, "battery", "en", "croaked", anna.Ref(), c.now); err != nil {
			t.Fatal(err)
		}
		want("a writer removed it")
		c.solves(c.cookie(), "192.0.3.1", "croaked", "battery")
		want("and it stays away, whoever says it")
		if words, err := db.WordsOf(ctx, "battery", "en"); err != nil || len(words) != 1 || words[0].People != 4 || words[0].Removed.IsZero() || words[0].By.ID != "anna" {
			t.Errorf("the writer sees %+v, %v", words, err)
		}
		if err := db.RemoveWord(ctx, "battery", "en", "croaked", escalation.ActorRef{}, time.Time{}); err != nil {
			t.Fatal(err)
		}
		want("until it is let again", "battery croaked 4")
		if err := db.RemoveWord(ctx, "battery", "en", "never", anna.Ref(), c.now); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("a word that was not learned: %v", err)
		}

		c.does(eva, "198.51.100.1", journey.Event{Kind: journey.ArticleOpen, Article: "battery"})
		c.now = c.now.Add(-10 * time.Minute) // hours have passed; she goes on where she was
		want("nothing new", "battery croaked 4")

		// What was taken from is forgotten long before what was learned.
		if err := db.SweepJourneys(ctx, c.now.Add(24*time.Hour), c.now.Add(24*time.Hour), c.now); err != nil {
			t.Fatal(err)
		}
		want("the journeys are swept", "battery croaked 4")
		c.now = c.now.Add(learning.Memory)
		want("a year later")
	})
}

// TestTakenBack lets a "no" take back what a "yes" taught.
func TestTakenBack(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db)
		c.solves(c.cookie(), "192.0.2.1", "croaked", "battery")
		c.solves(c.cookie(), "198.51.100.1", "croaked", "battery")
		last := c.cookie()
		c.solves(last, "203.0.113.1", "croaked", "battery")
		if got := c.learned(); len(got) != 1 {
			t.Fatalf("learned %q", got)
		}
		c.now = c.now.Add(-time.Hour) // she is still there
		c.does(last, "203.0.113.1", journey.Event{Kind: journey.VoteNo, Article: "battery"})
		if got := c.learned(); len(got) != 0 {
			t.Errorf("it did not solve it after all: %q is learned", got)
		}
	})
}

// TestEnough keeps no more of one network than counts, however much it says.
func TestEnough(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db)
		for n := range 3 * learning.PerNetwork {
			c.solves(c.cookie(), "192.0.2.1", fmt.Sprint("word", n), "battery")
		}
		c.learned()
		if s, err := db.AnswersState(t.Context()); err != nil || s.Answers != learning.PerNetwork {
			t.Errorf("%d answers, %v", s.Answers, err)
		}
	})
}
