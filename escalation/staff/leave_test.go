package staff

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation"
)

func TestHeir(t *testing.T) {
	day := func(n int) time.Time { return time.Unix(int64(n)*86400, 0) }
	someone := func(id string, n int, roles ...Role) Person {
		return Person{ID: id, Roles: roles, PasswordHash: "x", Created: day(n)}
	}
	gone := someone("gone", 1, Lead)
	gone.Disabled = true
	late, early, agent := someone("late", 9, Lead), someone("early", 2, Lead), someone("agent", 1, Agent)
	gone.Teams = []string{"general", "tech"}
	theirs, others := someone("theirs", 5, Lead), someone("others", 3, Lead)
	theirs.Teams, others.Teams = []string{"tech"}, []string{"payments"}
	left, invited := someone("left", 1, Lead), someone("invited", 1, Lead)
	left.Disabled, invited.PasswordHash = true, ""
	for _, test := range []struct {
		name   string
		people []Person
		by     string
		want   string
	}{
		{"who disabled them", []Person{late, early, gone, agent}, "late", "late"},
		{"the first lead", []Person{late, early, gone, agent}, "", "early"},
		{"the lead of their team", []Person{late, others, theirs, early, gone}, "", "theirs"},
		{"who disabled them, of another team", []Person{others, theirs, gone}, "others", "others"},
		{"who disabled them is no lead", []Person{late, early, agent}, "agent", "early"},
		{"who disabled them left too", []Person{late, left, gone}, "left", "late"},
		{"they themselves", []Person{gone, late}, "gone", "late"},
		{"nobody", []Person{gone, agent, left, invited}, "", ""},
	} {
		gone.Heir = test.by
		heir, ok := Heir(test.people, gone)
		if heir.ID != test.want || ok != (test.want != "") {
			t.Errorf("%s: %q, %v", test.name, heir.ID, ok)
		}
	}
}

// TestToTell lets things happen, and asks who wants to hear of them.
func TestToTell(t *testing.T) {
	all := []Notice{NewNotice, ReturnedNotice}
	someone := func(id, team string, tier int, wants ...Notice) Person {
		return Person{ID: id, Roles: []Role{Agent}, Teams: []string{team}, Tier: tier, PasswordHash: "x", Notices: wants}
	}
	gone := someone("gone", "general", 1, all...)
	gone.Disabled = true
	people := []Person{
		someone("anna", "general", 1, all...), someone("elio", "general", 1, ReturnedNotice), someone("dull", "general", 1),
		someone("bruno", "tech", 2, NewNotice), someone("carla", "tech", 3, all...), someone("rita", "rrr", 2, all...), gone,
	}
	by := func(id string) escalation.ActorRef { return escalation.ActorRef{Kind: escalation.ByStaff, ID: id} }
	customer := escalation.ActorRef{Kind: escalation.ByRequester}
	offer := escalation.Handoff{ID: "h", From: by("anna"), Team: "tech", Tier: 3, State: escalation.Offered}
	answered := offer
	answered.State = escalation.Refused
	for _, test := range []struct {
		name   string
		ticket escalation.Ticket
		by     escalation.ActorRef
		event  escalation.Event
		want   map[string]Notice
	}{
		{"opened", escalation.Ticket{}, customer, escalation.Event{Kind: escalation.EventOpened}, map[string]Notice{"anna": NewNotice}},
		{"opened by a colleague", escalation.Ticket{}, customer, escalation.Event{Kind: escalation.EventOpened, WrittenBy: new(by("anna"))}, nil},
		{"the customer wrote", escalation.Ticket{Owner: "anna", Assignee: "elio"}, customer, escalation.Event{Kind: escalation.EventReplied},
			map[string]Notice{"anna": ReturnedNotice, "elio": ReturnedNotice}},
		{"nobody has it", escalation.Ticket{}, customer, escalation.Event{Kind: escalation.EventReplied}, nil},
		{"reopened by oneself", escalation.Ticket{Owner: "anna", Assignee: "anna"}, by("anna"), escalation.Event{Kind: escalation.EventReopened}, nil},
		{"offered", escalation.Ticket{Owner: "anna", Assignee: "anna", Handoffs: []escalation.Handoff{offer}}, by("anna"),
			escalation.Event{Kind: escalation.EventOffered, Handoff: &offer}, map[string]Notice{"carla": NewNotice}},
		{"offered and accepted at once", escalation.Ticket{Assignee: "carla", Handoffs: []escalation.Handoff{answered}}, by("anna"),
			escalation.Event{Kind: escalation.EventOffered, Handoff: &offer}, nil},
		{"refused", escalation.Ticket{Owner: "elio", Handoffs: []escalation.Handoff{answered}}, by("carla"),
			escalation.Event{Kind: escalation.EventRefused, HandoffID: "h"}, map[string]Notice{"anna": ReturnedNotice, "elio": ReturnedNotice}},
		{"a colleague left", escalation.Ticket{Owner: "anna"}, escalation.System{}.Ref(),
			escalation.Event{Kind: escalation.EventInherited, From: "gone", Staff: "anna"}, map[string]Notice{"anna": ReturnedNotice}},
		{"one who left owns it", escalation.Ticket{Owner: "gone"}, customer, escalation.Event{Kind: escalation.EventReplied}, nil},
		{"answered", escalation.Ticket{Owner: "anna"}, by("elio"), escalation.Event{Kind: escalation.EventAnswered}, nil},
	} {
		if test.ticket.Team == "" {
			test.ticket.Team, test.ticket.Tier = "general", 1
		}
		got := map[string]Notice{}
		for _, told := range ToTell(escalation.Change{Ticket: test.ticket, Entries: []escalation.Entry{{By: test.by, Event: &test.event}}}, people) {
			got[told.Person.ID] = told.Notice
		}
		if d := cmp.Diff(test.want, got, cmpopts.EquateEmpty()); d != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, d)
		}
	}
}

