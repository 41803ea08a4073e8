package help_test

import (
	"bytes"
	"image"
	"image/png"
	"regexp"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// ann works at every tier of every team.
var ann = staff.Person{ID: "ann", Name: "Ann Rossi", Roles: []staff.Role{staff.Agent, staff.Lead}, Tier: 3, Teams: []string{"general", "tech"}}

var aPNG = func() string {
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		panic(err)
	}
	return b.String()
}()

var volatile = regexp.MustCompile(`[0-9A-Z]{8}|[0-9a-z]{26}`)

// same returns where two pages differ but for numbers and ids, or "".
func same(a, b string) string {
	a, b = volatile.ReplaceAllString(a, "#"), volatile.ReplaceAllString(b, "#")
	if a == b {
		return ""
	}
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	return a[max(0, i-80):min(len(a), i+80)] + "\n---\n" + b[max(0, i-80):min(len(b), i+80)]
}

// TestLinks: a link that opens nothing answers like one to nothing.
func TestLinks(t *testing.T) {
	s := newOffice(t)
	ada, eve := s.browser(), s.browser()
	hers, his := ada.request("en", "Hers", "CANARY of hers"), eve.request("en", "His", "CANARY of his")
	key := s.room.LinkKey
	good := escalation.LinkToken(key, hers.ID, hers.Requester.Email, 0)
	nothing := s.browser().get("/tickets/00000000?k=" + good).want(404).body
	for _, test := range []struct{ name, path string }{
		{"no link", "/tickets/" + hers.Number},
		{"no number", "/tickets/x"},
		{"wrong", "/tickets/" + hers.Number + "?k=" + strings.Repeat("A", 43)},
		{"cut", "/tickets/" + hers.Number + "?k=" + good[:42]},
		{"of another ticket", "/tickets/" + hers.Number + "?k=" + escalation.LinkToken(key, his.ID, his.Requester.Email, 0)},
		{"of another address", "/tickets/" + hers.Number + "?k=" + escalation.LinkToken(key, hers.ID, "eve@example.com", 0)},
		{"of another generation", "/tickets/" + hers.Number + "?k=" + escalation.LinkToken(key, hers.ID, hers.Requester.Email, 1)},
		{"the proof of mail alone", "/tickets/" + hers.Number + "?k=" + escalation.MailProof(key, hers.ID, hers.Requester.Email, 0)},
		{"done page", "/en/contact/sent/" + hers.Number},
	} {
		for who, b := range map[string]*browser{"a stranger": s.browser(), "another customer": eve} {
			b.get(test.path)
			if b.status != 404 || strings.Contains(b.body, "CANARY") {
				t.Errorf("%s, %s: %d", test.name, who, b.status)
			}
			if d := same(b.body, nothing); who == "a stranger" && strings.HasPrefix(test.path, "/tickets/") && test.name != "no number" && d != "" {
				t.Errorf("%s: unlike one to nothing\n%s", test.name, d)
			}
		}
	}
	b := s.browser()
	b.post("/tickets/"+hers.Number, form{"text": {"I am not she"}}).want(404)
	b.post("/tickets/00000000", form{"text": {"I am not she"}}).want(404)

	// The right link opens this ticket alone, and leaves the address bar.
	b.get("/tickets/" + strings.ToLower(hers.Number) + "?k=" + good).want(303)
	if b.at != "/tickets/"+hers.Number {
		t.Errorf("leads to %q", b.at)
	}
	b.get(b.at).want(200, "CANARY of hers")
	b.get("/tickets/" + strings.ToLower(hers.Number)).want(303)
	b.get("/tickets/" + his.Number).want(404)
	if s.ticket(hers.Number).Requester.Verified {
		t.Error("the link alone proves that mail is read")
	}
	b.get("/tickets/" + hers.Number + "?k=" + good + "&m=" + good).want(303)
	if s.ticket(hers.Number).Requester.Verified {
		t.Error("anything proves that mail is read")
	}
	b.get("/tickets/" + hers.Number + "?k=" + good + "&m=" + escalation.MailProof(key, hers.ID, hers.Requester.Email, 0)).want(303)
	if !s.ticket(hers.Number).Requester.Verified {
		t.Error("the link of a letter proves nothing")
	}

	// Revoked, it opens nothing, also where it was followed.
	s.change(hers.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Revoke(ann, escalation.NewID, s.clock())
	})
	b.get("/tickets/" + hers.Number).want(404)
	b.get("/tickets/" + hers.Number + "?k=" + good).want(404)
	b.post("/tickets/"+hers.Number, form{"text": {"x"}}).want(404)

	// A session that is gone is like none.
	for name := range eve.cookies {
		if name == "pl" {
			eve.cookies[name] = strings.Repeat("A", 26)
		}
	}
	eve.get("/tickets/" + his.Number).want(404)
}

