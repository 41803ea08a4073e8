package store_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/demand"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/privacy"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestKinds knows the table of which nobody says how long it is kept, and the one that
// is not there any more.
func TestKinds(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		there, err := db.OwnTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		delete(there, "goose_db_version")
		for _, k := range setting.Kinds {
			for _, table := range k.Tables {
				if _, ok := there[table]; !ok {
					t.Errorf("%s: there is no table %s, or it is in two kinds", k.Name, table)
				}
				delete(there, table)
			}
		}
		for _, table := range slices.Sorted(maps.Keys(there)) {
			t.Errorf("no kind of package setting has table %s: say how long it is kept, and why", table)
		}
	})
}

// words are Ada's, in everything that she and others wrote about her.
var words = []string{
	"lovelace", "ada.lovelace@example.org", "3331234567", "analytical", "bernoulli", "countess", "babbage",
	"menabrea", "difference-engine", "ockham", "somerville", "faraday", "wheatstone", "brunel", "byron",
	"pascaline", "arithmometer",
}

// photo is a picture.
func photo(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 40, 30))); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// life is a lead, and a ticket in which every kind of thing was said.
func life(t *testing.T, db *store.DB, files *evidence.Folder) (lead staff.Person, ticket escalation.Ticket) {
	t.Helper()
	ctx, id, now := t.Context(), escalation.NewID, start
	lead, err := staff.Founder("lea", "Lea Lead", "lea@example.com", "it", shipped, now)
	if err != nil {
		t.Fatal(err)
	}
	staged := func(name, data string) escalation.File {
		t.Helper()
		r, err := files.Put(ctx, name, strings.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		r.Created = time.Now()
		if err := db.StageFile(ctx, r); err != nil {
			t.Fatal(err)
		}
		return r.File()
	}
	visited := journey.Journey{ID: "j1", Visitor: "v1", Lang: "it", Started: now, Ended: now, Last: journey.Search,
		State: journey.State{Queries: [][]string{{"bernoulli"}}, Typing: &journey.Event{ID: "e1", Query: "bernoulli numbers"}}}
	// What was answered long ago is known, and the visit no more.
	long := journey.Journey{ID: "j-", Visitor: "v1", Lang: "it", Started: now.AddDate(0, 0, -200), Ended: now.AddDate(0, 0, -200), Confirmed: true}
	before := journey.Journey{ID: "j0", Visitor: "v1", Lang: "it", Started: now.Add(-time.Hour), Ended: now.Add(-time.Hour), Last: journey.Search}
	if err := db.SaveJourneys(ctx, journey.Batch{
		Events: []journey.Event{
			{ID: "e0", At: now.Add(-time.Hour), Visitor: "v1", Journey: "j0", Kind: journey.Zero, Lang: "it", Query: "menabrea"},
			{ID: "e1", At: now, Visitor: "v1", Journey: "j1", Kind: journey.Zero, Lang: "it", Query: "bernoulli numbers"},
			{ID: "e2", At: now, Visitor: "v1", Journey: "j1", Kind: journey.VoteNo, Lang: "it", Article: "a/b", Reason: "bernoulli"},
		},
		Journeys: []journey.Journey{long, before, visited},
	}); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveAnswers(ctx, []learning.Ripe{answered("j-", long.Ended, "the pascaline"), answered("j1", now, "an arithmometer")}); err != nil {
		t.Fatal(err)
	}
	if err := db.SweepJourneys(ctx, now.AddDate(0, 0, -100), now.AddDate(0, 0, -100), now); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveHarvests(ctx, []demand.Harvest{{Journey: "j1", Ended: now, Signals: []demand.Signal{{ID: "s1", Kind: demand.Zero, Lang: "it", Text: "bernoulli numbers", Who: "v1", At: now, Journey: "j1"}}}}); err != nil {
		t.Fatal(err)
	}
	ticket, _, err = db.Open(ctx, "once-babbage", func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Number: escalation.NewNumber(), Subject: "The Analytical engine", Text: "It does not compute, says the countess.",
			Name: "Ada Lovelace", Email: "Ada.Lovelace@Example.org", Phone: "+39 333 1234567", Lang: "it", Journey: "j1", Key: "once-babbage",
			Trail: &escalation.Trail{Moments: []escalation.Moment{{At: now, Kind: "search", Query: "bernoulli numbers"}}},
			Files: []escalation.File{staged("difference-engine.pdf", "%PDF-1.7\nby Babbage, his own"), staged("shared.pdf", "%PDF-1.7\nwhat everybody attaches"), staged("wheatstone.png", photo(t))},
		}, escalation.RequesterOf{}, id, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	do := func(what string, rule func(tk escalation.Ticket) (escalation.Change, error)) {
		t.Helper()
		now = now.Add(time.Minute)
		if ticket, err = db.Change(ctx, ticket.Number, rule); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	me := escalation.RequesterOf{Ticket: ticket.ID, Name: "Ada Lovelace"}
	do("verify", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Verify(tk.Requester.Email, me, id, now)
	})
	do("note", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Note(escalation.Message{Text: "Lovelace again, see Ockham."}, lead, id, now)
	})
	do("ask", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Ask(escalation.AskCommand{Questions: []escalation.Question{{Key: "faraday", Text: "Do you know Faraday?", Why: "Wheatstone asks."}}, Until: now.Add(time.Hour)}, lead, id, now)
	})
	do("answer", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.RequesterReply(escalation.RequesterMessage{Answers: map[string]string{"faraday": "and Somerville"}}, me, id, now)
	})
	do("step", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.AddStep(escalation.StepCommand{What: "called Brunel", Result: "Byron answered"}, lead, id, now)
	})
	do("offer", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Offer(escalation.OfferCommand{
			Desk: shipped,
			Team: "tech", Tier: 2, Problem: "Lovelace's engine", Tried: []escalation.Tried{{What: "Menabrea", Result: "none"}}, Asked: "Ask Babbage.",
			By: now.Add(time.Hour), Promised: "the countess hears", Tell: "Faraday looks into it.", Candidates: []string{"somebody", "else"},
		}, lead, id, now)
	})
	do("withdraw", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Withdraw("", lead, id, now)
	})
	do("solve", func(tk escalation.Ticket) (escalation.Change, error) {
		return tk.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "Dear countess, turn it on."}, Article: escalation.NoArticle, Reason: "only Byron asks"}, lead, id, now)
	})
	if err := db.SaveSignal(ctx, demand.Signal{ID: "ticket-" + ticket.ID, Kind: demand.Ticket, Lang: "it", Text: "analytical engine", Who: "x", At: now, Ticket: ticket.ID}); err != nil {
		t.Fatal(err)
	}
	if err := db.PostLetter(ctx, escalation.Letter{ID: "loose", Kind: escalation.TestLetter, To: "ADA.lovelace@example.org", Lang: "it", Args: escalation.LetterArgs{Name: "Lovelace"}}); err != nil {
		t.Fatal(err)
	}
	if err := db.AddCorrection(ctx, escalation.Correction{ID: "c1", Article: "a/b", Lang: "it", Text: "Somerville is misspelt", Email: "Ada.lovelace@example.org", Made: now, State: escalation.CorrectionOpen}); err != nil {
		t.Fatal(err)
	}
	waits := demand.Subscription{ID: "u1", Email: "ada.lovelace@example.org", Lang: "it", Query: "somerville engine", Journey: "j1", Made: now}
	if err := db.Subscribe(ctx, waits, "hash", escalation.Letter{ID: "u1", Kind: escalation.SubscribeLetter, To: waits.Email, Lang: "it"}); err != nil {
		t.Fatal(err)
	}
	if err := db.ConfirmSubscription(ctx, "hash", demand.Signal{ID: "subscribe-u1", Kind: demand.Waits, Lang: "it", Text: waits.Query, Who: "x", At: now, Journey: "j1"}); err != nil {
		t.Fatal(err)
	}
	if err := db.SaveSession(ctx, staff.Session{Hash: "guest", Created: now, Seen: now}, `{"tickets":{"X":{"ticket":"`+ticket.ID+`","recipient":"Ada.Lovelace@Example.org"}}}`, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	return lead, ticket
}

