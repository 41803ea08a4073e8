package help_test

import (
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/setting"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
)

// outbox returns the letters of a kind that wait to be sent, and takes them away.
func (s *office) outbox(kind escalation.LetterKind) []escalation.Letter {
	s.t.Helper()
	leased, err := s.db.LeaseLetters(s.t.Context(), 100, time.Minute)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []escalation.Letter
	for _, d := range leased {
		if err := s.db.LetterSent(s.t.Context(), d.ID); err != nil {
			s.t.Fatal(err)
		}
		if d.Kind == kind {
			out = append(out, d.Letter)
		}
	}
	return out
}

// boss may do everything.
var boss = staff.Person{ID: "lea", Name: "Lea", Roles: []staff.Role{staff.Lead}}

// link is where a letter leads.
func (s *office) link(l escalation.Letter) string {
	return l.Args.Path + escalation.Code(s.room.LinkKey, l.Args.Nonce)
}

// send fills in the form for the links of an address.
func (b *browser) askLinks(lang, email string) *browser {
	b.t.Helper()
	return b.do("POST", "/"+lang+"/requests", "application/x-www-form-urlencoded", strings.NewReader(url.Values{"email": {email}}.Encode()))
}

// TestLinksAlike asks for the links of addresses of all sorts: nothing in the
// answer says whether anybody wrote from there, or asked before.
func TestLinksAlike(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	s.browser().request("en", "Zzz", "qqq") // ada@example.com
	s.outbox(escalation.ReceiptLetter)
	id := regexp.MustCompile(`[0-9a-f]{16}`)
	var want, page string
	for _, email := range []string{"ada@example.com", "nobody@example.com", "ADA@example.com", "ada@example.com", "nobody@example.com"} {
		b := s.browser()
		b.askLinks("it", email).want(303)
		h := b.head.Clone()
		h.Del("Date")
		var got strings.Builder
		h.WriteSubset(&got, map[string]bool{"X-Request-Id": true})
		b.get(b.at).want(200, "il link è in viaggio")
		shown := id.ReplaceAllString(b.body, "")
		if want == "" {
			want, page = got.String(), shown
		}
		if got.String() != want || shown != page || len(b.cookies) > 0 {
			t.Errorf("%s is answered\n%s\n%s", email, got.String(), shown)
		}
	}
	if l := s.outbox(escalation.LinksLetter); len(l) != 1 || l[0].To != "ada@example.com" || l[0].Lang != "it" || l[0].Args.Subject+l[0].Args.Name+l[0].Args.Number != "" {
		t.Errorf("letters %+v", l)
	}
	s.browser().askLinks("it", "no address").want(422, "no address", `id="email-problem"`)
}

// TestComeBack follows the letter's link from browsers that know nothing.
func TestComeBack(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	first := s.browser().request("en", "First thing", "CANARY")
	s.wait(time.Hour)
	second := s.browser().request("en", "Second thing", "CANARY")
	s.outbox(escalation.ReceiptLetter)
	s.browser().askLinks("en", "ada@example.com").want(303)
	letters := s.outbox(escalation.LinksLetter)
	if len(letters) != 1 {
		t.Fatalf("%d letters", len(letters))
	}
	link := s.link(letters[0])
	// A program looks at the link first, and then its reader, on two devices; whoever
	// says yes first gets in.
	s.browser().do("HEAD", link, "", nil)
	for range 2 {
		other := s.browser()
		other.get(link).want(200, "Open my requests", "It works once")
		if strings.Contains(other.body, "thing") || len(other.cookies) > 0 {
			t.Error("looking tells, or changes, something")
		}
	}
	use := func(b *browser) *browser {
		return b.do("POST", link, "application/x-www-form-urlencoded", strings.NewReader(""))
	}
	b := s.browser()
	for range 2 { // and again with the back button
		use(b).want(303)
		if b.at != "/en/requests" || strings.Contains(b.body, "thing") {
			t.Errorf("the link leads to %s", b.at)
		}
	}
	b.get(b.at).want(200, "First thing", "Second thing", "It is our turn", "Close them in this browser")
	if strings.Index(b.body, "Second thing") > strings.Index(b.body, "First thing") || strings.Contains(b.body, "CANARY") {
		t.Error("not the latest first, or more than a list says")
	}
	b.get("/tickets/"+first.Number).want(200, "CANARY")
	b.get("/en/").want(200, ">My requests</a>")
	use(s.browser()).want(404, "This link was used")
	s.browser().get(link).want(404, "This link was used")
	if got := s.ticket(first.Number); got.Version != first.Version {
		t.Error("the link changed a ticket")
	}
	// Revoked links are no way back; those of others never were.
	s.change(first.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Revoke(boss, escalation.NewID, s.clock())
	})
	b.get("/en/requests").want(200, "Second thing")
	if strings.Contains(b.body, "First thing") {
		t.Error("a revoked request is listed")
	}
	s.wait(2 * time.Hour)
	s.browser().askLinks("en", "ada@example.com").want(303)
	late := s.link(s.outbox(escalation.LinksLetter)[0])
	s.wait(time.Hour)
	s.browser().get(late).want(404, "has expired")
	s.browser().do("POST", late, "application/x-www-form-urlencoded", strings.NewReader("")).want(404, "has expired")
	s.browser().get("/tickets/" + second.Number).want(404)
	for _, hostile := range []string{"/requests/x", "/requests/" + strings.Repeat("A", 9000), "/requests/%2e%2e%2fdesk", "/requests/%00"} {
		s.browser().get(hostile).want(404)
	}
}

