package desk

import (
	"html/template"
	"slices"
	"time"

	"primalinea/escalation"
)

// A step of the trail is one thing that the requester did, in words.
type step struct {
	When  template.HTML
	Words string
	Link  string // to the article
	Title string
	Lang  string // of the title
	More  string // how long it was open, why it did not help
}

// A handoff is one move, in words.
type handoff struct {
	escalation.Handoff
	FromIs, ToIs   string // team and tier
	StateIs        string
	When, Due      template.HTML
	ReasonIs       string
	AnsweredAt     template.HTML
	FromWho, ByWho string
}

// A letter is one that was written to the requester.
type letter struct {
	What, To, StateIs string
	When              template.HTML
	Bad               bool
}

// FactName says the name of a fact: in words when it is one of ours.
func (p *ticketPage) FactName(key string) string {
	if n := p.Kind.Need(key); n != nil {
		return n.Name.In(p.Lang)
	}
	if slices.Contains(factKeys, key) {
		return p.T("fact." + key)
	}
	return key
}

// A source is where a fact comes from.
type source struct {
	State, By string
	When      template.HTML
}

// At is a team and a tier, in words.
func (p *ticketPage) At(team string, tier int) string {
	return p.T("desk.place", "Team", p.TeamName(team), "Tier", tier)
}

// handoff says a move in words.
func (p *ticketPage) handoff(h *escalation.Handoff) handoff {
	out := handoff{
		Handoff: *h,
		FromIs:  p.At(h.FromTeam, h.FromTier), ToIs: p.At(h.Team, h.Tier),
		StateIs: p.T("handoff." + string(h.State)),
		When:    p.When(h.Offered), Due: p.When(h.By),
		FromWho: p.who(h.From), ByWho: p.who(h.AnsweredBy),
	}
	if !h.Answered.IsZero() {
		out.AnsweredAt = p.When(h.Answered)
	}
	if h.Reason != "" {
		out.ReasonIs = p.T("refusal." + h.Reason)
	}
	return out
}

// letter says what became of a letter.
func (p *ticketPage) letter(d escalation.Delivery) letter {
	return letter{
		What: p.T("letter." + string(d.Kind)), To: d.To,
		StateIs: p.T("delivery." + string(d.State)),
		When:    p.When(d.Made),
		Bad:     d.State == escalation.LetterFailed,
	}
}

// trail says what the requester did before asking.
func (p *ticketPage) trail(trail *escalation.Trail, find articleByKey) []step {
	if trail == nil {
		return nil
	}
	var steps []step
	for _, m := range trail.Moments {
		s := step{When: p.When(m.At)}
		key := "trail." + m.Kind
		switch m.Kind {
		case "search":
			s.Words = p.T(key, "Query", m.Query, "Count", m.Hits)
		case "open", "vote_yes", "vote_no", "suggested", "declined":
			s.Words, s.Title, s.Lang = p.T(key), m.Title, m.Lang
			if a := find(m.Article, m.Lang, p.Lang); a != nil {
				s.Link = a.Path()
				if s.Title == "" {
					s.Title, s.Lang = a.Title, a.Lang
				}
			}
			if s.Title == "" {
				s.Title = m.Article
			}
		case "form":
			s.Words = p.T(key)
		default:
			continue // of a later version of ours
		}
		if m.Seconds > 0 {
			s.More = p.T("trail.seconds", "Count", m.Seconds)
			if m.Seconds >= 120 {
				s.More = p.Span(time.Duration(m.Seconds) * time.Second)
			}
		}
		if m.Reason != "" {
			s.More = p.T("trail.reason", "Reason", p.Because(m.Reason))
		}
		steps = append(steps, s)
	}
	return steps
}
