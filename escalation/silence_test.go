package escalation_test

import (
	"slices"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/clock"
)

// A quiet is a ticket whose letters a mail server takes at once, and which the rules
// about silence look at.
type quiet struct {
	*desk
	inbox  Inbox
	sent   []Delivery
	set    *Desk
	joined []Ticket
}

// quietly returns one whose customer was asked something.
func quietly(tb testing.TB, zone string) *quiet {
	tb.Helper()
	d := &desk{TB: tb, now: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), ids: counter()} // a Monday
	d.did(NewTicket(question(), RequesterOf{}, d.ids, d.now))
	d.did(d.Take("", anna, d.ids, d.now))
	q := &quiet{desk: d, inbox: Inbox{Since: d.now.AddDate(0, 0, -1)}, set: ShippedDesk()}
	if zone != "" {
		q.do(q.RequesterReply(RequesterMessage{Message: Message{Text: "And now?"}, Zone: zone}, q.me(), q.ids, q.now))
	}
	q.do(q.Ask(AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
	return q
}

func (q *quiet) do(c Change, err error) {
	q.Helper()
	at := q.now
	q.did(c, err)
	for _, l := range c.Letters {
		q.sent = append(q.sent, Delivery{Letter: l, State: LetterSent, Made: at, Settled: at})
	}
}

func (q *quiet) command() SilenceCommand {
	return SilenceCommand{Desk: q.set, Letters: q.sent, Joined: q.joined, Inbox: q.inbox}
}

func (q *quiet) plan() SilencePlan {
	p, ok := q.Silence(q.command(), q.now)
	if !ok {
		q.Fatalf("%s waits for something else", q.State)
	}
	return p
}

// at lets the rules look at a moment in Rome, and returns what happened.
func (q *quiet) at(when string) EventKind {
	q.Helper()
	loc, _ := clock.Zone("Europe/Rome")
	at, err := time.ParseInLocation("2006-01-02 15:04", when, loc)
	if err != nil {
		q.Fatal(err)
	}
	q.now = at
	c, err := q.Hush(q.command(), q.ids, q.now)
	if err == nil && len(c.Entries) == 0 {
		return ""
	}
	q.do(c, err)
	return c.Entries[0].Event.Kind
}

// TestSilence walks through a silence: it is counted in days on which the desk works,
// and by the customer's clocks.
func TestSilence(t *testing.T) {
	q := quietly(t, "")
	for _, step := range []struct {
		at   string
		want EventKind
	}{
		{"2026-03-03 23:59", ""},
		{"2026-03-04 09:59", ""},
		{"2026-03-04 10:00", EventReminded},
		{"2026-03-04 10:01", ""},
		{"2026-03-06 09:59", ""},
		{"2026-03-06 10:00", EventReminded},
		{"2026-03-08 12:00", ""},
		{"2026-03-11 17:59", ""},
		{"2026-03-11 18:00", EventSilenced},
		{"2026-03-20 17:59", ""},
		{"2026-03-20 18:00", EventLapsed},
		{"2026-04-20 18:00", ""},
	} {
		if got := q.at(step.at); got != step.want {
			t.Fatalf("at %s: %q, want %q; %+v", step.at, got, step.want, q.State)
		}
		switch {
		case step.want == "":
		case step.at == "2026-03-06 10:00":
			l := q.letters[0]
			if l.Kind != WarningLetter || l.Args.Solved || l.Args.Zone != "Europe/Rome" || !l.Args.Until.Equal(time.Date(2026, 3, 20, 17, 0, 0, 0, time.UTC)) {
				t.Errorf("warned with %+v", l)
			}
		case step.want == EventSilenced:
			if q.State != Solved || !q.Unanswered || q.Solution != nil || q.SolvedTier != 0 || len(q.Questions) != 1 || len(q.letters) != 0 || q.Rateable() {
				t.Errorf("without an answer: %+v", q.Ticket)
			}
		}
	}
	last := q.Entries[len(q.Entries)-1].Event
	if q.State != Closed || q.Unanswered || len(last.Proof) != 2 || q.letters[0].Kind != LapsedLetter ||
		!q.Reopens().Equal(time.Date(2026, 4, 9, 22, 0, 0, 0, time.UTC).Add(-time.Millisecond)) {
		t.Errorf("closed: %+v until %v, %+v", last, q.Reopens(), q.letters)
	}
	var lines []LineKind
	for _, l := range q.ForRequester() {
		lines = append(lines, l.Kind)
	}
	if want := []LineKind{LineOpened, LineAsked, LineReminded, LineReminded, LineSilenced, LineLapsed}; !slices.Equal(lines, want) {
		t.Errorf("the customer reads %v", lines)
	}
	q.now = q.Reopens()
	q.do(q.RequesterReply(RequesterMessage{Message: Message{Text: "I was ill."}}, q.me(), q.ids, q.now))
	if q.State != Open {
		t.Errorf("after a late reply: %s", q.State)
	}
}

// TestSilenceSolved closes what nobody confirms by the same days, without a step between;
// its letters ask for no answer but that.
func TestSilenceSolved(t *testing.T) {
	q := quietly(t, "America/Bogota")
	q.do(q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, q.ids, q.now))
	var got []string
	for at, end := q.now.Truncate(time.Hour), q.now.AddDate(0, 1, 0); at.Before(end); at = at.Add(time.Hour) {
		loc, _ := clock.Zone("Europe/Rome")
		if kind := q.at(at.In(loc).Format("2006-01-02 15:04")); kind != "" {
			zone, _ := clock.Zone(q.Zone)
			got = append(got, string(kind)+at.In(zone).Format(" Mon 15:04"))
			if l := q.letters[0]; l.Args.Solved != (kind == EventReminded) {
				t.Errorf("%s: %+v", kind, l)
			}
		}
	}
	if want := []string{"reminded Wed 10:00", "reminded Fri 10:00", "lapsed Fri 18:00"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if q.State != Closed || q.Solution == nil || !q.Rateable() {
		t.Errorf("closed as %+v", q.Ticket)
	}
}

// TestSilenceObstacles says why nothing happens, and nothing does, one reason at a time.
func TestSilenceObstacles(t *testing.T) {
	for _, test := range []struct {
		want Obstacle
		is   func(q *quiet)
	}{
		{NoInbox, func(q *quiet) { q.inbox.Since = time.Time{} }},
		{Unplaced, func(q *quiet) { q.inbox.Unplaced = true }},
		{Undelivered, func(q *quiet) { q.sent[len(q.sent)-1].State = LetterFailed }},
		{Undelivered, func(q *quiet) { q.sent[len(q.sent)-1].State = LetterHeld }},
		{Undelivered, func(q *quiet) { q.sent = nil }},
		{Undelivered, func(q *quiet) { q.sent[len(q.sent)-1].To = "other@example.com" }},
		{OnItsWay, func(q *quiet) { q.sent[len(q.sent)-1].State = LetterWaiting }},
		{TheirWord, func(q *quiet) {
			q.do(q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, q.ids, q.now))
			q.do(q.Rate(RateCommand{Message: Message{Text: "Slow."}, Score: Poor}, q.me(), q.ids, q.now))
		}},
		{OpenConsult, func(q *quiet) {
			q.do(q.Consult(ConsultCommand{Desk: q.set, Team: "tech", Tier: 2, Question: "?", By: q.now.Add(time.Hour), Candidates: []string{"bruno"}}, anna, q.ids, q.now))
		}},
		{OpenOffer, func(q *quiet) { q.do(q.Offer(q.up("tech", 2), anna, q.ids, q.now)) }},
		{OpenAlarm, func(q *quiet) { q.do(q.Call(AlarmCauses[0], anna, q.ids, q.now)) }},
		{OpenProblem, func(q *quiet) { q.do(q.Attach(&Problem{ID: "p1"}, anna, q.ids, q.now)) }},
		{OpenTask, func(q *quiet) { q.do(first(q.AddTask(job(q.now), anna, q.ids, q.now))) }},
		{NewAddress, func(q *quiet) { q.do(q.ProposeAddress("new@example.com", q.ids(), anna, q.ids, q.now)) }},
		{InDoubt, func(q *quiet) { q.do(q.SetAside(anna, q.ids, q.now)) }},
		{GoesOn, func(q *quiet) {
			c, err := NewTicket(OpenCommand{Number: "89ABCDEF", Subject: "Again", Text: "?", Email: q.Requester.Email, Lang: "it"}, RequesterOf{}, q.ids, q.now)
			if err != nil {
				q.Fatal(err)
			}
			q.did(first(q.Merge(&c.Ticket, lead, q.ids, q.now)))
		}},
	} {
		t.Run(string(test.want), func(t *testing.T) {
			q := quietly(t, "")
			test.is(q)
			if got := q.plan().Against; !slices.Equal(got, []Obstacle{test.want}) {
				t.Errorf("against it: %v", got)
			}
			if got := q.at("2026-06-01 12:00"); got != "" {
				t.Errorf("%s all the same", got)
			}
		})
	}
}

