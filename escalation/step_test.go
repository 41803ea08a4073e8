package escalation_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

// device is the shipped kind of request whose steps are tried here.
func device() *RequestType { return ShippedDesk().Type("device") }

// ids are those of steps.
func remedies(list []Remedy) (ids []string) {
	for _, m := range list {
		ids = append(ids, m.ID)
	}
	return ids
}

// TestUntried: what risks least comes first, then what takes least time. What was done,
// or is asked for, is not proposed; nor anything when it is the hardware.
func TestUntried(t *testing.T) {
	d := taken(t)
	want := func(want ...string) {
		t.Helper()
		if got := remedies(d.Untried(device())); !slices.Equal(got, want) {
			t.Errorf("to try: %v, want %v", got, want)
		}
	}
	want("restart", "charger", "safe-mode", "update", "settings-reset", "factory-reset")
	d.did(d.AddStep(StepCommand{Type: device(), Remedy: "restart", Outcome: NoHelp, Who: ByRequester, Minutes: 4}, anna, d.ids, d.now))
	if s := d.Steps[0]; s.What != device().Steps[0].What["it"] || s.Who != ByRequester || s.By != anna.Ref() || s.Minutes != 4 || s.Result != "" {
		t.Errorf("kept: %+v", s)
	}
	want("charger", "safe-mode", "update", "settings-reset", "factory-reset")
	ask := AskCommand{Type: device(), Questions: []Question{{Key: "step.charger", Text: "Try another.", Why: "They fail."}}, Until: d.now.AddDate(0, 0, 1)}
	d.did(d.Ask(ask, anna, d.ids, d.now))
	want("safe-mode", "update", "settings-reset", "factory-reset")
	if _, kinds := d.Untried(nil), 0; kinds != 0 {
		t.Error("without a kind there is something to try")
	}
	d.did(d.AddFact(Fact{Key: "finding", Value: Hardware}, anna, d.ids, d.now))
	want()
}

// TestStepOnce: what was done, before asking or since, is asked for again only with a
// reason that the customer reads, beside what they said came of it.
func TestStepOnce(t *testing.T) {
	c := question()
	c.Desk, c.RequestType, c.Facts, c.Tried = ShippedDesk(), "device", map[string]string{"model": "P1"}, []string{"restart", "unknown", "restart"}
	d := &desk{TB: t, now: monday, ids: counter()}
	d.did(NewTicket(c, RequesterOf{}, d.ids, d.now))
	if s, done := d.Tried("restart"); !done || len(d.Steps) != 1 || !s.Before || s.Outcome != NoHelp || s.By.Kind != ByRequester {
		t.Fatalf("tried before: %+v", d.Steps)
	}
	ask := func(id, again string) AskCommand {
		return AskCommand{Type: device(), Questions: []Question{{Key: "step." + id, Text: "Do it.", Why: "It helps.", Again: again}}, Until: d.now.AddDate(0, 0, 1)}
	}
	d.refused(d.Ask(ask("restart", ""), anna, d.ids, d.now))(Invalid, "error.step_done", "question-1-key")
	d.did(d.Ask(ask("restart", Outdated), anna, d.ids, d.now))
	if q := d.Questions[0]; q.Again != Outdated || q.Was == "" {
		t.Errorf("asked again: %+v", q)
	}
	d.did(d.RequesterReply(RequesterMessage{Answers: map[string]string{"step.restart": "Adesso va"}, Outcomes: map[string]Outcome{"step.restart": Helped, "x": "y"}}, d.me(), d.ids, d.now))
	s, _ := d.Tried("restart")
	if s.Outcome != Helped || s.Result != "Adesso va" || s.Before || len(d.Questions) > 0 || len(d.Facts) != 1 {
		t.Errorf("answered: %+v, still asked %v, facts %v", s, d.Questions, d.Facts)
	}
	if said := d.Entries[len(d.Entries)-2]; said.Text != "Do it. Adesso va" {
		t.Errorf("the customer said %q", said.Text)
	}
	d.did(d.AddStep(StepCommand{Type: device(), Remedy: "update", Result: "Seen by us"}, anna, d.ids, d.now))
	d.did(d.Ask(ask("update", Disputed), anna, d.ids, d.now))
	if q := d.Questions[0]; q.Was != "" { // a colleague said so, for colleagues
		t.Errorf("the customer reads %q", q.Was)
	}
}

