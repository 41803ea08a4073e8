package privacy

import (
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
