package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

const (
	// look is how often it is asked what changed, while anybody listens.
	look = time.Second
	// streamTime is how long a stream lasts: less than an answer may take. Then the
	// browser comes again, and says what it was told last.
	streamTime = 50 * time.Second
	// beat is how often a stream shows that it lives. A reader who is gone is noticed at the
	// second one.
	beat = 5 * time.Second
	// checkAfter is how often it is asked who may still listen.
	checkAfter = 10 * time.Second
	// keepAfter is how often it is kept that somebody has a ticket open.
	keepAfter = escalation.PresenceTime / 2
	// Bounds on how many listen at once: of the staff and of customers, and for one person
	// or at one customer's ticket.
	mostStreams    = 1000
	mostStreamsFor = 6
)

// LiveStore is where a [Live] looks for who is where.
type LiveStore interface {
	// Present returns who is at tickets now.
	Present(ctx context.Context, now time.Time) ([]escalation.Presence, error)
	// KeepPresent keeps that people have tickets open.
	KeepPresent(ctx context.Context, list []escalation.Presence, now time.Time) error
	// Forget forgets who read a ticket, and was kept last at a time.
	Forget(ctx context.Context, p escalation.Presence, kept time.Time) error
	// Sessions returns those of the sessions with these hashes that have not ended.
	Sessions(ctx context.Context, hashes []string) ([]staff.Session, error)
	// People returns who works here.
	People(ctx context.Context) ([]staff.Person, error)
	// Ticket returns the ticket with a number.
	Ticket(ctx context.Context, number string) (escalation.Ticket, error)
}

// Changed returns the numbers of the tickets that changed since it was asked last, by
// whatever process; all means that any may have. Anew it is not asked what changed before.
type Changed func(ctx context.Context, anew bool) (numbers []string, all bool, err error)

// A Live tells the pages that are open that something changed. One loop in a process asks
// for it, and only while somebody listens: for how many costs the database nothing.
type Live struct {
	store   LiveStore
	changed Changed
	now     func() time.Time
	log     *slog.Logger

	mu      sync.Mutex
	of      map[string][]*listener // by whose they are, the oldest first
	staff   int                    // how many of the streams are of the staff
	guests  int                    // and of customers
	present map[string][]escalation.Presence
	read    map[string]reading // by number, since it was asked last what changed
	checked time.Time          // when it was asked who may still listen
	ended   chan struct{}
	end     sync.Once
}

// NewLive returns a Live over a store.
func NewLive(s LiveStore, changed Changed, now func() time.Time, log *slog.Logger) *Live {
	return &Live{store: s, changed: changed, now: now, log: log, of: map[string][]*listener{}, read: map[string]reading{}, ended: make(chan struct{})}
}

// A reading is a ticket that is read once for all who are told of the same change.
type reading func() (*escalation.Ticket, error)

// A listener is one stream. What changes after it began is guarded by the Live.
type listener struct {
	Stream
	wake    chan struct{}
	gone    chan struct{} // closed when it is to end
	left    bool          // gone is closed
	full    bool          // because its person has too many
	touched bool          // something changed that it was not told
	kept    time.Time     // when it was kept that its reader is there
}

// reader returns who of the staff has which ticket open; nil when nobody learns of it.
func (s *listener) reader() *escalation.Presence {
	if s.Me == nil || s.Number == "" {
		return nil
	}
	return &escalation.Presence{Number: s.Number, Person: s.Me.ID, Name: s.Me.Name}
}

// join adds a listener. Nobody is refused for having too many: a browser that went on to
// other pages is not noticed at once, so the oldest stream of theirs ends.
func (l *Live) join(s Stream) (*listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := &l.staff
	if s.Me == nil {
		n = &l.guests
	}
	if *n >= mostStreams {
		return nil, fiber.ErrServiceUnavailable
	}
	*n++
	me := &listener{Stream: s, wake: make(chan struct{}, 1), gone: make(chan struct{})}
	if theirs := l.of[s.Who]; len(theirs) >= mostStreamsFor {
		theirs[0].full = true
		l.remove(theirs[0])
	}
	l.of[s.Who] = append(l.of[s.Who], me)
	return me, nil
}

