package rehearsal

import (
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// shipped is how the desk is set up.
var shipped = escalation.ShippedDesk()

// cast are the people of the desk, made up to be recognised as such. They read pages in
// the language of whoever plays them.
var cast = []struct {
	id string
	staff.Form
}{
	{"sample-lead", staff.Form{Name: "Laura Esempio", Email: "laura@example.com", Roles: []staff.Role{staff.Lead}}},
	{"sample-writer", staff.Form{Name: "Walter Sample", Email: "walter@example.com", Roles: []staff.Role{staff.Writer}}},
	{"sample-first", staff.Form{Name: "Anna Prova", Email: "anna@example.com", Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general", "tech"}}},
	{"sample-first-es", staff.Form{Name: "Bruno Muestra", Email: "bruno@example.com", Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}}},
	{"sample-second", staff.Form{Name: "Carla Ejemplo", Email: "carla@example.com", Roles: []staff.Role{staff.Agent}, Tier: 2, Teams: []string{"tech", "rrr"}}},
	{"sample-accounts", staff.Form{Name: "Diana Test", Email: "diana@example.com", Roles: []staff.Role{staff.Agent}, Tier: 2, Teams: []string{"payments", "logistics"}}},
	{"sample-third", staff.Form{Name: "Emil Sample", Email: "emil@example.com", Roles: []staff.Role{staff.Agent}, Tier: 3, Teams: []string{"tech"}}},
}

// Cast returns who works at the desk: a lead, a writer and agents of every tier,
// in all teams. Nobody has a password yet.
func Cast(now time.Time) ([]staff.Person, error) {
	var people []staff.Person
	for _, c := range cast {
		p, err := staff.NewPerson(c.id, c.Form, shipped, now)
		if err != nil {
			return nil, err
		}
		people = append(people, p)
	}
	return people, nil
}

// CastIDs returns the ids of the cast, in the order of [Cast].
func CastIDs() []string {
	var ids []string
	for _, c := range cast {
		ids = append(ids, c.id)
	}
	return ids
}

// A desk is who works, by what they can do.
type desk []staff.Person

// with returns the people who have a role.
func (d desk) with(r staff.Role) staff.Person {
	for _, p := range d {
		if p.Is(r) {
			return p
		}
	}
	return staff.Person{}
}

// able returns those who may do something to a ticket, but for the lead and one
// other: the lead looks on.
func (d desk) able(a escalation.Action, t *escalation.Ticket, but string) []staff.Person {
	var list []staff.Person
	for _, p := range d {
		if p.ID != but && !p.Is(staff.Lead) && p.May(a, t) {
			list = append(list, p)
		}
	}
	return list
}