// TestTicketPage: a request from its opening to its end, as who asked sees it.
func TestTicketPage(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	ticket := b.request("en", "Screen <b>", "It is black. See https://example.com/a.")
	path := "/tickets/" + ticket.Number
	act := func(rule func(t escalation.Ticket) (escalation.Change, error)) {
		t.Helper()
		s.wait(time.Minute)
		s.change(ticket.Number, rule)
		s.wait(escalation.UndoTime)
	}
	b.get(path).want(200, "Received", "It is our turn.", "General support", `<a href="https://example.com/a"`)
	if strings.Contains(b.body, "Screen <b>") {
		t.Error("the subject is markup in the page")
	}
	b.get(path+"?lang=it").want(200, `<html lang="it"`)

	act(func(t escalation.Ticket) (escalation.Change, error) {
		return t.Note(escalation.Message{Text: "CANARY note"}, ann, escalation.NewID, s.clock())
	})
	act(func(t escalation.Ticket) (escalation.Change, error) {
		return t.Ask(escalation.AskCommand{
			Message:   escalation.Message{Text: "Two things."},
			Questions: []escalation.Question{{Key: "model", Text: "Which model is it?", Why: "The steps differ."}, {Key: "since", Text: "Since when?", Why: "We compare."}},
			Until:     s.clock().Add(72 * time.Hour),
		}, ann, escalation.NewID, s.clock())
	})
	b.get(path).want(200, "Waiting for you", "Which model is it?", "The steps differ.", "Ann", "Answer our questions").never("CANARY", "Rossi")

	// An answer that cannot be taken keeps what was typed and attached.
	f := b.form().with("answer-model", "P9", "text", "See the picture", "do", "reply")
	b.post(path, f, upload{"me.png", aPNG}, upload{"me.svg", "<svg/>"}).want(422, "We cannot take", "me.png")
	kept := b.form()
	if kept.get("answer-model") != "P9" || kept.get("text") != "See the picture" || len(kept["file"]) != 1 {
		t.Errorf("kept %v", kept)
	}
	b.post(path, kept.with("do", "reply")).want(303)
	b.post(path, kept.with("do", "reply")).want(303) // the same form again
	b.get(b.at).want(200, "Your reply is with us.", "See the picture", "Which model is it? P9", "me.png", "It is our turn.")
	got := s.ticket(ticket.Number)
	if n := len(got.ForRequester()); n != 3 {
		t.Errorf("%d lines after the same reply twice", n)
	}
	if fact, ok := got.Fact("model"); !ok || fact.Value != "P9" {
		t.Errorf("fact %+v", fact)
	}
	b.post(path, b.form().with("text", " ", "do", "reply")).want(422, "Write something")
	b.post(path, b.form().with("text", strings.Repeat("x", 10_001), "do", "reply")).want(422, "Shorten", "xxxxx")

	act(func(t escalation.Ticket) (escalation.Change, error) {
		return t.Wait(escalation.WaitCommand{Party: "the courier", Until: s.clock().Add(48 * time.Hour)}, ann, escalation.NewID, s.clock())
	})
	b.get(path).want(200, "Waiting for others", "the courier")
	s.move(ticket.Number, "tech", 2, "The display needs a specialist.", "CANARY problem")
	b.get(path).want(200, "A specialist has taken over: Technical support", "The display needs a specialist.").never("CANARY", "tier")

	solve := func() {
		act(func(t escalation.Ticket) (escalation.Change, error) {
			return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "Press both keys."}, Article: escalation.NoArticle, Reason: "CANARY reason"}, ann, escalation.NewID, s.clock())
		})
	}
	solve()
	b.get(path).want(200, "Solved: confirm it", "It is your turn.", "Press both keys.", "It is solved", "It is not solved").never("CANARY")
	b.post(path, b.form().with("do", "not-solved", "text", "")).want(422, "still does not work")
	b.post(path, b.form().with("do", "not-solved", "text", "Still black")).want(303)
	b.get(b.at).want(200, "working on it again", "Still black")
	solve()
	b.get(path)
	done := b.form().with("do", "solved")
	b.post(path, done).want(303)
	b.get(b.at).want(200, "The request is closed", "Closed", "Reopen the request")
	b.post(path, done).want(303) // twice is once
	if got := s.ticket(ticket.Number); got.State != escalation.Closed {
		t.Errorf("state %s", got.State)
	}
	s.wait(13 * 24 * time.Hour)
	b.get(path).want(200, "Reopen the request")
	s.wait(2 * 24 * time.Hour)
	b.get(path).want(200, "opens a new request", "Send and open a new request").never("/en/contact?q=Screen")

	// All that is written there goes to the one request that follows.
	for _, text := range []string{"It is back.", "Every day.", "It is back."} {
		b.get(path)
		b.post(path, b.form().with("do", "reply", "text", text)).want(303)
	}
	b.get(b.at).want(200, "It is back.", "Every day.")
	if old := s.ticket(ticket.Number); len(old.Followed) != 1 {
		t.Errorf("followed by %+v", old.Followed)
	}
}

