package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	// beat is how often a stream shows that it lives, and how often it is asked who may
	// still listen.
	beat = 10 * time.Second
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
	// Sessions returns those of the sessions with these hashes that have not ended.
	Sessions(ctx context.Context, hashes []string) ([]staff.Session, error)
	// People returns who works here.
	People(ctx context.Context) ([]staff.Person, error)
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
	checked time.Time // when it was asked who may still listen
	ended   chan struct{}
	end     sync.Once
}

// NewLive returns a Live over a store.
func NewLive(s LiveStore, changed Changed, now func() time.Time, log *slog.Logger) *Live {
	return &Live{store: s, changed: changed, now: now, log: log, of: map[string][]*listener{}, ended: make(chan struct{})}
}

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

// join adds a listener. Nobody is refused for having too many: a browser that went on to
// other pages is not noticed at once, so the oldest stream of theirs ends.
func (l *Live) join(s Stream) (*listener, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := &l.staff
	if s.Guest {
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
	if s.Guest {
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

// take returns what a listener was not told yet, and who is at its ticket.
func (l *Live) take(s *listener) (touched bool, present []escalation.Presence) {
	l.mu.Lock()
	defer l.mu.Unlock()
	touched, s.touched = s.touched, false
	return touched, l.present[s.Number]
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
		err := l.round(ctx, anew)
		anew = err != nil // what was missed is not known
		if err != nil && !failed && ctx.Err() == nil {
			l.log.Warn("what changed was not read", "error", err)
		}
		failed = err != nil
	}
}

func (l *Live) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.of) == 0
}

