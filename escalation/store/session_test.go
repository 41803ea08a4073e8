package store_test

import (
	"testing"
	"time"

	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

func TestSession(t *testing.T) {
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	storetest.Each(t, store.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *store.DB) {
		ctx, later := t.Context(), now.Add(time.Hour)
		save := func(hash, person string, expires time.Time) {
			t.Helper()
			s := staff.Session{Hash: hash, Person: person, Proof: "p", Created: now, Seen: now.Add(time.Minute), Agent: "Firefox"}
			if err := db.SaveSession(ctx, s, `{"of":"`+hash+`"}`, expires); err != nil {
				t.Fatal(err)
			}
		}
		check := func(when string, want ...string) {
			t.Helper()
			alive := make(map[string]bool)
			for _, hash := range want {
				alive[hash] = true
			}
			for _, hash := range []string{"anna1", "anna2", "anna3", "bruno", "nobody", "old"} {
				s, data, found, err := db.Session(ctx, hash)
				if err != nil || found != alive[hash] || found && (data != `{"of":"`+hash+`"}` || s.Agent != "Firefox" || s.Proof != "p" || !s.Created.Equal(now)) {
					t.Errorf("%s: %s: %v %+v %s (%v)", when, hash, found, s, data, err)
				}
			}
		}
		save("anna1", "anna", later)
		save("anna2", "", later)
		save("anna2", "anna", later) // signed in
		save("anna3", "anna", later)
		save("bruno", "bruno", later)
		save("nobody", "", later)
		save("old", "", now)
		check("saved", "anna1", "anna2", "anna3", "bruno", "nobody")
		if err := db.DeleteSession(ctx, "anna1"); err != nil {
			t.Error(err)
		}
		check("signed out", "anna2", "anna3", "bruno", "nobody")
		if err := db.DeleteSessionsOf(ctx, "anna", "anna3"); err != nil {
			t.Error(err)
		}
		if err := db.DeleteSessionsOf(ctx, "", ""); err != nil { // nobody's are not one person's
			t.Error(err)
		}
		if err := db.SweepSessions(ctx); err != nil {
			t.Error(err)
		}
		check("signed out elsewhere", "anna3", "bruno", "nobody")
		if of, err := db.SessionsOf(ctx, "anna"); err != nil || len(of) != 1 || of[0].Hash != "anna3" {
			t.Errorf("sessions of anna: %+v, %v", of, err)
		}
		for hash, want := range map[string]bool{"anna1": false, "old": false, "bruno": true} {
			if found, err := db.TouchSession(ctx, hash, now.Add(2*time.Minute), later); err != nil || found != want {
				t.Errorf("touch %s: %t, %v", hash, found, err)
			}
		}
		check("used again", "anna3", "bruno", "nobody") // what ended has not come back
		if s, _, _, err := db.Session(ctx, "bruno"); err != nil || !s.Seen.Equal(now.Add(2*time.Minute)) {
			t.Errorf("bruno was last seen %v, %v", s.Seen, err)
		}
	})
}