// answered is a journey of Ada's, with an article that answered her.
func answered(id string, at time.Time, query string) learning.Ripe {
	return learning.Ripe{
		Journey: id, Visitor: "v1", Ended: at, Events: []journey.Event{{ID: "seen"}},
		Answers: []learning.Answer{{ID: "a-" + id, Article: "a/b", Lang: "it", Queries: []string{query}, Visitor: "v1", Person: "v1", Network: "n", Journey: id, At: at}},
	}
}

func officeOf(db *store.DB, files privacy.Bytes) *privacy.Office {
	return &privacy.Office{
		Store: db, Files: files, Key: []byte("key"), IDs: escalation.NewID, Now: func() time.Time { return time.Now().UTC().Truncate(time.Millisecond) },
		Flush: func(context.Context) error { return nil },
	}
}

// TestErase forgets Ada: no column and, on SQLite, no byte of the data folder knows her
// any more, while what others are counted by is as it was.
func TestErase(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			ctx, dir := t.Context(), t.TempDir()
			files, err := evidence.OpenFolder(filepath.Join(dir, "files"))
			if err != nil {
				t.Fatal(err)
			}
			place := filepath.Join(dir, "primalinea.db")
			if name == "postgresql" {
				place = url(t)
			}
			db := storetest.Open(t, place, store.Options{})
			lead, ticket := life(t, db, files)
			// A stranger attached one of the same files, and has words of his own.
			stranger := open(t, db, "ABCD1234", start)
			shared, err := files.Put(ctx, "shared.pdf", strings.NewReader("%PDF-1.7\nwhat everybody attaches"))
			if err != nil {
				t.Fatal(err)
			}
			shared.Created = time.Now()
			if err := db.StageFile(ctx, shared); err != nil {
				t.Fatal(err)
			}
			if stranger, err = db.Change(ctx, stranger.Number, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.Note(escalation.Message{Text: "see", Files: []escalation.File{shared.File()}}, lead, escalation.NewID, start)
			}); err != nil {
				t.Fatal(err)
			}
			if err := db.LogSearches(ctx, strings.ToLower, start.Add(48*time.Hour)); err != nil {
				t.Fatal(err)
			}
			if n, err := db.Number(ctx, `SELECT COUNT(*) FROM search_day WHERE log LIKE '%bernoulli%'`); err != nil || n != 1 {
				t.Fatalf("the test is blind: %d days with her words are written down, %v", n, err)
			}
			trial := []journey.Trigger{
				{Experiment: "contact-1", Visitor: "v1", Arm: journey.HoldOut, At: start, Ticket: start.Add(time.Minute)},
				{Experiment: "contact-2", Visitor: "v1", Arm: journey.Shown, At: start, Read: true},
				{Experiment: "contact-2", Visitor: "stranger", Arm: journey.Shown, At: start},
			}
			if err := db.SaveJourneys(ctx, journey.Batch{Triggers: trial}); err != nil {
				t.Fatal(err)
			}
			known := func() []string { return knows(t, db, dir) }
			if missing := without(words, known()); len(missing) > 0 {
				t.Fatalf("the test is blind: %v was never there", missing)
			}

			// Somebody is about to keep what was said as demand.
			late := demand.Signal{ID: "ticket-" + ticket.ID, Kind: demand.Ticket, Lang: "it", Text: "babbage", Who: "r", At: start, Ticket: ticket.ID}
			searched := demand.Harvest{Journey: "j1", Ended: start, Signals: []demand.Signal{{ID: "s2", Kind: demand.Zero, Lang: "it", Text: "bernoulli", Who: "v1", At: start, Journey: "j1"}}}

			o := officeOf(db, files)
			h, err := o.Look(ctx, " ada.lovelace@EXAMPLE.org")
			if err != nil {
				t.Fatal(err)
			}
			if len(h.Tickets) != 1 || h.Notes != 1 || h.Messages != 4 || h.Files != 3 || h.Letters < 3 || h.Journeys != 3 || h.Searches != 2 || h.Answers != 2 || h.Corrections != 1 {
				t.Errorf("held: %+v", h)
			}
			if a, err := db.AnswersOf(ctx, "", []string{ticket.ID}); err != nil || len(a) != 2 {
				t.Errorf("a copy has the answers %+v, %v", a, err)
			}
			if err := o.Erase(ctx, "ada.lovelace@example.org", "ada@example.org", false, lead); escalation.KindOf(err) != escalation.Invalid {
				t.Errorf("confirmed with another address: %v", err)
			}
			if err := o.Erase(ctx, "ada.lovelace@example.org", "Ada.Lovelace@example.org ", false, lead); err != nil {
				t.Fatal(err)
			}
			if err := db.SaveSignal(ctx, late); err != nil {
				t.Fatal(err)
			}
			if err := db.SaveHarvests(ctx, []demand.Harvest{searched}); err != nil {
				t.Fatal(err)
			}
			// Or as what an article answered.
			if err := db.SaveAnswers(ctx, []learning.Ripe{answered("j1", start.Add(time.Minute), "pascaline")}); err != nil {
				t.Fatal(err)
			}
			if err := db.Overwrite(ctx); err != nil {
				t.Fatal(err)
			}

			if left := known(); len(left) > 0 {
				t.Errorf("still known: %v", left)
			}
			got, err := db.TicketByID(ctx, ticket.ID)
			if err != nil {
				t.Fatal(err)
			}
			if got.State != escalation.Closed || got.SolvedTier != ticket.SolvedTier || got.Version != ticket.Version+1 || got.Erased.IsZero() || got.Entries[got.Version-1].By.Name != "Lea Lead" {
				t.Errorf("left is %+v", got)
			}
			if stored, rebuilt, err := db.Projection(ctx, ticket.ID); err != nil || stored != rebuilt {
				t.Errorf("row and ledger differ: %v\n%s\n%s", err, stored, rebuilt)
			}
			if again, err := db.TicketByID(ctx, stranger.ID); err != nil {
				t.Error(err)
			} else {
				same(t, "stranger", again, stranger)
			}
			if f, _, err := files.Open(shared.Hash); err != nil {
				t.Errorf("the stranger's file: %v", err)
			} else {
				f.Close()
			}
			// Nothing of the others is left, their thumbnails included.
			if left, err := filepath.Glob(filepath.Join(dir, "files", "??", "*")); err != nil || len(left) != 1 {
				t.Errorf("left are the files %q, %v", left, err)
			}
			if last, err := db.LastJourneys(ctx, []string{"v1"}, start.Add(-24*time.Hour)); err != nil || len(last) != 0 {
				t.Errorf("the visitor is remembered: %v, %v", last, err)
			}
			// An experiment goes on counting them, but not as somebody: else those who
			// wrote would be missing, and suggestions look the better for it.
			triggers, err := db.Triggers(ctx, "", start)
			if err != nil {
				t.Fatal(err)
			}
			for i := range triggers {
				if v := triggers[i].Visitor; v != "stranger" {
					if v == "v1" || len(v) < 20 {
						t.Errorf("a trigger is still that of %q", v)
					}
					triggers[i].Visitor = "v1"
				}
			}
			slices.SortFunc(triggers, func(a, b journey.Trigger) int {
				return cmp.Or(strings.Compare(a.Experiment, b.Experiment), strings.Compare(b.Visitor, a.Visitor))
			})
			if !slices.Equal(triggers, trial) {
				t.Errorf("triggers %+v", triggers)
			}
			if n, err := db.Number(ctx, `SELECT COUNT(*) FROM journey_event WHERE journey IN ('j0', 'j1')`); err != nil || n < 3 {
				t.Errorf("%d events are counted, %v", n, err)
			}
			if tickets, err := db.UnharvestedTickets(ctx, start.Add(-time.Hour), 10); err != nil || len(tickets) != 0 {
				t.Errorf("to be harvested again: %v, %v", tickets, err)
			}
			acts, err := db.Acts(ctx, o.Who("ADA.lovelace@example.org"), 10)
			if err != nil || len(acts) != 1 || acts[0].Kind != privacy.Erased || acts[0].Tickets != 1 || acts[0].Files != 3 || acts[0].Done.IsZero() || acts[0].Overwritten.IsZero() {
				t.Errorf("noted: %+v, %v", acts, err)
			}
			if err := o.Erase(ctx, "ada.lovelace@example.org", "ada.lovelace@example.org", true, lead); escalation.KindOf(err) != escalation.Invalid {
				t.Errorf("erased again: %v", err)
			}
		})
	}
}

