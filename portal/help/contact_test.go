package help_test

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"maps"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/portal/help"
)

// TestContact walks the form without JavaScript, in each language.
func TestContact(t *testing.T) {
	for _, test := range []struct{ lang, search, subject, offer, check, sent string }{
		{"it", "batteria", "La batteria dura poco", "Queste risposte possono aiutare", "Controllare la richiesta", "La richiesta è arrivata"},
		{"es", "batería", "La batería dura poco", "Estas respuestas pueden ayudar", "Revise su solicitud", "Hemos recibido su solicitud"},
		{"en", "battery", "The battery drains quickly", "These answers may help", "Check your request", "We have received your request"},
	} {
		t.Run(test.lang, func(t *testing.T) {
			s := newOffice(t)
			b := s.browser()
			path := "/" + test.lang + "/contact"
			b.get("/" + test.lang + "/search?q=" + url.QueryEscape(test.search)).want(200)
			s.wait(5 * time.Second)
			b.get(path + "?q=" + url.QueryEscape(test.subject)).want(200)
			f := b.form()
			if f.get("subject") != test.subject {
				t.Errorf("the form begins with %q", f.get("subject"))
			}
			s.wait(time.Minute)
			b.post(path, f.with("text", "Già <b>provato</b> a riavviare.", "email", "ada@example.com", "name", "Ada", "do", "next")).want(200, test.offer, "<details", "</details>")
			f = b.form()
			b.post(path, f.with("do", "check")).want(200, test.check, "<bdi>"+test.search+"</bdi>", "Già <b>provato</b>")
			if strings.Contains(b.body, "<b>provato") {
				t.Error("what was typed is markup in the page")
			}
			s.wait(time.Second)
			b.post(path, b.form().with("do", "send")).want(303)
			got := b.sentTicket()
			if got.Subject != test.subject || got.Entries[0].Text != "Già <b>provato</b> a riavviare." || got.Requester.Email != "ada@example.com" || got.Requester.Name != "Ada" || got.Lang != test.lang {
				t.Errorf("opened %+v", got)
			}
			if got.Trail == nil || got.Trail.Moments[0].Query != test.search || got.Trail.Moments[0].Hits == 0 || got.Journey == "" {
				t.Errorf("trail %+v of journey %q", got.Trail, got.Journey)
			}
			var kinds []string
			for _, m := range got.Trail.Moments {
				kinds = append(kinds, m.Kind)
			}
			if k := strings.Join(kinds, " "); !strings.Contains(k, "suggested") || !strings.Contains(k, "declined") {
				t.Errorf("trail of %s", k)
			}
			b.get(b.at).want(200, test.sent, got.Number, "http://help.test/tickets/"+got.Number+"?k=")
			b.get("/tickets/"+got.Number).want(200, test.subject, `<html lang="`+test.lang+`"`)
		})
	}
}

// TestContactMistakes leaves nothing out that was typed, and says everything
// that is to be corrected at once.
func TestContactMistakes(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/contact").want(200)
	f := b.form()
	b.post("/en/contact", f.with("do", "next")).want(422, "<title>Error:", "3 things need a correction", `href="#subject"`, `href="#text"`, `href="#email"`, `id="email-problem"`, `aria-invalid="true"`)
	long := strings.Repeat("à b\r\n", 3000)
	b.post("/en/contact", f.with("subject", "  Screen\x00 <i>\u202e", "text", long, "email", "nobody", "name", "Ada", "do", "next")).want(422, `href="#text"`, `href="#email"`, "10000")
	got := b.form()
	if got.get("text") != strings.ReplaceAll(long, "\r\n", "\n") && got.get("text") != long {
		t.Errorf("a long text comes back with %d characters", len(got.get("text")))
	}
	if got.get("email") != "nobody" || got.get("name") != "Ada" || !strings.Contains(got.get("subject"), "<i>") || got.get("key") != f.get("key") {
		t.Errorf("came back with %v", got.with("text", ""))
	}
	if strings.Contains(b.body, "<i>") {
		t.Error("what was typed is markup in the page")
	}
	// A long text without a blank line is no trouble, and the rules clean it.
	ticket := b.request("en", "x\x07y \u202eabc", "line\r\n\r\nline\x1b[31m")
	if ticket.Subject != "xy abc" || ticket.Entries[0].Text != "line\n\nline[31m" {
		t.Errorf("opened %q, %q", ticket.Subject, ticket.Entries[0].Text)
	}
}

