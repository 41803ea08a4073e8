package api

import (
	"encoding/json"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// TestShow: a program sees a ticket without what somebody may still take back: neither
// the words nor what they did to it.
func TestShow(t *testing.T) {
	opened := time.Now()
	anna := staff.Person{ID: "anna", Name: "Anna", Roles: []staff.Role{staff.Lead}}
	c, err := escalation.NewTicket(escalation.OpenCommand{Number: "0123ABCD", Subject: "Screen", Text: "It is black.", Email: "ada@example.com", Lang: "en"}, escalation.RequesterOf{}, escalation.NewID, opened)
	if err != nil {
		t.Fatal(err)
	}
	solved := opened.Add(time.Minute)
	if c, err = c.Ticket.Solve(escalation.SolveCommand{Message: escalation.Message{Text: "So."}, Article: "network/no-signal"}, anna, escalation.NewID, solved); err != nil {
		t.Fatal(err)
	}
	now := solved
	r := &Room{Web: &web.Web{Base: &url.URL{Scheme: "http", Host: "h"}, Now: func() time.Time { return now }}}
	app := fiber.New()
	app.Get("/", func(c2 *fiber.Ctx) error { return r.show(c2, fiber.StatusOK, &c.Ticket) })
	for _, test := range []struct {
		after            time.Duration
		state            string
		entries, solvers int
	}{
		{escalation.UndoTime - time.Millisecond, "new", 1, 0},
		{escalation.UndoTime, "solved", 2, 1},
	} {
		now = solved.Add(test.after)
		resp, err := app.Test(httptest.NewRequest("GET", "/", nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		var got ticket
		if err := json.NewDecoder(resp.Body).Decode(&got); err != nil {
			t.Fatal(err)
		}
		said := 0
		for _, e := range got.Entries {
			if e.Kind == "public" {
				said++
			}
		}
		if got.State != test.state || said != test.entries || got.SolvedTier != test.solvers || (got.Solution != nil) != (test.solvers > 0) {
			t.Errorf("%s after: %s, %d public entries, solved at tier %d: %+v", test.after, got.State, said, got.SolvedTier, got.Solution)
		}
	}
}

// TestShowMerged: of a ticket that goes on in another a program is told so, and where.
func TestShowMerged(t *testing.T) {
	now := time.Now()
	anna := staff.Person{ID: "anna", Name: "Anna", Roles: []staff.Role{staff.Lead}}
	var pair [2]escalation.Ticket
	for i, number := range []string{"0123ABCD", "0123ABCE"} {
		c, err := escalation.NewTicket(escalation.OpenCommand{Number: number, Subject: "Screen", Text: "It is black.", Email: "ada@example.com", Lang: "en"}, escalation.RequesterOf{}, escalation.NewID, now)
		if err != nil {
			t.Fatal(err)
		}
		pair[i] = c.Ticket
	}
	both, err := pair[0].Merge(&pair[1], anna, escalation.NewID, now)
	if err != nil {
		t.Fatal(err)
	}
	r := &Room{Web: &web.Web{Base: &url.URL{Scheme: "http", Host: "h"}}}
	if got := r.view(both[0].Ticket); got.State != "merged" || got.MergedInto != "0123ABCE" || got.Turn != "nobody" {
		t.Errorf("the merged one is %s, in %q, turn %s", got.State, got.MergedInto, got.Turn)
	}
	if got := r.view(both[1].Ticket); got.State != "new" || got.MergedInto != "" || len(got.MergedFrom) != 1 {
		t.Errorf("the other is %s, in %q, from %v", got.State, got.MergedInto, got.MergedFrom)
	}
}
