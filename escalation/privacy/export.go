package privacy

import (
	"context"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
)

// A Copy is what a requester gets who asks what a site knows about them. It has what
// they said and were told, what is known of them, and what they did before asking.
//
// Notes are not in it: they are written for colleagues, and may speak of others. That
// there are some, and when they were written, is.
type Copy struct {
	Who         string           `json:"about"` // an address, or the number of a request without one
	Made        time.Time        `json:"made"`
	Tickets     []CopyTicket     `json:"tickets"`
	Letters     []CopyLetter     `json:"letters"`
	Journeys    []CopyStep       `json:"journeys"`
	Answers     []CopyAnswer     `json:"answered"`
	Corrections []CopyCorrection `json:"corrections"`
	// Subscriptions are what they want to be told of.
	Subscriptions []CopySubscription `json:"subscriptions"`

	Files []evidence.Record `json:"-"` // that lie beside it, under Path
}

// Path is where a file lies in the archive.
func Path(f evidence.Record) string { return "files/" + f.ID + "-" + f.Name }

// A CopyTicket is a ticket as its requester may see it, and the facts and the trail
// that belong to it.
type CopyTicket struct {
	Number    string            `json:"number"`
	Subject   string            `json:"subject"`
	Name      string            `json:"name,omitempty"`
	Email     string            `json:"email,omitempty"`
	Phone     string            `json:"phone,omitempty"`
	Lang      string            `json:"lang"`
	Zone      string            `json:"time_zone,omitempty"`
	Channel   string            `json:"channel"`
	Type      string            `json:"request_type,omitempty"`
	State     string            `json:"state"`
	Opened    time.Time         `json:"opened"`
	Updated   time.Time         `json:"updated"`
	Entries   []CopyEntry       `json:"entries"`
	Facts     []CopyFact        `json:"facts,omitempty"`
	Steps     []CopyTried       `json:"steps,omitempty"` // that they say they did
	Trail     *escalation.Trail `json:"trail,omitempty"`
	NotesMade []time.Time       `json:"internal_notes_written,omitempty"` // only when
	TasksMade []time.Time       `json:"internal_tasks_given,omitempty"`   // likewise, to another team
}

// A CopyEntry is a line of a ticket.
type CopyEntry struct {
	At        time.Time             `json:"at"`
	Kind      string                `json:"kind"`
	By        string                `json:"by"`
	Name      string                `json:"name,omitempty"`
	Text      string                `json:"text,omitempty"`
	Questions []escalation.Question `json:"questions,omitempty"`
	Tell      string                `json:"tell,omitempty"`
	Score     escalation.Score      `json:"score,omitempty"`
	Files     []string              `json:"files,omitempty"` // paths in the archive
}

// A CopyFact is something known.
type CopyFact struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// A CopyTried is something that they tried.
type CopyTried struct {
	What    string             `json:"what"`
	Result  string             `json:"result,omitempty"`
	Outcome escalation.Outcome `json:"outcome,omitempty"`
	At      time.Time          `json:"at"`
}

// A CopyLetter is a letter that was written to them.
type CopyLetter struct {
	Kind    string     `json:"kind"`
	To      string     `json:"to"`
	Lang    string     `json:"lang"`
	Number  string     `json:"ticket,omitempty"`
	Name    string     `json:"name,omitempty"`
	Subject string     `json:"subject,omitempty"`
	Text    string     `json:"text,omitempty"`
	Tell    string     `json:"tell,omitempty"`
	State   string     `json:"state"`
	Made    time.Time  `json:"made"`
	Settled *time.Time `json:"settled,omitempty"`
}

// A CopyStep is something that was done on the way to a ticket.
type CopyStep struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"`
	Lang    string    `json:"lang"`
	Query   string    `json:"query,omitempty"`
	Article string    `json:"article,omitempty"`
	Seconds int       `json:"seconds,omitempty"`
	Reason  string    `json:"reason,omitempty"`
	// Experiment and Arm say what was tried out, and whether suggestions were drawn.
	Experiment string `json:"experiment,omitempty"`
	Arm        string `json:"arm,omitempty"`
}

// A CopyAnswer is an article that answered what they searched for.
type CopyAnswer struct {
	At      time.Time `json:"at"`
	Lang    string    `json:"lang"`
	Article string    `json:"article"`
	Queries []string  `json:"queries"`
}

// A CopyCorrection is what they said should change in an article.
type CopyCorrection struct {
	Article string    `json:"article"`
	Lang    string    `json:"lang"`
	Text    string    `json:"text"`
	Made    time.Time `json:"made"`
}

// A CopySubscription is something that they searched in vain, and want to be told of.
type CopySubscription struct {
	Lang      string     `json:"lang"`
	Query     string     `json:"query"`
	Made      time.Time  `json:"made"`
	Confirmed *time.Time `json:"confirmed,omitempty"`
}

