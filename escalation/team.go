package escalation

// A Team is a group of staff with a skill, at one or several tiers. Its public
// name is in the catalog as "team.<id>".
type Team struct {
	ID       string
	Min, Max int // tiers
}

// Triage is the team that every ticket enters, and to which refusals return.
const Triage = "general"

// Teams are the teams that are shipped.
var Teams = []Team{
	{Triage, 1, 1},
	{"tech", 1, 3},
	{"rrr", 2, 2}, // return, replacement, refund
	{"payments", 2, 2},
	{"logistics", 2, 2},
}

// TeamByID returns a team, and whether there is one.
func TeamByID(id string) (Team, bool) {
	for _, t := range Teams {
		if t.ID == id {
			return t, true
		}
	}
	return Team{}, false
}
