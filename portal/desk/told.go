package desk

import (
	"html/template"
	"slices"
	"strings"
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

// factName says the name of a fact as one language has it: of what the type asks for, of
// a step of it, or of what many need; else what somebody of the staff called it.
func factName(s speaker, lang string, kind *escalation.RequestType, key string) string {
	if n := kind.Need(key); n != nil {
		return n.Name.In(lang)
	}
	if id, ok := escalation.RemedyOf(key); ok {
		if m := kind.Remedy(id); m != nil {
			return m.What.In(lang)
		}
	}
	if slices.Contains(factKeys, key) {
		return s.T("fact." + key)
	}
	return strings.ReplaceAll(key, "_", " ")
}

// factKey returns the key of the fact that somebody names in a form: of one that has
// this name on their page, else a new one.
func factKey(s speaker, lang string, kind *escalation.RequestType, t *escalation.Ticket, name string) string {
	name = escalation.CleanLine(name)
	keys := namedKeys(kind)
	for _, f := range t.Facts {
		keys = append(keys, f.Key)
	}
	for _, q := range t.Questions {
		keys = append(keys, q.Key)
	}
	for _, key := range keys {
		if key == name || strings.EqualFold(factName(s, lang, kind, key), name) {
			return key
		}
	}
	return escalation.FactKey(name)
}

// namedKeys are those of the facts and steps of a type, and of what many tickets need.
func namedKeys(kind *escalation.RequestType) (keys []string) {
	if kind != nil {
		for _, n := range kind.Needs {
			keys = append(keys, n.Key)
		}
		for _, m := range kind.Steps {
			keys = append(keys, m.Key())
		}
	}
	return append(keys, factKeys...)
}

// FactName says the name of a fact in the reader's language.
func (p *ticketPage) FactName(key string) string { return factName(p, p.Lang, p.Kind, key) }

// FactNames are the names that a form offers.
func (p *ticketPage) FactNames() (names []string) {
	for _, key := range namedKeys(p.Kind) {
		if _, step := escalation.RemedyOf(key); step {
			continue
		}
		if name := p.FactName(key); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
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