// TestSilenceJoined does nothing while something is open in a ticket that goes on in this
// one; its alarm rests, and what its customer said there is answered here.
func TestSilenceJoined(t *testing.T) {
	for name, test := range map[string]struct {
		is   func(j *desk) (Change, error)
		want bool
	}{
		"a task": {func(j *desk) (Change, error) { return first(j.AddTask(job(j.now), anna, j.ids, j.now)) }, true},
		"a consult": {func(j *desk) (Change, error) {
			return j.Consult(ConsultCommand{Desk: ShippedDesk(), Team: "tech", Tier: 2, Question: "?", By: j.now.Add(time.Hour), Candidates: []string{"bruno"}}, anna, j.ids, j.now)
		}, true},
		"an offer":  {func(j *desk) (Change, error) { return j.Offer(j.up("tech", 2), anna, j.ids, j.now) }, true},
		"a problem": {func(j *desk) (Change, error) { return j.Attach(&Problem{ID: "p1"}, anna, j.ids, j.now) }, true},
		"an alarm":  {func(j *desk) (Change, error) { return j.Call(AlarmCauses[0], anna, j.ids, j.now) }, false},
		"their word": {func(j *desk) (Change, error) {
			return j.RequesterReply(RequesterMessage{Message: Message{Text: "Well?"}}, j.me(), j.ids, j.now)
		}, false},
	} {
		t.Run(name, func(t *testing.T) {
			q := quietly(t, "")
			j := &desk{TB: t, now: q.now, ids: q.ids}
			opened := question()
			opened.Number = "89ABCDEF"
			j.did(NewTicket(opened, RequesterOf{}, j.ids, j.now))
			j.did(j.Take("", anna, j.ids, j.now))
			j.did(test.is(j))
			list, err := j.Merge(&q.Ticket, lead, q.ids, q.now)
			j.did(first(list, err))
			q.do(second(list, err))
			q.do(q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare", Tasks: LeaveTasks}, anna, q.ids, q.now))
			q.joined = []Ticket{j.Ticket}
			if got := slices.Contains(q.plan().Against, OpenJoined); got != test.want || len(q.plan().Against) > 0 != test.want {
				t.Errorf("against it: %v", q.plan().Against)
			}
			if got := q.at("2026-03-04 10:00"); (got == "") != test.want {
				t.Errorf("%q at the time of the reminder", got)
			}
			gone, err := j.Erase(true, lead, j.ids, j.now)
			if err != nil {
				t.Fatal(err)
			}
			if q.joined[0] = gone.Ticket; len(q.plan().Against) > 0 {
				t.Errorf("against it when nothing is left of that: %v", q.plan().Against)
			}
		})
	}
}

// TestSilenceAnew counts the days anew when the customer needs more, when mail did not
// come in, and leaves as much time after a late warning as after one in time.
func TestSilenceAnew(t *testing.T) {
	t.Run("one click", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		q.at("2026-03-06 10:00")
		q.at("2026-03-11 18:00")
		q.now = q.now.Add(time.Hour)
		q.do(q.Keep(KeepCommand{Desk: q.set}, q.me(), q.ids, q.now))
		if q.State != WaitCustomer || q.Unanswered || len(q.Questions) != 1 || q.Until.IsZero() {
			t.Errorf("kept open as %+v", q.Ticket)
		}
		for at, want := range map[string]EventKind{"2026-03-13 09:59": "", "2026-03-13 10:00": EventReminded} {
			if at == "2026-03-13 09:59" && q.at(at) != want {
				t.Errorf("at %s", at)
			}
		}
		if p := q.plan(); p.Step != Remind || !p.Since.Equal(q.Entries[len(q.Entries)-1].At) {
			t.Errorf("after it: %+v", p)
		}
	})
	t.Run("until a date", func(t *testing.T) {
		q := quietly(t, "Asia/Tokyo")
		for _, date := range []string{"2026-03-02", "2026-04-02", "soon", "2026-02-30"} {
			if _, err := q.Keep(KeepCommand{Until: date, Desk: q.set}, q.me(), q.ids, q.now); KindOf(err) != Invalid {
				t.Errorf("until %s: %v", date, err)
			}
		}
		q.do(q.Keep(KeepCommand{Until: "2026-04-01", Desk: q.set}, q.me(), q.ids, q.now))
		tokyo, _ := clock.Zone("Asia/Tokyo")
		if want := time.Date(2026, 4, 1, 18, 0, 0, 0, tokyo); !q.Held.Equal(want) || !q.Until.Equal(want) {
			t.Errorf("held until %v", q.Held)
		}
		if p := q.plan(); !p.At.Equal(time.Date(2026, 4, 3, 10, 0, 0, 0, tokyo)) {
			t.Errorf("then %+v", p)
		}
	})
	t.Run("until a date, whatever we say", func(t *testing.T) {
		for name, say := range map[string]func(q *quiet) (Change, error){
			"answered": func(q *quiet) (Change, error) {
				return q.Reply(Message{Text: "Take your time."}, anna, q.ids, q.now)
			},
			"asked": func(q *quiet) (Change, error) {
				return q.Ask(AskCommand{Questions: []Question{{Key: "colour", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now)
			},
			"solved": func(q *quiet) (Change, error) {
				return q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, q.ids, q.now)
			},
			"it was our turn meanwhile": func(q *quiet) (Change, error) {
				q.do(q.Resume("", anna, q.ids, q.now))
				return q.Ask(AskCommand{Questions: []Question{{Key: "colour", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now)
			},
		} {
			q := quietly(t, "")
			q.do(q.Keep(KeepCommand{Until: "2026-03-31", Desk: q.set}, q.me(), q.ids, q.now))
			held := q.Held
			q.now = q.now.Add(time.Hour)
			q.do(say(q))
			if p := q.plan(); !p.Held.Equal(held) || !p.Since.Equal(held) {
				t.Errorf("%s: %+v, though they need until %v", name, p, held)
			}
			if got := q.at("2026-04-02 09:59"); got != "" {
				t.Errorf("%s: %s before its time", name, got)
			}
			q.do(q.RequesterReply(RequesterMessage{Message: Message{Text: "I have it."}}, q.me(), q.ids, q.now))
			if !q.Held.IsZero() {
				t.Errorf("%s: held until %v after their answer", name, q.Held)
			}
		}
	})
	t.Run("mail did not come in", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		q.inbox.Since = q.now.AddDate(0, 0, 1)
		if p := q.plan(); p.Step != Remind || !p.Since.Equal(q.inbox.Since) {
			t.Errorf("%+v", p)
		}
	})
	t.Run("nobody looked", func(t *testing.T) {
		q := quietly(t, "")
		for _, step := range []struct {
			at   string
			want EventKind
		}{
			{"2026-05-03 12:00", ""}, // a Sunday
			{"2026-05-04 07:59", ""},
			{"2026-05-04 20:00", ""},
			{"2026-05-05 08:00", EventReminded},
			{"2026-05-06 12:00", ""},
			{"2026-05-07 12:00", EventReminded},
			{"2026-05-12 17:59", ""},
			{"2026-05-12 18:00", EventSilenced},
			{"2026-05-21 17:59", ""},
			{"2026-05-21 18:00", EventLapsed},
		} {
			if got := q.at(step.at); got != step.want {
				t.Fatalf("at %s: %q, want %q", step.at, got, step.want)
			}
		}
	})
	for name, say := range map[string]func(q *quiet){
		"a question that came late": func(q *quiet) {},
		"a solution that came late": func(q *quiet) {
			q.do(q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, q.ids, q.now))
		},
	} {
		t.Run(name, func(t *testing.T) {
			q := quietly(t, "")
			say(q)
			last := &q.sent[len(q.sent)-1]
			last.State, last.Settled = LetterWaiting, time.Time{}
			if got := q.at("2026-03-12 12:00"); got != "" || !slices.Contains(q.plan().Against, OnItsWay) {
				t.Errorf("%s while it was on its way, against it: %v", got, q.plan().Against)
			}
			last.State, last.Settled = LetterSent, q.now // a Thursday
			for _, step := range []struct {
				at   string
				want EventKind
			}{
				{"2026-03-12 12:01", ""},
				{"2026-03-16 09:59", ""},
				{"2026-03-16 10:00", EventReminded},
				{"2026-03-18 09:59", ""},
				{"2026-03-18 10:00", EventReminded},
			} {
				if got := q.at(step.at); got != step.want {
					t.Errorf("at %s: %q, want %q", step.at, got, step.want)
				}
			}
		})
	}
	t.Run("a warning that came late", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		q.at("2026-03-06 10:00")
		q.sent[len(q.sent)-1].Settled = time.Date(2026, 3, 20, 8, 0, 0, 0, time.UTC)
		if got := q.at("2026-03-20 18:00"); got != "" {
			t.Errorf("%s on the day of the warning", got)
		}
		if got := q.at("2026-03-23 10:00"); got != EventReminded || !q.letters[0].Args.Until.After(q.now.AddDate(0, 0, 13)) {
			t.Errorf("%s, %+v", got, q.letters)
		}
	})
	t.Run("a warning that did not come", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		q.sent[len(q.sent)-1].State = LetterFailed
		if got := q.at("2026-03-06 10:00"); got != "" || !slices.Contains(q.plan().Against, Unwarned) {
			t.Errorf("%s, against it: %v", got, q.plan().Against)
		}
	})
	t.Run("a warning whose day is over", func(t *testing.T) {
		for name, state := range map[string]State{"asked": WaitCustomer, "solved": Solved} {
			q := quietly(t, "")
			if state == Solved {
				q.do(q.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "rare"}, anna, q.ids, q.now))
			}
			q.at("2026-03-04 10:00")
			q.at("2026-03-06 10:00")
			p, err := NewProblem("p1", ProblemCommand{Title: "The network", Tell: Text{"it": "x"}}, anna, q.now)
			if err != nil {
				t.Fatal(err)
			}
			q.do(q.Attach(&p, anna, q.ids, q.now))
			if got := q.at("2026-03-20 18:00"); got != "" {
				t.Fatalf("%s: %s with a known problem", name, got)
			}
			q.now = time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC) // a Wednesday
			p.Solved = q.now
			q.do(q.Hear(&p, q.ids, q.now))
			if got := q.at("2026-05-20 11:01"); got != EventReminded || !q.letters[0].Args.Until.Equal(time.Date(2026, 6, 3, 16, 0, 0, 0, time.UTC)) {
				t.Errorf("%s: %s, %+v", name, got, q.letters)
			}
			if got := q.at("2026-06-03 17:59"); state == Solved && got != "" || state == WaitCustomer && got != EventSilenced {
				t.Errorf("%s: %q before the new date", name, got)
			}
			if got := q.at("2026-06-03 18:00"); state == Solved && got != EventLapsed {
				t.Errorf("%s: %q at the new date", name, got)
			}
		}
	})
	t.Run("a warning that something was against", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		q.do(q.ProposeAddress("new@example.com", q.ids(), anna, q.ids, q.now))
		q.at("2026-03-06 10:00")
		q.now = time.Date(2026, 5, 20, 9, 0, 0, 0, time.UTC)
		q.do(q.DropAddress(anna, q.ids, q.now))
		if got := q.at("2026-05-20 11:01"); got != EventReminded || !q.letters[0].Args.Until.Equal(time.Date(2026, 6, 3, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("%s, %+v", got, q.letters)
		}
	})
	t.Run("a program that was off by night", func(t *testing.T) {
		q := quietly(t, "")
		for _, at := range []string{"2026-03-04 10:00", "2026-03-06 10:00", "2026-03-11 18:00"} {
			q.at(at)
		}
		if got := q.at("2026-03-23 09:00"); got != EventLapsed { // the next day of work
			t.Errorf("%q after a weekend", got)
		}
	})
	t.Run("a reminder that was taken back", func(t *testing.T) {
		q := quietly(t, "")
		q.at("2026-03-04 10:00")
		was := q.now
		q.sent[len(q.sent)-1].State = LetterReplaced
		if got := q.at("2026-03-04 10:01"); got != EventReminded {
			t.Fatalf("%q, against it: %v", got, q.plan().Against)
		}
		if p := q.plan(); p.Step != Warn || !p.At.After(was.AddDate(0, 0, 1)) {
			t.Errorf("after it: %+v", p)
		}
	})
	t.Run("another address", func(t *testing.T) {
		give := func(q *quiet) (Change, error) {
			return q.Give(GiveCommand{Name: "Luca", Email: "luca@example.com", Reason: "His."}, anna, q.ids, q.now)
		}
		for name, move := range map[string]func(q *quiet){
			"given": func(q *quiet) { q.do(give(q)) },
			"given back": func(q *quiet) {
				q.do(give(q))
				q.do(q.Ask(AskCommand{Questions: []Question{{Key: "colour", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
				q.do(q.GiveBack(anna, q.ids, q.now))
			},
			"corrected": func(q *quiet) {
				nonce := q.ids()
				q.do(q.ProposeAddress("luca@example.com", nonce, anna, q.ids, q.now))
				q.do(q.ConfirmAddress(q.me(), q.ids, q.now))
			},
		} {
			q := quietly(t, "")
			q.now = q.now.Add(time.Hour)
			move(q)
			// Nobody who has it now heard from us.
			if got := q.Entries[len(q.Entries)-1]; name != "given back" && !slices.Contains(q.plan().Against, Undelivered) {
				t.Errorf("%s: nothing is against it after %+v", name, got)
			}
			q.now = q.now.Add(time.Hour)
			q.do(q.Ask(AskCommand{Questions: []Question{{Key: "size", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
			if p := q.plan(); len(p.Against) > 0 || !p.Since.Equal(q.Entries[len(q.Entries)-1].At) {
				t.Errorf("%s, and asked anew: %+v", name, p)
			}
		}
	})
	t.Run("other days", func(t *testing.T) {
		q := quietly(t, "")
		d := *q.set
		d.Silence = Silence{1, 2, 3, 5, 10}
		var err error
		if d, err = d.Clean(); err != nil {
			t.Fatal(err)
		}
		q.set = &d
		for _, at := range []string{"2026-03-03 10:00", "2026-03-04 10:00", "2026-03-05 18:00", "2026-03-09 18:00"} {
			if q.at(at) == "" {
				t.Errorf("nothing at %s", at)
			}
		}
		if q.State != Closed {
			t.Errorf("on the fifth day: %s", q.State)
		}
	})
}

// TestSilenceDays refuses days that leave no room for two warnings.
func TestSilenceDays(t *testing.T) {
	for _, s := range []Silence{{0, 4, 7, 14, 28}, {4, 4, 7, 14, 28}, {2, 4, 4, 14, 28}, {2, 4, 7, 7, 28}, {2, 4, 7, 14, 14}, {2, 4, 7, 14, MaxSilence + 1}, {-1, 0, 1, 2, 3}} {
		d := *ShippedDesk()
		d.Silence = s
		if _, err := d.Clean(); KindOf(err) != Invalid {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

// TestKeeps lets the link of a warning keep its own ticket open and no other, until
// links are revoked.
func TestKeeps(t *testing.T) {
	q := quietly(t, "")
	q.at("2026-03-04 10:00")
	key := []byte("0123456789abcdef")
	l := q.letters[0].Args
	code := Code(key, l.Nonce)
	if !q.Keeps(key, code) || q.Keeps([]byte("another"), code) || q.Keeps(key, "") || q.Keeps(key, q.letters[0].Args.Nonce) || l.Path != "/tickets/"+q.Number+"/keep/" {
		t.Errorf("the link is %+v", l)
	}
	other := quietly(t, "")
	other.ID = "another"
	if other.Keeps(key, code) {
		t.Error("it keeps another one open")
	}
	q.do(q.Revoke(anna, q.ids, q.now))
	if q.Keeps(key, code) {
		t.Error("it keeps open what was revoked")
	}
}

// TestKeepClosed reopens what was closed for silence, as long as a reply would; and
// keeps nothing open that waits for us.
func TestKeepClosed(t *testing.T) {
	q := quietly(t, "")
	for _, at := range []string{"2026-03-04 10:00", "2026-03-06 10:00", "2026-03-11 18:00", "2026-03-20 18:00"} {
		q.at(at)
	}
	if _, err := q.Keep(KeepCommand{Desk: q.set}, q.me(), q.ids, q.Reopens().Add(time.Second)); KindOf(err) != Invalid {
		t.Errorf("too late: %v", err)
	}
	if _, err := q.Keep(KeepCommand{Desk: q.set}, anna, q.ids, q.now); KindOf(err) != Forbidden {
		t.Errorf("by an agent: %v", err)
	}
	q.do(q.Keep(KeepCommand{Desk: q.set, Key: "k"}, q.me(), q.ids, q.now))
	if q.State != Open || q.Reopened != 1 {
		t.Errorf("reopened as %s", q.State)
	}
	if c, err := q.Keep(KeepCommand{Desk: q.set, Key: "k"}, q.me(), q.ids, q.now); err != nil || len(c.Entries) > 0 {
		t.Errorf("twice: %v", err)
	}
	if _, err := q.Keep(KeepCommand{Desk: q.set}, q.me(), q.ids, q.now); KindOf(err) != Conflict {
		t.Errorf("our turn: %v", err)
	}
}

// TestFollowUp lets a reply that comes too late open another ticket, in which nothing
// has to be said again.
func TestFollowUp(t *testing.T) {
	q := quietly(t, "Europe/Madrid")
	q.do(q.AddFact(Fact{Key: "model", Value: "B5"}, anna, q.ids, q.now))
	q.do(q.Confirm(Message{}, q.me(), q.ids, q.now))
	c := FollowCommand{Message: Message{Text: "It is back.", Key: "form"}, Number: "89ABCDEF", Desk: q.set, Zone: "Europe/Rome"}
	if _, err := q.FollowUp(c, q.me(), q.ids, q.Reopens()); KindOf(err) != Conflict {
		t.Errorf("while it can be reopened: %v", err)
	}
	q.now = q.Reopens().Add(time.Millisecond)
	if _, err := q.FollowUp(c, anna, q.ids, q.now); KindOf(err) != Forbidden {
		t.Errorf("by an agent: %v", err)
	}
	blank := c
	blank.Text = " "
	if _, err := q.FollowUp(blank, q.me(), q.ids, q.now); KindOf(err) != Invalid {
		t.Errorf("without a word: %v", err)
	}
	list, err := q.FollowUp(c, q.me(), q.ids, q.now)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	sound(t, &Ticket{}, list[0])
	n := list[0].Ticket
	f, known := n.Fact("model")
	if n.State != New || n.Number != "89ABCDEF" || n.Subject != q.Subject || n.Requester != q.Requester || n.Zone != "Europe/Rome" || !known || f.Value != "B5" ||
		n.Follows == nil || n.Follows.Number != q.Number || n.Entries[0].Text != c.Text || len(list[0].Letters) != 1 {
		t.Errorf("followed by %+v", n)
	}
	q.did(list[1], nil)
	if q.State != Closed || len(q.Followed) != 1 || q.Followed[0].Ticket != n.ID {
		t.Errorf("the closed one: %+v", q.Ticket)
	}
	if again, err := q.FollowUp(c, q.me(), q.ids, q.now); err != nil || again != nil {
		t.Errorf("the same form again: %v, %v", again, err)
	}

	// More words go there, while it is open and of the same person.
	other, spam, shut := n, n, n
	other.Requester.Email, spam.Doubt, shut.State = "else@example.com", Spam, Closed
	for _, on := range []*Ticket{&n, &other, &spam, &shut} {
		if got, want := q.GoesOnIn(on), on == &n; got != want {
			t.Errorf("goes on in %s of %s, %q: %t", on.State, on.Requester.Email, on.Doubt, got)
		}
		further := RequesterMessage{Message: Message{Text: "And this."}}
		if _, err := q.ReplyIn(on, further, RequesterOf{Ticket: n.ID}, q.ids, q.now); (err == nil) != (on == &n) || err != nil && KindOf(err) != Conflict {
			t.Errorf("said in %s of %s, %q: %v", on.State, on.Requester.Email, on.Doubt, err)
		}
	}
}

// TestFollowUpOfGiven takes nothing along that somebody else said whose request it was, or
// from whose request it was brought: it would be theirs, where nobody knows that it is.
func TestFollowUpOfGiven(t *testing.T) {
	const theirs, brought, hers = "490154203237518", "midnight blue", "B5"
	a, b := twice(t)
	a.did(a.AddFact(Fact{Key: "imei", Value: theirs}, anna, a.ids, a.now))
	a.did(a.Give(toEva, anna, a.ids, a.now))
	a.did(a.AddFact(Fact{Key: "model", Value: hers}, anna, a.ids, a.now))
	b.did(b.RequesterReply(RequesterMessage{Message: Message{Text: "It is blue."}}, RequesterOf{Ticket: b.ID}, b.ids, b.now))
	said := entryWith(t, &b.Ticket, "It is blue.")
	b.did(b.AddFact(Fact{Key: "colour", Value: brought, Source: said}, anna, b.ids, b.now))
	list, err := b.Carry(CarryCommand{Entries: []string{said}, Others: true}, &a.Ticket, anna, b.ids, b.now)
	both(t, b, a, list, err)
	if len(a.Facts) != 3 {
		t.Fatalf("known are %+v", a.Facts)
	}
	a.did(a.Confirm(Message{}, RequesterOf{Ticket: a.ID, Name: "Eva"}, a.ids, a.now))
	a.now = a.Reopens().Add(time.Second)
	list, err = a.FollowUp(FollowCommand{Message: Message{Text: "Again."}, Number: "89ABCDEF", Desk: ShippedDesk()}, RequesterOf{Ticket: a.ID, Name: "Eva"}, a.ids, a.now)
	if err != nil {
		t.Fatal(err)
	}
	if n := list[0].Ticket; len(n.Facts) != 1 || n.Facts[0].Value != hers || n.Subject != "Again." {
		t.Errorf("what went along: %q, %+v", n.Subject, n.Facts)
	}
}

// TestSilenceCarried begins a silence anew with words that were taken to a ticket, or back
// to it; those of its customer are theirs until somebody answers (I-9).
func TestSilenceCarried(t *testing.T) {
	q := quietly(t, "")
	q.now = q.now.AddDate(0, 0, 1)
	_, b := twice(t)
	b.ids, b.now = q.ids, q.now
	b.did(b.RequesterReply(RequesterMessage{Message: Message{Text: "And my tablet."}}, RequesterOf{Ticket: b.ID}, b.ids, b.now))
	b.did(b.Reply(Message{Text: "Which tablet?"}, anna, b.ids, b.now))
	move := func(text string) {
		t.Helper()
		q.now = q.now.Add(time.Hour)
		list, err := b.Carry(CarryCommand{Entries: []string{entryWith(t, &b.Ticket, text)}}, &q.Ticket, anna, q.ids, q.now)
		both(t, b, q.desk, list, err)
	}
	anew := func(what string, theirs bool) {
		t.Helper()
		if p := q.plan(); slices.Contains(p.Against, TheirWord) != theirs || !p.Since.Equal(q.Updated) {
			t.Errorf("%s: %+v", what, p)
		}
	}
	move("Which tablet")
	anew("a word of ours", false)
	move("my tablet")
	anew("a word of theirs", true)
	q.now = q.now.Add(time.Hour)
	list, err := b.Uncarry(q.Brought[1].ID, &q.Ticket, anna, q.ids, q.now)
	both(t, b, q.desk, list, err)
	anew("taken back", false)
	move("my tablet")
	q.do(q.Ask(AskCommand{Questions: []Question{{Key: "colour", Text: "Which?", Why: "Because."}}, Until: q.now.AddDate(0, 0, 3)}, anna, q.ids, q.now))
	anew("asked again", false)

	q = quietly(t, "")
	made := apartFrom(t, q.desk, "Since this", true)
	q.now = q.now.Add(time.Hour)
	list, err = q.Uncarry(q.Carried[0].ID, made, anna, q.ids, q.now)
	if err != nil {
		t.Fatal(err)
	}
	q.did(list[0], nil)
	anew("come back", false)
}
