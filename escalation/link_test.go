package escalation

import "testing"

func TestLink(t *testing.T) {
	key := []byte("0123456789abcdef0123456789abcdef")
	ticket := Ticket{ID: "t1", Requester: Requester{Email: "a@example.com"}, LinkGeneration: 1}
	k := LinkToken(key, "t1", "a@example.com", 1)
	m := MailProof(key, "t1", "a@example.com", 1)
	if len(k) != 43 || len(m) != 43 || k == m {
		t.Fatalf("k = %q, m = %q", k, m)
	}
	if !ticket.Opens(key, k) || !ticket.Proves(key, m) {
		t.Error("what was made does not open")
	}
	if ticket.Opens(key, m) || ticket.Proves(key, k) {
		t.Error("one does the work of the other")
	}
	for _, other := range []struct {
		name, ticket, recipient string
		generation              int
	}{
		{"ticket", "t2", "a@example.com", 1},
		{"recipient", "t1", "b@example.com", 1},
		{"generation", "t1", "a@example.com", 2},
		{"joint", "t1a", "@example.com", 1}, // the same letters, cut elsewhere
	} {
		if ticket.Opens(key, LinkToken(key, other.ticket, other.recipient, other.generation)) {
			t.Errorf("another %s opens", other.name)
		}
	}
	for _, wrong := range []string{"", k[:42], k + "=", k[:42] + "A", "\x00"} {
		if wrong != k && ticket.Opens(key, wrong) {
			t.Errorf("%q opens", wrong)
		}
	}
	nobody := Ticket{ID: "t1"}
	if nobody.Proves(key, MailProof(key, "t1", "", 0)) {
		t.Error("no address is proved")
	}
	if !nobody.Opens(key, LinkToken(key, "t1", "", 0)) {
		t.Error("a ticket without an address has no link")
	}
}
