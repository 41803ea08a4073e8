package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

// long opens a ticket in which many things were said and done, and returns its number.
func (s *testSite) long(entries int) string {
	s.t.Helper()
	agent, err := s.db.Person(s.t.Context(), "agent1")
	if err != nil {
		s.t.Fatal(err)
	}
	id, now := escalation.NewID, time.Now().Add(-time.Duration(entries)*time.Minute)
	c, err := asking()
	if err != nil {
		s.t.Fatal(err)
	}
	me := escalation.RequesterOf{Ticket: c.Ticket.ID, Name: "Giulia"}
	for n := 0; len(c.Entries) < entries; n++ {
		now = now.Add(time.Minute)
		said := escalation.Message{Text: fmt.Sprintf("Parola %d: ieri la batteria è durata due ore, https://example.com/%d dice che è poco.\n\nChe cosa si può fare?", n, n)}
		var more escalation.Change
		switch t := c.Ticket; n % 5 {
		case 0, 3:
			more, err = t.Reply(said, agent, id, now)
		case 1:
			more, err = t.RequesterReply(escalation.RequesterMessage{Message: said}, me, id, now)
		case 2:
			more, err = t.Note(said, agent, id, now)
		case 4:
			more, err = t.AddStep(escalation.StepCommand{What: fmt.Sprintf("riavvio %d", n), Result: "niente"}, agent, id, now)
		}
		if err != nil {
			s.t.Fatal(err)
		}
		c.Ticket, c.Entries, c.Letters = more.Ticket, append(c.Entries, more.Entries...), append(c.Letters, more.Letters...)
	}
	if _, _, err := s.db.Open(s.t.Context(), "", func() (escalation.Change, error) { return c, nil }); err != nil {
		s.t.Fatal(err)
	}
	return c.Ticket.Number
}

// TestLongTicket opens a ticket of 10,000 entries, as an agent and as who asked. The
// page has its beginning and its end, and leads through all that lies between.
func TestLongTicket(t *testing.T) {
	site := newSite(t)
	number := site.long(10_000)
	ticket := site.ticket(number)
	customer := &browser{site, map[string]string{}}
	customer.get("/tickets/" + number + "?k=" + escalation.LinkToken(site.linkKey, ticket.ID, ticket.Requester.Email, ticket.LinkGeneration))
	for name, reader := range map[string]struct {
		b    *browser
		path string
	}{"agent": {site.enter("agent1"), "/desk/tickets/" + number}, "customer": {customer, "/tickets/" + number}} {
		t.Run(name, func(t *testing.T) {
			first := "Al 40 %"
			seen, pages := map[string]bool{}, 0
			for path := reader.path; path != ""; pages++ {
				resp, page := reader.b.get(path)
				if resp.StatusCode != http.StatusOK || !strings.Contains(page, first) || len(page) > 512*kb {
					t.Fatalf("%s answers %d with %d bytes, or without what was asked", path, resp.StatusCode, len(page))
				}
				if newest := regexp.MustCompile(`href="` + reader.path + `#(latest|newest)"`).MatchString(page); newest != (pages > 0) {
					t.Errorf("%s leads to the newest: %v", path, newest)
				}
				for _, m := range regexp.MustCompile(`Parola (\d+):`).FindAllStringSubmatch(page, -1) {
					seen[m[1]] = true
				}
				path = ""
				if m := regexp.MustCompile(`href="([^"]*\?before=\d+)"`).FindStringSubmatch(page); m != nil {
					path = m[1]
				}
			}
			said := 0
			for _, e := range ticket.Entries {
				if strings.HasPrefix(e.Text, "Parola ") && (name == "agent" || e.Kind == escalation.Public) {
					said++
				}
			}
			if len(seen) != said || said < 5000 {
				t.Errorf("%d of %d messages on %d pages", len(seen), said, pages)
			}
		})
	}
	// And it goes on.
	if resp, body := site.enter("agent1").post("/desk/tickets/"+number+"/note", url.Values{"key": {"k"}, "seen": {"10000"}, "note-text": {"Ancora una."}}); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("a note: %d\n%.400s", resp.StatusCode, body)
	}
}

// TestLongSplit chooses messages in two stretches of a long conversation: turning to
// another one keeps the choice and what was typed, and all of it is shown before it is
// done.
func TestLongSplit(t *testing.T) {
	site := newSite(t)
	agent, split := site.enter("agent1"), "/desk/tickets/"+site.long(150)+"/split"
	box := func(page, text string) string { // the choice of the message
		t.Helper()
		before, _, _ := strings.Cut(page, text)
		all := regexp.MustCompile(`type="checkbox" name="split-entry" value="([^"]+)"`).FindAllStringSubmatch(before, -1)
		if len(all) == 0 {
			t.Fatalf("%s cannot be chosen in\n%.4000s", text, page)
		}
		return all[len(all)-1][1]
	}
	_, page := agent.get(split)
	late := box(page, "Parola 140:")
	earlier := regexp.MustCompile(`formaction="([^"]+before=\d+)"`).FindStringSubmatch(page)
	if earlier == nil {
		t.Fatalf("nothing leads back in\n%.4000s", page)
	}
	choice := url.Values{"split-entry": {late}, "split-to": {"other"}, "split-number": {"later"}, "do": {"turn"}}
	resp, page := agent.post(earlier[1], choice)
	if resp.StatusCode != http.StatusOK || !strings.Contains(page, `value="later"`) || !strings.Contains(page, `<input type="hidden" name="split-entry" value="`+late) {
		t.Fatalf("%d: the choice is lost in\n%.4000s", resp.StatusCode, page)
	}
	early := box(page, "Parola 21:")
	choice = url.Values{"split-entry": {late, early}, "split-to": {"new"}, "split-subject": {"La batteria"}, "split-place": {"here"}, "do": {"look"}}
	resp, page = agent.post(earlier[1], choice)
	if i, j := strings.Index(page, "Parola 21:"), strings.Index(page, "Parola 140:"); resp.StatusCode != http.StatusOK || i < 0 || j < i || strings.Contains(page, "Parola 22:") {
		t.Fatalf("%d: shown before it is done (%d, %d):\n%.4000s", resp.StatusCode, i, j, page)
	}
	choice.Set("do", "do")
	if resp, page = agent.post(split, choice); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("%d: not split\n%.4000s", resp.StatusCode, page)
	}
}