// remove ends a listener, once.
func (l *Live) remove(s *listener) {
	if s.left {
		return
	}
	s.left = true
	close(s.gone)
	if s.Me == nil {
		l.guests--
	} else {
		l.staff--
	}
	theirs := slices.DeleteFunc(l.of[s.Who], func(o *listener) bool { return o == s })
	if l.of[s.Who] = theirs; len(theirs) == 0 {
		delete(l.of, s.Who)
	}
}

func (l *Live) leave(s *listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(s)
}

// Left ends what somebody listens to at a ticket: they went away.
func (l *Live) Left(who, number string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range slices.Clone(l.of[who]) {
		if s.Number == number {
			l.remove(s)
		}
	}
}

// take returns what a listener was not told yet.
func (l *Live) take(ctx context.Context, s *listener) Moment {
	l.mu.Lock()
	defer l.mu.Unlock()
	m := Moment{Me: s.Me, Touched: s.touched, Present: l.present[s.Number], Ticket: l.reading(ctx, s.Number)}
	if s.touched {
		if l.read[s.Number] == nil { // it goes on for the others when the one who began it is gone
			l.read[s.Number] = sync.OnceValues(l.reading(context.WithoutCancel(ctx), s.Number))
		}
		m.Ticket = l.read[s.Number]
	}
	s.touched = false
	return m
}

func (l *Live) reading(ctx context.Context, number string) reading {
	return func() (*escalation.Ticket, error) {
		t, err := l.store.Ticket(ctx, number)
		return &t, err
	}
}

// Streams are how many there are, of the staff and of customers.
func (l *Live) Streams() (staff, customers int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.staff, l.guests
}

// Close ends all streams at once, and those that begin later.
func (l *Live) Close() { l.end.Do(func() { close(l.ended) }) }

// Run looks for what changed until ctx ends.
func (l *Live) Run(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	anew, failed := true, false
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if l.idle() {
			anew = true
			continue
		}
		read, err := l.round(ctx, anew)
		anew = !read // what was missed is not known
		if err != nil && !failed && ctx.Err() == nil {
			l.log.Warn("what changed was not read", "error", err)
		}
		failed = err != nil
	}
}

func (l *Live) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.of) > 0 {
		return false
	}
	clear(l.read)
	return true
}

// round passes on what changed, and who is where, to those who may still know. It says
// whether what changed was read and passed on.
func (l *Live) round(ctx context.Context, anew bool) (read bool, err error) {
	numbers, all, err := l.changed(ctx, anew)
	if err != nil {
		return false, err
	}
	now := l.now()
	present, lost := l.lookAround(ctx, now)
	l.mu.Lock()
	was := l.present
	if lost != nil {
		present = was // what changed is told all the same
	}
	l.present = present // who wakes reads what is new
	clear(l.read)
	l.mu.Unlock()
	touched := func(s *listener) bool {
		return all || s.Number == "" && len(numbers) > 0 || slices.Contains(numbers, s.Number)
	}
	moved := func(s *listener) bool { return s.reader() != nil && !slices.Equal(was[s.Number], present[s.Number]) }
	gone := now.Sub(l.checked)
	due := gone < 0 || gone >= checkAfter
	l.each(func(s *listener) { due = due || touched(s) || moved(s) })
	if due {
		if err := l.check(ctx, now); err != nil {
			return false, err
		}
	}
	l.each(func(s *listener) {
		if touched(s) {
			s.touched = true
		} else if !moved(s) {
			return
		}
		s.rouse()
	})
	return true, lost
}

// each does something to all listeners.
func (l *Live) each(do func(s *listener)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, theirs := range l.of {
		for _, s := range theirs {
			do(s)
		}
	}
}

