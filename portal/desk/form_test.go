package desk

import (
	"slices"
	"testing"
)

// TestLost: what was typed into a part that is gone is given back, not what was chosen.
func TestLost(t *testing.T) {
	for part, test := range map[string]struct {
		typed map[string]string
		want  []string
	}{
		"handoff": {map[string]string{"handoff-to": "tech/2", "handoff-problem": "It beeps.", "handoff-tried-1-result": "Nothing", "handoff-asked": "", "note-text": "x"},
			[]string{"It beeps.", "Nothing"}},
		"solve":   {map[string]string{"solve-article": "other", "solve-key": "device/reset", "solve-reason": "Too rare", "solve-text": "Done."}, []string{"Too rare", "Done."}},
		"refuse":  {map[string]string{"refuse-reason": "missing", "refuse-missing": "imei"}, []string{"imei"}},
		"consult": {map[string]string{"consult-to": "tech/2", "consult-to-2": "rrr/2/anna", "consult-question": "Known?"}, []string{"Known?"}},
		"ask":     {map[string]string{"ask-question-1-again": "outdated", "ask-question-1-why": "It changed"}, []string{"It changed"}},
		"take":    {map[string]string{"take-instead": "anna"}, nil},
	} {
		var got []string
		f := form{typed: test.typed}
		for _, field := range f.lost(part) {
			got = append(got, field.Value)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %q, want %q", part, got, test.want)
		}
	}
}