// TestUnsaid: what can be taken back is not said yet, and its files are nobody's to open;
// taken back, it was never said.
func TestUnsaid(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	number := b.request("en", "Screen", "It is black.").Number
	solve := func(text string) {
		t.Helper()
		s.wait(time.Minute)
		s.change(number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Solve(escalation.SolveCommand{Message: escalation.Message{Text: text}, Article: "screen/black"}, ann, escalation.NewID, s.clock())
		})
	}
	solve("Throw it away.")
	s.wait(escalation.UndoTime - time.Millisecond)
	b.get("/tickets/"+number).want(200, "Received").never("Throw it away", "Solved", "Ann")
	b.get("/en/requests").want(200, number, "Received").never("Solved")
	key, err := s.db.Secret(t.Context(), "links")
	if err != nil {
		t.Fatal(err)
	}
	now := s.ticket(number)
	keep := "/tickets/" + number + "/keep/" + escalation.Code(key, "keep "+now.ID+" 0 "+now.Requester.Email)
	b.get(keep).want(200, "We are working on this request").never("Keep it open")
	s.change(number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Undo(t.Version, ann, escalation.NewID, s.clock())
	})
	s.wait(time.Hour)
	b.get("/tickets/"+number).want(200, "Received").never("Throw it away", "Solved", "Ann")
	solve("Press both keys.")
	s.wait(escalation.UndoTime)
	b.get("/tickets/"+number).want(200, "Solved: confirm it", "Press both keys.", "Ann").never("Throw it away")
}

// move hands the ticket to another team, which accepts it.
func (s *office) move(number, team string, tier int, tell, problem string) {
	s.t.Helper()
	bob := staff.Person{ID: "bob", Name: "Bob Verdi", Roles: []staff.Role{staff.Agent}, Tier: 3, Teams: []string{"tech", "rrr", "general"}}
	s.wait(time.Minute)
	t := s.change(number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Offer(escalation.OfferCommand{
			Desk: escalation.ShippedDesk(),
			Team: team, Tier: tier, Problem: problem, Asked: "CANARY asked", Tell: tell, By: s.clock().Add(24 * time.Hour),
			Tried:      []escalation.Tried{{What: "CANARY what", Result: "CANARY result"}},
			Candidates: []string{"ann", "bob"},
		}, ann, escalation.NewID, s.clock())
	})
	s.wait(time.Minute)
	s.change(number, func(t2 escalation.Ticket) (escalation.Change, error) {
		return t2.Accept(t.Handoffs[len(t.Handoffs)-1].ID, bob, escalation.NewID, s.clock())
	})
}

// TestStaff: people who work here read at their desk, and see what is attached.
func TestStaff(t *testing.T) {
	s := newOffice(t)
	ticket := s.browser().request("en", "Zzz", "qqq", upload{"me.png", aPNG})
	p, err := staff.NewPerson("bea", staff.Form{Name: "Bea", Email: "bea@example.com", Lang: "en", Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}}, escalation.ShippedDesk(), s.clock())
	if err != nil {
		t.Fatal(err)
	}
	p.PasswordHash = "of a password"
	if err := s.db.AddPerson(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	row, cookie := staff.NewSession(p, "test", s.clock())
	if err := s.db.SaveSession(t.Context(), row, "{}", s.clock().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	b := s.browser()
	b.cookies["pl"] = cookie
	if b.get("/tickets/" + ticket.Number).want(303); b.at != "/desk/tickets/"+ticket.Number {
		t.Errorf("led to %q", b.at)
	}
	b.get("/tickets/00000000").want(404)
	b.get("/files/" + ticket.Entries[0].Files[0].ID).want(200)
	b.get("/files/" + ticket.Entries[0].Files[0].ID + "/thumbnail").want(200)
	b.post("/tickets/"+ticket.Number, form{"text": {"as the customer"}}).want(404)
}

// TestLived: who asked reads how long it takes, whatever pauses for us.
func TestLived(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	ticket := b.request("en", "Screen", "It is black.")
	path := "/tickets/" + ticket.Number
	s.wait(time.Minute)
	s.change(ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Ask(escalation.AskCommand{Questions: []escalation.Question{{Key: "model", Text: "Which model is it?", Why: "The steps differ."}}, Until: s.clock().Add(72 * time.Hour)}, ann, escalation.NewID, s.clock())
	})
	s.wait(50 * time.Hour)
	b.get(path).want(200, "Waiting for you", "You have been waiting for 2 days since you asked")
	b.get(path+"?lang=it").want(200, "Tempo trascorso dalla domanda: 2 giorni, notti e festività comprese")
	b.get(path+"?lang=es").want(200, "2 días")
}