// knows returns which of the words lie somewhere: in a column, or on SQLite in any byte
// of the data folder.
func knows(t *testing.T, db *store.DB, dir string) []string {
	t.Helper()
	var all bytes.Buffer
	tables, err := db.OwnTables(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for table, columns := range tables {
		rows, err := db.Rows(t.Context(), table, columns)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range rows {
			for _, v := range row {
				fmt.Fprintf(&all, "%s\n", v)
			}
		}
	}
	if err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		all.Write(data)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(all.String())
	var found []string
	for _, w := range words {
		if strings.Contains(strings.ReplaceAll(text, " ", ""), w) {
			found = append(found, w)
		}
	}
	return found
}

func without(list, out []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(out, s) })
}

// TestEraseOpen refuses while somebody waits for an answer, unless that is said.
func TestEraseOpen(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		lead, err := staff.Founder("lea", "Lea Lead", "lea@example.com", "it", shipped, start)
		if err != nil {
			t.Fatal(err)
		}
		ticket := open(t, db, "ABCD1234", start)
		o := officeOf(db, nil)
		if err := o.Erase(ctx, "ada@example.com", "ada@example.com", false, lead); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("an open ticket was erased: %v", err)
		}
		if got, err := db.TicketByID(ctx, ticket.ID); err != nil || got.Version != ticket.Version || got.Subject == "" {
			t.Errorf("refused, and changed: %+v, %v", got, err)
		}
		if err := o.Erase(ctx, "ada@example.com", "ada@example.com", true, lead); err != nil {
			t.Fatal(err)
		}
		if got, err := db.TicketByID(ctx, ticket.ID); err != nil || got.State != escalation.Closed || got.Subject != "" {
			t.Errorf("left is %+v, %v", got, err)
		}
	})
}