// Export returns a copy of what is held about somebody, and notes that it was made.
func (o *Office) Export(ctx context.Context, who string, by escalation.ActorRef) (Copy, error) {
	h, err := o.Look(ctx, who)
	if err != nil {
		return Copy{}, err
	}
	if h.None() {
		return Copy{}, &escalation.Error{Kind: escalation.Invalid, Field: "email", Reason: "error.nothing_held"}
	}
	c := Copy{Who: h.Who, Made: o.Now(), Tickets: []CopyTicket{}, Letters: []CopyLetter{}, Journeys: []CopyStep{}, Answers: []CopyAnswer{}, Corrections: []CopyCorrection{}, Subscriptions: []CopySubscription{}}
	var ids []string
	for _, held := range h.Tickets {
		if held.Task {
			continue // as notes are: the ticket that it is for says when it was asked for
		}
		ids = append(ids, held.ID)
		t, err := o.Store.TicketByID(ctx, held.ID)
		if err != nil {
			return Copy{}, err
		}
		files, err := o.Store.FilesOf(ctx, held.ID)
		if err != nil {
			return Copy{}, err
		}
		c.add(&t, h.Key, files)
	}
	letters, err := o.Store.LettersTo(ctx, h.Key, ids)
	if err != nil {
		return Copy{}, err
	}
	for _, l := range letters {
		n := CopyLetter{
			Kind: string(l.Kind), To: l.To, Lang: l.Lang, Number: l.Args.Number, Name: l.Args.Name, Subject: l.Args.Subject,
			Text: l.Args.Text, Tell: l.Args.Tell, State: string(l.State), Made: l.Made,
		}
		if !l.Settled.IsZero() {
			n.Settled = &l.Settled
		}
		c.Letters = append(c.Letters, n)
	}
	events, err := o.Store.JourneysOf(ctx, h.Key, ids)
	if err != nil {
		return Copy{}, err
	}
	for _, e := range events {
		c.Journeys = append(c.Journeys, CopyStep{e.At, string(e.Kind), e.Lang, e.Query, e.Article, e.Seconds, e.Reason, e.Experiment, e.Arm})
	}
	answers, err := o.Store.AnswersOf(ctx, h.Key, ids)
	if err != nil {
		return Copy{}, err
	}
	for _, a := range answers {
		c.Answers = append(c.Answers, CopyAnswer{a.At, a.Lang, a.Article, a.Queries})
	}
	corrections, err := o.Store.CorrectionsOf(ctx, h.Email)
	if err != nil {
		return Copy{}, err
	}
	for _, k := range corrections {
		c.Corrections = append(c.Corrections, CopyCorrection{k.Article, k.Lang, k.Text, k.Made})
	}
	subscriptions, err := o.Store.SubscriptionsOf(ctx, h.Email)
	if err != nil {
		return Copy{}, err
	}
	for _, u := range subscriptions {
		n := CopySubscription{Lang: u.Lang, Query: u.Query, Made: u.Made}
		if !u.Confirmed.IsZero() {
			n.Confirmed = &u.Confirmed
		}
		c.Subscriptions = append(c.Subscriptions, n)
	}
	a := Act{ID: o.IDs(), Kind: Exported, Who: o.Who(h.Who), By: by, Made: c.Made, Done: c.Made, Tickets: len(c.Tickets), Files: len(c.Files), Overwritten: c.Made}
	return c, o.Store.SaveAct(ctx, a)
}

// add puts a ticket into the copy, with those of its files that its requester may see.
// Was it of several people, each gets what was said while it was theirs.
func (c *Copy) add(t *escalation.Ticket, key string, files []evidence.Record) {
	who, in, opened := t.Requester, map[string]bool{}, false
	for _, e := range t.Share(key) {
		in[e.ID], opened = true, opened || e.Seq == 1
		if r := e.Of(); r != nil {
			who = *r
		}
	}
	n := CopyTicket{
		Number: t.Number, Lang: t.Lang, Channel: string(t.Channel), Type: t.RequestType, State: string(t.State), Opened: t.Opened, Updated: t.Updated,
		Entries: []CopyEntry{},
	}
	theirs := opened || who.Key() == t.Requester.Key()
	for _, p := range t.Tenures() {
		if p.Was(key) {
			who, theirs = p.Requester, theirs || p.Now
		}
	}
	if theirs {
		n.Subject = t.Subject
	}
	n.Name, n.Email, n.Phone = who.Name, who.Email, who.Phone
	if who == t.Requester {
		n.Zone = t.Zone
	}
	if opened {
		n.Trail = t.Trail
	}
	byID := map[string]evidence.Record{}
	for _, f := range files {
		byID[f.ID] = f
	}
	for _, l := range t.EverForRequester() {
		if !in[l.ID] {
			continue
		}
		e := CopyEntry{At: l.At, Kind: string(l.Kind), By: string(l.By), Name: l.Name, Text: l.Text, Questions: l.Questions, Tell: l.Tell, Score: l.Score}
		for _, f := range l.Files {
			if r, ok := byID[f.ID]; ok {
				e.Files = append(e.Files, Path(r))
				c.Files = append(c.Files, r)
			}
		}
		n.Entries = append(n.Entries, e)
	}
	for _, f := range slices.Concat(t.Facts, t.Earlier) {
		if in[f.Source] {
			n.Facts = append(n.Facts, CopyFact{f.Key, f.Value})
		}
	}
	for _, e := range t.Entries {
		if e.Event != nil && e.Event.Step != nil && e.By.Kind == escalation.ByRequester && in[e.ID] {
			s := e.Event.Step
			n.Steps = append(n.Steps, CopyTried{s.What, s.Result, s.Outcome, s.At})
		}
		if e.Kind == escalation.Internal && in[e.ID] {
			n.NotesMade = append(n.NotesMade, e.At)
		}
		if e.Event != nil && e.Event.Kind == escalation.EventTaskOpened && in[e.ID] {
			n.TasksMade = append(n.TasksMade, e.At)
		}
	}
	c.Tickets = append(c.Tickets, n)
}