// TestNewAddress confirms an address from its letter: looking changes nothing,
// saying yes twice changes it once.
func TestNewAddress(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	old := s.browser()
	old.get("/it/contact").want(200)
	old.post("/it/contact", old.form().with("subject", "Schermo", "text", "CANARY", "email", "ada@example.com", "do", "check")).want(200)
	sent := old.form().with("do", "send")
	old.post("/it/contact", sent).want(303)
	ticket := old.sentTicket()
	s.outbox(escalation.ReceiptLetter)
	s.change(ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.ProposeAddress("grace@example.com", escalation.NewID(), boss, escalation.NewID, s.clock())
	})
	letters := s.outbox(escalation.AddressLetter)
	if len(letters) != 1 || letters[0].To != "grace@example.com" {
		t.Fatalf("letters %+v", letters)
	}
	link := s.link(letters[0])
	for range 3 {
		b := s.browser()
		b.get(link).want(200, "È il suo indirizzo?", "grace@example.com", ticket.Number)
		if strings.Contains(b.body, "CANARY") || strings.Contains(b.body, "Schermo") || strings.Contains(b.body, "ada@") {
			t.Error("the page tells what was written, or by whom")
		}
	}
	other := "A" // one link of sixteen ends with it already
	if strings.HasSuffix(link, other) {
		other = "E"
	}
	s.browser().get(link[:len(link)-1] + other).want(404)
	if got := s.ticket(ticket.Number); got.Requester.Email != "ada@example.com" {
		t.Fatalf("looking changed the address to %s", got.Requester.Email)
	}
	b := s.browser()
	b.do("POST", link, "application/x-www-form-urlencoded", strings.NewReader("")).want(303)
	if b.at != "/tickets/"+ticket.Number+"?said=address" {
		t.Errorf("leads to %s", b.at)
	}
	b.get(b.at).want(200, "CANARY", "L'indirizzo è confermato")
	b.do("POST", link, "application/x-www-form-urlencoded", strings.NewReader("")).want(303)
	if b.at != "/tickets/"+ticket.Number {
		t.Errorf("the second time leads to %s", b.at)
	}
	s.browser().get(link).want(404, "No address is waiting to be confirmed")
	old.get("/tickets/" + ticket.Number).want(404)
	// Nor is the form a way back, which the old browser still has.
	old.post("/it/contact", sent).want(409, "Questa richiesta è già da noi", "CANARY")
	if old.at != "" {
		t.Errorf("the old form leads to %s", old.at)
	}
	old.get("/tickets/" + ticket.Number).want(404)
	if left := s.outbox(escalation.LeftLetter); len(left) != 1 || left[0].To != "ada@example.com" {
		t.Errorf("told %+v", left)
	}
}