// TestEraseAmongWriters erases while somebody writes: what was written before is gone,
// and nothing is written afterwards.
func TestEraseAmongWriters(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		lead, err := staff.Founder("lea", "Lea Lead", "lea@example.com", "it", shipped, start)
		if err != nil {
			t.Fatal(err)
		}
		ticket := open(t, db, "ABCD1234", start)
		var writers sync.WaitGroup
		stop := make(chan struct{})
		for range 3 {
			writers.Go(func() {
				for {
					_, err := db.Change(ctx, ticket.Number, func(tk escalation.Ticket) (escalation.Change, error) {
						return tk.Note(escalation.Message{Text: "quoth Babbage"}, lead, escalation.NewID, start)
					})
					if escalation.KindOf(err) == escalation.Forbidden {
						return
					}
					if err != nil && escalation.KindOf(err) != escalation.Conflict {
						t.Error(err)
						return
					}
					select {
					case <-stop:
						return
					default:
					}
				}
			})
		}
		time.Sleep(20 * time.Millisecond)
		for {
			_, err = db.EraseTicket(ctx, ticket.ID, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.Erase(true, lead, escalation.NewID, start)
			})
			if escalation.KindOf(err) != escalation.Conflict {
				break
			}
		}
		close(stop)
		writers.Wait()
		if err != nil {
			t.Fatal(err)
		}
		if n, err := db.Number(ctx, `SELECT COUNT(*) FROM entry WHERE body LIKE '%Babbage%'`); err != nil || n != 0 {
			t.Errorf("%d entries still say something, %v", n, err)
		}
		if stored, rebuilt, err := db.Projection(ctx, ticket.ID); err != nil || stored != rebuilt {
			t.Errorf("row and ledger differ: %v\n%s\n%s", err, stored, rebuilt)
		}
	})
}

