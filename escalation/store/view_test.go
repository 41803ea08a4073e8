package store_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestViews keeps saved lists: of two who change one at once the second is told, and
// nobody has more than they may.
func TestViews(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, anna := t.Context(), escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
		filter := escalation.Filter{Team: escalation.OwnTeams, Tier: 2, Type: "payment", State: escalation.OurTurn, Lang: "es", Who: escalation.NoOne, Due: escalation.DueSoon, By: escalation.ByDue}
		mine := escalation.View{ID: "v1", Owner: "anna", Name: "Español", Filter: filter}.Next(anna, start)
		team := escalation.View{ID: "v2", Team: "tech", Name: "Tech"}.Next(anna, start.Add(time.Hour))
		other := escalation.View{ID: "v3", Owner: "bea", Name: "Bea's"}.Next(escalation.ActorRef{Kind: escalation.ByStaff, ID: "bea"}, start)
		has := func(want ...escalation.View) {
			t.Helper()
			got, err := db.Views(ctx, "anna")
			if diff := cmp.Diff(want, got); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
		}
		for _, v := range []escalation.View{team, mine, other} {
			if err := db.KeepView(ctx, v); err != nil {
				t.Fatal(err)
			}
		}
		has(mine, team)

		next := mine
		next.Name, next.Filter = "Otros", escalation.Filter{}
		next = next.Next(anna, start.Add(time.Hour))
		if err := db.KeepView(ctx, next); err != nil {
			t.Fatal(err)
		}
		for name, err := range map[string]error{
			"the same again": db.KeepView(ctx, next), "a new one with its id": db.KeepView(ctx, mine), "of an old version": db.RemoveView(ctx, mine),
		} {
			if escalation.KindOf(err) != escalation.Conflict {
				t.Errorf("%s: %v", name, err)
			}
		}
		has(next, team)
		if err := db.RemoveView(ctx, next); err != nil {
			t.Fatal(err)
		}
		has(team)

		for i := range escalation.MaxViews + 1 {
			err := db.KeepView(ctx, escalation.View{ID: fmt.Sprint("more", i), Owner: "anna", Name: "x"}.Next(anna, start))
			if full := i == escalation.MaxViews; (escalation.KindOf(err) == escalation.Conflict) != full || (err == nil) == full {
				t.Errorf("list %d: %v", i, err)
			}
		}
		if list, err := db.Views(ctx, "anna"); err != nil || len(list) != escalation.MaxViews+1 {
			t.Errorf("%d lists, %v", len(list), err)
		}
	})
}

// TestViewsAtOnce: many lists kept in one moment are no more than one may have.
func TestViewsAtOnce(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		var keepers sync.WaitGroup
		for i := range 2 * escalation.MaxViews {
			keepers.Go(func() {
				err := db.KeepView(t.Context(), escalation.View{ID: fmt.Sprint("v", i), Owner: "anna", Name: "mine", Version: 1, Made: time.UnixMilli(1)})
				if err != nil && escalation.KindOf(err) != escalation.Conflict {
					t.Errorf("list %d: %v", i, err)
				}
			})
		}
		keepers.Wait()
		if list, err := db.Views(t.Context(), "anna"); err != nil || len(list) != escalation.MaxViews {
			t.Errorf("%d lists, want %d (%v)", len(list), escalation.MaxViews, err)
		}
	})
}

// TestSortedByWords: lists sort by words as people do, on either engine, however they
// are written.
func TestSortedByWords(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		want := []string{"00000003", "00000001", "00000004", "00000002"}
		for number, subject := range map[string]string{"00000001": "“Batteria” scarica", "00000002": "Zoom", "00000003": "arrivato rotto", "00000004": "È rotto"} {
			if _, _, err := db.Open(t.Context(), "", func() (escalation.Change, error) {
				return escalation.NewTicket(escalation.OpenCommand{Desk: escalation.ShippedDesk(), Number: number, Subject: subject, Text: "?", Name: "Anna", Email: "a@example.com", Lang: "it", Channel: escalation.Web}, escalation.RequesterOf{}, escalation.NewID, start)
			}); err != nil {
				t.Fatal(err)
			}
		}
		var got []string
		for q := (escalation.Queue{By: escalation.BySubject, Limit: 1}); ; {
			page, err := db.Queue(t.Context(), q)
			if err != nil || len(got) > len(want) {
				t.Fatal(got, err)
			}
			got = append(got, numbers(page)...)
			if q.After = page.Next; q.After == "" {
				break
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
