package help_test

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

// TestOwnTrail shows who uses a browser what is kept of it, and erases it.
func TestOwnTrail(t *testing.T) {
	s := newOffice(t)
	b, other := s.browser(), s.browser()
	b.get("/en/trail").want(200, "Nothing is kept of this browser")
	if len(b.cookies) != 0 {
		t.Errorf("looking gave it a name: %v", b.cookies)
	}
	b.get("/en/search?q=battery").want(200)
	other.get("/en/search?q=refund").want(200)
	b.get("/en/trail").want(200, "<bdi>battery</bdi>", `action="/en/trail"`)
	if strings.Contains(b.body, "refund") {
		t.Error("of somebody else")
	}
	old := b.cookies["plv"]
	b.post("/en/trail", form{}).want(303)
	b.get("/en/trail?done=1").want(200, "It is erased")
	if strings.Contains(b.body, "battery") {
		t.Error("still there")
	}
	b.get("/en/search?q=screen").want(200)
	if now := b.cookies["plv"]; now == "" || now == old {
		t.Errorf("name %q, before %q", now, old)
	}
	other.get("/en/trail").want(200, "<bdi>refund</bdi>")
	silent := s.browser()
	silent.header["Sec-GPC"] = "1"
	silent.get("/en/trail").want(200, "asks not to be followed")
}

// TestLinkJoins: a request counts against what was looked for in the browser where
// its link is opened, unless it was sent without its trail.
func TestLinkJoins(t *testing.T) {
	s := newOffice(t)
	phone, b := s.browser(), s.browser()
	phone.get("/en/search?q=battery").want(200)
	s.wait(time.Minute)
	for _, without := range []string{"", "1"} {
		b.get("/en/search?q=screen").want(200)
		b.get("/en/contact").want(200)
		b.post("/en/contact", b.form().with("subject", "Zzz"+without, "text", "qqq", "email", "ada@example.com", "do", "next")).want(200)
		f := b.form().with("do", "send")
		if without != "" {
			f = f.with("without", without)
		}
		b.post("/en/contact", f).want(303)
		ticket := b.sentTicket()
		phone.get("/tickets/" + ticket.Number + "?k=" + escalation.LinkToken(s.room.LinkKey, ticket.ID, ticket.Requester.Email, ticket.LinkGeneration)).want(303)
		if n := s.events()[journey.TicketSeen]; n != 1 {
			t.Errorf("without %q: it is known of %d links that they were followed, want 1", without, n)
		}
	}
	if err := s.recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.db.DecideJourneys(t.Context(), func(journey.Text) string { return "" }, s.clock().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	key, err := s.room.Visitors.Visitor(t.Context(), phone.cookies["plv"], s.clock())
	if err != nil || key == "" {
		t.Fatal(key, err)
	}
	js, err := s.db.VisitorJourneys(t.Context(), key)
	if err != nil || len(js) != 1 || js[0].Ticket.IsZero() {
		t.Errorf("%+v, %v: the request is not joined", js, err)
	}
}