// stuck is a folder of files that cannot remove.
type stuck struct{}

func (stuck) Remove(context.Context, string, time.Time, func(context.Context, string) (bool, error)) error {
	return errors.New("read-only")
}

// TestEraseInterrupted takes out all but bytes that cannot be removed, and notes these:
// whoever looks for her finishes it, and so does the program by itself.
func TestEraseInterrupted(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		const her = "ada.lovelace@example.org"
		lead, _ := life(t, db, files)
		o, mended := officeOf(db, stuck{}), officeOf(db, files)
		for i := range 2 {
			if err := o.Erase(ctx, her, her, false, lead); escalation.KindOf(err) != escalation.Conflict {
				t.Errorf("time %d: %v", i, err)
			}
			if h, err := o.Look(ctx, her); err != nil || !h.None() {
				t.Errorf("held: %+v, %v", h, err)
			}
			acts, err := db.Acts(ctx, "", 10)
			if err != nil || len(acts) != 1 || !acts[0].Done.IsZero() || len(acts[0].Remains) != 4 || acts[0].Tickets != 1 {
				t.Fatalf("noted: %+v, %v", acts, err)
			}
		}
		if err := o.Finish(ctx); err == nil {
			t.Error("nobody was told")
		}
		if err := mended.Finish(ctx); err != nil {
			t.Error(err)
		}
		acts, err := db.Acts(ctx, o.Who(her), 10)
		if err != nil || len(acts) != 1 || acts[0].Done.IsZero() || acts[0].Remains != nil {
			t.Errorf("noted: %+v, %v", acts, err)
		}
		if n, err := files.Sweep(ctx, time.Now().Add(2*evidence.OrphanAge), db.KnowsFile); err != nil || n != 0 {
			t.Errorf("%d files are left, %v", n, err)
		}
		if err := mended.Erase(ctx, her, her, false, lead); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("nothing is left to do: %v", err)
		}
		// It was killed before it was done, with nothing left to find.
		if err := db.SaveAct(ctx, privacy.Act{ID: "killed", Kind: privacy.Erased, Who: o.Who(her), By: lead.Ref(), Made: start}); err != nil {
			t.Fatal(err)
		}
		if err := mended.Erase(ctx, her, her, false, lead); err != nil {
			t.Errorf("done again: %v", err)
		}
	})
}

