package escalation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/clock"
)

// SilenceRule names the rules about customers who do not answer, in the ledger.
const SilenceRule = "silence"

// What the rules about silence, and the customer, make happen.
const (
	EventReminded EventKind = "reminded" // the customer, that we wait for them
	EventSilenced EventKind = "silenced" // → solved, because nothing was heard
	EventLapsed   EventKind = "lapsed"   // → closed, because nothing was heard
	EventKept     EventKind = "kept"     // the customer needs more time
	EventZoned    EventKind = "zoned"    // the customer's clocks show another time
)

// Silence says after how many days of a customer's silence something happens. They are
// days on which the desk works, and are counted from when our last word arrived.
type Silence struct {
	First  int `json:"first"`  // reminder
	Last   int `json:"last"`   // reminder, which says when the ticket is closed
	Solve  int `json:"solve"`  // a question without an answer counts as solved
	Close  int `json:"close"`  // closed
	Reopen int `json:"reopen"` // any reply reopens it until then
}

// ShippedSilence is what counts while no lead says otherwise.
var ShippedSilence = Silence{First: 2, Last: 4, Solve: 7, Close: 14, Reopen: 28}

// MaxSilence is how many days any of them may be.
const MaxSilence = 60

// SilenceDays returns after how many days of silence something happens.
func (d *Desk) SilenceDays() Silence {
	if d.Silence == (Silence{}) {
		return ShippedSilence
	}
	return d.Silence
}

// clean returns the days as they are kept. Each comes after the one before.
func (s Silence) clean() (Silence, error) {
	if s == (Silence{}) {
		return s, nil
	}
	before := 0
	for _, n := range []struct {
		field string
		days  int
	}{{"first", s.First}, {"last", s.Last}, {"solve", s.Solve}, {"close", s.Close}, {"reopen", s.Reopen}} {
		if n.days <= before || n.days > MaxSilence {
			return s, invalid("silence."+n.field, "error.silence_days", map[string]any{"Min": before + 1, "Max": MaxSilence})
		}
		before = n.days
	}
	return s, nil
}

// An Inbox is what is known of the mail that comes to us.
type Inbox struct {
	Since    time.Time // since when all of it arrives; zero: none does
	Unplaced bool      // a message that nobody has placed yet may be of the ticket
}

// A SilenceCommand is what the rules about silence go by.
type SilenceCommand struct {
	Desk    *Desk      // at the ticket's version
	Letters []Delivery // of the ticket
	Joined  []Ticket   // its [Ticket.Joining]
	Inbox   Inbox
}

// A SilenceStep is what a customer's silence leads to. The catalog has them as
// "silence.step.<step>".
type SilenceStep string

// The steps, in their order.
const (
	Remind SilenceStep = "remind"
	Warn   SilenceStep = "warn"   // with the date of the end
	Settle SilenceStep = "settle" // it counts as solved
	Lapse  SilenceStep = "lapse"  // it is closed
)

// An Obstacle is why nothing happens by itself. The catalog has them as
// "silence.not.<obstacle>".
type Obstacle string

// The obstacles.
const (
	NoInbox     Obstacle = "no_inbox"    // an answer by mail would not arrive
	Unplaced    Obstacle = "unplaced"    // a message may be of this ticket
	TheirWord   Obstacle = "their_word"  // the last word is the customer's
	NoAddress   Obstacle = "no_address"  // nobody can be warned
	Undelivered Obstacle = "undelivered" // our word did not reach them
	Unwarned    Obstacle = "unwarned"    // nor did a reminder
	OnItsWay    Obstacle = "on_its_way"  // a letter is not out yet
	OpenOffer   Obstacle = "offer"
	OpenConsult Obstacle = "consult"
	OpenAlarm   Obstacle = "alarm"
	OpenProblem Obstacle = "problem"     // a known one, that is not solved
	OpenTask    Obstacle = "task"        // another team still does something for it
	OpenJoined  Obstacle = "joined"      // a ticket that goes on in it has something of that
	NewAddress  Obstacle = "new_address" // one waits to be confirmed
	InDoubt     Obstacle = "doubt"
	GoesOn      Obstacle = "merged"
	NoWorkday   Obstacle = "no_workday" // the calendar has not so many
)

