// Package staff is who works here: people with roles, teams and a tier, programs
// with a token, what each of them may do, and how they prove who they are.
//
// It keeps nothing: the store holds its records, and the limiter asks for what
// was tried before through a small interface.
package staff

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/clock"
)

// A Role is a kind of work that a lead grants.
type Role string

// The roles. A person may have several.
const (
	Agent  Role = "agent"
	Writer Role = "writer"
	Lead   Role = "lead"
)

// Roles are all of them, in the order of forms. The catalog has them as
// "role.<role>".
var Roles = []Role{Agent, Writer, Lead}

// A Person works here.
type Person struct {
	ID           string
	Name         string // the customer reads the first word of it
	Email        string // signs in with it; unique
	Lang         string // of the pages they see; empty: the browser's
	Roles        []Role
	Tier         int      // of an agent, 1 to 3; 0 for others
	Teams        []string // ids
	PasswordHash string   // empty until the invitation is used
	Disabled     bool
	Created      time.Time
	Zone         string   // in which their pages tell the time, IANA; empty: the site's
	Notices      []Notice // what they want to hear of by letter
	Factor       *Factor  // what they show beside the password; nil: nothing
	Heir         string   // of somebody disabled: id of the lead who gets what they left

	// Aside is what a change of the person causes beside it.
	Aside Aside
}

// An Aside is written down, and sent, in the transaction of what caused it; then
// it is forgotten here.
type Aside struct {
	Events  []Event
	Letters []escalation.Letter
}

// An Event is something that was done to somebody's account. By is empty when
// they did it themselves without having signed in.
type Event struct {
	At   time.Time
	What string // the catalog says it as "person_event.<what>"
	By   escalation.ActorRef
}

// What is written down.
const (
	EventInvited  = "invited"
	EventChanged  = "changed" // rights, name or address, by a lead
	EventDisabled = "disabled"
	EventEnabled  = "enabled"
	EventPassword = "password"
	EventFactor   = "factor"
	EventNoFactor = "no_factor"
)

// EventKinds are all of them.
var EventKinds = []string{EventInvited, EventChanged, EventDisabled, EventEnabled, EventPassword, EventFactor, EventNoFactor}

// Note has it written down what is done to a person, and by whom.
func (p *Person) Note(what string, by escalation.ActorRef, now time.Time) {
	p.Aside.Events = append(p.Aside.Events, Event{now.UTC().Truncate(time.Millisecond), what, by})
}

// Write has a letter sent to a person, in their language, else in lang.
func (p *Person) Write(kind escalation.LetterKind, lang string, args escalation.LetterArgs, ids func() string, now time.Time) {
	p.Aside.Letters = append(p.Aside.Letters, p.letter(kind, lang, args, ids, now))
}

func (p *Person) letter(kind escalation.LetterKind, lang string, args escalation.LetterArgs, ids func() string, now time.Time) escalation.Letter {
	args.Name, args.Recipient = p.Name, p.Email
	return escalation.Letter{ID: ids(), Kind: kind, To: p.Email, Lang: cmp.Or(p.Lang, lang), Args: args, NotBefore: now.UTC().Truncate(time.Millisecond)}
}

// A Form is what a lead says about a person.
type Form struct {
	Name, Email, Lang string
	Roles             []Role
	Tier              int
	Teams             []string
}

var lang = regexp.MustCompile(`^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$`)

// NewPerson returns somebody who cannot sign in yet: they need an invitation.
func NewPerson(id string, f Form, desk *escalation.Desk, now time.Time) (Person, error) {
	p := Person{ID: id, Created: now.UTC().Truncate(time.Millisecond)}
	err := p.Edit(f, desk)
	return p, err
}

// Founder returns the first lead, who can do everything and is in every team, so
// that one person alone can run the desk.
func Founder(id, name, email, lang string, desk *escalation.Desk, now time.Time) (Person, error) {
	var teams []string
	for _, t := range desk.Teams {
		teams = append(teams, t.ID)
	}
	return NewPerson(id, Form{name, email, lang, Roles, escalation.MaxTier, teams}, desk, now)
}