// TestEraseHalf does not call an erasure done of which a request is left: the program
// removes the bytes of what went, and whoever asks again ends it.
func TestEraseHalf(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		const her = "ada.lovelace@example.org"
		lead, _ := life(t, db, files)
		older, _, err := db.Open(ctx, "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{Number: "ABCD1234", Subject: "A loom", Text: "?", Email: her, Lang: "it"}, escalation.RequesterOf{}, escalation.NewID, start.Add(-time.Hour))
		})
		if err != nil {
			t.Fatal(err)
		}
		o := officeOf(db, files)
		o.Store = unerasable{db, older.ID}
		if err := o.Erase(ctx, her, her, true, lead); err == nil {
			t.Error("nobody was told")
		}
		o.Store = db
		left := func(undone, remain int) {
			t.Helper()
			acts, err := db.Acts(ctx, o.Who(her), 10)
			for _, a := range acts {
				if a.Done.IsZero() {
					undone--
				}
				remain -= len(a.Remains)
			}
			if err != nil || undone != 0 || remain != 0 {
				t.Errorf("noted: %+v, %v", acts, err)
			}
		}
		left(1, 4)
		if err := o.Finish(ctx); err != nil {
			t.Error(err)
		}
		left(1, 0)
		if err := o.Erase(ctx, her, her, true, lead); err != nil {
			t.Error(err)
		}
		left(0, 0)
	})
}

// a meanwhile is a folder of files in which something happens before one is removed.
type meanwhile struct {
	*evidence.Folder
	do func()
}

func (m meanwhile) Remove(ctx context.Context, hash string, since time.Time, known func(context.Context, string) (bool, error)) error {
	m.do()
	return m.Folder.Remove(ctx, hash, since, known)
}

// TestEraseMeanwhile notes once that an erasure is done, although the program finishes it
// at the same time.
func TestEraseMeanwhile(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		const her = "ada.lovelace@example.org"
		lead, _ := life(t, db, files)
		job := officeOf(db, files)
		o := officeOf(db, meanwhile{files, func() {
			if err := job.Finish(ctx); err != nil {
				t.Error(err)
			}
		}})
		if err := o.Erase(ctx, her, her, false, lead); err != nil {
			t.Error(err)
		}
		all, err := db.Audit(ctx, audit.Query{Limit: 500})
		n := 0
		for _, a := range all.Acts {
			if a.Kind == audit.Requester && a.What == string(privacy.Erased) {
				n++
			}
		}
		acts, wrong := db.Acts(ctx, o.Who(her), 10)
		if err != nil || wrong != nil || n != 1 || len(acts) != 1 || acts[0].Done.IsZero() || acts[0].Remains != nil {
			t.Errorf("noted %d times, %v: %+v, %v", n, err, acts, wrong)
		}
	})
}

// TestExpire takes the words out of what was settled long ago, and nothing else.
func TestExpire(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		lead, ticket := life(t, db, files)
		open(t, db, "ABCD1234", start)
		o := officeOf(db, files)
		for _, test := range []struct {
			before time.Time
			want   int
		}{{time.Time{}, 0}, {ticket.Updated, 0}, {ticket.Updated.Add(time.Second), 1}, {ticket.Updated.Add(time.Hour), 0}} {
			if n, err := o.Expire(ctx, test.before, time.Time{}); err != nil || n != test.want {
				t.Errorf("%d went that were older than %v, %v; want %d", n, test.before, err, test.want)
			}
		}

		junk, err := db.Change(ctx, "ABCD1234", func(tk escalation.Ticket) (escalation.Change, error) {
			return tk.SetAside(lead, escalation.NewID, start)
		})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []int{0, 1, 0} {
			if n, err := o.Expire(ctx, time.Time{}, junk.Updated.Add(time.Duration(i)*time.Second)); err != nil || n != want {
				t.Errorf("%d were set aside long ago, %v; want %d", n, err, want)
			}
		}
		if page, err := db.Queue(ctx, escalation.Queue{Doubt: escalation.Spam}); err != nil || len(page.Lines) != 0 {
			t.Errorf("somebody is to look at %v, %v", page.Lines, err)
		}
	})
}

// killed is a database whose process ends after it erased so many tickets.
type killed struct {
	*store.DB
	left *int
}

var errKilled = errors.New("killed")

func (k killed) EraseTicket(ctx context.Context, id string, rule func(escalation.Ticket) (escalation.Change, error)) (privacy.Gone, error) {
	if *k.left == 0 {
		return privacy.Gone{}, errKilled
	}
	*k.left--
	return k.DB.EraseTicket(ctx, id, rule)
}

func (k killed) SettleAct(ctx context.Context, id string, taken bool, removed []privacy.Remains, at time.Time) error {
	return errKilled
}