// A SilencePlan is what a customer's silence leads to next, and when; or why not.
type SilencePlan struct {
	Step    SilenceStep
	At      time.Time // not before that; zero: it never comes
	Against []Obstacle
	Since   time.Time // from when the days are counted
	Held    time.Time // until when the customer needs, if they said so
	Zone    *time.Location
	Closes  time.Time // when it is closed if nobody does anything: as was said, or as is to be expected

	proof []Proof
}

// Look returns when the rules want to look again.
func (p *SilencePlan) Look(now time.Time) time.Time {
	if soon := now.Add(15 * time.Minute); len(p.Against) > 0 || p.At.Before(soon) && now.After(p.At) {
		return soon // it may have gone by then
	}
	return p.At
}

// A Quiet is a ticket that waits for its customer, with its letters and those that go on
// in it.
type Quiet struct {
	Ticket  Ticket
	Letters []Delivery
	Joined  []Ticket
}

// A Proof is that a warning reached a customer.
type Proof struct {
	Letter string    `json:"letter"` // id
	At     time.Time `json:"at"`     // when a mail server took it
}

// Hours of the customer's day: when letters are written, those that are late within
// which hours, and when something ends.
const (
	writeHour  = 10
	dayBegins  = 8
	dayEnds    = 20
	endingHour = 18
)

// Silent says whether the ticket waits for its customer alone.
func (t *Ticket) Silent() bool {
	return t.Parent == nil && (t.State == WaitCustomer || t.State == Solved) && t.Erased.IsZero()
}

// OnTrial says whether the ticket waits to hear if its solution is one.
func (t *Ticket) OnTrial() bool { return t.State == Solved && !t.Unanswered }

// Location is the customer's time zone; while nobody knows it, that of the desk's
// calendar.
func (t *Ticket) Location(d *Desk) *time.Location {
	if l, ok := clock.Zone(t.Zone); ok {
		return l
	}
	_, calendar := d.Promise(t.RequestType)
	return calendar.Location()
}

// A fuse is a customer's silence as the ledger has it.
type fuse struct {
	since  time.Time
	words  []string // ids of what we said and they did not answer
	warned []Entry  // reminders since, oldest first
	theirs bool     // the last word is the customer's
	ended  time.Time
}