// Edit changes what a lead may change of a person, who works at a desk; nothing if it
// errs. The caller keeps the last lead with [KeepLead].
func (p *Person) Edit(f Form, desk *escalation.Desk) error {
	n := *p
	n.Name = strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(f.Name, ""))), " ")
	if n.Name == "" {
		return invalid("name", "error.name_missing", nil)
	}
	if utf8.RuneCountInString(n.Name) > escalation.MaxName {
		return invalid("name", "error.too_long", map[string]any{"Max": escalation.MaxName})
	}
	var err error
	if n.Email, err = escalation.ParseEmail("email", f.Email); err != nil {
		return err
	}
	n.Email = FoldEmail(n.Email)
	if !lang.MatchString(f.Lang) {
		return invalid("lang", "error.lang", nil)
	}
	n.Lang = f.Lang
	n.Roles = nil
	for _, r := range Roles { // in our order, and once
		if slices.Contains(f.Roles, r) {
			n.Roles = append(n.Roles, r)
		}
	}
	if len(n.Roles) == 0 || slices.ContainsFunc(f.Roles, func(r Role) bool { return !slices.Contains(Roles, r) }) {
		return invalid("roles", "error.role_missing", nil)
	}
	n.Tier, n.Teams = 0, nil
	if n.Is(Agent) {
		if n.Teams, err = teams(f.Teams, f.Tier, desk); err != nil {
			return err
		}
		n.Tier = f.Tier
	}
	*p = n
	return nil
}

// Live sets what somebody says of themselves beside their name: where they live,
// as a time zone, and what they want to hear of by letter; nothing if it errs.
func (p *Person) Live(zone string, notices []Notice) error {
	zone = strings.TrimSpace(zone)
	if _, ok := clock.Zone(zone); !ok && zone != "" {
		return invalid("zone", "error.zone", nil)
	}
	var wanted []Notice
	for _, n := range Notices {
		if slices.Contains(notices, n) {
			wanted = append(wanted, n)
		}
	}
	p.Zone, p.Notices = zone, wanted
	return nil
}

// Location returns the zone in which a person's pages tell the time.
func (p *Person) Location(site *time.Location) *time.Location {
	if l, ok := clock.Zone(p.Zone); ok {
		return l
	}
	return site
}

// teams returns an agent's teams, in our order. A tier below all of a team's
// would make a member who may do nothing.
func teams(ids []string, tier int, desk *escalation.Desk) ([]string, error) {
	if tier < 1 || tier > escalation.MaxTier {
		return nil, invalid("tier", "error.tier_missing", nil)
	}
	var list []string
	for _, id := range ids {
		t, ok := desk.Team(id)
		if !ok {
			return nil, invalid("teams", "error.team_unknown", nil)
		}
		if tier < t.Min {
			return nil, invalid("tier", "error.tier_below_team",
				map[string]any{"Team": escalation.TeamID(id), "Min": t.Min})
		}
	}
	for _, t := range desk.Teams {
		if slices.Contains(ids, t.ID) {
			list = append(list, t.ID)
		}
	}
	if len(list) == 0 {
		return nil, invalid("teams", "error.team_missing", nil)
	}
	return list, nil
}

// FoldEmail returns the form of an address by which people are known: they sign
// in however they type it.
func FoldEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// Is says whether a person has a role.
func (p *Person) Is(r Role) bool { return slices.Contains(p.Roles, r) }

// serves says whether a person is an agent for a team at a tier.
func (p *Person) serves(team string, tier int) bool {
	return p.Is(Agent) && slices.Contains(p.Teams, team) && tier <= p.Tier
}

// Candidates returns the ids of those who could accept what is offered to a team
// at a tier.
func Candidates(people []Person, team string, tier int) []string {
	var ids []string
	for _, p := range people {
		if p.active() && p.serves(team, tier) {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Answers says whether a person is an agent who can be asked something.
func (p *Person) Answers() bool { return p.active() && p.Is(Agent) }

// active says whether a person can sign in.
func (p *Person) active() bool { return !p.Disabled && p.PasswordHash != "" }

// KeepLead returns a Conflict if, with changed as it is to be, nobody of people
// could sign in as a lead. Who was invited and never came does not count.
func KeepLead(people []Person, changed Person) error {
	for _, p := range people {
		if p.ID == changed.ID {
			p = changed
		}
		if p.active() && p.Is(Lead) {
			return nil
		}
	}
	return &escalation.Error{Kind: escalation.Conflict, Reason: "error.last_lead"}
}

// Ref returns how the ledger names the person.
func (p Person) Ref() escalation.ActorRef {
	return escalation.ActorRef{Kind: escalation.ByStaff, ID: p.ID, Name: p.Name}
}

// String is for logs: no address, no hash.
func (p Person) String() string { return fmt.Sprintf("person %s", p.ID) }

func invalid(field, reason string, args map[string]any) error {
	return &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: reason, Args: args}
}
