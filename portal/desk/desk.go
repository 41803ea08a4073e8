// Package desk is where agents work: the queues of each tier, the tickets, and
// what passes from one to another.
//
// Handlers read a form, ask the rules of package escalation, and answer. What
// somebody may do to a ticket is asked of the ticket, so no address here is
// guarded by its path alone.
package desk

import (
	"context"
	"io"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/clock"
	"primalinea/escalation/evidence"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
	"primalinea/search"
)

// Tickets is where tickets and their letters are kept.
type Tickets interface {
	// Ticket returns the ticket with a number, or a NotFound error.
	Ticket(ctx context.Context, number string) (escalation.Ticket, error)
	TicketByID(ctx context.Context, id string) (escalation.Ticket, error)
	// Change applies what rule makes of a ticket, or nothing.
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
	// Open keeps what open returns; with the same key twice, once.
	Open(ctx context.Context, key string, open func() (escalation.Change, error)) (t escalation.Ticket, created bool, err error)
	Queue(ctx context.Context, q escalation.Queue) (escalation.QueuePage, error)
	Count(ctx context.Context, q escalation.Queue, most int) (int, error)
	// Clocks returns the ledgers of tickets by their ids.
	Clocks(ctx context.Context, tickets []string) (map[string]clock.Ledger, error)
	// Relate applies what rule makes of several tickets, or nothing.
	Relate(ctx context.Context, numbers []string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
	// RelateAll is Relate of a ticket, of those that go on in it, and of the tasks that are
	// open for any of them; of one that is damaged it gives id and number alone.
	RelateAll(ctx context.Context, number string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
	// TasksOf returns what others do or did for a ticket.
	TasksOf(ctx context.Context, ticket string) ([]escalation.QueueLine, error)
	// AlsoOf returns what else is in progress under an address, besides one ticket.
	AlsoOf(ctx context.Context, email, ticket string, limit int) ([]escalation.QueueLine, error)
	LettersOf(ctx context.Context, ticket string) ([]escalation.Delivery, error)
	LatestLetters(ctx context.Context, ticket string, most int) ([]escalation.Delivery, error)
	// Proposed returns the keys of the articles that agents are to see at a ticket: they
	// were published for others who asked the same.
	Proposed(ctx context.Context, ticket string) ([]string, error)
}

// Views is where saved lists of tickets are kept.
type Views interface {
	// Views returns the lists of a person, and after them those of all teams.
	Views(ctx context.Context, person string) ([]escalation.View, error)
	// KeepView keeps a version of a list, or is a Conflict.
	KeepView(ctx context.Context, v escalation.View) error
	// RemoveView removes a version of a list, or is a Conflict.
	RemoveView(ctx context.Context, v escalation.View) error
}

// Staff is who works here.
type Staff interface {
	People(ctx context.Context) ([]staff.Person, error)
}

// A Finder finds articles; search.Index is one.
type Finder interface {
	Search(ctx context.Context, q search.Query) (search.Result, error)
	Nearest(ctx context.Context, lang, text string, n int, reader content.Audience) ([]search.Hit, error)
}

// Files is where the bytes of attached files lie; evidence.Folder is one.
type Files interface {
	// Put takes a file in, or returns an Invalid error that says what is taken.
	Put(ctx context.Context, name string, r io.Reader) (evidence.Record, error)
}

// Records is where what is known of files is kept.
type Records interface {
	// StageFile keeps the record of a file whose form is not sent yet.
	StageFile(ctx context.Context, r evidence.Record) error
	// Usage returns how many bytes of files are here.
	Usage(ctx context.Context, sender string) (evidence.Usage, error)
	// File returns a record, or a NotFound error.
	File(ctx context.Context, id string) (evidence.Record, error)
}

// A Room is the agents' room.
type Room struct {
	*web.Web
	Tickets   Tickets
	Views     Views
	Found     Searcher
	Staff     Staff
	Files     Files
	Records   Records
	Mentions  Mentions
	Problems  Problems
	Circulars Circulars
	// Terms analyses words.
	Terms    func(lang, text string) []string
	Quota    evidence.Quota
	Articles Finder
	// Article returns the article with a key in the first of these languages that
	// has it, else in any; nil when there is none.
	Article func(key string, langs ...string) *content.Article
	IDs     func() string
	// Ratings returns what customers said of the solutions of an agent, or of all, since
	// a moment, and so many of the latest in full.
	Ratings func(ctx context.Context, agent string, since time.Time, limit int) (escalation.Ratings, error)

	// Around is who is at tickets. Web tells them what changed.
	Around Live

	counts counts
	// Inbox says what is known of the mail that comes to us.
	Inbox func() escalation.Inbox
}

// Mount gives the room its addresses.
func (r *Room) Mount(app fiber.Router) {
	g, agents := app.Group("/desk", r.SignedIn), r.Allowed(escalation.Read)
	g.Get("", agents, r.queue)
	g.Get("/live", agents, r.liveQueue)
	g.Get("/tickets", agents, r.search)
	g.Get("/views/:id", agents, r.showView)
	g.Post("/views/:id", agents, r.keepView)
	g.Get("/articles", agents, r.articles)
	g.Get("/ratings", agents, r.ratings)
	g.Get("/new", agents, r.showNew)
	g.Post("/new", agents, r.open)
	g.Post("/doubts", agents, r.sort)
	g.Post("/bulk", agents, r.bulk)
	g.Get("/problems", agents, r.problems)
	g.Get("/problems/:id", agents, r.showProblem)
	g.Post("/problems/:id", agents, r.keepProblem)
	g.Get("/problems/:id/answer", agents, r.answerProblem)
	g.Post("/handoffs", agents, r.offerMany)
	g.Post("/circulars", agents, r.answerMany)
	g.Get("/circulars/:id", agents, r.showCircular)
	g.Post("/undo", agents, r.undoMany)
	g.Get("/mentions", r.mentions)
	g.Post("/mentions", r.doneWith)

	g.Get("/tickets/:number", r.ticket)
	g.Get("/tickets/:number/inserts/:part", r.offered)
	g.Get("/tickets/:number/live", r.liveTicket)
	g.Post("/tickets/:number/presence", r.presence)
	g.Post("/tickets/:number/undo", r.undo)
	g.Post("/tickets/:number/take", r.take)
	g.Post("/tickets/:number/release", r.release)
	g.Post("/tickets/:number/resume", r.resume)
	g.Post("/tickets/:number/reply", r.reply)
	g.Post("/tickets/:number/note", r.note)
	g.Post("/tickets/:number/ask", r.ask)
	g.Post("/tickets/:number/wait", r.wait)
	g.Post("/tickets/:number/solve", r.solve)
	g.Get("/tickets/:number/facts", r.facts)
	g.Post("/tickets/:number/facts", r.fact)
	g.Post("/tickets/:number/facts/judge", r.judge)
	g.Post("/tickets/:number/facts/keep", r.keepFact)
	g.Get("/tickets/:number/steps", r.steps)
	g.Post("/tickets/:number/steps", r.step)
	g.Post("/tickets/:number/type", r.setType)
	g.Post("/tickets/:number/priority", r.setPriority)
	g.Post("/tickets/:number/route", r.route)
	g.Post("/tickets/:number/stage", r.setStage)
	g.Post("/tickets/:number/handoffs", r.offer)
	g.Post("/tickets/:number/handoffs/:id/accept", r.accept)
	g.Post("/tickets/:number/handoffs/:id/refuse", r.refuse)
	g.Post("/tickets/:number/handoffs/:id/withdraw", r.withdraw)
	g.Post("/tickets/:number/consults", r.consult)
	g.Post("/tickets/:number/consults/:id/answer", r.advise)
	g.Post("/tickets/:number/consults/:id/withdraw", r.unask)
	g.Post("/tickets/:number/alarms", r.call)
	g.Post("/tickets/:number/alarms/:id/acknowledge", r.acknowledge)
	g.Post("/tickets/:number/decide", r.decide)
	g.Post("/tickets/:number/doubt", r.doubt)
	g.Post("/tickets/:number/problem", r.setProblem)
	g.Post("/tickets/:number/merge", r.merge)
	g.Post("/tickets/:number/unmerge", r.unmerge)
	g.Get("/tickets/:number/give", r.showGive)
	g.Post("/tickets/:number/give", r.give)
	g.Post("/tickets/:number/give-back", r.giveBack)
	g.Get("/tickets/:number/split", r.showSplit)
	g.Post("/tickets/:number/split", r.split)
	g.Post("/tickets/:number/uncarry", r.uncarry)
	g.Get("/tickets/:number/tasks", r.showTask)
	g.Post("/tickets/:number/tasks", r.addTask)
	g.Post("/tickets/:number/done", r.answerTask)
	g.Post("/tickets/:number/drop", r.dropTask)
	g.Post("/tickets/:number/address", r.newAddress)
	g.Post("/tickets/:number/address/drop", r.dropAddress)
}

// names returns what people are called, by id.
func names(people []staff.Person) map[string]string {
	m := make(map[string]string, len(people))
	for _, p := range people {
		m[p.ID] = p.Name
	}
	return m
}
