package escalation

// A Team is a group of staff with a skill, at one or several tiers.
type Team struct {
	ID   string `json:"id"`
	Name Text   `json:"name"` // customers read it
	Min  int    `json:"min"`  // tiers
	Max  int    `json:"max"`
}

// Triage is the team that every ticket enters, and to which refusals return.
const Triage = "general"

// A TeamID among the arguments of a sentence is said by the team's name, in the
// reader's language.
type TeamID string
