package search

import (
	"errors"
	"testing"

	"primalinea/content"
)

// TestHolding counts by hand which articles of a language hold a wording.
func TestHolding(t *testing.T) {
	var s shelf
	s.add("it/a/uno", "Il telefono", "Consegna del pacco.")
	s.add("it/a/due", "Spedizioni", "Il servizio di consegna passa due volte. Servizio.")
	s.add("it/a/tre", "Servizi", "Telefoni e altri servizi.").Audience = content.Agents
	s.add("it/a/bozza", "Il telefono").Status = content.Draft
	s.add("en/a/one", "Telefono")
	x := s.index(t)
	for _, test := range []struct {
		wording         string
		customer, agent int
	}{
		{"telefono", 1, 2},
		{"TELEFONI", 1, 2},
		{"servizio di consegna", 1, 1},
		{"servizi", 1, 2},
		{"consegna servizio", 1, 1},
		{"fattorino", 0, 0},
		{"telefono fattorino", 0, 0},
		{"di", 0, 0},
		{"", 0, 0},
	} {
		for reader, want := range map[content.Audience]int{content.Public: test.customer, content.Agents: test.agent} {
			if got, err := x.Holding(t.Context(), "it", test.wording, reader); err != nil || got != want {
				t.Errorf("%q, for %s: %d, %v, want %d", test.wording, reader, got, err, want)
			}
		}
	}
	if n, err := x.Holding(t.Context(), "xx", "telefono", content.Agents); err != nil || n != 0 {
		t.Errorf("in a language without articles: %d, %v", n, err)
	}
	x.Close()
	if _, err := x.Holding(t.Context(), "it", "telefono", content.Public); !errors.Is(err, ErrNotReady) {
		t.Errorf("closed: %v", err)
	}
}