// fuse reads a ticket's silence. What was before a moment does not count: mail did not
// arrive then.
func (t *Ticket) fuse(heard time.Time) fuse {
	var f fuse
	said := false // a word of ours, or of theirs, from which the days are counted
	begin := func(at time.Time) {
		if !said {
			said, f.since = true, at
		}
	}
	for _, e := range slices.Backward(t.Entries) {
		if o := e.Spoken(); o != nil && o.Kind == Public && !t.wentBack(&e) {
			// What of ours was taken here was said elsewhere, and is nothing to answer here.
			begin(e.At)
			if f.theirs = o.By.Kind == ByRequester && len(f.words) == 0; f.theirs {
				break
			}
		}
		if e.Kind == Public {
			f.theirs = e.By.Kind == ByRequester && len(f.words) == 0
			begin(e.At)
			if e.By.Kind == ByRequester {
				break
			}
			f.words = append(f.words, e.ID)
		}
		if e.Event == nil {
			continue
		}
		if k := e.Event.Kind; len(f.words) > 0 && (k == EventGiven || k == EventGivenBack || k == EventCorrected) {
			break // what we said before did not go to the address that is theirs now
		}
		switch e.Event.Kind {
		case EventKept:
			begin(later(e.At, e.Event.Until))
		case EventUnmerged, EventCleared, EventParted, EventGiven, EventGivenBack, EventCarried, EventReturned, EventTakenBack:
			begin(e.At)
		case EventReminded:
			if !said && !e.At.Before(heard) {
				f.warned = append(f.warned, e)
			}
		case EventSilenced:
			if !said {
				f.ended = e.At
			}
		}
	}
	f.since = later(later(f.since, t.Held), heard)
	slices.Reverse(f.warned)
	return f
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// delivered returns the letter about an entry, to the address that is the requester's
// now.
func (c *SilenceCommand) delivered(t *Ticket, entry string) (Delivery, bool) {
	for _, d := range slices.Backward(c.Letters) {
		if d.Args.Entry == entry && d.Kind.toRequester() && strings.EqualFold(d.To, t.Requester.Email) {
			return d, d.State == LetterSent
		}
	}
	return Delivery{}, false
}

// toRequester says whether a letter says what the entry that it is about says.
func (k LetterKind) toRequester() bool {
	return k == ReplyLetter || k == SolvedLetter || k == ReminderLetter || k == WarningLetter
}

// Silence returns what the customer's silence leads to. It says false when the ticket
// waits for something else.
func (t *Ticket) Silence(c SilenceCommand, now time.Time) (SilencePlan, bool) {
	if !t.Silent() {
		return SilencePlan{}, false
	}
	days := c.Desk.SilenceDays()
	_, calendar := c.Desk.Promise(t.RequestType)
	f := t.fuse(c.Inbox.Since)
	for _, id := range f.words { // nobody is silent about what did not arrive yet
		if letter, ok := c.delivered(t, id); ok {
			f.since = later(f.since, letter.Settled)
		}
	}
	p := SilencePlan{Since: f.since, Zone: t.Location(c.Desk), Held: t.Held, Against: t.obstacles(c, f)}
	// day is a moment of the n-th workday after another one; zero when it never comes.
	day := func(from time.Time, n, hour int) time.Time {
		d, ok := calendar.After(clock.DateOf(from.In(p.Zone)), n)
		if from.IsZero() || !ok {
			return time.Time{}
		}
		return d.At(hour, p.Zone)
	}
	date := func(at time.Time) clock.Date { return clock.DateOf(at.In(p.Zone)) }
	// closing is when it ends if the last warning is written at a moment.
	closing := func(at time.Time) time.Time {
		at = later(at, now)
		return later(day(f.since, days.Close, endingHour), day(at, days.Close-days.Last, endingHour))
	}
	write := func(step SilenceStep, at time.Time) {
		p.Step, p.At = step, daytime(calendar, p.Zone, at, now)
	}
	f.warned = slices.DeleteFunc(f.warned, func(e Entry) bool {
		letter, _ := c.delivered(t, e.ID)
		return letter.State == LetterReplaced // taken back with words that were taken back
	})
	first, last := f.warnings()
	var was [2]time.Time // when they arrived; while that is not known, when they were written
	for i, e := range []*Entry{first, last} {
		if e == nil {
			continue
		}
		was[i] = e.At
		switch letter, ok := c.delivered(t, e.ID); {
		case ok:
			was[i] = later(e.At, letter.Settled)
			p.proof = append(p.proof, Proof{letter.ID, letter.Settled})
		case letter.State == LetterWaiting:
			p.against(OnItsWay)
		default:
			p.against(Unwarned)
		}
	}
	switch {
	case first == nil:
		write(Remind, day(f.since, days.First, writeHour))
		p.Closes = closing(later(day(f.since, days.Last, writeHour), day(p.At, days.Last-days.First, writeHour)))
	case last == nil:
		write(Warn, later(day(f.since, days.Last, writeHour), day(was[0], days.Last-days.First, writeHour)))
		p.Closes = closing(p.At)
	case date(was[0]) == date(was[1]) || day(was[1], 1, endingHour).After(last.Event.Until):
		// One of them came too late to be a warning.
		write(Warn, day(was[1], 1, writeHour))
		p.Closes = closing(p.At)
	case t.State == WaitCustomer:
		p.Step, p.At = Settle, later(day(f.since, days.Solve, endingHour), day(was[1], days.Solve-days.Last, endingHour))
		p.Closes = later(last.Event.Until, day(later(p.At, now), days.Close-days.Solve, endingHour))
	default:
		p.Step, p.At = Lapse, last.Event.Until
		if !f.ended.IsZero() {
			p.At = later(p.At, day(f.ended, days.Close-days.Solve, endingHour))
		}
		p.Closes = p.At
	}
	if p.Step == Settle || p.Step == Lapse {
		// What was said for a day that is long over, as something was against it then, is
		// said anew. A program that is off by night has one more day of work.
		if over := day(later(p.At, last.Event.Until), 1, endingHour); now.After(over) {
			write(Warn, over)
			p.Closes = closing(p.At)
		}
	}
	if p.At.IsZero() || p.Closes.IsZero() {
		p.against(NoWorkday)
	}
	return p, true
}

func (p *SilencePlan) against(o Obstacle) {
	if !slices.Contains(p.Against, o) {
		p.Against = append(p.Against, o)
	}
}

// warnings returns the first reminder, and the last one that said when it ends.
func (f *fuse) warnings() (first, last *Entry) {
	for i := range f.warned {
		e := &f.warned[i]
		if first == nil {
			first = e
		}
		if !e.Event.Until.IsZero() {
			last = e
		}
	}
	if first == last {
		return first, nil // what came before it was in another silence
	}
	return first, last
}

// daytime is when a letter is written that is due at a moment: if that is past, soon,
// but on a workday and not by night.
func daytime(c *clock.Calendar, zone *time.Location, at, now time.Time) time.Time {
	if at.IsZero() || !at.Before(now) {
		return at
	}
	local := now.In(zone)
	d := clock.DateOf(local)
	switch {
	case !c.Workday(d) || local.Hour() >= dayEnds:
		next, ok := c.After(d, 1)
		if !ok {
			return time.Time{}
		}
		return next.At(writeHour, zone)
	case local.Hour() < dayBegins:
		return d.At(writeHour, zone)
	}
	return at
}

// obstacles are what keeps a silence from leading anywhere, whatever its step.
func (t *Ticket) obstacles(c SilenceCommand, f fuse) []Obstacle {
	var list []Obstacle
	add := func(is bool, o Obstacle) {
		if is && !slices.Contains(list, o) {
			list = append(list, o)
		}
	}
	add(c.Inbox.Since.IsZero(), NoInbox)
	add(c.Inbox.Unplaced, Unplaced)
	add(f.theirs, TheirWord)
	add(t.Requester.Email == "", NoAddress)
	for _, id := range f.words {
		letter, ok := c.delivered(t, id)
		add(!ok && letter.State == LetterWaiting, OnItsWay)
		add(!ok && letter.State != LetterWaiting && t.Requester.Email != "", Undelivered)
	}
	add(t.Pending() != nil, OpenOffer)
	add(len(t.OpenConsults()) > 0, OpenConsult)
	add(t.Alarm() != nil || t.Frozen, OpenAlarm)
	add(t.Problem != nil && !t.Problem.Solved, OpenProblem)
	add(len(t.OpenTasks()) > 0, OpenTask)
	add(t.Correction != nil, NewAddress)
	add(t.Into != nil, GoesOn)
	add(t.Doubt == Spam || t.Doubt == Suspected, InDoubt)
	for i := range c.Joined {
		add(c.Joined[i].unfinished(), OpenJoined)
	}
	return list
}

// unfinished says whether something is open of a ticket that goes on in another one, but
// for its alarm, which rests: what is to be done is decided there.
func (t *Ticket) unfinished() bool {
	return t.Erased.IsZero() && (t.Pending() != nil || len(t.OpenConsults()) > 0 || t.Problem != nil && !t.Problem.Solved || len(t.OpenTasks()) > 0)
}

// Hush does what the customer's silence leads to, if it is time and nothing speaks
// against it. Otherwise the change is empty.
func (t *Ticket) Hush(c SilenceCommand, ids func() string, now time.Time) (Change, error) {
	now = stamp(now)
	p, ok := t.Silence(c, now)
	if !ok || len(p.Against) > 0 || now.Before(p.At) {
		return Change{Ticket: *t}, nil
	}
	d := t.draft(System{Rule: SilenceRule}, ids, now)
	l, a := Letter{Replaces: SilenceLetters}, LetterArgs{Path: t.keepPath(), Nonce: t.keepNonce(), Zone: p.Zone.String()}
	switch p.Step {
	case Remind:
		d.happened(Event{Kind: EventReminded})
		l.Kind, a.Text, a.Solved = ReminderLetter, asText("", t.Questions), t.OnTrial()
	case Warn:
		a.Until = p.Closes
		d.happened(Event{Kind: EventReminded, Until: a.Until})
		l.Kind, a.Text, a.Solved = WarningLetter, asText("", t.Questions), t.OnTrial()
	case Settle:
		d.happened(Event{Kind: EventSilenced})
		return d.change()
	case Lapse:
		days := c.Desk.SilenceDays()
		_, calendar := c.Desk.Promise(t.RequestType)
		a.Until = now.AddDate(0, 0, ReopenDays)
		if date, ok := calendar.After(clock.DateOf(now.In(p.Zone)), days.Reopen-days.Close); ok {
			a.Until = later(a.Until, date.At(24, p.Zone).Add(-time.Millisecond))
		}
		d.happened(Event{Kind: EventLapsed, Until: a.Until, Proof: p.proof})
		l.Kind = LapsedLetter
	}
	d.letter(l, a)
	return d.change()
}

// SilenceLetters is the word by which the letters about a silence replace one another,
// and are taken back when the customer says something.
const SilenceLetters = "silence"

// HoldDays are the days that customers may ask for at once.
const HoldDays = 30

// ReopenedByKeeping is why a ticket was reopened whose customer wants it to be kept open.
const ReopenedByKeeping = "kept"

// A KeepCommand keeps a ticket open for a customer who needs more time.
type KeepCommand struct {
	Until string // a date as in a calendar, 2006-01-02; empty: they do not say
	Key   string
	Desk  *Desk // at the ticket's version
}

// Keep is what the customer says who cannot answer yet. The days of their silence are
// counted anew, from the date that they name. A closed ticket is reopened by it.
func (t *Ticket) Keep(c KeepCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Close); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	now = stamp(now)
	ev := Event{Kind: EventKept}
	if t.Held.After(now) {
		ev.Until = t.Held // a click takes no time away
	}
	if date := strings.TrimSpace(c.Until); date != "" {
		var d clock.Date
		if err := d.UnmarshalText([]byte(date)); err != nil {
			return Change{}, invalid("until", "error.keep_date", map[string]any{"Max": HoldDays})
		}
		zone := t.Location(c.Desk)
		ev.Until = d.At(endingHour, zone)
		if today := clock.DateOf(now.In(zone)); d <= today || d > today+HoldDays {
			return Change{}, invalid("until", "error.keep_date", map[string]any{"Max": HoldDays})
		}
	}
	key, err := sameForm(c.Key)
	if err != nil {
		return Change{}, err
	}
	switch {
	case t.State == Closed:
		if err := t.reopenable(now); err != nil {
			return Change{}, err
		}
		ev = Event{Kind: EventReopened, Reason: ReopenedByKeeping}
	case !t.Silent():
		return Change{}, conflict("error.keep_ours", nil)
	}
	d := t.draft(by, ids, now)
	d.add(Entry{Kind: Happened, Event: &ev, Key: key})
	return d.change()
}