// TestToTellAlarm tells a lead whom a new ticket calls at once that they are called, not
// that it is new.
func TestToTellAlarm(t *testing.T) {
	lead := Person{ID: "lea", Roles: []Role{Lead, Agent}, Teams: []string{"general"}, Tier: 1, PasswordHash: "x", Notices: Notices}
	deaf := Person{ID: "leo", Roles: []Role{Lead, Agent}, Teams: []string{"general"}, Tier: 1, PasswordHash: "x", Notices: []Notice{NewNotice}}
	marks := []escalation.Mark{{Rule: escalation.ByBreach, Cause: escalation.CausePriority, Alarm: true}}
	ticket := escalation.Ticket{Team: "general", Tier: 1, Alarms: []escalation.Alarm{{ID: "a", Marks: marks, Rung: escalation.TeamLeads}}}
	c := escalation.Change{Ticket: ticket, Entries: []escalation.Entry{
		{By: escalation.ActorRef{Kind: escalation.ByRequester}, Event: &escalation.Event{Kind: escalation.EventOpened}},
		{By: escalation.System{Rule: escalation.WatchRule}.Ref(), Event: &escalation.Event{Kind: escalation.EventMarked, AlarmID: "a", Marks: marks}},
	}}
	got := map[string]Notice{}
	for _, told := range ToTell(c, []Person{lead, deaf}) {
		got[told.Person.ID] = told.Notice
	}
	if d := cmp.Diff(map[string]Notice{"lea": AlarmNotice, "leo": NewNotice}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestLive(t *testing.T) {
	rome, err := time.LoadLocation("Europe/Rome")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		zone string
		ok   bool
		in   string
	}{
		{"", true, "Europe/Rome"}, {" America/Bogota ", true, "America/Bogota"}, {"Local", false, "Europe/Rome"}, {"Mars/Olympus", false, "Europe/Rome"},
		{"../../etc/passwd", false, "Europe/Rome"}, {"UTC", true, "UTC"},
	} {
		p := Person{}
		err := p.Live(test.zone, []Notice{"rubbish", ReturnedNotice, ReturnedNotice})
		if (err == nil) != test.ok || p.Location(rome).String() != test.in {
			t.Errorf("Live(%q): %v, %v", test.zone, err, p.Location(rome))
		}
		if test.ok && !cmp.Equal(p.Notices, []Notice{ReturnedNotice}) {
			t.Errorf("notices %v", p.Notices)
		}
	}
}

func TestDevice(t *testing.T) {
	for _, test := range []struct{ agent, browser, system string }{
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox", "Linux"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36", "Chrome", "Windows"},
		{"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0", "Edge", "Windows"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1", "Safari", "iPhone"},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0 Mobile/15E148 Safari/604.1", "Chrome", "iPhone"},
		{"Mozilla/5.0 (Linux; Android 15; SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet", "Android"},
		{"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15", "Safari", "macOS"},
		{"curl/8.5.0", "curl", ""}, {"", "", ""}, {"<script>alert(1)</script>", "", ""},
	} {
		if browser, system := (Session{Agent: test.agent}).Device(); browser != test.browser || system != test.system {
			t.Errorf("%s: %q on %q", test.agent, browser, system)
		}
	}
}