// TestContactHostile sends what no page of ours sends.
func TestContactHostile(t *testing.T) {
	s := newOffice(t)
	const kind = "application/x-www-form-urlencoded"
	for _, test := range []struct {
		name, method, path, kind, body string
		want                           int
	}{
		{"empty", "POST", "/en/contact", kind, "", 422},
		{"no type", "POST", "/en/contact", "", "subject=x", 422},
		{"double fields", "POST", "/en/contact", kind, "subject=a&subject=b&text=t&text=u&email=a@example.com&email=b@example.com&do=send", 200},
		{"send at once", "POST", "/en/contact", kind, "subject=a&text=t&email=a@example.com&do=send", 200},
		{"foreign key", "POST", "/en/contact", kind, "key=%27%3B--&subject=a&text=t&email=a@example.com&do=check", 200},
		{"foreign file", "POST", "/en/contact", kind, "subject=a&text=t&email=a@example.com&file=x.y&file=..&do=check", 200},
		{"foreign list", "POST", "/en/contact", kind, "subject=a&text=t&email=a@example.com&list=,,|,a|b&do=check", 200},
		{"two addresses", "POST", "/en/contact", kind, "subject=a&text=t&email=a@example.com%0D%0ABcc:b@example.com&do=check", 422},
		{"wrong escape", "POST", "/en/contact", kind, "subject=%zz&text=%ff%fe&email=%", 422},
		{"step by address", "GET", "/en/contact/suggestions", "", "", 303},
		{"solved by address", "GET", "/en/contact/solved", "", "", 303},
		{"solved by nothing", "POST", "/en/contact/solved", kind, "solved=x|en", 404},
		{"unknown language", "GET", "/xx/contact", "", "", 404},
		{"done of nobody", "GET", "/en/contact/sent/00000000", "", "", 404},
		{"wrong method", "PUT", "/en/contact", kind, "subject=x", 404},
		{"too much text", "POST", "/en/contact", kind, "text=" + strings.Repeat("x", 1<<20+1), 413},
	} {
		b := s.browser()
		b.do(test.method, test.path, test.kind, strings.NewReader(test.body))
		if b.status != test.want {
			t.Errorf("%s: %d, want %d\n%.600s", test.name, b.status, test.want, b.body)
		}
		if strings.Contains(b.body, "Something went wrong on our side") {
			t.Errorf("%s: a fault", test.name)
		}
	}
	if n := s.count(escalation.Queue{}); n != 0 {
		t.Errorf("%d tickets were opened", n)
	}
}

