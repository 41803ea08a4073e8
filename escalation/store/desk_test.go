package store_test

import (
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestDesk keeps versions of the desk: the first is the shipped one, an edit makes
// the next, and of two at once one is told.
func TestDesk(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, lead := t.Context(), escalation.ActorRef{Kind: escalation.ByStaff, ID: "lea", Name: "Lea"}
		desks, err := escalation.OpenDesks(ctx, db, start)
		if err != nil {
			t.Fatal(err)
		}
		first := desks.Current()
		if first.Version != 1 || first.By.Kind != escalation.BySystem || !first.Made.Equal(start) || first.TeamName("tech", "it") != "Assistenza tecnica" {
			t.Fatalf("at first: %+v", first)
		}
		other, err := escalation.OpenDesks(ctx, db, start.Add(time.Hour))
		if err != nil || other.Current().Version != 1 || !other.Current().Made.Equal(start) {
			t.Fatalf("another process: %+v, %v", other.Current(), err)
		}

		edit := *first
		edit.Teams = append(edit.Teams, escalation.Team{ID: "lab", Name: escalation.Text{"it": "Laboratorio"}, Min: 2, Max: 3})
		second, err := desks.Change(ctx, edit, lead, start.Add(time.Hour))
		if err != nil || second.Version != 2 || second.By != lead || second.TeamName("lab", "es") != "Laboratorio" || desks.Current() != second {
			t.Fatalf("edited: %+v, %v", second, err)
		}
		// The other process has not heard of it: whoever edits there is told, and sees it.
		now, err := other.Change(ctx, edit, lead, start.Add(2*time.Hour))
		if escalation.KindOf(err) != escalation.Conflict || now.Version != 2 || other.Current() != now {
			t.Fatalf("two at once: %+v, %v", now, err)
		}
		edit.Teams[0].Name = nil
		if now, err := desks.Change(ctx, edit, lead, start); escalation.KindOf(err) != escalation.Invalid || now != nil || desks.Current().Version != 2 {
			t.Fatalf("wrong: %+v, %v", now, err)
		}

		for version, want := range map[int]int{0: 1, 1: 1, 2: 2} {
			if d, err := other.At(ctx, version); err != nil || d.Version != want {
				t.Errorf("at %d: %+v, %v", version, d, err)
			}
		}
		if d, err := other.At(ctx, 1); err != nil || d.TeamName("lab", "it") != "lab" {
			t.Errorf("the first knows of the second: %+v, %v", d, err)
		}
		if _, err := other.At(ctx, 3); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("a version to come: %v", err)
		}
		history, err := desks.History(ctx, 100, 1)
		if err != nil || len(history) != 1 || history[0].Version != 2 {
			t.Errorf("history: %+v, %v", history, err)
		}
		// What a lead decided stays, whatever another program ships.
		if again, err := escalation.OpenDesks(ctx, db, start); err != nil || again.Current().Version != 2 {
			t.Errorf("opened again: %+v, %v", again.Current(), err)
		}
	})
}

// TestShippedAnew follows what the program ships, as long as no lead has decided
// anything.
func TestShippedAnew(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		old := *escalation.ShippedDesk()
		old.Teams, old.Made = old.Teams[:2], start
		if err := db.KeepDesk(t.Context(), old); err != nil {
			t.Fatal(err)
		}
		desks, err := escalation.OpenDesks(t.Context(), db, start.Add(time.Hour))
		if err != nil || desks.Current().Version != 2 || desks.Current().TeamName("rrr", "en") == "rrr" {
			t.Fatalf("%+v, %v", desks.Current(), err)
		}
	})
}
