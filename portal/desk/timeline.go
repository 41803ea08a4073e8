package desk

import (
	"cmp"
	"html/template"
	"strconv"
	"strings"
	"time"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// A line is one entry of the conversation, in words. Only what was said has a
// text; what happened has a sentence.
type line struct {
	ID        string // in the page
	Seq       int
	Kind      string // "customer", "ours", "note" or "event"
	KindIs    string // in words; empty of an event
	Note      bool
	Who       string
	When      template.HTML
	Text      template.HTML
	Sentence  string // what happened, besides what was said
	Questions []escalation.Question
	Files     []escalation.File
	New       bool // written while the reader was writing
	Anchor    bool // it can be pointed at
	Latest    bool // nothing was written after it
	P         *ticketPage
	To        string // number of the ticket in which it stands now
	From      string // number of the one in which it was said

	said bool // by somebody, in words
	by   escalation.ActorRef
}

// line returns an entry in words. The trail has a place of its own.
func (p *ticketPage) line(e *escalation.Entry, called map[string]string) (line, bool) {
	l := line{
		ID: "e" + e.ID, Seq: e.Seq,
		Who: p.who(e.By), When: p.When(e.At), Text: web.Linked(e.Text), Files: e.Files,
		P: p, Note: e.Kind == escalation.Internal, said: e.Kind != escalation.Happened, by: e.By,
	}
	if e.By.Kind == escalation.ByRequester && e.By.Name == "" {
		l.Who = cmp.Or(p.formerly(e), l.Who)
	}
	switch {
	case e.Kind == escalation.Internal:
		l.Kind = "note"
	case e.Kind == escalation.Happened:
		l.Kind = "event"
	case e.By.Kind == escalation.ByRequester:
		l.Kind = "customer"
	default:
		l.Kind = "ours"
	}
	if c := p.away[e.ID]; c != nil {
		l.To = c.Number
	}
	if l.said {
		l.KindIs = p.T("desk.kind." + l.Kind)
	}
	if e.Was != nil { // what took it back follows, and says so
		l.Sentence = p.T("live.taken_back", "Name", l.Who)
		return l, e.Was.Kind == escalation.Public
	}
	if e.Event == nil {
		return l, true
	}
	if e.Event.Kind == escalation.EventTrail {
		return l, false
	}
	if e.Event.Kind == escalation.EventBrought {
		p.brought(&l, e)
		return l, true
	}
	l.Sentence, l.Questions = p.sentence(e, called), e.Event.Questions
	if e.Event.Hole && (e.Kind != escalation.Happened || l.Sentence == "") {
		l.Sentence = strings.TrimSpace(l.Sentence + " " + p.T("desk.hole"))
	}
	return l, true
}

// who is what an actor is called.
func (p *ticketPage) who(by escalation.ActorRef) string {
	switch {
	case by.Name != "":
		return by.Name
	case by.Kind == escalation.ByRequester:
		return cmp.Or(p.Ticket.Requester.Email, p.Ticket.Requester.Phone, p.T("desk.requester"))
	case by.Kind == escalation.BySystem:
		return p.T("desk.program")
	}
	return by.ID
}

// sentence says what happened, or nothing when the words beside it say it.
func (p *ticketPage) sentence(e *escalation.Entry, called map[string]string) string {
	ev, name := e.Event, p.who(e.By)
	key := "desk.event." + string(ev.Kind)
	reason := ""
	if ev.Hole {
		switch ev.Kind {
		case escalation.EventSaid, escalation.EventFact, escalation.EventAffirmed, escalation.EventDisputed, escalation.EventStep, escalation.EventWaiting, escalation.EventProposed, escalation.EventMentioned:
			return "" // all that they said
		}
	}
	if ev.Reason != "" {
		reason = " " + p.T("desk.reason", "Reason", ev.Reason)
	}
	switch ev.Kind {
	case escalation.EventOpened:
		if ev.Channel == escalation.ForTask {
			return p.T("desk.event.opened_task", "Name", name, "Number", ev.Other.Number)
		}
		if ev.Other != nil {
			return p.T("desk.event.opened_split", "Name", name, "Number", ev.Other.Number)
		}
		if ev.WrittenBy != nil {
			return p.T("desk.event.opened_for", "Name", p.who(*ev.WrittenBy), "Channel", p.T("channel."+string(ev.Channel)))
		}
		return p.T(key, "Channel", p.T("channel."+string(ev.Channel)))
	case escalation.EventAnswered, escalation.EventReplied:
		return ""
	case escalation.EventTaken:
		if taker := called[ev.Staff]; taker != "" {
			name = taker
		}
		return p.T(key, "Name", name)
	case escalation.EventInherited:
		from := cmp.Or(called[ev.From], ev.From)
		if ev.Staff == "" {
			return p.T("desk.event.inherited_work", "From", from)
		}
		return p.T(key, "From", from, "Name", cmp.Or(called[ev.Staff], ev.Staff))
	case escalation.EventAsked:
		return p.T(key, "Until", p.day(ev.Until))
	case escalation.EventWaiting:
		return p.T(key, "Name", name, "Party", ev.Party, "Until", p.day(ev.Until))
	case escalation.EventOffered:
		return p.T(key, "Name", name, "Place", p.At(ev.Handoff.Team, ev.Handoff.Tier))
	case escalation.EventAccepted:
		return p.T(key, "Name", name, "Place", p.At(ev.Team, ev.Tier))
	case escalation.EventRefused:
		s := p.T(key, "Name", name, "Reason", p.T("refusal."+ev.Reason))
		if len(ev.Missing) > 0 {
			var names []string
			for _, m := range ev.Missing {
				names = append(names, p.FactName(m))
			}
			s += " " + p.T("desk.missing", "Facts", strings.Join(names, ", "))
		}
		return s
	case escalation.EventConsulted:
		s := p.T(key, "Name", name, "Of", p.asked(ev.Consult, called), "By", p.day(ev.Consult.By))
		if ev.Consult.Question != "" {
			s += " " + p.T("consult.question_is", "Question", ev.Consult.Question)
		}
		return s
	case escalation.EventMarked:
		if ev.AlarmID != "" {
			key = "desk.event.alarm"
		}
		return p.T(key, "Marks", p.Marks(ev.Marks))
	case escalation.EventRaised:
		return p.T(key, "Rung", p.T("alarm.rung."+strconv.Itoa(ev.Rung)))
	case escalation.EventDecided:
		return p.T(key, "Name", name, "Place", p.At(ev.Team, ev.Tier)) + reason
	case escalation.EventSolved:
		s := p.T(key, "Tier", ev.Tier)
		switch {
		case ev.Solution.Article != "":
			s += " " + p.T("desk.solved_article", "Key", ev.Solution.Article)
		case ev.Solution.Made:
			s += " " + p.T("desk.solved_made")
		case !ev.Hole:
			s += " " + p.T("desk.solved_none", "Reason", ev.Solution.Reason)
		}
		return s
	case escalation.EventReopened:
		if key := "reopened." + ev.Reason; p.Has(key) {
			return p.T(key)
		}
		return p.T(key, "Name", name) + reason
	case escalation.EventTyped:
		s := p.T(key, "Name", name, "Type", p.typeName(ev.RequestType))
		if ev.Impact != "" {
			s += " " + p.weighed(ev.Impact, ev.Urgency)
		}
		return s
	case escalation.EventPrioritized:
		return p.T(key, "Name", name) + " " + p.weighed(ev.Impact, ev.Urgency) + reason
	case escalation.EventRated:
		return p.T(key, "Score", p.T("rating."+string(ev.Score)))
	case escalation.EventStaged:
		return p.T(key, "Name", name, "Stage", p.stageName(ev.Stage))
	case escalation.EventFact:
		return p.T(key, "Name", name, "Key", p.FactName(ev.Fact.Key), "Value", ev.Fact.Value)
	case escalation.EventAffirmed, escalation.EventDisputed:
		return p.T(key, "Name", name, "Key", p.FactName(ev.Fact.Key), "Value", ev.Fact.Value) + reason
	case escalation.EventStep:
		return p.stepSentence(name, ev.Step)
	case escalation.EventSuspected:
		return p.T(key, "Signs", p.signs(ev.Signs))
	case escalation.EventCarried:
		return p.T(key, "Name", name, "Number", ev.Other.Number, "Count", len(ev.Entries))
	case escalation.EventReturned, escalation.EventTakenBack, escalation.EventMerged, escalation.EventUnmerged, escalation.EventJoined, escalation.EventParted:
		return p.T(key, "Name", name, "Number", ev.Other.Number)
	case escalation.EventTaskOpened:
		return p.T(key, "Name", name, "Number", ev.Other.Number, "Place", p.At(ev.Team, ev.Tier))
	case escalation.EventTaskAnswered:
		return p.T(key, "Name", name, "Number", ev.Other.Number, "Result", p.T("task.result."+string(ev.Result)))
	case escalation.EventTaskDone:
		return p.T(key, "Name", name, "Result", p.T("task.result."+string(ev.Result)))
	case escalation.EventAttached:
		return p.T(key, "Name", name, "Title", ev.Title)
	case escalation.EventGiven:
		return p.T(key, "Name", name, "To", p.person(*ev.Requester)) + reason
	case escalation.EventMentioned:
		return p.called(ev)
	case escalation.EventReminded, escalation.EventLapsed, escalation.EventKept, escalation.EventZoned, escalation.EventFollows, escalation.EventFollowed:
		return p.quiet(ev)
	case escalation.EventProposed:
		return p.T(key, "Name", name, "Email", ev.Address.Email)
	}
	return p.T(key, "Name", name) + reason
}

// signs says why something is suspected.
func (p *ticketPage) signs(signs []string) string {
	var words []string
	for _, s := range signs {
		words = append(words, p.T("spam.sign."+s))
	}
	return strings.Join(words, ", ")
}

// day writes a date until which somebody waits.
func (p *ticketPage) day(t time.Time) string { return p.Date(t) }

// sinceThen marks what was written after a form was drawn, by others than the
// reader.
func (p *ticketPage) sinceThen(seen int) {
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Seq > seen && l.said && (p.Me == nil || l.by != p.Me.Ref()) {
			l.New = true
			again := *l
			again.Anchor, again.Latest = false, false
			p.Newer = append(p.Newer, again)
		}
	}
}