// TestUnreadable sends what is not even a request. It is answered, and the next
// visitor is served.
func TestUnreadable(t *testing.T) {
	s := newOffice(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.App.Listener(l)
	t.Cleanup(func() { s.App.Shutdown() })
	for _, test := range []struct{ name, request, want string }{
		{"broken multipart", "POST /en/contact HTTP/1.1\r\nHost: help.test\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 13\r\n\r\n--x\r\nnonsense", "HTTP/1.1 4"},
		{"long header", "GET /en/contact HTTP/1.1\r\nHost: help.test\r\nCookie: " + strings.Repeat("x", 40<<10) + "\r\n\r\n", "HTTP/1.1 431"},
		{"large body", "POST /en/contact HTTP/1.1\r\nHost: help.test\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 413"},
		{"no request", "\x16\x03\x01\r\n\r\n", "HTTP/1.1 4"},
		{"a good one", "GET /healthz HTTP/1.1\r\nHost: help.test\r\nConnection: close\r\n\r\n", "HTTP/1.1 200"},
	} {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		c.SetDeadline(time.Now().Add(10 * time.Second))
		io.WriteString(c, test.request)
		answer := make([]byte, 12)
		if _, err := io.ReadFull(c, answer); err != nil || !strings.HasPrefix(string(answer), test.want) {
			t.Errorf("%s: %q, %v", test.name, answer, err)
		}
		c.Close()
	}
}

// TestContactTwice sends the same form again and again: there is one ticket.
func TestContactTwice(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/contact").want(200)
	b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "next")).want(200)
	f := b.form().with("do", "send")
	var wg sync.WaitGroup
	places := make([]string, 8)
	for i := range places {
		wg.Go(func() {
			c := s.browser()
			c.post("/en/contact", f)
			if c.status == 303 {
				places[i] = c.at
			}
		})
	}
	wg.Wait()
	for _, at := range places {
		if at == "" || at != places[0] {
			t.Errorf("sent to %q", places)
			break
		}
	}
	if n := s.count(escalation.Queue{}); n != 1 {
		t.Errorf("%d tickets", n)
	}
	// The way back, other words: that is another request, and not lost.
	b.post("/en/contact", f.with("text", "something else")).want(303)
	if b.at == places[0] || s.count(escalation.Queue{}) != 2 {
		t.Error("a changed request was taken for the first")
	}
	// Each opens its page, also without cookies.
	s.browser().get(places[0]).want(200, "We have received your request")
}

// TestContactChanged goes back from a request that was sent, changes the words and sends
// them again: that there are two now is said, with the way to the one before, to who sent
// both and for as long as they may have it in mind.
func TestContactChanged(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/contact").want(200)
	b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "next")).want(200)
	f := b.form().with("do", "send")
	b.post("/en/contact", f).want(303)
	first, at := b.sentTicket(), b.at
	const says = "does not replace"
	b.get(at).want(200).never(says)
	s.wait(time.Minute)
	b.post("/en/contact", f.with("text", "qqq, I mean")).want(303)
	changed := b.at
	b.get(changed).want(200, says, `<a href="/tickets/`+first.Number+`"`, "Zzz")
	b.get(at).want(200).never(says)
	s.browser().get(changed).want(200).never(says)
	s.wait(2 * time.Hour)
	b.post("/en/contact", f.with("text", "something else")).want(303)
	b.get(b.at).want(200).never(says)
}

// TestContactTrail shows what goes along, and leaves it out when asked to.
func TestContactTrail(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/search?q=battery").want(200)
	s.wait(3 * time.Second)
	var article *content.Article
	for _, a := range s.room.Articles.Library().All() {
		if a.Lang == "en" && a.Audience == content.Public && a.Live(s.clock()) {
			article = a
			break
		}
	}
	b.get(article.Path()).want(200)
	s.wait(30 * time.Second)
	b.get("/en/contact?article=" + url.QueryEscape(article.Key)).want(200)
	b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "next")).want(200, "<bdi>battery</bdi>", "<bdi>"+article.Title+"</bdi>", "Leave this out")
	check := b.form()
	b.post("/en/contact", check.with("do", "send", "without", "1")).want(303)
	if ticket := b.sentTicket(); ticket.Trail != nil || ticket.Journey != "" {
		t.Errorf("left out, and yet %+v of %q", ticket.Trail, ticket.Journey)
	}
	// It counts all the same.
	if err := s.recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	report, err := s.db.Deflection(t.Context(), journey.LastDays(2, "", s.clock()))
	if err != nil {
		t.Fatal(err)
	}
	if report.Total.Sent != 1 {
		t.Errorf("not counted: %+v", report.Total)
	}
	// Who asks not to be followed still comes from an article.
	c := s.browser()
	c.header["Sec-GPC"] = "1"
	c.get("/en/contact?article=" + url.QueryEscape(article.Key)).want(200)
	c.post("/en/contact", c.form().with("subject", "Zzz", "text", "qqq", "email", "eve@example.com", "do", "next")).want(200, "<bdi>"+article.Title+"</bdi>")
	c.post("/en/contact", c.form().with("do", "send")).want(303)
	if ticket := c.sentTicket(); ticket.Trail == nil || len(ticket.Trail.Moments) != 1 || ticket.Trail.Moments[0].Article != article.Key {
		t.Errorf("the article that led here: %+v", ticket.Trail)
	}
	if len(c.cookies) != 1 {
		t.Errorf("cookies %v of who asks not to be followed", c.cookies)
	}
}