// TestTriedUnasked lets the requester say what they did, so that nobody asks for it. It
// is in the words that everybody reads, and no attempt of ours.
func TestTriedUnasked(t *testing.T) {
	d := taken(t)
	say := func(text string, answers map[string]string, tried ...string) {
		t.Helper()
		d.did(d.RequesterReply(RequesterMessage{Message: Message{Text: text}, FactsCommand: FactsCommand{Type: device()}, Answers: answers, Tried: tried}, d.me(), d.ids, d.now))
	}
	d.refused(d.RequesterReply(RequesterMessage{FactsCommand: FactsCommand{Type: device()}, Tried: []string{"unknown"}}, d.me(), d.ids, d.now))(Invalid, "error.text_missing", "text")
	say("", nil, "restart", "unknown", "restart")
	s, done := d.Tried("restart")
	if !done || len(d.Steps) != 1 || !s.Before || s.Outcome != NoHelp || s.By != d.me().Ref() || d.Ticket.Failed() != 0 {
		t.Errorf("tried: %+v, failed %d", d.Steps, d.Ticket.Failed())
	}
	if e := d.Entries[len(d.Entries)-2]; e.Kind != Public || e.Text != "✓ "+device().Remedy("restart").What["it"] {
		t.Errorf("the words are %q", e.Text)
	}
	ask := func(id string) AskCommand {
		return AskCommand{Type: device(), Questions: []Question{{Key: "step." + id, Text: "Do it.", Why: "It helps."}}, Until: d.now.AddDate(0, 0, 1)}
	}
	d.refused(d.Ask(ask("restart"), anna, d.ids, d.now))(Invalid, "error.step_done", "question-1-key")

	d.did(d.Ask(ask("charger"), anna, d.ids, d.now))
	say("Still black.", map[string]string{"step.charger": "No"}, "charger", "restart", "update") // of an old page
	if got := remedies(d.Untried(device())); !slices.Equal(got, []string{"safe-mode", "settings-reset", "factory-reset"}) || len(d.Steps) != 3 || len(d.Questions) > 0 {
		t.Errorf("to try: %v, done %+v", got, d.Steps)
	}
	if s, _ := d.Tried("charger"); s.Before || s.Result != "No" {
		t.Errorf("what was asked for is %+v", s)
	}
	say("Yes.", nil, "factory-reset")
	d.solve(anna)
	say("Grazie!", nil, "safe-mode") // more than thanks
	if d.State != Open || d.Reopened != 1 {
		t.Errorf("%s, reopened %d times", d.State, d.Reopened)
	}
}

// TestAddStep says what cannot be written down.
func TestAddStep(t *testing.T) {
	d := taken(t)
	for _, test := range []struct {
		c             StepCommand
		reason, field string
	}{
		{StepCommand{Type: device(), Remedy: "pray", Outcome: Helped}, "error.no_step", "remedy"},
		{StepCommand{Remedy: "restart", Outcome: Helped}, "error.no_step", "remedy"},
		{StepCommand{Outcome: Helped}, "error.tried_what", "what"},
		{StepCommand{What: "x"}, "error.tried_result", "result"},
		{StepCommand{What: "x", Outcome: "perhaps"}, "error.choice", "outcome"},
		{StepCommand{What: "x", Outcome: Helped, Who: BySystem}, "error.choice", "who"},
		{StepCommand{What: "x", Outcome: Helped, Minutes: -1}, "error.minutes", "minutes"},
		{StepCommand{What: "x", Outcome: Helped, Minutes: MaxMinutes + 1}, "error.minutes", "minutes"},
		{StepCommand{What: "x", Outcome: Helped, Files: []string{"of another"}}, "error.step_file", "files"},
		{StepCommand{What: "x", Outcome: Helped, Files: make([]string, MaxFiles+1)}, "error.step_files", "files"},
	} {
		d.refused(d.AddStep(test.c, anna, d.ids, d.now))(Invalid, test.reason, test.field)
	}
	d.did(d.Note(Message{Text: "x", Files: []File{{ID: "f1", Name: "crack.jpg", Type: "image/jpeg"}}}, anna, d.ids, d.now))
	d.did(d.AddStep(StepCommand{What: "Looked at it", Outcome: NotPossible, Files: []string{"f1"}}, anna, d.ids, d.now))
}

