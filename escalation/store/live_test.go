package store_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestPresence: who is at a ticket is kept for some seconds. Who writes goes on to write
// while their page is open, until they say that they do not, and nobody else changes it.
func TestPresence(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), start
		reads := func(number, person string) escalation.Presence {
			return escalation.Presence{Number: number, Person: person, Name: strings.ToUpper(person)}
		}
		writes := func(number, person string) escalation.Presence {
			p := reads(number, person)
			p.Writes = true
			return p
		}
		keep := func(list ...escalation.Presence) {
			t.Helper()
			if err := db.KeepPresent(ctx, list, now); err != nil {
				t.Fatal(err)
			}
		}
		set := func(p escalation.Presence) {
			t.Helper()
			if err := db.SetPresent(ctx, p, now); err != nil {
				t.Fatal(err)
			}
		}
		there := func(want ...escalation.Presence) {
			t.Helper()
			all, err := db.Present(ctx, now)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(want, all); diff != "" {
				t.Errorf("there (-want +got):\n%s", diff)
			}
			one, err := db.PresentAt(ctx, "1", now)
			if err != nil {
				t.Fatal(err)
			}
			want = slices.DeleteFunc(slices.Clone(want), func(p escalation.Presence) bool { return p.Number != "1" })
			if len(one) != len(want) || len(one) > 0 && !slices.Equal(one, want) {
				t.Errorf("at one: %v, want %v", one, want)
			}
		}
		there()
		keep(reads("1", "b"), reads("1", "a"), reads("2", "a"))
		there(reads("1", "a"), reads("1", "b"), reads("2", "a"))
		set(writes("1", "b"))
		keep(reads("1", "a"), reads("1", "b"))
		there(reads("1", "a"), writes("1", "b"), reads("2", "a"))
		now = now.Add(escalation.PresenceTime - time.Second)
		keep(reads("1", "b"))
		there(reads("1", "a"), writes("1", "b"), reads("2", "a"))
		set(reads("1", "b")) // what they wrote is gone
		there(reads("1", "a"), reads("1", "b"), reads("2", "a"))
		now = now.Add(time.Second)
		there(reads("1", "b"))
		set(writes("1", "b"))
		now = now.Add(escalation.PresenceTime)
		there()
		keep(reads("1", "b"))
		there(reads("1", "b"))
		forget := func(p escalation.Presence, kept time.Time) {
			t.Helper()
			if err := db.Forget(ctx, p, kept); err != nil {
				t.Fatal(err)
			}
		}
		forget(reads("1", "b"), now.Add(-time.Second)) // another page kept them since
		forget(reads("2", "b"), now)
		there(reads("1", "b"))
		forget(reads("1", "b"), now)
		there()
		set(writes("1", "b"))
		forget(reads("1", "b"), now)
		there(writes("1", "b"))
		set(reads("1", "b"))
		if err := db.Leave(ctx, "2", "b"); err != nil {
			t.Fatal(err)
		}
		there(reads("1", "b"))
		if err := db.Leave(ctx, "1", "b"); err != nil {
			t.Fatal(err)
		}
		there()
	})
}

// TestTouchedSince: what others did to tickets, the latest first, each ticket once.
func TestTouchedSince(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		me := escalation.ActorRef{Kind: escalation.ByStaff, ID: "me"}
		for i, number := range []string{"00000001", "00000002", "00000003"} {
			open(t, db, number, start.Add(time.Duration(i)*time.Minute))
		}
		says := func(number string, by escalation.ActorRef, after time.Duration) {
			t.Helper()
			goesOn(t, db, number, start.Add(after), escalation.Entry{By: by, Kind: escalation.Internal, Text: "Look.", Event: &escalation.Event{Kind: escalation.EventSaid}})
		}
		says("00000001", escalation.ActorRef{Kind: escalation.ByStaff, ID: "another"}, time.Hour)
		says("00000003", me, 2*time.Hour)
		says("00000001", me, 3*time.Hour)
		if err := db.SetSetting(t.Context(), "x", 1); err != nil {
			t.Fatal(err)
		}
		for _, test := range []struct {
			since time.Duration
			me    string
			most  int
			want  string
		}{
			{0, "me", 100, "00000001 00000003 00000002"},
			{time.Minute, "me", 100, "00000001 00000003 00000002"},
			{2 * time.Minute, "me", 100, "00000001 00000003"},
			{time.Hour, "me", 100, "00000001"},
			{time.Hour + time.Millisecond, "me", 100, ""},
			{time.Hour, "another", 100, "00000001 00000003"},
			{0, "nobody", 100, "00000001 00000003 00000002"},
			{2 * time.Hour, "nobody", 100, "00000001 00000003"},
		} {
			got, err := db.TouchedSince(t.Context(), start.Add(test.since), test.me, test.most)
			if err != nil || strings.Join(got, " ") != test.want {
				t.Errorf("since %v but by %s: %v, %v; want %s", test.since, test.me, got, err, test.want)
			}
		}
		// At most so many acts are read, and the latest was no ticket's.
		if got, err := db.TouchedSince(t.Context(), start, "nobody", 1); err != nil || len(got) != 0 {
			t.Errorf("one act: %v, %v", got, err)
		}
	})
}

// TestSessions: sessions that ended are not there.
func TestSessions(t *testing.T) {
	now := start
	storetest.Each(t, store.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *store.DB) {
		now = start
		p := staff.Person{ID: "anna", PasswordHash: "x"}
		long, _ := staff.NewSession(p, "Firefox", now)
		short, _ := staff.NewSession(p, "Firefox", now)
		gone, _ := staff.NewSession(p, "Firefox", now)
		for s, life := range map[*staff.Session]time.Duration{&long: time.Hour, &short: time.Minute, &gone: time.Hour} {
			if err := db.SaveSession(t.Context(), *s, "{}", now.Add(life)); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.DeleteSession(t.Context(), gone.Hash); err != nil {
			t.Fatal(err)
		}
		now = now.Add(2 * time.Minute)
		hashes := []string{short.Hash, gone.Hash}
		for range 1000 {
			hashes = append(hashes, staff.Hash(escalation.NewID()))
		}
		list, err := db.Sessions(t.Context(), append(hashes, long.Hash))
		long.Agent = ""
		if diff := gocmp.Diff([]staff.Session{long}, list); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
		if list, err := db.Sessions(t.Context(), nil); len(list) > 0 || err != nil {
			t.Errorf("none: %v, %v", list, err)
		}
	})
}
