package escalation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	. "primalinea/escalation"
)

// TestSilenceModel lets people be silent, or not, at random, while letters are late or
// lost and mail fails to come in. An oracle that knows the history and nothing of the
// rules says of each closing for silence whether it was fair.
func TestSilenceModel(t *testing.T) {
	histories, closed, settled := 0, 0, 0
	for _, claim := range []struct {
		name  string
		wrong func(w *world, end *Event) string
	}{{"I-9 closed with nothing open", fair}, {"I-10 closed after two warnings", warned}} {
		t.Run(claim.name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				w := begin(rt)
				histories++
				for range even(rt, "steps", []int{40, 120}) {
					w.step()
					c, err := w.t.Hush(w.command(), w.ids, w.now)
					if err != nil {
						rt.Fatal(err)
					}
					for _, e := range c.Entries {
						switch e.Event.Kind {
						case EventLapsed:
							closed++
							if problem := claim.wrong(w, e.Event); problem != "" {
								rt.Fatalf("closed at %v: %s", w.now, problem)
							}
						case EventReminded:
							if end := e.Event.Until; !end.IsZero() && end.Before(w.now.AddDate(0, 0, 10)) {
								rt.Fatalf("warned of %v at %v", end, w.now)
							}
						case EventSilenced:
							settled++
							w.settled = w.now
							if problem := claim.wrong(w, nil); problem != "" {
								rt.Fatalf("taken as solved at %v: %s", w.now, problem)
							}
						}
					}
					if len(c.Entries) > 0 {
						sound(rt, &w.t, c)
						w.take(c)
						if again, err := w.t.Hush(w.command(), w.ids, w.now); err != nil || len(again.Entries) > 0 {
							rt.Fatalf("it acts twice: %v", err)
						}
					}
				}
			})
		})
	}
	if few := histories / 10; histories >= 100 && (closed < few || settled < few) { // of fewer histories chance decides
		t.Errorf("of %d, only %d closed, %d taken as solved", histories, closed, settled)
	}
}

// A world is one ticket, and what really happened to it.
type world struct {
	rt   *rapid.T
	ids  func() string
	now  time.Time
	t    Ticket
	sent []Delivery // as they are now

	arrives map[string]time.Time // of letters that arrive at all, when
	down    time.Time            // since when mail does not come in; zero: it does
	up      time.Time            // since when it does again
	downs   [][2]time.Time
	strange bool      // a message is not placed
	spoke   time.Time // when somebody said something last, or asked for time
	until   time.Time // and until when the customer asked for it
	other   *Ticket   // words went from there to here, or from here to there
	joined  []Ticket  // go on here, with a task that is not over
	theirs  string    // carriage by which words of theirs came last that nobody answered
	problem *Problem
	moved   bool      // who has it now, or the address, heard nothing of us yet
	settled time.Time // when it was taken as solved
	prompt  bool      // letters arrive at once
}