// TestSuggestions: what a script gets, and what is recorded.
func TestSuggestions(t *testing.T) {
	s := newOffice(t)
	b := s.browser()
	b.get("/en/contact").want(200)
	f := b.form().with("subject", "The battery drains quickly", "text", "It is empty by noon", "email", "ada@example.com")
	b.header["X-Fragment"] = "offers"
	b.post("/en/contact/suggestions", f).want(200, "data-id=", "answers may help", "This solved it")
	id := html.UnescapeString(regexp.MustCompile(`data-id="([^"]*)"`).FindStringSubmatch(b.body)[1])
	b.post("/en/contact/suggestions", f.with("had", id)).want(200)
	b.post("/en/contact/suggestions", f.with("subject", "", "text", "")).want(204)
	delete(b.header, "X-Fragment")
	// The list was read beside the form: it is not shown again.
	b.post("/en/contact", f.with("do", "next", "offered", id)).want(200, "Check your request")
	b.post("/en/contact", f.with("do", "next")).want(200, "These answers may help")
	b.post("/en/contact", f.with("do", "next", "offered", "another")).want(200, "These answers may help")

	key, _, _ := strings.Cut(strings.Split(id, ",")[0], "|")
	b.post("/en/contact/solved", f.with("solved", key+"|en")).want(200, "Thank you for telling us", "Nothing was sent")
	b.post("/en/contact", b.form().with("do", "write")).want(200, "It is empty by noon")
	if n := s.count(escalation.Queue{}); n != 0 {
		t.Errorf("%d tickets", n)
	}
	events := s.events()
	for kind, least := range map[journey.Kind]int{journey.FormOpen: 1, journey.SuggestionEligible: 1, journey.SuggestionShown: 1, journey.SuggestionDeclined: 1, journey.Confirm: 1} {
		if events[kind] < least {
			t.Errorf("%d events %s: %v", events[kind], kind, events)
		}
	}
}