// TestExpireInterrupted kills the program while it erases old requests: what it did by
// then is noted, the program itself ends it once it cannot be going on any more, and the
// rest goes the next time.
func TestExpireInterrupted(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		files, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		lead, last := life(t, db, files)
		for _, number := range []string{"ABCD1234", "ABCD1235"} { // without files, and before it
			open(t, db, number, start.Add(-time.Hour))
			if _, err := db.Change(ctx, number, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.SetAside(lead, escalation.NewID, start.Add(-time.Hour))
			}); err != nil {
				t.Fatal(err)
			}
		}
		o, left, now := officeOf(db, files), 1, start
		o.Now = func() time.Time { return now }
		expire := func() (int, error) { return o.Expire(ctx, last.Updated.Add(time.Second), start) }
		// noted are the acts as they should be, the newest first.
		noted := func(when string, want ...string) {
			t.Helper()
			acts, err := db.Acts(ctx, "", 10)
			var got []string
			for _, a := range acts {
				got = append(got, fmt.Sprintf("%d requests, %d files, done %v", a.Tickets, a.Files, !a.Done.IsZero()))
			}
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%s: noted are %q, %v, want %q", when, got, err, want)
			}
		}
		o.Store = killed{db, &left}
		if n, err := expire(); n != 1 || !errors.Is(err, errKilled) {
			t.Errorf("%d erased, %v", n, err)
		}
		o.Store = db
		noted("killed", "1 requests, 3 files, done false")
		if err := o.Finish(ctx); err != nil {
			t.Error(err)
		}
		noted("it may be going on", "1 requests, 3 files, done false")
		now = now.Add(time.Hour)
		for range 2 {
			if err := o.Finish(ctx); err != nil {
				t.Error(err)
			}
			noted("finished", "1 requests, 3 files, done true")
		}
		if n, err := files.Sweep(ctx, time.Now().Add(2*evidence.OrphanAge), db.KnowsFile); err != nil || n != 0 {
			t.Errorf("%d files are left, %v", n, err)
		}
		now = now.Add(time.Hour)
		if n, err := expire(); n != 2 || err != nil {
			t.Errorf("the rest: %d erased, %v", n, err)
		}
		noted("the rest", "2 requests, 0 files, done true", "1 requests, 3 files, done true")
		all, err := db.Audit(ctx, audit.Query{Limit: 500})
		var record []string
		for _, a := range all.Acts {
			if a.Kind == audit.Requester && a.What == string(privacy.Expired) {
				record = append(record, a.Note)
			}
		}
		if err != nil || !slices.Equal(record, []string{"2/0", "1/3"}) {
			t.Errorf("in the record: %q, %v", record, err)
		}
	})
}

// TestSweeps removes what is too old, and leaves what waits.
func TestSweeps(t *testing.T) {
	now := start
	storetest.Each(t, store.Options{Clock: func() time.Time { return now }}, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		now = start
		post := func(id string) {
			t.Helper()
			if err := db.PostLetter(ctx, escalation.Letter{ID: id, Kind: escalation.TestLetter, To: "ada@example.com", Lang: "it", NotBefore: now}); err != nil {
				t.Fatal(err)
			}
		}
		post("sent")
		if err := db.LetterSent(ctx, "sent"); err != nil {
			t.Fatal(err)
		}
		post("waits")
		now = start.Add(time.Hour)
		post("new")
		if err := db.LetterSent(ctx, "new"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := db.Open(ctx, "key", func() (escalation.Change, error) { return opening(t, "ABCD1234", start), nil }); err != nil {
			t.Fatal(err)
		}
		if err := db.SaveAct(ctx, privacy.Act{ID: "a", Kind: privacy.Exported, Made: start, Done: start}); err != nil {
			t.Fatal(err)
		}
		sweeps := map[string]func(context.Context, time.Time) error{"letter": db.SweepLetters, "submission": db.SweepSubmissions, "privacy_act": db.SweepActs}
		for _, test := range []struct {
			before time.Time
			left   map[string]int
		}{
			{start, map[string]int{"letter": 3, "submission": 1, "privacy_act": 1}},
			{start.Add(time.Minute), map[string]int{"letter": 2, "submission": 0, "privacy_act": 0}},
		} {
			for table, sweep := range sweeps {
				if err := sweep(ctx, test.before); err != nil {
					t.Fatal(err)
				}
				if n, err := db.Number(ctx, `SELECT COUNT(*) FROM `+table); err != nil || n != test.left[table] {
					t.Errorf("%d rows of %s are left, %v; want %d", n, table, err, test.left[table])
				}
			}
		}
	})
}

