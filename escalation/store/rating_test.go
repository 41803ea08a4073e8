package store_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestRatings counts what customers say, and shows each agent what was said of their
// own solutions; erased words are gone.
func TestRatings(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		say := func(number, agent string, at time.Time, score escalation.Score, text string) {
			t.Helper()
			by := escalation.ActorRef{Kind: escalation.ByStaff, ID: agent}
			tk := open(t, db, number, at)
			goesOn(t, db, number, at.Add(time.Hour),
				escalation.Entry{ID: "solution-" + number, By: by, Kind: escalation.Public, Text: "So.", Event: &escalation.Event{
					Kind: escalation.EventSolved, Solution: &escalation.Solution{Entry: "solution-" + number, By: by}}})
			if _, err := db.Change(t.Context(), number, func(t escalation.Ticket) (escalation.Change, error) {
				return t.Rate(escalation.RateCommand{Message: escalation.Message{Text: text}, Score: score}, escalation.RequesterOf{Ticket: tk.ID}, escalation.NewID, at.Add(2*time.Hour))
			}); err != nil {
				t.Fatal(err)
			}
		}
		say("00000001", "anna", start, escalation.Good, "Quick!")
		say("00000002", "anna", start.Add(24*time.Hour), escalation.Poor, "")
		say("00000003", "bruno", start.Add(48*time.Hour), escalation.Good, "")
		for _, test := range []struct {
			agent string
			since time.Time
			want  []string
			good  int
		}{
			{"", start, []string{"00000003", "00000002", "00000001"}, 2},
			{"anna", start, []string{"00000002", "00000001"}, 1},
			{"anna", start.Add(24 * time.Hour), []string{"00000002"}, 0},
			{"carla", start, nil, 0},
		} {
			got, err := db.Ratings(t.Context(), test.agent, test.since, 10)
			if err != nil {
				t.Fatal(err)
			}
			var latest []string
			good := 0
			for _, l := range got.Latest {
				latest = append(latest, l.Number)
			}
			for _, n := range got.Counts {
				if n.Score == escalation.Good {
					good += n.N
				}
			}
			if diff := cmp.Diff(test.want, latest); diff != "" || good != test.good {
				t.Errorf("of %q since %s: %d good\n%s", test.agent, test.since, good, diff)
			}
		}
		got, err := db.Ratings(t.Context(), "anna", start, 10)
		if err != nil || got.Latest[1].Text != "Quick!" || got.Latest[1].Channel != escalation.Web || got.Latest[1].Tier != 1 {
			t.Errorf("%+v, %v", got.Latest, err)
		}
	})
}