// TestHoldOut: in both arms the same is computed and noted, with JavaScript and
// without; who is held out sees nothing of it.
func TestHoldOut(t *testing.T) {
	s := newOffice(t)
	experiment := journey.Experiment{Name: "contact-1"}
	var fault error
	s.room.HoldOut = func(context.Context) (journey.Experiment, error) { return experiment, fault }
	words := []string{"subject", "The battery drains quickly", "text", "It is empty by noon", "email", "ada@example.com"}
	ask := func(b *browser, script bool) {
		b.get("/en/contact").want(200)
		f := b.form().with(words...)
		if script {
			b.header["X-Fragment"] = "offers"
			b.post("/en/contact/suggestions", f)
			delete(b.header, "X-Fragment")
			if b.status == 200 {
				f = f.with("offered", html.UnescapeString(regexp.MustCompile(`data-id="([^"]*)"`).FindStringSubmatch(b.body)[1]))
			}
		}
		b.post("/en/contact", f.with("do", "next")).want(200)
	}
	logged := map[string][]journey.Event{}
	for i, test := range []struct {
		name   string
		share  int
		script bool
	}{
		{"shown, without JavaScript", 0, false}, {"held out, without JavaScript", journey.Parts, false},
		{"shown, with JavaScript", 0, true}, {"held out, with JavaScript", journey.Parts, true},
	} {
		experiment.Name, experiment.Share = test.name, test.share
		s.counter.taken = nil
		b := s.browser()
		words[3] = "It is empty by noon" + strings.Repeat(" indeed", i/2) // too much of the same would be looked at first
		ask(b, test.script)
		held := test.share > 0
		if offered := strings.Contains(b.body, "These answers may help"); offered != (!held && !test.script) {
			t.Errorf("%s: the page of answers is there: %t", test.name, offered)
		}
		if !held && !test.script {
			b.post("/en/contact", b.form().with("do", "check")).want(200)
		}
		b.want(200, "Check your request")
		b.post("/en/contact", b.form().with("do", "send")).want(303)
		if trail := b.sentTicket().Trail; held && trail != nil && len(trail.Moments) > 0 {
			t.Errorf("%s: the request tells of suggestions that nobody saw: %+v", test.name, trail)
		}
		for _, e := range s.counter.taken {
			switch e.Kind {
			case journey.SuggestionEligible:
				if e.Arm != map[bool]string{true: journey.HoldOut, false: journey.Shown}[held] || e.Experiment != test.name {
					t.Errorf("%s: %+v", test.name, e)
				}
				e.At, e.Visitor, e.Arm, e.Experiment = time.Time{}, "", "", ""
				logged[test.name] = append(logged[test.name], e)
			case journey.SuggestionShown, journey.SuggestionDeclined, journey.SuggestionClick:
				if held {
					t.Errorf("%s: %s", test.name, e.Kind)
				}
			}
		}
		if err := s.recorder.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		got, err := s.db.Triggers(t.Context(), test.name, s.clock().Add(-time.Hour))
		if err != nil || len(got) != 1 || got[0].Ticket.IsZero() || got[0].Ticket.Before(got[0].At) {
			t.Errorf("%s: kept %+v, %v", test.name, got, err)
		}
	}
	if !slices.Equal(logged["shown, without JavaScript"], logged["held out, without JavaScript"]) || len(logged["shown, without JavaScript"]) == 0 {
		t.Errorf("differs: %+v", logged)
	}
	// The script asks while somebody types, and the form again when it is sent; what
	// is on the screen already is not noted twice.
	a, b := logged["shown, with JavaScript"], logged["held out, with JavaScript"]
	if !slices.Equal(a, b[:min(len(a), len(b))]) || len(a) == 0 {
		t.Errorf("differs: %+v", logged)
	}

	// Of what a lead names nobody is ever held out, and nobody counts.
	experiment.Share = journey.Parts
	for name, terms := range map[string]journey.Terms{"a word": {Words: []string{"battery drains"}}, "a section": {Never: []string{"device"}}} {
		experiment.Name, experiment.Terms = name, terms
		b := s.browser()
		ask(b, false)
		b.want(200, "These answers may help")
		if err := s.recorder.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got, err := s.db.Triggers(t.Context(), name, s.clock().Add(-time.Hour)); err != nil || len(got) != 0 {
			t.Errorf("%s: kept %+v, %v", name, got, err)
		}
	}
	experiment.Terms = journey.Terms{}

	// Who refuses to be followed, and whoever comes while the experiment cannot be
	// read, sees what there is. A search is never held out.
	c := s.browser()
	c.header["Sec-GPC"] = "1"
	ask(c, false)
	c.want(200, "These answers may help")
	d := s.browser()
	d.get("/en/search?q=battery").want(200, "/en/articles/")
	fault = errors.New("no database")
	ask(d, false)
	d.want(200, "These answers may help")
}

// A counter counts the events that it lets through.
type counter struct {
	help.Recorder
	mu    sync.Mutex
	n     map[journey.Kind]int
	taken []journey.Event
}

