package escalation

import "time"

// A Filter says which tickets somebody wants to see, in words that stay true for
// whoever looks, and whenever. What is left empty does not narrow it.
type Filter struct {
	Text     string `json:"text,omitempty"` // words that all stand in it
	Team     string `json:"team,omitempty"` // id, or OwnTeams
	Tier     int    `json:"tier,omitempty"`
	Priority int    `json:"priority,omitempty"`
	Type     string `json:"type,omitempty"`  // of request
	State    string `json:"state,omitempty"` // a State, or OurTurn
	Lang     string `json:"lang,omitempty"`
	Who      string `json:"who,omitempty"` // staff id, Me or NoOne
	Due      string `json:"due,omitempty"` // DueLate, DueSoon or DueNever
	By       Order  `json:"by,omitempty"`
}

// What a filter says of whoever looks. No id looks like it.
const (
	OwnTeams = "~own"
	Me       = "~me"
	NoOne    = "~nobody"
	OurTurn  = "~ours"
)

// What a filter says about what is due next.
const (
	DueLate  = "late"
	DueSoon  = "soon" // within SoonHours
	DueNever = "never"
)

// SoonHours are those in which something is due soon.
const SoonHours = 24

// FilterStates and FilterDues are what a filter may say of these, in the order of forms.
var (
	FilterStates = []string{OurTurn, string(New), string(Open), string(WaitCustomer), string(WaitOther), string(Solved), string(Closed)}
	FilterDues   = []string{DueLate, DueSoon, DueNever}
)

// Queue returns the list that a filter is now, for somebody with an id and teams.
// Without teams, own teams are all. Which tickets have its text, the caller finds.
func (f Filter) Queue(me string, teams []string, now time.Time) Queue {
	q := Queue{Tier: f.Tier, Priority: f.Priority, Type: f.Type, Lang: f.Lang, By: f.By}
	switch f.Team {
	case "":
	case OwnTeams:
		q.Teams = teams
	default:
		q.Teams = []string{f.Team}
	}
	switch State(f.State) {
	case "":
	case OurTurn:
		q.Turn = Ours
	case Closed:
		q.Closed = true
	default:
		q.State = State(f.State)
	}
	switch f.Who {
	case "":
	case Me:
		q.Assignee = me
	case NoOne:
		q.Free = true
	default:
		q.Assignee = f.Who
	}
	switch f.Due {
	case DueLate:
		q.DueFrom, q.DueTill = time.UnixMilli(0), now
	case DueSoon:
		q.DueFrom, q.DueTill = now, now.Add(SoonHours*time.Hour)
	case DueNever:
		q.Undue = true
	}
	return q
}

// A View is a list of tickets that somebody saved, for themselves or for a team.
type View struct {
	ID      string
	Owner   string // staff id of whose it is; empty: the team's
	Team    string // of whose members it is; empty: the owner's
	Name    string
	Filter  Filter
	Version int // 1 is the first
	Made    time.Time
	By      ActorRef
}

// MaxViews is how many lists somebody may have, and how many a team.
const MaxViews = 20

// maxViewName is how long the name of a list may be: it is written on a tab.
const maxViewName = 40

// Called returns the view under a name as somebody typed it.
func (v View) Called(name string) (View, error) {
	var err error
	v.Name, err = wanted("name", name, "error.view_name", maxViewName)
	return v, err
}

// Next returns the version after this one.
func (v View) Next(by ActorRef, now time.Time) View {
	v.Version++
	v.By, v.Made = by, stamp(now)
	return v
}
