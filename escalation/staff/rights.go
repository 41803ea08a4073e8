package staff

import (
	"slices"

	"primalinea/escalation"
)

// What staff may do beside tickets. They are asked for without a ticket.
const (
	ReadAgentArticles escalation.Action = "read_agent_articles"
	ProposeArticles   escalation.Action = "propose_articles"
	EditArticles      escalation.Action = "edit_articles"
	OwnFigures        escalation.Action = "own_figures"
	ReadSearch        escalation.Action = "read_search" // search and article reports
	ReadReports       escalation.Action = "read_reports"
	ReadDemand        escalation.Action = "read_demand"
	Settings          escalation.Action = "settings"
	People            escalation.Action = "people"
	ReadAudit         escalation.Action = "read_audit"    // of who did what
	ShareViews        escalation.Action = "share_views"   // saved lists of tickets, with a team
	PersonalData      escalation.Action = "personal_data" // export and erase it, and say how long what is kept
)

// A reach says to which tickets a right extends.
type reach int

const (
	none    reach = iota
	own           // of own teams, at or below own tier
	offered       // offered to an own team, at or below own tier
	asked         // about which an own team is asked, at or below own tier
	all
)

// rights is the whole table: who may do what. What is not in it, nobody may.
var rights = map[escalation.Action]struct {
	agent, writer, lead reach
	token               Scope // empty: no program may
}{
	escalation.Read:    {agent: all, lead: all, token: TicketsRead},
	escalation.Reply:   {agent: own, lead: all, token: TicketsWrite},
	escalation.Note:    {agent: own, lead: all, token: TicketsWrite},
	escalation.Take:    {agent: own, lead: all, token: TicketsWrite},
	escalation.Ask:     {agent: own, lead: all, token: TicketsWrite},
	escalation.Wait:    {agent: own, lead: all, token: TicketsWrite},
	escalation.Solve:   {agent: own, lead: all, token: TicketsWrite},
	escalation.Offer:   {agent: own, lead: all, token: TicketsWrite},
	escalation.Answer:  {agent: offered, lead: all, token: TicketsWrite},
	escalation.Advise:  {agent: asked, lead: all},
	escalation.Decide:  {lead: all},
	escalation.OpenFor: {agent: all, lead: all, token: TicketsWrite},

	escalation.KeepProblem: {agent: all, lead: all},
	escalation.EndProblem:  {lead: all},

	escalation.EraseWords: {lead: all},

	ReadAgentArticles: {agent: all, writer: all, lead: all},
	ProposeArticles:   {agent: all, writer: all, lead: all},
	EditArticles:      {writer: all, lead: all},
	OwnFigures:        {agent: all, lead: all},
	ReadSearch:        {writer: all, lead: all, token: ReportsRead},
	ReadReports:       {lead: all, token: ReportsRead},
	ReadDemand:        {lead: all, token: ReportsRead},
	Settings:          {lead: all},
	ShareViews:        {lead: all},
	People:            {lead: all},
	PersonalData:      {lead: all},
	ReadAudit:         {lead: all},
}

// May says whether a person may do something to a ticket; without one, whether
// they may do what needs none.
func (p Person) May(a escalation.Action, t *escalation.Ticket) bool {
	if p.Disabled || over(a, t) {
		return false
	}
	r := rights[a]
	return p.Is(Agent) && p.reaches(r.agent, t) ||
		p.Is(Writer) && p.reaches(r.writer, t) ||
		p.Is(Lead) && p.reaches(r.lead, t)
}

// over says whether there is nothing left to do: an erased ticket can only be read.
func over(a escalation.Action, t *escalation.Ticket) bool {
	return t != nil && !t.Erased.IsZero() && a != escalation.Read && a != escalation.EraseWords
}

func (p *Person) reaches(r reach, t *escalation.Ticket) bool {
	switch {
	case r == all:
		return true
	case r == none || t == nil:
		return false
	case r == own:
		return p.serves(t.Team, t.Tier)
	case r == asked:
		return slices.ContainsFunc(t.OpenConsults(), func(k escalation.Consult) bool { return p.serves(k.Team, k.Tier) })
	}
	h := t.Pending()
	return h != nil && p.serves(h.Team, h.Tier)
}

// May says whether a token's scopes allow something, for the tickets of any team.
func (k Token) May(a escalation.Action, t *escalation.Ticket) bool {
	s := rights[a].token
	return !over(a, t) && s != "" && k.Revoked.IsZero() && slices.Contains(k.Scopes, s)
}