func begin(rt *rapid.T) *world {
	w := &world{rt: rt, ids: counter(), now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), arrives: map[string]time.Time{}}
	w.up = w.now.AddDate(0, 0, -9)
	q := question()
	q.Zone = even(rt, "zone", []string{"", "Europe/Rome", "America/Bogota", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata"})
	w.do(NewTicket(q, RequesterOf{}, w.ids, w.now))
	if even(rt, "two", []bool{true, false, false}) {
		w.join()
	}
	w.ask()
	return w
}

func (w *world) take(c Change) {
	w.t = c.Ticket
	for _, e := range c.Entries {
		if e.Kind == Public || e.Event.Kind == EventKept || e.Event.Kind == EventBrought || e.Event.Kind == EventTakenBack {
			w.stop(func(l Letter) bool { return l.Replaces == SilenceLetters })
		}
		if e.Event != nil && (e.Event.Kind == EventGiven || e.Event.Kind == EventCorrected) {
			w.stop(func(l Letter) bool { return l.To != w.t.Requester.Email })
		}
	}
	for _, l := range c.Letters {
		w.stop(func(o Letter) bool { return l.Replaces != "" && o.Replaces == l.Replaces })
		d := Delivery{Letter: l, State: LetterWaiting, Made: w.now}
		if w.prompt {
			d.State, d.Settled, w.arrives[l.ID] = LetterSent, w.now, w.now
		} else if days := even(w.rt, "delay", []int{0, 0, 0, 0, 0, 0, 0, 1, 4, 12, -1}); days >= 0 {
			w.arrives[l.ID] = w.now.Add(time.Duration(days)*20*time.Hour + time.Second)
		} else {
			d.State = LetterFailed
		}
		w.sent = append(w.sent, d)
	}
}

// stop takes letters back that are not out yet.
func (w *world) stop(which func(Letter) bool) {
	for i := range w.sent {
		if d := &w.sent[i]; d.State == LetterWaiting && which(d.Letter) {
			d.State = LetterReplaced
			delete(w.arrives, d.ID)
		}
	}
}

// do takes a change over that was not refused, and says whether it was one.
func (w *world) do(c Change, err error) bool {
	if err != nil {
		if KindOf(err) == Fault {
			w.rt.Fatal(err)
		}
		return false
	}
	if len(c.Entries) > 0 {
		w.take(c)
	}
	return len(c.Entries) > 0
}

// spoken says that they said something themselves: they need no more time.
func (w *world) spoken(did bool) {
	if did {
		w.spoke, w.until = w.now, time.Time{}
	}
}

// answered says that a word of ours came after all of theirs.
func (w *world) answered(did bool) {
	if did {
		w.spoke, w.theirs, w.moved = w.now, "", false
	}
}

func (w *world) ask() {
	q := Question{Key: fmt.Sprintf("k%d", w.t.Version), Text: "Which?", Why: "Because."}
	w.answered(w.do(w.t.Ask(AskCommand{Questions: []Question{q}, Until: w.now.AddDate(0, 0, 3)}, lead, w.ids, w.now)))
}

func (w *world) command() SilenceCommand {
	c := SilenceCommand{Desk: ShippedDesk(), Letters: w.sent, Joined: w.joined, Inbox: Inbox{Since: w.up, Unplaced: w.strange}}
	if !w.down.IsZero() {
		c.Inbox.Since = time.Time{}
	}
	return c
}

// step lets some time pass, and something happen in it, but for silence.
func (w *world) step() {
	rt := w.rt
	w.now = w.now.Add(even(rt, "hours", []time.Duration{1, 7, 13, 26, 50}) * time.Hour)
	for i := range w.sent {
		d := &w.sent[i]
		if at, ok := w.arrives[d.ID]; ok && d.State == LetterWaiting && !at.After(w.now) {
			d.State, d.Settled = LetterSent, at
		}
	}
	me := RequesterOf{w.t.ID, w.t.Requester.Name}
	if even(rt, "quiet", []bool{true, true, true, true, true, true, true, true, true, false}) {
		return
	}
	switch even(rt, "what", []string{"ask", "ask", "solve", "reply", "answer", "keep", "hold", "rate", "consult", "advise", "offer", "withdraw", "call", "acknowledge", "down", "up", "up", "strange", "placed", "placed", "propose", "drop", "spam", "clear", "bring", "bring", "take back", "split", "return", "oops", "oops", "attach", "cure", "cure", "give", "give back", "correct", "join", "task done"}) {
	case "ask":
		w.ask()
	case "solve":
		w.answered(w.do(w.t.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, lead, w.ids, w.now)))
	case "reply":
		w.spoken(w.do(w.t.RequesterReply(RequesterMessage{Message: Message{Text: "No."}, Zone: even(rt, "moved", []string{"", "Europe/Lisbon"})}, me, w.ids, w.now)))
	case "answer":
		w.answered(w.do(w.t.Reply(Message{Text: "We look."}, lead, w.ids, w.now)))
	case "keep":
		held := w.until
		if w.do(w.t.Keep(KeepCommand{Desk: ShippedDesk()}, me, w.ids, w.now)) {
			if w.spoke = w.now; held.After(w.now) {
				w.until = held
			}
		}
	case "hold":
		date := w.now.AddDate(0, 0, even(rt, "days", []int{2, 9, 28})).Format(time.DateOnly)
		if w.do(w.t.Keep(KeepCommand{Until: date, Desk: ShippedDesk()}, me, w.ids, w.now)) {
			w.spoke, w.until = w.now, w.t.Held
		}
	case "rate":
		w.spoken(w.do(w.t.Rate(RateCommand{Message: Message{Text: "Slow."}, Score: Poor}, me, w.ids, w.now)))
	case "consult":
		w.do(consult(rt, &w.t, lead, w.ids, w.now, Message{}))
	case "advise":
		w.do(unask(rt, &w.t, lead, w.ids, w.now, Message{}))
	case "offer":
		w.do(offer(rt, &w.t, lead, w.ids, w.now, Message{}))
	case "withdraw":
		w.do(w.t.Withdraw("", lead, w.ids, w.now))
	case "call":
		w.do(call(rt, &w.t, lead, w.ids, w.now, Message{}))
	case "acknowledge":
		w.do(acknowledge(rt, &w.t, lead, w.ids, w.now, Message{}))
	case "down":
		if w.down.IsZero() {
			w.down = w.now
		}
	case "up":
		if !w.down.IsZero() {
			w.downs = append(w.downs, [2]time.Time{w.down, w.now})
			w.down, w.up = time.Time{}, w.now
		}
	case "strange", "placed":
		w.strange = even(rt, "is strange", []bool{true, false, false})
	case "propose":
		w.do(w.t.ProposeAddress("new@example.com", w.ids(), lead, w.ids, w.now))
	case "drop":
		w.do(w.t.DropAddress(lead, w.ids, w.now))
	case "correct":
		w.anew(w.do(w.t.ConfirmAddress(me, w.ids, w.now)))
	case "give":
		who := even(rt, "who", []string{"luca", "sara"})
		w.anew(w.do(w.t.Give(GiveCommand{Name: who, Email: who + "@example.com", Reason: "Theirs."}, lead, w.ids, w.now)))
	case "give back":
		w.anew(w.do(w.t.GiveBack(lead, w.ids, w.now)))
	case "oops":
		if w.do(w.t.Reply(Message{Text: "We look, not."}, lead, w.ids, w.now)) {
			said := w.t.Entries[len(w.t.Entries)-1].ID
			if !w.do(w.t.Undo(w.t.Version, lead, w.ids, w.now.Add(time.Second))) {
				rt.Fatal("it is not taken back")
			}
			w.stop(func(l Letter) bool { return l.Replaces == UndoneKey+said })
		}
	case "attach":
		p, err := NewProblem(w.ids(), ProblemCommand{Title: "The network", Tell: Text{"it": "x"}}, lead, w.now)
		if err != nil {
			rt.Fatal(err)
		}
		if w.do(w.t.Attach(&p, lead, w.ids, w.now)) {
			w.problem = &p
		}
	case "cure":
		w.cure()
	case "spam":
		w.do(w.t.SetAside(lead, w.ids, w.now))
	case "clear":
		w.do(w.t.Clear(lead, w.ids, w.now))
	case "bring":
		w.bring(even(rt, "whose", []bool{true, false}))
	case "take back":
		if n := len(w.t.Brought); n > 0 && w.other != nil && w.t.Brought[n-1].Other.Ticket == w.other.ID {
			id := w.t.Brought[n-1].ID
			if w.both(w.other.Uncarry(id, &w.t, lead, w.ids, w.now))(1, 0) && w.theirs == id {
				w.theirs = ""
			}
		}
	case "join":
		w.join()
	case "task done":
		w.done()
	case "split":
		if said := some(rt, &w.t); len(said) > 0 && len(w.t.Carried) == 0 {
			w.other = nil
			w.both(w.t.Split(SplitCommand{Entries: said, Number: "VWXYZ234", Subject: "Another matter", Here: true}, lead, w.ids, w.now))(0, 1)
		}
	case "return":
		if n := len(w.t.Carried); n > 0 && w.other != nil && w.t.Carried[n-1].Other.Ticket == w.other.ID {
			w.both(w.t.Uncarry(w.t.Carried[n-1].ID, w.other, lead, w.ids, w.now))(0, 1)
		}
	}
}

