package main

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
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

// TestCircularUnread answers three requests, one of which a fault of ours keeps from being
// read: it is named and left out, and the others are answered.
func TestCircularUnread(t *testing.T) {
	dir := t.TempDir()
	s := newSiteIn(t, dir, "").staffed()
	var rows []string
	for range 3 {
		rows = append(rows, s.open().Number+".1")
	}
	bad, agent := strings.TrimSuffix(rows[1], ".1"), s.enter("agent1")
	form := url.Values{"key": {"many"}, "rows": {strings.Join(rows, " ")}, "text.it": {"È mandata."}, "do": {"look"}}
	if resp, page := agent.post("/desk/circulars", form); resp.StatusCode != http.StatusOK || strings.Contains(page, "cannot be read now") {
		t.Fatalf("before: %d %s", resp.StatusCode, page)
	}
	damage(t, dir, bad)
	if resp, page := agent.post("/desk/circulars", form); resp.StatusCode != http.StatusOK || !strings.Contains(page, bad) || !strings.Contains(page, "It cannot be read now") {
		t.Errorf("looked at: %d %s", resp.StatusCode, page)
	}
	form.Set("do", "send")
	resp, _ := agent.post("/desk/circulars", form)
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("sent: %d", resp.StatusCode)
	}
	if _, page := agent.get(resp.Header.Get("Location")); !strings.Contains(page, "It cannot be read now") {
		t.Errorf("afterwards: %s", page)
	}
	for _, row := range []string{rows[0], rows[2]} {
		answered := s.ticket(strings.TrimSuffix(row, ".1"))
		if last := answered.Entries[len(answered.Entries)-1]; last.Text != "È mandata." {
			t.Errorf("%s: last is %+v", row, last)
		}
	}
	// Where none can be read it is no fault of one request.
	damage(t, dir, strings.TrimSuffix(rows[0], ".1"), strings.TrimSuffix(rows[2], ".1"))
	form.Set("key", "more")
	if resp, _ := agent.post("/desk/circulars", form); resp.StatusCode != http.StatusInternalServerError {
		t.Errorf("none can be read: %d", resp.StatusCode)
	}
}

// TestCircularVeryMany answers all that have a known problem, more than anybody chooses.
func TestCircularVeryMany(t *testing.T) {
	s := newSite(t)
	ctx, many := t.Context(), escalation.MaxCopies+5
	by, err := s.db.Person(ctx, "agent1")
	if err != nil {
		t.Fatal(err)
	}
	p, err := escalation.NewProblem("touch", escalation.ProblemCommand{Title: "Touch"}, by, time.Now())
	if err == nil {
		err = s.db.KeepProblem(ctx, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	next := make(chan bool)
	for range 32 {
		wg.Go(func() {
			for range next {
				tk, _, err := s.db.Open(ctx, "", asking)
				if err == nil {
					_, err = s.db.Change(ctx, tk.Number, func(t escalation.Ticket) (escalation.Change, error) {
						return t.Attach(&p, by, escalation.NewID, time.Now())
					})
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range many {
		next <- true
	}
	close(next)
	wg.Wait()
	agent := s.enter("agent1")
	resp, page := agent.get("/desk/problems/touch/answer")
	rows := regexp.MustCompile(`name="rows" value="([^"]*)"`).FindStringSubmatch(page)
	if resp.StatusCode != http.StatusOK || rows == nil || len(strings.Fields(rows[1])) != many || !strings.Contains(page, "each is looked at when the answer is sent") {
		t.Fatalf("%d %.2000s", resp.StatusCode, page)
	}
	resp, page = agent.post("/desk/circulars", url.Values{"key": {"all"}, "problem": {"touch"}, "rows": {rows[1]}, "text.it": {"È riparato."}, "do": {"send"}})
	if resp.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d %.2000s", resp.StatusCode, page)
	}
	c, err := s.db.Circular(ctx, path.Base(resp.Header.Get("Location")))
	if err != nil || len(c.Copies) != many || slices.ContainsFunc(c.Copies, func(k escalation.Copy) bool { return k.Done }) {
		t.Errorf("it goes to %d, %v", len(c.Copies), err)
	}
}

// damage breaks the ledgers of tickets in a data folder.
func damage(t *testing.T, dir string, numbers ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", filepath.Join(dir, "primalinea.db")+"?_busy_timeout=5000")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, n := range numbers {
		if _, err := db.Exec(`UPDATE entry SET event = '{' WHERE ticket = (SELECT id FROM ticket WHERE number = ?)`, n); err != nil {
			t.Fatal(err)
		}
	}
}

// TestSolveUnread solves requests of whose two tasks one cannot be read, at the desk and by
// a program: that is left open and named, the other ends, and the fault is logged once.
func TestSolveUnread(t *testing.T) {
	dir := t.TempDir()
	s := newSiteIn(t, dir, "").staffed()
	agent, robot := s.enter("agent1"), s.token("robot")
	call := func(method, path, body string) (int, string) {
		t.Helper()
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+robot)
		r.Header.Set("Content-Type", "application/json")
		resp, answer := (&browser{site: s}).do(r)
		return resp.StatusCode, string(answer)
	}
	faults := func() string {
		t.Helper()
		_, metrics := call("GET", "/metrics", "")
		return regexp.MustCompile(`(?m)^primalinea_faults_total .*$`).FindString(metrics)
	}
	for i, by := range []string{"desk", "program"} {
		number := s.open().Number
		for n := range 2 {
			task := url.Values{"task-to": {"tech/2"}, "task-subject": {"Guasto noto?"}, "task-text": {"Cercare."}, "key": {fmt.Sprint("task-", n)}}
			if resp, page := agent.post("/desk/tickets/"+number+"/tasks", task); resp.StatusCode != http.StatusSeeOther {
				t.Fatalf("a task: %d %s", resp.StatusCode, page)
			}
		}
		asked := s.ticket(number)
		bad := asked.OpenTasks()[0].Number
		damage(t, dir, bad)
		if by == "desk" {
			resp, page := agent.post("/desk/tickets/"+number+"/solve", url.Values{"solve-text": {"Ecco."}, "solve-article": {"made"}, "solve-tasks": {"close"}, "key": {"solved"}})
			if resp.StatusCode != http.StatusSeeOther {
				t.Fatalf("solved: %d %s", resp.StatusCode, page)
			}
			if _, page := agent.get(resp.Header.Get("Location")); !strings.Contains(page, "still open: "+bad+".") {
				t.Errorf("afterwards: %s", page)
			}
		} else if status, answer := call("POST", "/api/v1/tickets/"+number+"/solve", `{"body":"Ecco.","article":"none","reason":"Raro.","tasks":"close"}`); status != http.StatusOK {
			t.Fatalf("solved: %d %s", status, answer)
		}
		got := s.ticket(number)
		if open := got.OpenTasks(); got.State != escalation.Solved || len(open) != 1 || open[0].Number != bad {
			t.Errorf("%s: %s, open are %+v", by, got.State, open)
		}
		if got, want := faults(), fmt.Sprint("primalinea_faults_total ", i+1); got != want {
			t.Errorf("%s: logged are %q, want %q", by, got, want)
		}
	}
}