// TestFailed (E3): a step here that did not help and a solution that did not last
// are failed attempts; two of them offer the ticket to the second tier, once. What was
// tried in self-service is none of ours.
func TestFailed(t *testing.T) {
	failed := func(d *desk) {
		d.did(d.AddStep(StepCommand{What: "Restarted", Outcome: NoHelp}, lead, d.ids, d.now))
	}
	reopened := func(d *desk) {
		d.solve(anna)
		d.did(d.NotSolved(Message{Text: "Still black."}, d.me(), d.ids, d.now))
	}
	for _, test := range []struct {
		name    string
		happen  []func(*desk)
		offered bool
	}{
		{"one step", []func(*desk){failed}, false},
		{"one reopening", []func(*desk){reopened}, false},
		{"two steps", []func(*desk){failed, failed}, true},
		{"two reopenings", []func(*desk){reopened, reopened}, true},
		{"one of each", []func(*desk){failed, reopened}, true},
		{"a step that helped", []func(*desk){failed, func(d *desk) {
			d.did(d.AddStep(StepCommand{What: "Updated", Outcome: Helped}, anna, d.ids, d.now))
		}}, false},
		{"at the second tier", []func(*desk){func(d *desk) { d.moveTo("tech", 2, bruno) }, failed, failed}, false},
	} {
		c := question()
		c.Desk, c.RequestType, c.Tried = ShippedDesk(), "device", []string{"restart", "charger", "update"}
		c.Facts = map[string]string{"model": "P1", "imei": "490154203237518", "finding": "software"}
		d := &desk{TB: t, now: monday, ids: counter()}
		d.did(NewTicket(c, RequesterOf{}, d.ids, d.now))
		d.did(d.Take("", anna, d.ids, d.now))
		d.did(d.AddFact(Fact{Key: "finding", Value: Software}, anna, d.ids, d.now))
		for _, h := range test.happen {
			h(d)
		}
		desk := ShippedDesk()
		look := WatchCommand{desk, desk, func(team string, tier int) []string { return staff.Candidates(house, team, tier) }}
		ch, err := d.Watch(look, d.ids, d.now)
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		h := ch.Ticket.Pending()
		if (h != nil) != test.offered || h != nil && (h.Rule != ByAttempts || h.Tier != 2) {
			t.Errorf("%s: offered %+v", test.name, h)
		}
		if h == nil {
			continue
		}
		if n := len(h.Tried); n < 3 || h.Tried[0].Outcome != NoHelp {
			t.Errorf("%s: the packet says %+v", test.name, h.Tried)
		}
		d.did(ch, nil)
		d.did(d.Withdraw("", lead, d.ids, d.now))
		if ch, err := d.Watch(look, d.ids, d.now.Add(time.Hour)); err != nil || ch.Ticket.Pending() != nil {
			t.Errorf("%s: offered twice: %v", test.name, err)
		}
	}
}

// TestRead says which steps the articles that somebody read told them to do.
func TestRead(t *testing.T) {
	read, vain := device().Read([]Moment{
		{Kind: "search", Query: "x"}, {Kind: "suggested", Article: "data/updates"},
		{Kind: "open", Article: "device/not-charging"}, {Kind: "vote_no", Article: "device/wifi-not-connecting"},
	})
	if got := remedies(read); !slices.Equal(got, []string{"restart", "charger", "settings-reset"}) || vain["charger"] || !vain["restart"] || !vain["settings-reset"] {
		t.Errorf("read %v, in vain %v", got, vain)
	}
}

// TestRemedies says which steps a lead may give a kind of request.
func TestRemedies(t *testing.T) {
	good := Remedy{ID: "restart", What: Text{"en": "Restart."}, Why: Text{"en": "It helps."}, Minutes: 3, Risk: NoRisk, Articles: []string{"device/no-sound"}}
	for _, test := range []struct {
		change func(m *Remedy)
		want   string
	}{
		{func(m *Remedy) {}, ""},
		{func(m *Remedy) { m.ID = "" }, "error.id (types.device.steps.0.id)"},
		{func(m *Remedy) { m.What = nil }, "error.name_wanted (types.device.steps.0.what)"},
		{func(m *Remedy) { m.Why = nil }, "error.step_why (types.device.steps.0.why)"},
		{func(m *Remedy) { m.Minutes = 0 }, "error.minutes (types.device.steps.0.minutes)"},
		{func(m *Remedy) { m.Risk = "great" }, "error.choice (types.device.steps.0.risk)"},
		{func(m *Remedy) { m.Articles = []string{"No key"} }, "error.article_key (types.device.steps.0.articles)"},
		{func(m *Remedy) { m.Outcomes = Text{"en": strings.Repeat("x", 601)} }, "error.too_long (types.device.steps.0.outcomes.en)"},
	} {
		d := *ShippedDesk()
		d.Types = slices.Clone(d.Types)
		m := good
		test.change(&m)
		d.Types[0].Steps = []Remedy{m}
		if _, err := d.Clean(); reason(err) != test.want {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
	if _, err := ShippedDesk().Clean(); err != nil {
		t.Errorf("the shipped desk: %v", err)
	}
}