// anew says that somebody else has the ticket, or another address.
func (w *world) anew(did bool) {
	if did {
		w.spoke, w.until, w.moved = w.now, time.Time{}, true
	}
}

func (w *world) cure() {
	if w.problem != nil && w.problem.Solved.IsZero() {
		w.problem.Solved = w.now
		w.do(w.t.Hear(w.problem, w.ids, w.now))
	}
}

// bring takes words here that somebody said in another ticket of the same customer.
func (w *world) bring(theirs bool) {
	other := another(w.rt, w.ids, w.now)
	c, err := other.Reply(Message{Text: "Of the other."}, lead, w.ids, w.now)
	if theirs {
		c, err = other.RequesterReply(RequesterMessage{Message: Message{Text: "Of the other."}}, RequesterOf{other.ID, other.Requester.Name}, w.ids, w.now)
	}
	if err != nil {
		w.rt.Fatal(err)
	}
	other = &c.Ticket
	e := other.Entries[len(other.Entries)-1]
	if w.both(other.Carry(CarryCommand{Entries: []string{e.ID}, Others: true}, &w.t, lead, w.ids, w.now))(1, 0) && theirs {
		w.theirs = w.t.Brought[len(w.t.Brought)-1].ID
	}
}

// join lets another ticket of the same customer go on here, for which others still do
// something.
func (w *world) join() {
	q := question()
	q.Number = "89ABCDEF"
	c, err := NewTicket(q, RequesterOf{}, w.ids, w.now)
	if err != nil {
		w.rt.Fatal(err)
	}
	list, err := c.Ticket.AddTask(job(w.now), lead, w.ids, w.now)
	if err != nil {
		w.rt.Fatal(err)
	}
	if list, err = list[0].Ticket.Merge(&w.t, lead, w.ids, w.now); w.do(second(list, err)) {
		w.joined = append(w.joined, list[0].Ticket)
	}
}