func (c *counter) Record(e journey.Event) {
	c.mu.Lock()
	c.n[e.Kind]++
	c.taken = append(c.taken, e)
	c.mu.Unlock()
	c.Recorder.Record(e)
}

// events says how many of each kind were recorded so far.
func (s *office) events() map[journey.Kind]int {
	s.counter.mu.Lock()
	defer s.counter.mu.Unlock()
	return maps.Clone(s.counter.n)
}

// TestAttachments: what is taken, what is refused, and that a mistake loses none.
func TestAttachments(t *testing.T) {
	s := newOffice(t)
	for _, test := range []struct {
		name string
		file upload
		want string // of the page, when it is refused
	}{
		{"picture", upload{"me.png", aPNG}, ""},
		{"renamed", upload{"me.exe", aPNG}, ""},
		{"drawing", upload{"me.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>`}, "We cannot take “me.svg”"},
		{"page as picture", upload{"me.png", "<!doctype html><script>1</script>"}, "We cannot take “me.png”"},
		{"program", upload{"me.pdf", "MZ\x90\x00"}, "We cannot take “me.pdf”"},
		{"empty", upload{"me.png", ""}, "“me.png” is empty"},
		{"large", upload{"me.pdf", "%PDF-1.7\n" + strings.Repeat("x", evidence.MaxDocument)}, "larger than 20 MB"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := s.browser()
			b.t = t
			b.get("/en/contact").want(200)
			b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq\nwww", "email", "ada@example.com", "do", "next"), upload{"kept.png", aPNG}, test.file)
			if test.want == "" {
				b.want(200, "kept.png")
			} else {
				b.want(422, test.want, "kept.png", "qqq\nwww", `href="#files"`)
				b.post("/en/contact", b.form().with("do", "next")).want(200, "kept.png")
			}
			b.post("/en/contact", b.form().with("do", "send")).want(303)
			want := 2
			if test.want != "" {
				want = 1
			}
			if files := b.sentTicket().Entries[0].Files; len(files) != want || files[0].Name != "kept.png" {
				t.Errorf("attached %+v", files)
			}
		})
	}
	b := s.browser()
	var many []upload
	for i := range escalation.MaxFiles + 1 {
		many = append(many, upload{fmt.Sprintf("n%d.png", i), aPNG})
	}
	b.get("/en/contact")
	b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "next"), many...).want(422, "at most 10 files", "n9.png").never("n10.png")
	id, _, _ := strings.Cut(b.form()["file"][0], ".")
	b.post("/en/contact", b.form().with("do", "drop-"+id)).want(200, "n1.png").never("n0.png")
	b.post("/en/contact", b.form().with("do", "next")).want(200, "Check your request", "n1.png")
	id, _, _ = strings.Cut(b.form()["file"][0], ".")
	b.post("/en/contact", b.form().with("do", "drop-"+id)).want(200, "Check your request", "n2.png").never("n1.png")
}