// round passes on what changed.
func (l *Live) round(ctx context.Context, anew bool) error {
	numbers, all, err := l.changed(ctx, anew)
	if err != nil {
		return err
	}
	if all || len(numbers) > 0 {
		l.each(func(s *listener) {
			if all || s.Number == "" || slices.Contains(numbers, s.Number) {
				s.touched = true
				s.rouse()
			}
		})
	}
	now := l.now()
	return errors.Join(l.lookAround(ctx, now), l.check(ctx, now))
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

// lookAround keeps who has which ticket open, and passes on who is there.
func (l *Live) lookAround(ctx context.Context, now time.Time) error {
	readers, due := 0, []*listener{}
	l.each(func(s *listener) {
		if s.Reader == nil {
			return
		}
		readers++
		if gone := now.Sub(s.kept); gone < 0 || gone >= keepAfter {
			due = append(due, s)
		}
	})
	var list []escalation.Presence
	if len(due) > 0 {
		seen := map[escalation.Presence]bool{}
		for _, s := range due {
			if !seen[*s.Reader] {
				seen[*s.Reader] = true
				list = append(list, *s.Reader)
			}
		}
		if err := l.store.KeepPresent(ctx, list, now); err != nil {
			return err
		}
		l.each(func(s *listener) {
			if slices.Contains(due, s) {
				s.kept = now
			}
		})
		list = nil
	}
	if readers > 0 {
		var err error
		if list, err = l.store.Present(ctx, now); err != nil {
			return err
		}
	}
	present := map[string][]escalation.Presence{}
	for _, p := range list {
		present[p.Number] = append(present[p.Number], p)
	}
	l.mu.Lock()
	was := l.present
	l.present = present
	l.mu.Unlock()
	l.each(func(s *listener) { // who wakes reads what is new
		if s.Reader != nil && !slices.Equal(was[s.Number], present[s.Number]) {
			s.rouse()
		}
	})
	return nil
}

// check ends the streams of those who may not listen any more.
func (l *Live) check(ctx context.Context, now time.Time) error {
	if gone := now.Sub(l.checked); gone >= 0 && gone < beat {
		return nil
	}
	hashes := map[string]bool{}
	l.each(func(s *listener) { hashes[s.Session] = true })
	var list []string
	for h := range hashes {
		list = append(list, h)
	}
	sessions, err := l.store.Sessions(ctx, list)
	if err != nil {
		return err
	}
	people, err := l.store.People(ctx)
	if err != nil {
		return err
	}
	alive, reads := map[string]bool{}, map[string]bool{}
	for _, s := range sessions {
		i := slices.IndexFunc(people, func(p staff.Person) bool { return p.ID == s.Person })
		alive[s.Hash] = s.Person == "" || i >= 0 && s.Valid(people[i], now)
		reads[s.Hash] = i >= 0 && alive[s.Hash] && people[i].May(escalation.Read, nil)
	}
	var gone []*listener
	l.each(func(s *listener) {
		if may := reads[s.Session] || s.Guest && alive[s.Session]; hashes[s.Session] && !may {
			gone = append(gone, s)
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
	Who     string               // whose it is: nobody has too many
	Session string               // hash of the reader's session: it ends with it
	Guest   bool                 // a customer
	Number  string               // of the ticket; empty: all of them
	Reader  *escalation.Presence // of the staff, who reads it; nil: nobody learns of it

	// Next returns what there is to tell, first when the stream begins, then when something
	// changed. It asks each time whether the reader may still know; may is false when they
	// may not, and the stream ends. After is when it wants to be asked again; 0 for when
	// something changes.
	Next func(ctx context.Context, touched bool, present []escalation.Presence) (tell []News, after time.Duration, may bool, err error)
}

// News are one thing to tell a page.
type News struct{ ID, Name, Text string }

// Stream answers with events as they come. Next must not use the request: what it needs
// of it is copied before.
func (w *Web) Stream(c *fiber.Ctx, s Stream) error {
	if !strings.Contains(c.Get(fiber.HeaderAccept), "text/event-stream") {
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
	c.Set(fiber.HeaderContentType, "text/event-stream; charset=utf-8")
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
		if err := w.Live.follow(ctx, out, me); err != nil && ctx.Err() == nil {
			w.Log.Warn("stream ended", "request", request, "error", err)
		}
	})
	return nil
}

// follow writes what there is to tell until the stream ends.
func (l *Live) follow(ctx context.Context, out *bufio.Writer, me *listener) error {
	fmt.Fprint(out, "retry: 1000\n")
	for {
		touched, present := l.take(me)
		tell, after, may, err := me.Next(ctx, touched, present)
		if err != nil || !may {
			return err
		}
		for _, n := range tell {
			fmt.Fprintf(out, "id: %s\nevent: %s\ndata: %s\n\n", n.ID, n.Name, strings.NewReplacer("\r", " ", "\n", " ").Replace(n.Text))
		}
		if len(tell) == 0 {
			fmt.Fprint(out, ":\n\n")
		}
		if out.Flush() != nil {
			return nil // the reader is gone
		}
		if !l.wait(ctx, out, me, after) {
			return nil
		}
	}
}

// wait waits until there may be something to tell, and shows meanwhile that the stream
// lives. It is false when the stream is to end.
func (l *Live) wait(ctx context.Context, out *bufio.Writer, me *listener, after time.Duration) bool {
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
			return false
		case <-ctx.Done():
			return false
		case <-me.gone:
			if l.tooMany(me) {
				fmt.Fprint(out, "event: full\ndata:\n\n")
				out.Flush() // whoever is there is not to come again at once
			}
			return false
		case <-me.wake:
			return true
		case <-due:
			return true
		case <-alive.C:
			fmt.Fprint(out, ":\n\n")
			if out.Flush() != nil {
				return false // the reader is gone
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

// StillMe returns who has a session now, nil when it was ended or its person may not come
// in any more. It needs no request.
func (w *Web) StillMe(ctx context.Context, hash string) (*staff.Person, error) {
	row, _, found, err := w.Sessions.Rows.Session(ctx, hash)
	if err != nil || !found || row.Person == "" {
		return nil, err
	}
	p, err := w.People.Person(ctx, row.Person)
	if escalation.KindOf(err) == escalation.NotFound {
		return nil, nil
	}
	if err != nil || !row.Valid(p, w.Now()) {
		return nil, err
	}
	return &p, nil
}
