package privacy

import (
	"errors"
	"strings"
	"testing"

	"primalinea/escalation"
)

// TestWho names somebody alike however the address is written, and for nobody who has
// no key.
func TestWho(t *testing.T) {
	o, other := Office{Key: []byte("key")}, Office{Key: []byte("another")}
	who := o.Who("ada@example.com")
	if o.Who(" Ada@Example.com") != who {
		t.Error("the same address is two people")
	}
	if o.Who("ida@example.com") == who || other.Who("ada@example.com") == who || strings.Contains(who, "ada") {
		t.Errorf("%s says who it is", who)
	}
}

// TestLook says what is refused before anything is looked for: who looks is none of the
// customers, and may write a number too.
func TestLook(t *testing.T) {
	for _, who := range []string{"", " ", "ada", "Ada <ada@example.com>", "ada@example.com, ida@example.com"} {
		_, look := new(Office).Look(t.Context(), who)
		_, export := new(Office).Export(t.Context(), who, escalation.ActorRef{})
		for _, err := range []error{look, export, new(Office).Erase(t.Context(), who, who, false, nil)} {
			e, ok := errors.AsType[*escalation.Error](err)
			if !ok || e.Kind != escalation.Invalid || e.Field != "email" || e.Reason != "error.whose" {
				t.Errorf("%q: %v", who, err)
			}
		}
	}
}

func TestOpen(t *testing.T) {
	for _, test := range []struct {
		state escalation.State
		doubt escalation.Doubt
		open  bool
	}{
		{escalation.New, "", true},
		{escalation.WaitCustomer, "", true},
		{escalation.New, escalation.Suspected, true}, // a person has to look
		{escalation.New, escalation.Spam, false},
		{escalation.Solved, "", false},
		{escalation.Closed, "", false},
	} {
		h := Holding{Tickets: []Held{{State: test.state, Doubt: test.doubt}}}
		if got := len(h.Open()) > 0; got != test.open {
			t.Errorf("%s %s: open %v, want %v", test.state, test.doubt, got, test.open)
		}
	}
}