// TestLateAddress says of a link that came too late that it did.
func TestLateAddress(t *testing.T) {
	s := newOffice(t)
	ticket := s.browser().request("en", "Screen", "black")
	s.outbox(escalation.ReceiptLetter)
	s.change(ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.ProposeAddress("grace@example.com", escalation.NewID(), boss, escalation.NewID, s.clock())
	})
	link := s.link(s.outbox(escalation.AddressLetter)[0])
	s.browser().get(link).want(200)
	s.wait(escalation.AddressDays * 24 * time.Hour)
	b := s.browser()
	b.get(link).want(404, "or the link has expired")
	b.do("POST", link, "application/x-www-form-urlencoded", strings.NewReader("")).want(404, "or the link has expired")
}

// TestFormLimits lets a network and an address send so many forms. Who is stopped
// keeps the text, and is told another way; elsewhere others go on.
func TestFormLimits(t *testing.T) {
	s := newOffice(t)
	s.room.Forms.Off = false
	site := *s.room.Site()
	site.Channels.Phone.Number, site.Channels.Mail.Address = "+39 055 123456", "help@example.com"
	s.room.Web.Site = func() *setting.Site { return &site }
	var b *browser
	for i := range spam.ByAddress.Most {
		b = s.browser()
		if ticket := b.request("en", "Zzz", "number "+strings.Repeat("x", i)); ticket.Number == "" {
			t.Fatal("no ticket")
		}
	}
	b = s.browser()
	b.get("/en/contact").want(200)
	b.post("/en/contact", b.form().with("subject", "One more", "text", "KEPT", "email", "ADA@example.com", "do", "check")).want(200)
	b.post("/en/contact", b.form().with("do", "send")).want(429, "KEPT", "Your text is still here", `href="tel:+39055123456"`, `href="mailto:help@example.com"`, "/en/channels")
	if b.head.Get("Retry-After") == "" {
		t.Error("nothing says when to try again")
	}
	if f := b.form().with("email", "grace@example.com", "do", "send"); f.get("text") != "KEPT" {
		t.Errorf("kept %q", f.get("text"))
	} else {
		b.post("/en/contact", f).want(303)
	}
}

// TestStagedLimit takes files of forms that are not sent only so far.
func TestStagedLimit(t *testing.T) {
	s := newOffice(t)
	s.room.Limits = true
	b := s.browser()
	b.get("/en/contact").want(200)
	f := b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "check")
	b.post("/en/contact", f, upload{"dot.png", aPNG}).want(200, "dot.png")
	sender := ""
	for _, from := range []string{"0.0.0.0", "127.0.0.1"} {
		if u, err := s.db.Usage(t.Context(), spam.Sender(netip.MustParseAddr(from))); err != nil {
			t.Fatal(err)
		} else if u.Sender > 0 {
			sender = spam.Sender(netip.MustParseAddr(from))
		}
	}
	if sender == "" {
		t.Fatal("nobody's file")
	}
	if err := s.db.StageFile(t.Context(), evidence.Record{ID: "giant", Hash: "h", Name: "n", Type: "video/mp4", Size: evidence.MaxStaged, Created: s.clock(), Sender: sender}); err != nil {
		t.Fatal(err)
	}
	b.post("/en/contact", f, upload{"dot2.png", aPNG}).want(422, "Many files of requests", "qqq")
	b.post("/en/contact", f).want(200)
}

// TestSuspectedForm says honestly what happens to what looks like spam, writes no
// letter, and counts nobody as escalated.
func TestSuspectedForm(t *testing.T) {
	s := newOffice(t)
	s.room.Mail = true
	b := s.browser()
	b.get("/en/contact").want(200)
	b.post("/en/contact", b.form().with("subject", "Buy", "text", "now", "email", "ada@example.com", "homepage", "http://x.example", "do", "check")).want(200)
	b.post("/en/contact", b.form().with("do", "send")).want(303)
	got := b.sentTicket()
	if got.Doubt != escalation.Suspected || len(s.outbox(escalation.ReceiptLetter)) != 0 {
		t.Errorf("opened %+v", got.Doubt)
	}
	b.get(b.at).want(200, "A person looks at it first", "We send you no e-mail until a person has looked at it")
	b.get("/tickets/"+got.Number).want(200, "A person looks at it first")
	if n := s.counter.n["ticket_created"]; n != 0 {
		t.Errorf("%d journeys led to a ticket", n)
	}
}
