package escalation_test

import (
	"errors"
	"strings"
	"testing"

	. "primalinea/escalation"
)

// TestMacro says what a macro becomes in a ticket.
func TestMacro(t *testing.T) {
	desk := ShippedDesk()
	for _, test := range []struct {
		body           Text
		customer, lang string
		want           string
	}{
		{Text{"it": "Ciao {customer}, {number}: {subject}\n{agent}, {team}", "en": "Hi"}, "Maria Conti", "it",
			"Ciao Maria Conti, 7K3M9QWX: Schermo nero\nAnna, Assistenza tecnica"},
		{Text{"en": "Hi {customer}, from {team}"}, "Maria", "it", "Hi Maria, from Technical support"}, // in its own language, then
		{Text{"de": "Hallo {customer}"}, "Maria", "it", "Hallo Maria"},
		{Text{"en": "Hi {customer}, {customer}!"}, "", "en", "Hi,!"}, // no name leaves no gap
		{Text{"en": "Hi { customer }"}, "Maria", "en", "Hi Maria"},
		{Text{"en": "Hi {customer}"}, "{agent} {number}", "en", "Hi {agent} {number}"}, // a name is no macro
		{Text{"en": "{later} of {number}"}, "", "en", "{later} of 7K3M9QWX"},           // of a version that knew more
		{Text{"en": "a { b"}, "", "en", "a { b"},
	} {
		ticket := Ticket{Number: "7K3M9QWX", Subject: "Schermo nero", Lang: test.lang, Team: "tech", Requester: Requester{Name: test.customer}}
		m := Macro{ID: "m", Body: test.body}
		if got := m.For(&ticket, ActorRef{Kind: ByStaff, ID: "anna", Name: "Anna Neri"}, desk); got != test.want {
			t.Errorf("%v for %q in %s:\n%q, want\n%q", test.body, test.customer, test.lang, got, test.want)
		}
	}
}

// TestCleanMacros says which macros a desk may hold. What would reach a customer as it
// stands is refused.
func TestCleanMacros(t *testing.T) {
	good := Macro{ID: "m", Name: Text{"en": "M"}, Body: Text{"en": "Hi {customer} {number} {subject} {agent} {team} {"}}
	with := func(edit func(*Macro)) []Macro {
		m := good
		edit(&m)
		return []Macro{m}
	}
	for _, test := range []struct {
		macros        []Macro
		reason, field string
	}{
		{[]Macro{good}, "", ""},
		{[]Macro{good, good}, "error.id_twice", "macros.id"},
		{with(func(m *Macro) { m.ID = "" }), "error.id", "macros.id"},
		{with(func(m *Macro) { m.ID = "Ä" }), "error.id", "macros.id"},
		{with(func(m *Macro) { m.Name = Text{"en": " "} }), "error.name_wanted", "macros.m.name"},
		{with(func(m *Macro) { m.Body = nil }), "error.macro_body", "macros.m.body"},
		{with(func(m *Macro) { m.Body = Text{"en": "Hi", "it": "Ciao {nome}"} }), "error.macro_placeholder", "macros.m.body.it"},
		{with(func(m *Macro) { m.Body = Text{"it": "Ciao {}"} }), "error.macro_placeholder", "macros.m.body.it"},
		{with(func(m *Macro) { m.Body = Text{"it": "{{customer}} {Customer}"} }), "error.macro_placeholder", "macros.m.body.it"},
		{with(func(m *Macro) { m.Body = Text{"it": strings.Repeat("x", MaxMacro+1)} }), "error.too_long", "macros.m.body.it"},
		{make([]Macro, MaxMacros+1), "error.macros_many", "macros"},
	} {
		desk := *ShippedDesk()
		desk.Macros = test.macros
		_, err := desk.Clean()
		e, _ := errors.AsType[*Error](err)
		switch {
		case test.reason == "" && err != nil:
			t.Errorf("%+v: %v", test.macros, err)
		case test.reason != "" && (e == nil || e.Reason != test.reason || e.Field != test.field):
			t.Errorf("%d macros, %+v: %v, want %s at %s", len(test.macros), test.macros[0], err, test.reason, test.field)
		}
	}
}
