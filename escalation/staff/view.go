package staff

import (
	"slices"

	"primalinea/escalation"
)

// Sees says whether a saved list is one of a person's: their own, or one of a team
// of theirs. A lead sees those of all teams.
func (p *Person) Sees(v *escalation.View) bool {
	if v.Team == "" {
		return v.Owner == p.ID
	}
	return p.Is(Lead) || slices.Contains(p.Teams, v.Team)
}

// Keeps says whether a person may save a list as it is, change it, or remove it.
func (p *Person) Keeps(v *escalation.View) bool {
	if p.Disabled || !p.May(escalation.Read, nil) {
		return false
	}
	if v.Team == "" {
		return v.Owner == p.ID
	}
	return p.May(ShareViews, nil)
}