// done ends the task of the first that goes on here, if that is not over.
func (w *world) done() {
	for i := range w.joined {
		j := &w.joined[i]
		for _, k := range j.OpenTasks() {
			list, err := j.DropTask(&Ticket{ID: k.Ticket, State: Closed}, lead, w.ids, w.now)
			if err != nil {
				w.rt.Fatal(err)
			}
			*j = list[0].Ticket
			return
		}
	}
}

// both takes over what became of the ticket, and of the other one; it was said now.
func (w *world) both(list []Change, err error) func(here, there int) bool {
	return func(here, there int) bool {
		if err != nil {
			return w.do(Change{}, err)
		}
		if w.do(list[here], nil) {
			w.spoke = w.now
		}
		w.other = &list[there].Ticket
		return true
	}
}

// reached says when the letter about an entry arrived; zero: it did not yet.
func (w *world) reached(entry string) time.Time {
	for _, d := range w.sent {
		if at, ok := w.arrives[d.ID]; ok && d.Args.Entry == entry && d.To == w.t.Requester.Email && !at.After(w.now) {
			return at
		}
	}
	return time.Time{}
}

// fair is I-9: mail came in since the first warning, no message lies around, nothing is
// open, and the last public words are ours and arrived.
func fair(w *world, _ *Event) string {
	t := &w.t
	if !w.down.IsZero() || w.strange {
		return "an answer may be on its way"
	}
	var first time.Time
	for _, e := range t.Entries {
		if e.Event != nil && e.Event.Kind == EventReminded && e.At.After(w.spoke) && first.IsZero() && !e.At.Before(w.up) {
			first = e.At
		}
	}
	for _, d := range w.downs {
		if first.IsZero() || d[1].After(first) {
			return fmt.Sprintf("mail did not come in until %v, warned at %v", d[1], first)
		}
	}
	if t.Pending() != nil || t.Alarm() != nil || t.Correction != nil || t.Doubt != "" || t.Into != nil || t.Frozen || t.Problem != nil && !t.Problem.Solved {
		return "something is open"
	}
	for _, j := range w.joined {
		for _, k := range j.Tasks {
			if k.Ended.IsZero() {
				return "others still do something for what goes on here"
			}
		}
	}
	if w.theirs != "" {
		return "nobody answered what was brought here"
	}
	for _, k := range t.Consults {
		if k.State == Asked {
			return "an expert is asked"
		}
	}
	ours := false
	for i := len(t.Entries) - 1; i >= 0; i-- {
		e := t.Entries[i]
		if ours && e.Event != nil && (e.Event.Kind == EventGiven || e.Event.Kind == EventGivenBack || e.Event.Kind == EventCorrected) {
			break // what was before, was said to another address
		}
		if e.Kind != Public {
			continue
		}
		if e.By.Kind == ByRequester {
			if !ours {
				return "the last word is the customer's"
			}
			break
		}
		if ours = true; w.reached(e.ID).IsZero() {
			return "a word of ours did not arrive"
		}
	}
	return ""
}

