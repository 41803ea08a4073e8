package spam

import (
	"context"
	"net/netip"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/staff"
)

// A Limit says how often something may be done, and in which time.
type Limit struct {
	Most int
	In   time.Duration
}

// What one network and one address may do. Whole offices, and whole providers of
// mobile telephones, share one address of the network.
var (
	FromNetwork = Limit{60, time.Hour}      // forms
	ByAddress   = Limit{20, 24 * time.Hour} // forms
	LinksFrom   = Limit{20, time.Hour}      // questions for the links of somebody's requests
	WaitsFrom   = Limit{20, time.Hour}      // wishes to be told of an answer
	LinksTo     = Limit{1, time.Hour}       // letters with them
	Receipts    = Limit{10, 24 * time.Hour} // letters to one address; further tickets open without
)

// A Guard counts forms. It keeps hashes, no addresses, and keeps them in the
// store, so that replicas agree.
type Guard struct {
	Attempts staff.Attempts
	Off      bool // nothing is limited; forms are judged all the same
}

// Begin is called when a form is about to be taken in. It says what is known of
// others like it, or returns a TooMany error.
func (g Guard) Begin(ctx context.Context, f *Form, from netip.Addr, email string, now time.Time) error {
	for _, k := range []struct {
		key   string
		limit Limit
		n     *int
	}{
		{networkKey(from), FromNetwork, &f.FromNetwork},
		{addressKey(email), ByAddress, &f.ByAddress},
		{textKey(f), Limit{}, &f.SameText},
	} {
		if k.key == "" {
			continue
		}
		var err error
		if *k.n, err = g.Attempts.Count(ctx, k.key, now.Add(-Window)); err != nil {
			return err
		}
		if k.limit.Most == 0 {
			continue
		}
		if err := g.take(ctx, k.key, k.limit, now); err != nil {
			return err
		}
	}
	if g.Off {
		f.FromNetwork, f.ByAddress = 0, 0
	}
	return nil
}

// Taken is called when a form became a ticket: the next with the same words is
// known by it.
func (g Guard) Taken(ctx context.Context, f *Form, now time.Time) error {
	key := textKey(f)
	if key == "" {
		return nil
	}
	_, _, err := g.Attempts.Reserve(ctx, key, now, now.Add(-Window), 1000)
	return err
}

// AskLinks is called when somebody asks for the links of an address's requests. It
// looks at the network, and whether that asked for the same address lately: who presses
// twice has asked once. What it says is the same for all addresses.
func (g Guard) AskLinks(ctx context.Context, from netip.Addr, email string, now time.Time) error {
	again := "links:" + Sender(from) + staff.Hash(staff.FoldEmail(email))[:32]
	n, err := g.Attempts.Count(ctx, again, now.Add(-LinksTo.In))
	if err != nil || n > 0 {
		return err
	}
	if err := g.take(ctx, "links:"+networkKey(from), LinksFrom, now); err != nil {
		return err
	}
	_, _, err = g.Attempts.Reserve(ctx, again, now, now.Add(-LinksTo.In), LinksTo.Most)
	return err
}

// AskToBeTold is called when somebody leaves an address to be told of an answer. It
// looks at the network alone: what it says is the same for all addresses.
func (g Guard) AskToBeTold(ctx context.Context, from netip.Addr, now time.Time) error {
	return g.take(ctx, "waits:"+networkKey(from), WaitsFrom, now)
}

func (g Guard) take(ctx context.Context, key string, l Limit, now time.Time) error {
	if g.Off {
		return nil
	}
	ok, oldest, err := g.Attempts.Reserve(ctx, key, now, now.Add(-l.In), l.Most)
	if err != nil || ok {
		return err
	}
	minutes := max(1, int((oldest.Add(l.In).Sub(now)+time.Minute-1)/time.Minute))
	return &escalation.Error{Kind: escalation.TooMany, Reason: "error.too_often", Args: map[string]any{"Minutes": minutes, "Count": minutes}}
}

// Sender names a network in what is kept of its uploads.
func Sender(from netip.Addr) string { return staff.Hash("sender " + staff.Block(from))[:32] }

func networkKey(from netip.Addr) string { return "form:" + Sender(from) }

func addressKey(email string) string {
	if email == "" {
		return ""
	}
	return "form-by:" + staff.Hash(staff.FoldEmail(email))[:32]
}

func textKey(f *Form) string {
	like := Likeness(f.Subject, f.Text)
	if like == "" {
		return ""
	}
	return "text:" + like
}
