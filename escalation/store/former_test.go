package store_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestEraseCarried erases Eva, to whose request words of Ada's were taken with their file,
// while it was hers or when it was still Ada's: that is Ada's, and hangs where she said
// it. When she is erased too, it is gone.
func TestEraseCarried(t *testing.T) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		t.Run("to another's", func(t *testing.T) { carried(t, db, false) })
		t.Run("to one that became another's", func(t *testing.T) { carried(t, db, true) })
	})
}

func carried(t *testing.T, db *store.DB, before bool) {
	ctx, now := t.Context(), start.Add(time.Hour)
	folder, err := evidence.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	opens := func(name, email string, files ...escalation.File) escalation.Ticket {
		t.Helper()
		a, _, err := db.Open(ctx, "", func() (escalation.Change, error) {
			return escalation.NewTicket(escalation.OpenCommand{Number: escalation.NewNumber(), Subject: "A question", Text: "See " + name, Name: name, Email: email, Lang: "it"}, escalation.RequesterOf{}, escalation.NewID, start)
		})
		if err == nil && files != nil {
			a, err = db.Change(ctx, a.Number, func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.RequesterReply(escalation.RequesterMessage{Message: escalation.Message{Text: "The engine.", Files: files}}, escalation.RequesterOf{Ticket: tk.ID, Name: name}, escalation.NewID, now)
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	r, err := folder.Put(ctx, "engine.pdf", strings.NewReader("%PDF-1.7\nthe engine"))
	if err != nil {
		t.Fatal(err)
	}
	r.Created = time.Now()
	if err := db.StageFile(ctx, r); err != nil {
		t.Fatal(err)
	}
	ada, eva := opens("Ada", "ada@example.org", r.File()), escalation.Ticket{}
	if before {
		eva = opens("Ada", "ada@example.org")
	} else {
		eva = opens("Eva", "eva@example.net")
	}
	list, err := db.Relate(ctx, []string{ada.Number, eva.Number}, func(list []escalation.Ticket) ([]escalation.Change, error) {
		said := list[0].Entries[list[0].Version-1].ID
		return list[0].Carry(escalation.CarryCommand{Entries: []string{said}, Others: true}, &list[1], boss, escalation.NewID, now)
	})
	if err != nil {
		t.Fatal(err)
	}
	ada, eva = list[0], list[1]
	if before {
		if eva, err = db.Change(ctx, eva.Number, func(tk escalation.Ticket) (escalation.Change, error) {
			return tk.Give(escalation.GiveCommand{Name: "Eva", Email: "eva@example.net", Reason: "It is hers."}, boss, escalation.NewID, now)
		}); err != nil {
			t.Fatal(err)
		}
	}
	if f, err := db.File(ctx, r.ID); err != nil || f.Ticket != eva.ID {
		t.Errorf("the file hangs on %q, %v", f.Ticket, err)
	}
	o := officeOf(db, folder)
	if err := o.Erase(ctx, "eva@example.net", "eva@example.net", true, boss); err != nil {
		t.Fatal(err)
	}
	if f, err := db.File(ctx, r.ID); err != nil || f.Ticket != ada.ID || f.Entry != ada.Entries[1].ID {
		t.Errorf("then it hangs on %q, %v", f.Ticket, err)
	}
	if c, err := o.Export(ctx, "ada@example.org", boss.Ref()); err != nil || len(c.Files) != 1 {
		t.Errorf("a copy for Ada has %d files, %v", len(c.Files), err)
	}
	if f, _, err := folder.Open(r.Hash); err != nil {
		t.Error(err)
	} else {
		f.Close()
	}
	if err := o.Erase(ctx, "ada@example.org", "ada@example.org", true, boss); err != nil {
		t.Fatal(err)
	}
	if _, _, err := folder.Open(r.Hash); err == nil {
		t.Error("its bytes are left")
	}
	if v, err := db.VerifyAudit(ctx, nil); err != nil || len(v.Found) > 0 {
		t.Errorf("the record: %v, %v", v.Found, err)
	}
}

// TestEraseCaller forgets who left nothing but a number, or a name, and whose request is
// Eva's now: the number of the request finds them, as long as something is known of them;
// then it finds Eva. What Eva was asked that they had said goes too. Others of that name
// are others.
func TestEraseCaller(t *testing.T) {
	for name, phone := range map[string]string{"number": "+39 055 123-456", "name": ""} {
		t.Run(name, func(t *testing.T) { eraseCaller(t, phone) })
	}
}

func eraseCaller(t *testing.T, phone string) {
	storetest.Each(t, store.Options{}, func(t *testing.T, db *store.DB) {
		ctx, now := t.Context(), start
		folder, err := evidence.OpenFolder(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		calls := func(phone string) escalation.Ticket {
			t.Helper()
			a, _, err := db.Open(ctx, "", func() (escalation.Change, error) {
				return escalation.NewTicket(escalation.OpenCommand{Number: escalation.NewNumber(), Subject: "The Analytical engine", Text: "It hums.", Name: "Ada Lovelace", Phone: phone, Lang: "it", Channel: escalation.Phone}, boss, escalation.NewID, now)
			})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		give := func(tk escalation.Ticket) (escalation.Change, error) {
			return tk.Give(escalation.GiveCommand{Name: "Eva Neumann", Email: "eva@example.net", Reason: "Lovelace called for her."}, boss, escalation.NewID, now)
		}
		a, other := calls(phone), calls("")
		if other, err = db.Change(ctx, other.Number, give); err != nil {
			t.Fatal(err)
		}
		for _, rule := range []func(tk escalation.Ticket) (escalation.Change, error){
			func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.AddFact(escalation.Fact{Key: "model", Value: "difference", Source: tk.Entries[0].ID, State: escalation.Given}, boss, escalation.NewID, now)
			},
			give,
			func(tk escalation.Ticket) (escalation.Change, error) {
				return tk.Ask(escalation.AskCommand{Message: escalation.Message{Text: "Dear Eva"}, Questions: []escalation.Question{{Key: "model", Text: "Which?", Why: "Because.", Again: escalation.Outdated}}, Until: now.AddDate(0, 0, 3)}, boss, escalation.NewID, now)
			},
		} {
			now = now.Add(time.Minute)
			if a, err = db.Change(ctx, a.Number, rule); err != nil {
				t.Fatal(err)
			}
		}
		if a.Questions[0].Was != "difference" {
			t.Fatalf("she is asked %+v", a.Questions)
		}
		kept(t, db, "given", a)
		o := officeOf(db, folder)
		if h, err := o.Look(ctx, a.Number); err != nil || h.Email != "" || len(h.Tickets) != 1 || !h.Tickets[0].Former || h.Messages != 1 {
			t.Errorf("held: %+v, %v", h, err)
		}
		c, err := o.Export(ctx, a.Number, boss.Ref())
		if err != nil {
			t.Fatal(err)
		}
		if all := fmt.Sprintf("%+v", c); !strings.Contains(all, "Lovelace") || strings.Contains(all, "Eva") {
			t.Errorf("a copy has %s", all)
		}
		if err := o.Erase(ctx, a.Number, a.Number, false, boss); err != nil {
			t.Fatal(err)
		}
		got, err := db.Ticket(ctx, a.Number)
		if err != nil {
			t.Fatal(err)
		}
		kept(t, db, "erased", got)
		all := fmt.Sprintf("%+v", got)
		for _, e := range got.Entries {
			all += fmt.Sprintf("%+v %+v", e, e.Event)
		}
		for _, w := range []string{"Lovelace", "055", "Analytical", "hums", "difference"} {
			if strings.Contains(all, w) {
				t.Errorf("%q is left", w)
			}
		}
		if !strings.Contains(all, "Dear Eva") || got.Requester.Email != "eva@example.net" {
			t.Error("what is hers is gone")
		}
		if h, err := o.Look(ctx, a.Number); err != nil || h.Email != "eva@example.net" || h.Tickets[0].Former {
			t.Errorf("held then: %+v, %v", h, err)
		}
		if again, err := db.Ticket(ctx, other.Number); err != nil || again.Version != other.Version {
			t.Errorf("of somebody else of that name: %+v, %v", again, err)
		}
		if h, err := o.Look(ctx, other.Number); err != nil || h.Email != "" || !h.Tickets[0].Former {
			t.Errorf("held of them: %+v, %v", h, err)
		}
		if v, err := db.VerifyAudit(ctx, nil); err != nil || len(v.Found) > 0 {
			t.Errorf("the record: %v, %v", v.Found, err)
		}
	})
}
