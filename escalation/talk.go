package escalation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// A Message is what somebody writes into a ticket.
type Message struct {
	Text  string
	Files []File
	Key   string // the same form sent twice makes one entry; may be empty
	Seen  int    // the ticket's version when the writer began; 0 is not asked

	Colleagues []ActorRef // who can be called as @name, in a note

	circular bool // to many tickets: who writes it takes none of them
}

// check cleans the message. Files alone are enough, unless words are a must.
func (m *Message) check(must bool) error {
	var err error
	if len(m.Files) > MaxFiles {
		return invalid("files", "error.files_many", map[string]any{"Max": MaxFiles})
	}
	if m.Text, err = body("text", m.Text, must); err != nil {
		return err
	}
	m.Key, err = sameForm(m.Key)
	return err
}

// entry is the message as the ledger keeps it.
func (m *Message) entry(k EntryKind, ev *Event) Entry {
	return Entry{Kind: k, Text: m.Text, Files: m.Files, Key: m.Key, Event: ev}
}

// Reply is a public answer of ours. It leaves the turn where it is; see Ask,
// Wait and Solve. A ticket that nobody has taken is taken by who answers it.
func (t *Ticket) Reply(m Message, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if t.again(m.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := m.check(len(m.Files) == 0); err != nil {
		return Change{}, err
	}
	if t.State == Closed {
		return Change{}, conflict("error.ticket_closed", nil)
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	if err := t.unread(m.Seen, by.Ref()); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	if !m.circular {
		d.pick(by)
	}
	d.add(m.entry(Public, &Event{Kind: EventAnswered}))
	d.letter(Letter{Kind: ReplyLetter}, LetterArgs{Text: m.Text})
	return d.change()
}

// A RequesterMessage is what the requester writes, with answers to the open
// questions by their keys, and to what nobody has asked yet but the type needs.
type RequesterMessage struct {
	Message
	FactsCommand
	Answers map[string]string
	Zone    string   // of their clocks; one that nobody knows is as good as none
	Tried   []string // ids of the type's steps that they did unasked

	// Outcomes are what came of the steps that were asked for, by the keys of their
	// questions; the answers say it in words.
	Outcomes map[string]Outcome
}

// RequesterReply is a message of the requester. It gives us the turn. A solved
// ticket is reopened by it, and so is a closed one, for [ReopenDays]. Pure thanks alone
// confirm a solution that the requester saw, and leave closed what is closed: what is
// less clear than that, a person reads and no rule does.
func (t *Ticket) RequesterReply(m RequesterMessage, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Reply); err != nil {
		return Change{}, err
	}
	if t.again(m.Key) {
		return Change{Ticket: *t}, nil
	}
	answers, err := t.answers(m.Answers, m.Type)
	if err != nil {
		return Change{}, err
	}
	volunteered, tried := t.volunteered(m.FactsCommand), t.untold(m.Type, m.Tried)
	tried = slices.DeleteFunc(tried, func(s Remedy) bool { // which tells more of it
		return slices.ContainsFunc(answers, func(f answered) bool { return f.Key == s.Key() })
	})
	told := len(m.Files) + len(answers) + len(volunteered) + len(tried)
	if err := m.check(told == 0); err != nil {
		return Change{}, err
	}
	ev := &Event{Kind: EventReplied}
	if t.State == Solved || t.State == Closed {
		ev = &Event{Kind: EventReopened, Reason: ReopenedByReply}
		seen, err := t.ForPublic(stamp(now))
		if err != nil {
			return Change{}, err
		}
		if content := pureThanks(m.Text) && told == 0; content && seen.State == Solved && !t.Unanswered {
			ev = &Event{Kind: EventConfirmed}
		} else if content && t.State == Closed {
			ev = nil
		} else if err := t.reopenable(stamp(now)); err != nil {
			return Change{}, err
		}
	}
	d := t.draft(by, ids, now)
	e := m.entry(Public, ev)
	e.ID = ids()
	for _, f := range answers {
		if e.Text != "" {
			e.Text += "\n"
		}
		e.Text += f.asked.Text + " " + f.Value
	}
	for _, n := range volunteered {
		if e.Text != "" {
			e.Text += "\n"
		}
		e.Text += n.Name.In(t.Lang) + ": " + CleanText(m.Facts[n.Key])
	}
	for _, s := range tried {
		if e.Text != "" {
			e.Text += "\n"
		}
		e.Text += "✓ " + s.What.In(t.Lang)
	}
	d.add(e)
	said := d.t.Entries[len(d.t.Entries)-1]
	for _, f := range answers {
		if _, ok := RemedyOf(f.Key); ok {
			d.happened(Event{Kind: EventStep, Step: f.asked.step(f.Value, m.outcome(f.Key), said)})
			continue
		}
		f.Source = e.ID
		d.happened(Event{Kind: EventFact, Fact: &f.Fact})
	}
	given := map[string]string{}
	for _, n := range volunteered {
		given[n.Key] = m.Facts[n.Key]
	}
	if err := d.said(m.Type, given, e.ID); err != nil {
		return Change{}, err
	}
	d.tried(tried, said.By)
	d.zoned(m.Zone)
	return d.change()
}

// volunteered returns what the requester says of facts that nobody has asked for, but
// the type needs. What is known already is left as it is: the page is an old one.
func (t *Ticket) volunteered(c FactsCommand) []Need {
	if c.Type == nil {
		return nil
	}
	var list []Need
	for _, n := range c.Type.Needs {
		if !Blank(c.Facts[n.Key]) && !n.Known(t) {
			list = append(list, n)
		}
	}
	return list
}

// Why a ticket was reopened, when a rule says so; otherwise the reason is what
// somebody wrote. The catalog says them as "reopened.<reason>".
const (
	ReopenedByReply = "reply"
	ReopenedByNo    = "not_solved"
)

type answered struct {
	Fact
	asked Question
}

// outcome is what the requester says came of a step, empty when they say it in words.
func (m *RequesterMessage) outcome(key string) Outcome {
	if o := m.Outcomes[key]; slices.Contains(Outcomes, o) {
		return o
	}
	return ""
}

// answers returns the requester's answers in the order of the questions. Answers
// to what was not asked are dropped: the page they came from is an old one. What the
// type of the ticket needs is read as its form reads it.
func (t *Ticket) answers(given map[string]string, kind *RequestType) ([]answered, error) {
	var list []answered
	for _, q := range t.Questions {
		field, state := "answer-"+q.Key, Given
		v, err := optional(field, given[q.Key], MaxLine)
		if err != nil {
			return nil, err
		}
		if Blank(v) {
			continue
		}
		if n := kind.Need(q.Key); n != nil && n.Kind != FindingValue { // which is for staff to say; a customer is quoted
			var lacks bool
			if v, lacks, err = n.Value(field, v); err != nil {
				return nil, err
			}
			if lacks {
				state = Lacking
			}
		}
		list = append(list, answered{Fact{Key: q.Key, Value: v, State: state}, q})
	}
	return list, nil
}

// Note is for staff alone. It changes nothing else, and can be added to a closed
// ticket too. Colleagues whom it names find it in their list.
func (t *Ticket) Note(m Message, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	if t.again(m.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := m.check(len(m.Files) == 0); err != nil {
		return Change{}, err
	}
	called, err := mentioned(m.Text, m.Colleagues)
	if err != nil {
		return Change{}, err
	}
	called = slices.DeleteFunc(called, func(c ActorRef) bool { return c.ID == by.Ref().ID })
	var ev *Event
	if len(called) > 0 {
		ev = &Event{Kind: EventMentioned, Called: called}
	}
	d := t.draft(by, ids, now)
	d.add(m.entry(Internal, ev))
	return d.change()
}

// An AskCommand are named questions to the customer. The message is optional:
// the questions speak for themselves.
type AskCommand struct {
	Message
	Type      *RequestType // of the ticket, at its version; nil: none
	Questions []Question
	Until     time.Time // by when we hope for the answers
}

// Ask gives the customer the turn. Each question has a reason. What is known
// already is asked again only because it is outdated or disputed, and the
// customer is told so.
func (t *Ticket) Ask(c AskCommand, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Ask); err != nil {
		return Change{}, err
	}
	if err := t.outside(); err != nil {
		return Change{}, err
	}
	if t.again(c.Key) {
		return Change{Ticket: *t}, nil
	}
	if err := t.active(); err != nil {
		return Change{}, err
	}
	questions, err := t.questions(c.Questions, c.Type)
	if err != nil {
		return Change{}, err
	}
	if err := c.check(false); err != nil {
		return Change{}, err
	}
	until, err := future("until", c.Until, stamp(now))
	if err != nil {
		return Change{}, err
	}
	if err := t.unread(c.Seen, by.Ref()); err != nil {
		return Change{}, err
	}
	d := t.draft(by, ids, now)
	d.pick(by)
	d.add(c.entry(Public, &Event{Kind: EventAsked, Questions: questions, Until: until}))
	d.letter(Letter{Kind: ReplyLetter}, LetterArgs{Text: asText(c.Text, questions)})
	return d.change()
}

// questions returns the questions, checked; rows that were left blank are dropped.
func (t *Ticket) questions(given []Question, r *RequestType) ([]Question, error) {
	var list []Question
	for i, q := range given {
		if Blank(q.Key) && Blank(q.Text) && Blank(q.Why) {
			continue
		}
		field := func(name string) string { return fmt.Sprintf("question-%d-%s", i+1, name) }
		q.Key = strings.TrimSpace(q.Key)
		if !factKey.MatchString(q.Key) {
			return nil, invalid(field("key"), "error.fact_name", nil)
		}
		if slices.ContainsFunc(list, func(o Question) bool { return o.Key == q.Key }) {
			return nil, invalid(field("key"), "error.question_twice", nil)
		}
		var err error
		if q.Text, err = wanted(field("text"), q.Text, "error.question_text", MaxLine); err != nil {
			return nil, err
		}
		if q.Why, err = wanted(field("why"), q.Why, "error.question_why", MaxLine); err != nil {
			return nil, err
		}
		q.Was = ""
		if f, ok := t.Fact(q.Key); ok && f.State == Disputed && q.Again == "" {
			q.Again = Disputed // a colleague said why
		}
		if value, known := t.Knows(q.Key, r); !known {
			q.Again = ""
		} else if _, step := RemedyOf(q.Key); step && q.Again == "" {
			return nil, invalid(field("key"), "error.step_done", map[string]any{"Step": q.Text, "Result": value})
		} else if q.Again != Outdated && q.Again != Disputed {
			return nil, invalid(field("key"), "error.fact_known", map[string]any{"Key": q.Key, "Value": value})
		} else if f, ok := t.Fact(q.Key); ok && t.public(f.Source) {
			q.Was = f.Value
		} else if step && t.told(q.Key) {
			q.Was = value
		}
		list = append(list, q)
	}
	if len(list) == 0 {
		return nil, invalid("question-1-text", "error.question_missing", nil)
	}
	if len(list) > MaxQuestions {
		return nil, invalid("question-1-text", "error.questions_many", map[string]any{"Max": MaxQuestions})
	}
	return list, nil
}

// asText is a message with its questions, for a letter.
func asText(text string, questions []Question) string {
	var b strings.Builder
	if text != "" {
		b.WriteString(text + "\n\n")
	}
	for i, q := range questions {
		fmt.Fprintf(&b, "%d. %s\n   %s\n", i+1, q.Text, q.Why)
	}
	return strings.TrimSpace(b.String())
}

// Fact returns what is known under a key.
func (t *Ticket) Fact(key string) (Fact, bool) {
	i := slices.IndexFunc(t.Facts, func(f Fact) bool { return f.Key == key })
	if i < 0 {
		return Fact{}, false
	}
	return t.Facts[i], true
}

// Knows says whether a question under a key would ask for what the ticket has already,
// and what that is: a fact, how to reach the requester, or pictures that were sent,
// where the ticket's type asks for pictures.
func (t *Ticket) Knows(key string, r *RequestType) (value string, known bool) {
	if f, ok := t.Fact(key); ok {
		return f.Value, true
	}
	if id, ok := RemedyOf(key); ok {
		s, done := t.Tried(id)
		return cmp.Or(s.Result, s.What), done
	}
	switch key {
	case "email":
		return t.Requester.Email, t.Requester.Email != ""
	case "phone":
		return t.Requester.Phone, t.Requester.Phone != ""
	}
	if r == nil || r.Need(key) == nil || r.Need(key).Kind != PhotosValue {
		return "", false
	}
	for _, e := range t.Entries {
		if i := slices.IndexFunc(e.Files, File.picture); i >= 0 {
			return e.Files[i].Name, true
		}
	}
	return "", false
}

// told says whether it was the requester who said what came of a step, and may know so.
func (t *Ticket) told(key string) bool {
	id, _ := RemedyOf(key)
	s, done := t.Tried(id)
	if !done || s.By.Kind != ByRequester {
		return false
	}
	return !slices.ContainsFunc(t.Tenures(), func(n *Tenure) bool {
		return n.Undone && slices.ContainsFunc(t.Entries, func(e Entry) bool {
			return n.Has(e.Seq) && e.Event != nil && e.Event.Step != nil && e.Event.Step.Remedy == id && e.Event.Step.At.Equal(s.At)
		})
	})
}

// public says whether the requester may read an entry: it stands here, and was not meant
// for somebody else.
func (t *Ticket) public(id string) bool {
	return slices.ContainsFunc(t.ForRequester(), func(l Line) bool { return l.ID == id && l.Moved == "" })
}

// AddFact writes down something known, and the entry that says so; without one,
// the word of who writes it. It crosses out the question that it answers.
func (t *Ticket) AddFact(f Fact, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Note); err != nil {
		return Change{}, err
	}
	f.Key = strings.TrimSpace(f.Key)
	if !factKey.MatchString(f.Key) {
		return Change{}, invalid("key", "error.fact_name", nil)
	}
	var err error
	if f.Value, err = wanted("value", f.Value, "error.fact_value", MaxLine); err != nil {
		return Change{}, err
	}
	if asked := slices.ContainsFunc(t.Questions, func(q Question) bool { return q.Key == f.Key }); !asked && t.stated(f, by.Ref()) {
		return Change{Ticket: *t}, nil
	}
	id := ids()
	if f.Source == "" {
		f.Source = id
	} else if gone, known := t.gone()[f.Source]; gone || !known {
		return Change{}, invalid("source", "error.fact_source", nil)
	}
	d := t.draft(by, ids, now)
	d.add(Entry{ID: id, Kind: Happened, Event: &Event{Kind: EventFact, Fact: &f}})
	return d.change()
}

// stated says whether a fact is known because somebody wrote down just that, from the
// same source, and nobody disputes it: they need not write it down again.
func (t *Ticket) stated(f Fact, by ActorRef) bool {
	known, ok := t.Fact(f.Key)
	if !ok || known.Value != f.Value || known.State == Disputed {
		return false
	}
	for _, e := range slices.Backward(t.Entries) {
		if e.Event != nil && e.Event.Kind == EventFact && e.Event.Fact.Key == f.Key {
			return e.By == by && known.Source == cmp.Or(f.Source, e.ID)
		}
	}
	return false
}