// warned is I-10: two warnings arrived on different days since anybody said anything, the
// last says when it ends by the customer's clocks, and it is not earlier than that, nor
// than the days on which somebody works allow.
func warned(w *world, end *Event) string {
	zone := w.t.Zone
	if zone == "" {
		zone = "Europe/Rome"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return err.Error()
	}
	days := map[string]bool{}
	var last *Delivery
	for i := range w.sent {
		d := &w.sent[i]
		at, ok := w.arrives[d.ID]
		if !ok || at.After(w.now) || !d.Made.After(w.spoke) || d.Made.Before(w.up) || d.Kind != ReminderLetter && d.Kind != WarningLetter {
			continue
		}
		days[at.In(loc).Format(time.DateOnly)] = true
		if d.Kind == WarningLetter {
			last = d
		}
	}
	from := w.spoke
	if w.until.After(from) {
		from = w.until
	}
	if w.up.After(from) {
		from = w.up
	}
	for i := len(w.t.Entries) - 1; i >= 0; i-- {
		e := &w.t.Entries[i]
		if e.Kind == Public && e.By.Kind == ByRequester {
			break
		}
		if at := w.reached(e.ID); e.Kind == Public && at.After(from) {
			from = at // nobody is silent about what did not arrive yet
		}
	}
	worked := 0
	for at := from.In(loc).AddDate(0, 0, 1); at.Format(time.DateOnly) <= w.now.In(loc).Format(time.DateOnly); at = at.AddDate(0, 0, 1) {
		if d := at.Weekday(); d != time.Saturday && d != time.Sunday {
			worked++
		}
	}
	switch {
	case len(days) < 2 || last == nil:
		return fmt.Sprintf("warned on %v", days)
	case last.Args.Until.IsZero() || !strings.Contains(last.Args.Path, "/keep/") || last.Args.Zone == "":
		return fmt.Sprintf("the warning says %+v", last.Args)
	case end == nil && worked < 7, end != nil && worked < 14:
		return fmt.Sprintf("after %d days of work", worked)
	case w.now.After(last.Args.Until.AddDate(0, 0, 5)) && w.now.After(w.settled.AddDate(0, 0, 16)):
		return fmt.Sprintf("it was said to be %v, which is long over", last.Args.Until)
	case end != nil && w.now.Before(last.Args.Until):
		return fmt.Sprintf("it was said to be %v", last.Args.Until)
	case end != nil && w.arrives[last.ID].In(loc).Format(time.DateOnly) >= last.Args.Until.In(loc).Format(time.DateOnly):
		return "the warning came on the last day"
	case end != nil && len(end.Proof) != 2:
		return fmt.Sprintf("proof: %v", end.Proof)
	}
	return ""
}

// TestSilenceEnds lets a customer be silent for good, whatever happened before: once
// nothing is open, and they heard from us, their request is closed.
func TestSilenceEnds(t *testing.T) {
	alone := 0
	rapid.Check(t, func(rt *rapid.T) {
		w := begin(rt)
		hush := func() {
			c, err := w.t.Hush(w.command(), w.ids, w.now)
			if w.do(c, err); err != nil {
				rt.Fatal(err)
			}
		}
		for range even(rt, "steps", []int{10, 40}) {
			w.step()
			hush()
		}
		w.prompt, w.strange = true, false
		if !w.down.IsZero() {
			w.down, w.up = time.Time{}, w.now
		}
		for i := range w.sent {
			if d := &w.sent[i]; d.State == LetterWaiting {
				d.State, d.Settled, w.arrives[d.ID] = LetterSent, w.now, w.now
			}
		}
		w.cure()
		for range w.joined {
			w.done()
		}
		w.do(w.t.Clear(lead, w.ids, w.now))
		w.do(w.t.DropAddress(lead, w.ids, w.now))
		w.do(w.t.Withdraw("", lead, w.ids, w.now))
		for range w.t.OpenConsults() {
			w.do(unask(rt, &w.t, lead, w.ids, w.now, Message{}))
		}
		w.do(acknowledge(rt, &w.t, lead, w.ids, w.now, Message{}))
		if w.t.State == Closed || w.t.Doubt != "" || w.t.Alarm() != nil || w.t.Pending() != nil || len(w.t.OpenConsults()) > 0 {
			return
		}
		var theirs time.Time
		ours := false // the last word is
		for _, e := range w.t.Entries {
			if e.Kind == Public {
				if ours = e.By.Kind == ByStaff; !ours {
					theirs = e.At
				}
			}
		}
		lost := false
		for _, d := range w.sent {
			lost = lost || d.State == LetterFailed && !d.Made.Before(theirs)
		}
		if lost {
			w.spoken(w.do(w.t.RequesterReply(RequesterMessage{Message: Message{Text: "Yes?"}}, RequesterOf{w.t.ID, w.t.Requester.Name}, w.ids, w.now)))
		}
		if lost || !ours || w.theirs != "" || w.moved || !w.t.Silent() {
			w.now = w.now.Add(time.Hour)
			if w.t.Silent() {
				w.answered(w.do(w.t.Reply(Message{Text: "We wait."}, lead, w.ids, w.now)))
			} else {
				w.answered(w.do(w.t.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, lead, w.ids, w.now)))
			}
		} else {
			alone++
		}
		for range 24 * 100 / 7 {
			w.now = w.now.Add(7 * time.Hour)
			if hush(); w.t.State == Closed {
				return
			}
		}
		p, ok := w.t.Silence(w.command(), w.now)
		rt.Fatalf("%s after 100 days: %v, %+v", w.t.State, ok, p)
	})
	if alone < 10 {
		t.Errorf("only %d ended without a word", alone)
	}
}