// keepNonce is what the code of the link is made of that keeps a ticket open.
func (t *Ticket) keepNonce() string {
	return fmt.Sprintf("keep %s %d %s", t.ID, t.LinkGeneration, t.Requester.Email)
}

func (t *Ticket) keepPath() string { return "/tickets/" + t.Number + "/keep/" }

// Keeps says whether a code is that of the link that keeps the ticket open, as the
// ticket is now. It stands in letters alone.
func (t *Ticket) Keeps(key []byte, code string) bool {
	return t.Requester.Email != "" && equal(code, Code(key, t.keepNonce()))
}

// Reopens returns until when a closed ticket can be reopened; zero when it is not
// closed.
func (t *Ticket) Reopens() time.Time {
	if t.State != Closed {
		return time.Time{}
	}
	for _, e := range slices.Backward(t.Entries) {
		if e.Event != nil && (e.Event.Kind == EventConfirmed || e.Event.Kind == EventLapsed) {
			return later(e.At.Add(ReopenDays*24*time.Hour), e.Event.Until)
		}
	}
	return t.Updated
}

// zoned notes the zone of the customer's clocks, if it is one and another than before.
func (d *draft) zoned(zone string) {
	if _, ok := clock.Zone(zone); ok && zone != d.t.Zone {
		d.happened(Event{Kind: EventZoned, Zone: zone})
	}
}

// silenceHappened applies what the rules here make happen.
func (t *Ticket) silenceHappened(e Entry) {
	switch ev := e.Event; ev.Kind {
	case EventSilenced:
		t.State, t.Unanswered, t.Held = Solved, true, time.Time{}
	case EventLapsed:
		t.rest(Closed, e)
	case EventKept:
		t.Held = ev.Until
		if t.Unanswered {
			t.State, t.Unanswered = WaitCustomer, false
		}
		if t.State == WaitCustomer {
			t.Until = cmp.Or(ev.Until, t.Until)
		}
	case EventZoned:
		t.Zone = ev.Zone
	}
}