// TestFiles: who may read what is attached, and how it is sent.
func TestFiles(t *testing.T) {
	s := newOffice(t)
	b, stranger := s.browser(), s.browser()
	b.get("/en/contact")
	b.post("/en/contact", b.form().with("subject", "Zzz", "text", "qqq", "email", "ada@example.com", "do", "next"), upload{"mé.png", aPNG}, upload{"bill.pdf", "%PDF-1.7\n0123456789"}).want(200)
	staged := regexp.MustCompile(`/files/[a-z0-9]+\?s=[^"]+`).FindString(b.body)
	b2 := *b
	b2.get(staged).want(200)
	bare, token, _ := strings.Cut(staged, "?")
	b2.get(bare + "/thumbnail?" + token).want(200)
	stranger.get(bare + "/thumbnail").want(404)
	stranger.get(bare).want(404)
	stranger.get(bare + "?s=" + strings.Repeat("A", 26) + "~xx").want(404)
	gone := stranger.get("/files/" + strings.Repeat("a", 26)).want(404).body

	b.post("/en/contact", b.form().with("do", "send")).want(303)
	ticket := b.sentTicket()
	picture, bill := ticket.Entries[0].Files[0], ticket.Entries[0].Files[1]
	b.get("/files/" + picture.ID).want(200)
	for k, want := range map[string]string{
		"Content-Type": "image/png", "Content-Disposition": "attachment; filename*=utf-8''m%C3%A9.png", "X-Content-Type-Options": "nosniff",
		"Cache-Control": "private, no-store",
	} {
		if got := b.head.Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	if csp := b.head.Get("Content-Security-Policy"); !strings.Contains(csp, "sandbox") || b.body == "" || b.body == aPNG {
		t.Errorf("policy %q, %d bytes", csp, len(b.body))
	}
	// A picture has a small one on the page, and can be looked at.
	for path, kind := range map[string]string{"/picture": "image/png", "/thumbnail": "image/jpeg"} {
		b.get("/files/" + picture.ID + path).want(200)
		if b.head.Get("Content-Type") != kind || !strings.HasPrefix(b.head.Get("Content-Disposition"), "inline") || b.head.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.Contains(b.head.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("%s is sent as %v", path, b.head)
		}
		b.get("/files/" + bill.ID + path).want(404)
		stranger.get("/files/" + picture.ID + path).want(404)
	}
	b.get("/tickets/"+ticket.Number).want(200, "/files/"+picture.ID+"/thumbnail\" width=\"3\" height=\"2\" alt=\"Open the picture “mé.png”\"").never("/files/" + bill.ID + "/thumbnail")
	b.get("/files/" + bill.ID).want(200)
	if d := b.head.Get("Content-Disposition"); d != `attachment; filename=bill.pdf` {
		t.Errorf("a document is sent as %q", d)
	}
	for _, test := range []struct {
		ask    string
		status int
		body   string
		told   string
	}{
		{"bytes=9-11", 206, "012", "bytes 9-11/19"},
		{"bytes=9-", 206, "0123456789", "bytes 9-18/19"},
		{"bytes=-4", 206, "6789", "bytes 15-18/19"},
		{"bytes=10-900", 206, "123456789", "bytes 10-18/19"},
		{"bytes=10-9223372036854775807", 206, "123456789", "bytes 10-18/19"},
		{"bytes=19-", 416, "", "bytes */19"},
		{"bytes=5-2", 200, "%PDF-1.7\n0123456789", ""},
		{"bytes=0-1,3-4", 200, "%PDF-1.7\n0123456789", ""},
		{"lines=1", 200, "%PDF-1.7\n0123456789", ""},
	} {
		b.header["Range"] = test.ask
		b.get("/files/" + bill.ID)
		if b.status != test.status || test.body != "" && b.body != test.body || b.head.Get("Content-Range") != test.told {
			t.Errorf("%s: %d %q %q", test.ask, b.status, b.body, b.head.Get("Content-Range"))
		}
	}
	delete(b.header, "Range")

	// Once it is attached, having staged it opens nothing.
	if stranger.get(staged).want(404); same(stranger.body, gone) != "" {
		t.Error("a file of others answers unlike one that does not exist: " + same(stranger.body, gone))
	}
	// What hangs on a note is not the customer's.
	secret, err := s.room.Files.Put(t.Context(), "secret.png", strings.NewReader(aPNG+"x"))
	if err != nil {
		t.Fatal(err)
	}
	secret.Created = s.clock()
	if err := s.db.StageFile(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	s.change(ticket.Number, func(t escalation.Ticket) (escalation.Change, error) {
		return t.Note(escalation.Message{Text: "CANARY", Files: []escalation.File{secret.File()}}, ann, escalation.NewID, s.clock())
	})
	for _, path := range []string{"", "/picture", "/thumbnail"} {
		b.get("/files/" + secret.ID + path).want(404)
	}
	b.get("/tickets/"+ticket.Number).want(200).never("CANARY", "secret.png")
}
