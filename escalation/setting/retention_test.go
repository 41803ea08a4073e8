package setting

import (
	"testing"
	"time"

	"primalinea/escalation"
)

func TestRetention(t *testing.T) {
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	r, err := NewRetention(map[string]string{"tickets": "730", "letters": "180"})
	if err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[string]int{"tickets": 730, "letters": 180, "journeys": 400, "people": 0, "sessions": 60} {
		if got := r.Of(kind); got != want {
			t.Errorf("%s are kept %d days, want %d", kind, got, want)
		}
	}
	if len(r.Days) != 1 {
		t.Errorf("what is as shipped was noted: %v", r.Days)
	}
	if got := r.Before("tickets", now); !got.Equal(now.AddDate(-2, 0, 0)) {
		t.Errorf("tickets before %v", got)
	}
	if got := (Retention{}).Before("tickets", now); !got.IsZero() {
		t.Errorf("tickets before %v by default", got)
	}
	for kind, typed := range map[string]string{"tickets": "1", "letters": "0", "steps": "soon", "acts": ""} {
		_, err := NewRetention(map[string]string{kind: typed})
		if escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("%s for %q days: %v", kind, typed, err)
		}
	}
	// What no form offers, whoever wrote it, is as shipped: a typing mistake in a row
	// must not empty a table.
	if got := (Retention{Days: map[string]int{"letters": -1, "people": 1}}); got.Of("letters") != 180 || got.Of("people") != 0 {
		t.Errorf("letters %d, people %d", got.Of("letters"), got.Of("people"))
	}
	for _, k := range Kinds {
		if len(k.Choices) > 0 {
			if _, err := NewRetention(map[string]string{k.Name: "nonsense"}); err == nil {
				t.Errorf("%s takes nonsense", k.Name)
			}
			found := false
			for _, c := range k.Choices {
				found = found || c == k.Days
			}
			if !found {
				t.Errorf("%s: the default of %d days is no choice", k.Name, k.Days)
			}
		}
	}
}
