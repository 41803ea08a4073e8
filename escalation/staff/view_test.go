package staff

import (
	"testing"

	"primalinea/escalation"
)

// TestViews: a list is seen by whose it is, or by the team; that of a team is changed
// by a lead alone.
func TestViews(t *testing.T) {
	anna := Person{ID: "anna", Roles: []Role{Agent}, Tier: 1, Teams: []string{"tech"}}
	bea := Person{ID: "bea", Roles: []Role{Agent}, Tier: 3, Teams: []string{"rrr"}}
	lea := Person{ID: "lea", Roles: []Role{Lead}}
	gone := Person{ID: "anna", Roles: []Role{Agent}, Teams: []string{"tech"}, Disabled: true}
	writer := Person{ID: "anna", Roles: []Role{Writer}}
	own, team := &escalation.View{Owner: "anna"}, &escalation.View{Team: "tech"}
	for _, test := range []struct {
		who         Person
		v           *escalation.View
		sees, keeps bool
	}{
		{anna, own, true, true}, {bea, own, false, false}, {lea, own, false, false}, {gone, own, true, false}, {writer, own, true, false},
		{anna, team, true, false}, {bea, team, false, false}, {lea, team, true, true},
		{anna, &escalation.View{}, false, false}, {lea, &escalation.View{}, false, false},
	} {
		if s, k := test.who.Sees(test.v), test.who.Keeps(test.v); s != test.sees || k != test.keeps {
			t.Errorf("%s %v, %+v: sees %v, keeps %v", test.who.ID, test.who.Roles, test.v, s, k)
		}
	}
}
