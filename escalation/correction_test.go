package escalation_test

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

func TestNewCorrection(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 123456, time.UTC)
	for _, test := range []struct {
		text, email         string
		reason              string // of the refusal
		wantText, wantEmail string
	}{
		{" The number is 055 123456,\r\nnot 055 654321. ", "", "", "The number is 055 123456,\nnot 055 654321.", ""},
		{"È 15, non 14", " anna@Example.com ", "", "È 15, non 14", "anna@example.com"},
		{"\u202eevil\x00", "", "", "evil", ""},
		{" \n ", "", "error.correction_missing (text)", "", ""},
		{"\u200b", "", "error.correction_missing (text)", "", ""},
		{strings.Repeat("ö", escalation.MaxCorrection), "", "", strings.Repeat("ö", escalation.MaxCorrection), ""},
		{strings.Repeat("ö", escalation.MaxCorrection+1), "", "error.too_long (text)", "", ""},
		{"Wrong", "anna", "error.email (email)", "", ""},
		{"Wrong", "Anna <anna@example.com>", "error.email (email)", "", ""},
		{"Wrong", "a@example.com\nBcc: b@example.com", "error.email (email)", "", ""},
	} {
		c, err := escalation.NewCorrection(escalation.Correction{ID: "x", Text: test.text, Email: test.email}, now)
		if test.reason != "" {
			if err == nil || !strings.HasPrefix(err.Error(), test.reason) {
				t.Errorf("%q, %q: %v, want %s", test.text, test.email, err, test.reason)
			}
			continue
		}
		if err != nil || c.Text != test.wantText || c.Email != test.wantEmail || c.State != escalation.CorrectionOpen || !c.Made.Equal(now.Truncate(time.Millisecond)) {
			t.Errorf("%q, %q: %+v, %v", test.text, test.email, c, err)
		}
	}
}

func TestDecideCorrection(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	by := escalation.ActorRef{Kind: escalation.ByStaff, ID: "anna", Name: "Anna"}
	open := escalation.Correction{ID: "x", Text: "Wrong", Email: "anna@example.com", State: escalation.CorrectionOpen}
	for _, to := range []escalation.CorrectionState{escalation.CorrectionDone, escalation.CorrectionDismissed} {
		c, err := open.Decide(to, by, now)
		if err != nil || c.State != to || c.By != by || !c.Decided.Equal(now) {
			t.Errorf("%s: %+v, %v", to, c, err)
		}
		if c.Email != "" {
			t.Errorf("%s: the reader's address is still kept", to)
		}
		if _, err := c.Decide(escalation.CorrectionDone, by, now); escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("%s, decided again: %v", to, err)
		}
	}
	for _, to := range []escalation.CorrectionState{"", "open", "deleted"} {
		if _, err := open.Decide(to, by, now); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("%q: %v", to, err)
		}
	}
}