// TestEraseFormer forgets Ada, whose request is Eva's now: what is held about her is
// what was hers, a copy has no word of Eva's, and no column or byte knows her any more,
// while Eva's request goes on with what is hers.
func TestEraseFormer(t *testing.T) {
	for name, url := range engines {
		t.Run(name, func(t *testing.T) {
			ctx, dir := t.Context(), t.TempDir()
			files, err := evidence.OpenFolder(filepath.Join(dir, "files"))
			if err != nil {
				t.Fatal(err)
			}
			place := filepath.Join(dir, "primalinea.db")
			if name == "postgresql" {
				place = url(t)
			}
			db := storetest.Open(t, place, store.Options{})
			lead, ticket := life(t, db, files)
			now := start.Add(time.Hour)
			do := func(rule func(tk escalation.Ticket) (escalation.Change, error)) {
				t.Helper()
				now = now.Add(time.Minute)
				if ticket, err = db.Change(ctx, ticket.Number, rule); err != nil {
					t.Fatal(err)
				}
			}
			do(func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.Give(escalation.GiveCommand{Name: "Eva Neumann", Email: "Eva@Example.net", Reason: "Lovelace gave her the engine."}, lead, escalation.NewID, now)
			})
			do(func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "It hums."}}, escalation.RequesterOf{Ticket: tk.ID, Name: "Eva Neumann"}, escalation.NewID, now)
			})
			o := officeOf(db, files)
			h, err := o.Look(ctx, "ada.lovelace@example.org")
			if err != nil || len(h.Tickets) != 1 || !h.Tickets[0].Former || len(h.Open()) != 0 || h.Messages != 4 || h.Notes != 1 || h.Files != 3 || h.Letters < 3 || h.Journeys != 3 {
				t.Errorf("held about her: %+v, %v", h, err)
			}
			eva, err := o.Look(ctx, "eva@example.net")
			if err != nil || len(eva.Tickets) != 1 || eva.Tickets[0].Former || eva.Journeys != 0 || eva.Letters != 1 {
				t.Errorf("held about Eva: %+v, %v", eva, err)
			}
			for who, others := range map[string][]string{"ada.lovelace@example.org": {"Neumann", "hums"}, "eva@example.net": words} {
				c, err := o.Export(ctx, who, lead.Ref())
				if err != nil {
					t.Fatal(err)
				}
				if c.Tickets[0].Subject == "" || who != "eva@example.net" && len(c.Files) != 3 {
					t.Errorf("a copy for %s has %q and %d files", who, c.Tickets[0].Subject, len(c.Files))
				}
				c.Tickets[0].Subject = "" // she reads it on her page
				all := strings.ToLower(fmt.Sprintf("%+v", c))
				for _, w := range others {
					if strings.Contains(all, strings.ToLower(w)) {
						t.Errorf("the copy for %s knows %q", who, w)
					}
				}
			}
			if err := o.Erase(ctx, "ada.lovelace@example.org", "ada.lovelace@example.org", false, lead); err != nil {
				t.Fatal(err)
			}
			if err := db.Overwrite(ctx); err != nil {
				t.Fatal(err)
			}
			if left := knows(t, db, dir); len(left) > 0 {
				t.Errorf("still known: %v", left)
			}
			got, err := db.TicketByID(ctx, ticket.ID)
			if err != nil || got.Requester.Name != "Eva Neumann" || !got.Erased.IsZero() || got.State != ticket.State || got.LinkGeneration != ticket.LinkGeneration {
				t.Errorf("left is %+v, %v", got, err)
			}
			if lines := got.ForRequester(); !strings.Contains(fmt.Sprint(lines), "It hums.") {
				t.Errorf("Eva reads %+v", lines)
			}
			kept(t, db, "afterwards", got)
			if v, err := db.VerifyAudit(ctx, nil); err != nil || len(v.Found) > 0 {
				t.Errorf("the record: %v, %v", v.Found, err)
			}
			if tickets, err := db.UnharvestedTickets(ctx, start.Add(-time.Hour), 10); err != nil || len(tickets) != 0 {
				t.Errorf("to be harvested again: %v, %v", tickets, err)
			}
			if h, err := o.Look(ctx, "ada.lovelace@example.org"); err != nil || !h.None() {
				t.Errorf("held afterwards: %+v, %v", h, err)
			}
			if _, err := db.Change(ctx, ticket.Number, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.GiveBack(lead, escalation.NewID, now)
			}); escalation.KindOf(err) != escalation.Conflict {
				t.Errorf("given back: %v", err)
			}
		})
	}
}