// rouse wakes a listener, and waits for nobody.
func (s *listener) rouse() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// lookAround keeps who has which ticket open, and returns who is where.
func (l *Live) lookAround(ctx context.Context, now time.Time) (map[string][]escalation.Presence, error) {
	readers := 0
	seen, list := map[escalation.Presence]bool{}, []escalation.Presence{}
	l.each(func(s *listener) {
		reader := s.reader()
		if reader == nil {
			return
		}
		readers++
		if gone := now.Sub(s.kept); gone < 0 || gone >= keepAfter {
			if !seen[*reader] {
				seen[*reader] = true
				list = append(list, *reader)
			}
		}
	})
	if len(list) > 0 {
		if err := l.store.KeepPresent(ctx, list, now); err != nil {
			return nil, err
		}
		l.each(func(s *listener) {
			if reader := s.reader(); reader != nil && seen[*reader] {
				s.kept = now
			}
		})
	}
	present := map[string][]escalation.Presence{}
	if readers == 0 {
		return present, nil
	}
	list, err := l.store.Present(ctx, now)
	for _, p := range list {
		present[p.Number] = append(present[p.Number], p)
	}
	return present, err
}

// check asks who all those are who listen, and ends the streams of who may not any more.
func (l *Live) check(ctx context.Context, now time.Time) error {
	hashes := map[string]bool{}
	l.each(func(s *listener) { hashes[s.Session] = true })
	sessions, err := l.store.Sessions(ctx, slices.Collect(maps.Keys(hashes)))
	if err != nil {
		return err
	}
	people, err := l.store.People(ctx)
	if err != nil {
		return err
	}
	alive, who := map[string]bool{}, map[string]*staff.Person{}
	for _, s := range sessions {
		i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == s.Person })
		alive[s.Hash] = s.Person == "" || i >= 0 && s.Valid(people[i], now)
		if i >= 0 && alive[s.Hash] && people[i].May(escalation.Read, nil) {
			who[s.Hash] = &people[i]
		}
	}
	var gone []*listener
	l.each(func(s *listener) {
		me := who[s.Session]
		switch {
		case !hashes[s.Session]: // it came meanwhile
		case me == nil && (s.Me != nil || !alive[s.Session]):
			gone = append(gone, s)
		case s.Me != nil:
			s.Me = me
		}
	})
	for _, s := range gone {
		l.leave(s)
	}
	l.checked = now
	return nil
}

// A Stream is what one page listens to.
type Stream struct {
	Who     string        // whose it is: nobody has too many
	Session string        // hash of the reader's session: it ends with it
	Me      *staff.Person // nil: a customer
	Number  string        // of the ticket; empty: all of them

	// Next returns what there is to tell, first when the stream begins, then when something
	// changed. It asks each time whether the reader may still know; may is false when they
	// may not, and the stream ends. After is when it wants to be asked again; 0 for when
	// something changes.
	Next func(ctx context.Context, now Moment) (tell []News, after time.Duration, may bool, err error)
}

// A Moment is what there is when a page may be told something.
type Moment struct {
	Me      *staff.Person         // the reader, as they are; nil: a customer
	Touched bool                  // something changed that it was not told
	Present []escalation.Presence // who is at its ticket
	// Ticket reads its ticket. Others read the same one: nobody changes anything in it.
	Ticket func() (*escalation.Ticket, error)
}

// News are one thing to tell a page.
type News struct{ ID, Name, Text string }

// eventStream is the type of what a page listens to.
const eventStream = "text/event-stream"

