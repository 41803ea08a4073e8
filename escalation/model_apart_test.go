package escalation_test

import (
	"time"

	"pgregory.net/rapid"

	. "primalinea/escalation"
)

func give(rt *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	who := even(rt, "whom", []GiveCommand{{Name: "Eva", Email: "eva@example.com"}, {Phone: "+39 055 1234567"}, {Name: "Ugo"}, {Email: t.Requester.Email}, {}})
	who.Reason = canary
	return t.Give(who, by, ids, now)
}

func giveBack(_ *rapid.T, t *Ticket, by Actor, ids func() string, now time.Time, _ Message) (Change, error) {
	return t.GiveBack(by, ids, now)
}

// gaveBack: a ticket becomes somebody else's when somebody says so, nobody's link of
// before opens it then, and who undoes that leaves it as it was for its requester and for
// agents, but for the trace.
func gaveBack(s happened) string {
	before, after := s.before, s.after
	if (before.Requester.Name != after.Requester.Name) && s.event[EventGiven] == nil && s.event[EventGivenBack] == nil {
		return "it became that of " + after.Requester.Name
	}
	if s.event[EventGiven] == nil {
		return ""
	}
	key := []byte("key")
	if after.Requester.Verified || after.Opens(key, LinkToken(key, before.ID, before.Requester.Email, before.LinkGeneration)) {
		return "the old link opens it, or the new address is proved"
	}
	c, err := after.GiveBack(s.by, counter(), after.Updated)
	if err != nil {
		return "not undone: " + err.Error()
	}
	return asBefore(before, &c.Ticket)
}

// asBefore says what is otherwise in a ticket after something was undone, besides the
// trace of it: for agents, or for its requester.
func asBefore(before, after *Ticket) string {
	if diff := differ(traceless(before), traceless(after)); diff != "" {
		return "undone, and another ticket:\n" + diff
	}
	if diff := differ(before.ForRequester(), after.ForRequester()); diff != "" {
		return "undone, and another conversation:\n" + diff
	}
	return ""
}

// traceless is a ticket without its ledger.
func traceless(t *Ticket) *Ticket {
	n := *t
	n.Entries, n.Version, n.Updated = nil, 0, time.Time{}
	return &n
}
