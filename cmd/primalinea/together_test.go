package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"primalinea/escalation/staff"
)

// TestSendAtOnce has two agents answer at the same moment, and a colleague's note come
// in between: who is second is shown what was written and keeps what they typed, and a
// second press sends it. Nothing is lost.
func TestSendAtOnce(t *testing.T) {
	s := newSite(t)
	s.hire("second", staff.Form{Roles: []staff.Role{staff.Agent}, Tier: 1, Teams: []string{"general"}})
	agents := []*browser{s.enter("agent1"), s.enter("second")}
	texts := []string{"Spegnere e riaccendere.", "Togliere la batteria."}
	ticket := s.open()
	path := "/desk/tickets/" + ticket.Number
	form := func(i, seen int) url.Values {
		return url.Values{"seen": {fmt.Sprint(seen)}, "key": {fmt.Sprint("both-", i)}, "reply-text": {texts[i]}}
	}

	var wg sync.WaitGroup
	var statuses [2]int
	var pages [2]string
	for i, b := range agents {
		wg.Go(func() {
			resp, page := b.post(path+"/reply", form(i, ticket.Version))
			statuses[i], pages[i] = resp.StatusCode, page
		})
	}
	wg.Wait()
	late := 0
	if statuses[1] == http.StatusConflict {
		late = 1
	}
	if statuses[late] != http.StatusConflict || statuses[1-late] != http.StatusSeeOther {
		t.Fatalf("two send at once: %v", statuses)
	}
	_, answer, _ := strings.Cut(pages[late], `id="answer"`)
	newer, typed := strings.Index(answer, texts[1-late]), strings.Index(answer, texts[late])
	if newer < 0 || typed < newer {
		t.Errorf("what was written meanwhile is at %d, what was typed at %d", newer, typed)
	}

	seen := s.ticket(ticket.Number).Version
	if resp, _ := agents[1-late].post(path+"/note", url.Values{"note-text": {"Ha chiamato: vuole il rimborso."}}); resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("note: %d", resp.StatusCode)
	}
	resp, page := agents[late].post(path+"/reply", form(late, seen))
	if _, answer, _ := strings.Cut(page, `id="answer"`); resp.StatusCode != http.StatusConflict || !strings.Contains(answer, "vuole il rimborso") || !strings.Contains(answer, texts[late]) {
		t.Errorf("reply over a colleague's note: %d", resp.StatusCode)
	}
	if resp, _ := agents[late].post(path+"/reply", form(late, s.ticket(ticket.Number).Version)); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the second press: %d", resp.StatusCode)
	}
	said := map[string]int{}
	for _, e := range s.ticket(ticket.Number).Entries {
		said[e.Text]++
	}
	if said[texts[0]] != 1 || said[texts[1]] != 1 {
		t.Errorf("the ticket holds %v", said)
	}
}