// Stream answers with events as they come. Next must not use the request: what it needs
// of it is copied before.
func (w *Web) Stream(c *fiber.Ctx, s Stream) error {
	if c.Accepts(eventStream) == "" {
		return fiber.ErrNotAcceptable
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("X-Accel-Buffering", "no") // or a proxy holds it back
	if c.Method() == fiber.MethodHead {
		return nil
	}
	me, err := w.Live.join(s)
	if err != nil {
		c.Set(fiber.HeaderRetryAfter, "60")
		return err
	}
	c.Set(fiber.HeaderContentType, eventStream+"; charset=utf-8")
	request := RequestID(c)
	c.Context().SetBodyStreamWriter(func(out *bufio.Writer) {
		defer w.Live.leave(me)
		defer func() {
			if r := recover(); r != nil {
				w.Log.Error("panic", "in", "stream", "request", request, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
				w.Metrics.Fault()
			}
		}()
		ctx, cancel := context.WithTimeout(context.Background(), streamTime)
		defer cancel()
		if err := w.Live.listen(ctx, out, me); err != nil && ctx.Err() == nil {
			w.Log.Warn("stream ended", "request", request, "error", err)
		}
	})
	return nil
}

// errGone ends a stream that nobody reads any more.
var errGone = errors.New("the reader is gone")

// listen follows a stream until it ends. Who is gone from all their pages of a ticket
// without a word is not there any longer.
func (l *Live) listen(ctx context.Context, out *bufio.Writer, me *listener) error {
	err := l.follow(ctx, out, me)
	if !errors.Is(err, errGone) {
		return err
	}
	l.mu.Lock()
	l.remove(me)
	reader, kept := me.reader(), me.kept
	elsewhere := slices.ContainsFunc(l.of[me.Who], func(o *listener) bool { return o.Number == me.Number })
	l.mu.Unlock()
	if reader == nil || kept.IsZero() || elsewhere {
		return nil
	}
	return l.store.Forget(ctx, *reader, kept)
}

// follow writes what there is to tell until the stream ends.
func (l *Live) follow(ctx context.Context, out *bufio.Writer, me *listener) error {
	fmt.Fprint(out, "retry: 1000\n")
	for first := true; ; first = false {
		tell, after, may, err := me.Next(ctx, l.take(ctx, me))
		if err != nil || !may {
			return err
		}
		for _, n := range tell {
			fmt.Fprintf(out, "id: %s\nevent: %s\ndata: %s\n\n", n.ID, n.Name, strings.NewReplacer("\r", " ", "\n", " ").Replace(n.Text))
		}
		if first && len(tell) == 0 { // later, a sign of life would tell of what is not theirs
			fmt.Fprint(out, ":\n\n")
		}
		if out.Flush() != nil {
			return errGone
		}
		if end, err := l.wait(ctx, out, me, after); end {
			return err
		}
	}
}

// wait waits until there may be something to tell, and shows meanwhile that the stream
// lives. End says that the stream is to end.
func (l *Live) wait(ctx context.Context, out *bufio.Writer, me *listener, after time.Duration) (end bool, err error) {
	var due <-chan time.Time
	if after > 0 {
		timer := time.NewTimer(after)
		defer timer.Stop()
		due = timer.C
	}
	alive := time.NewTicker(beat)
	defer alive.Stop()
	for {
		select {
		case <-l.ended:
			return true, nil
		case <-ctx.Done():
			return true, nil
		case <-me.gone:
			if l.tooMany(me) {
				fmt.Fprint(out, "event: full\ndata:\n\n")
				out.Flush() // whoever is there is not to come again at once
			}
			return true, nil
		case <-me.wake:
			return false, nil
		case <-due:
			return false, nil
		case <-alive.C:
			fmt.Fprint(out, ":\n\n")
			if out.Flush() != nil {
				return true, errGone
			}
		}
	}
}

func (l *Live) tooMany(s *listener) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return s.full
}

// SeenFrom is where a page that listens stands: what it was told last, if it comes again,
// else what its address says.
func SeenFrom(c *fiber.Ctx, name string) (base, told int64) {
	base, _ = strconv.ParseInt(c.Query(name), 10, 64)
	if told, err := strconv.ParseInt(c.Get("Last-Event-ID"), 10, 64); err == nil && told > base {
		return base, told
	}
	return base, base
}
