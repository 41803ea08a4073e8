package escalation_test

import (
	"testing"

	. "primalinea/escalation"
)

// TestInherit lets people leave who hold something of a ticket.
func TestInherit(t *testing.T) {
	system := System{Rule: DisabledRule}
	for _, test := range []struct {
		name            string
		hold            func(d *desk)
		gone            string
		owner, assignee string
		state           State
		pending         bool
		events          []EventKind
	}{
		{"owner and assignee", func(d *desk) { d.did(d.Take("", anna, d.ids, d.now)) },
			"anna", "lea", "", Open, false, []EventKind{EventInherited}},
		{"somebody else", func(d *desk) { d.did(d.Take("", anna, d.ids, d.now)) },
			"elio", "anna", "anna", Open, false, nil},
		{"owner, while another works on it", func(d *desk) {
			d.did(d.Take("", anna, d.ids, d.now))
			d.did(d.Take("anna", elio, d.ids, d.now))
		}, "anna", "lea", "elio", Open, false, []EventKind{EventInherited}},
		{"assignee, while another owns it", func(d *desk) {
			d.did(d.Take("", anna, d.ids, d.now))
			d.did(d.Take("anna", elio, d.ids, d.now))
		}, "elio", "anna", "", Open, false, []EventKind{EventInherited}},
		{"who offered it", func(d *desk) {
			d.did(d.Take("", anna, d.ids, d.now))
			d.did(d.Offer(d.up("tech", 2), anna, d.ids, d.now))
		},
			"anna", "lea", "", Open, false, []EventKind{EventWithdrawn, EventInherited}},
		{"nobody's", func(d *desk) {}, "anna", "", "", New, false, nil},
		{"waiting for the customer", func(d *desk) {
			d.did(d.Take("", anna, d.ids, d.now))
			d.did(d.Ask(AskCommand{Questions: []Question{{Key: "model", Text: "Which?", Why: "Parts differ."}}, Until: d.now.AddDate(0, 0, 2)}, anna, d.ids, d.now))
		}, "anna", "lea", "", WaitCustomer, false, []EventKind{EventInherited}},
		{"closed", func(d *desk) {
			d.did(d.Solve(SolveCommand{Message: Message{Text: "So."}, Article: NoArticle, Reason: "Rare"}, anna, d.ids, d.now))
			d.did(d.Confirm(Message{}, RequesterOf{Ticket: d.ID}, d.ids, d.now))
		}, "anna", "anna", "anna", Closed, false, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := opened(t)
			test.hold(d)
			lines, n := len(d.ForRequester()), len(d.Entries)
			c, err := d.Inherit(test.gone, "lea", system, d.ids, d.now)
			if err != nil {
				t.Fatal(err)
			}
			got := c.Ticket
			if got.Owner != test.owner || got.Assignee != test.assignee || got.State != test.state || (got.Pending() != nil) != test.pending {
				t.Errorf("owner %q, assignee %q, %s, pending %v", got.Owner, got.Assignee, got.State, got.Pending())
			}
			if len(c.Entries) != len(test.events) || len(c.Letters) > 0 || len(got.ForRequester()) != lines || len(got.Entries) != n+len(test.events) {
				t.Errorf("%d entries, %d letters, %d lines for the customer", len(c.Entries), len(c.Letters), len(got.ForRequester()))
			}
			for i, e := range c.Entries {
				if e.Event.Kind != test.events[i] || e.By != system.Ref() {
					t.Errorf("entry %d: %s by %v", i, e.Event.Kind, e.By)
				}
			}
		})
	}
	d := opened(t)
	d.did(d.Take("", anna, d.ids, d.now))
	for _, by := range []Actor{anna, pen, robot, RequesterOf{Ticket: d.ID}} {
		if _, err := d.Inherit("anna", "lea", by, d.ids, d.now); KindOf(err) != Forbidden && KindOf(err) != NotFound {
			t.Errorf("by %v: %v", by.Ref(), err)
		}
	}
}
