package escalation

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestFilter: what a filter says of whoever looks is theirs, and what it says of time
// goes with the time.
func TestFilter(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	teams := []string{"tech", "rrr"}
	for _, test := range []struct {
		f    Filter
		want Queue
	}{
		{Filter{}, Queue{}},
		{Filter{Team: "tech", Tier: 2, Type: "payment", Lang: "es", By: ByDue}, Queue{Teams: []string{"tech"}, Tier: 2, Type: "payment", Lang: "es", By: ByDue}},
		{Filter{Team: OwnTeams, Who: Me}, Queue{Teams: teams, Assignee: "anna"}},
		{Filter{Who: NoOne, State: OurTurn}, Queue{Free: true, Turn: Ours}},
		{Filter{Who: "bea", State: string(Solved)}, Queue{Assignee: "bea", State: Solved}},
		{Filter{State: string(Closed)}, Queue{Closed: true}},
		{Filter{Due: DueLate}, Queue{DueFrom: time.UnixMilli(0), DueTill: now}},
		{Filter{Due: DueSoon}, Queue{DueFrom: now, DueTill: now.Add(24 * time.Hour)}},
		{Filter{Due: DueNever}, Queue{Undue: true}},
	} {
		if diff := cmp.Diff(test.want, test.f.Queue("anna", teams, now)); diff != "" {
			t.Errorf("%+v (-want +got):\n%s", test.f, diff)
		}
	}
}

func TestViewName(t *testing.T) {
	for typed, want := range map[string]string{"  Pagos \n tarde ": "Pagos tarde", "": "", " ": "", strings.Repeat("x", 41): ""} {
		v, err := View{}.Called(typed)
		if v.Name != want && err == nil || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", typed, v.Name, err)
		}
	}
}
