package spam_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/spam"
)

// TestJudge is the table of what is suspected.
func TestJudge(t *testing.T) {
	link := "see https://example.com/page for it\n"
	for _, test := range []struct {
		name  string
		form  spam.Form
		score int
		signs []spam.Sign
	}{
		{"a person", spam.Form{Subject: "Battery", Text: "It is empty by noon."}, 0, nil},
		{"two links", spam.Form{Text: strings.Repeat(link, 2)}, 0, nil},
		{"three links", spam.Form{Text: strings.Repeat(link, 3)}, 1, []spam.Sign{spam.Links}},
		{"six links", spam.Form{Text: strings.Repeat(link, 6)}, 2, []spam.Sign{spam.Links}},
		{"a log with many links", spam.Form{Text: strings.Repeat(link, 40)}, 4, []spam.Sign{spam.Links}},
		{"a link for a subject", spam.Form{Subject: "WWW.example.com", Text: "x"}, 2, []spam.Sign{spam.Links}},
		{"a domain in words", spam.Form{Subject: "example.com does not open", Text: "awww. What now?"}, 0, nil},
		{"a forum's link", spam.Form{Text: "[url=https://example.com]best[/url]"}, 3, []spam.Sign{spam.Markup}},
		{"HTML", spam.Form{Subject: "https://a.example", Text: `<a class=x href="https://b.example">`}, 5, []spam.Sign{spam.Markup, spam.Links}},
		{"a program", spam.Form{Trap: "https://example.com"}, 10, []spam.Sign{spam.Trapped}},
		{"at once", spam.Form{Open: spam.Hasty - 1}, 4, []spam.Sign{spam.Fast}},
		{"from the future", spam.Form{Open: -time.Hour}, 4, []spam.Sign{spam.Fast}},
		{"quickly", spam.Form{Open: spam.Hasty}, 0, nil},
		{"sent again", spam.Form{SameText: 1}, 1, []spam.Sign{spam.Same}},
		{"the same for the fourth time", spam.Form{SameText: 3}, 4, []spam.Sign{spam.Same}},
		{"an office", spam.Form{FromNetwork: 59, ByAddress: 4}, 1, []spam.Sign{spam.Network}},
		{"a busy address", spam.Form{FromNetwork: 60, ByAddress: 10}, 4, []spam.Sign{spam.Network, spam.Address}},
	} {
		if test.form.Open == 0 {
			test.form.Open = time.Minute
		}
		v := spam.Judge(test.form)
		if v.Score != test.score || !slices.Equal(v.Signs, test.signs) || v.Suspected() != (test.score >= spam.Suspect) || v.Suspected() != (len(v.Words()) > 0) {
			t.Errorf("%s: %+v, want %d %v", test.name, v, test.score, test.signs)
		}
	}
}

func TestLikeness(t *testing.T) {
	const text = "Cheap watches for everybody, only today, order now"
	one := spam.Likeness("Offer 1", text)
	for _, same := range []string{"offer 22", "OFFER!!", " Of  fer"} {
		if spam.Likeness(same, strings.ReplaceAll(text, ", ", " ... 7 ")) != one {
			t.Errorf("%q is another", same)
		}
	}
	if spam.Likeness("Offer", "Cheap phones for everybody, only today, order now") == one {
		t.Error("another text is the same")
	}
	if like := spam.Likeness("Help", "It does not work!"); like != "" {
		t.Errorf("a short text is %q", like)
	}
}

// rows keeps attempts as the store does.
type rows struct {
	sync.Mutex
	made map[string][]time.Time
}

func (r *rows) Reserve(_ context.Context, key string, now, since time.Time, limit int) (bool, time.Time, error) {
	r.Lock()
	defer r.Unlock()
	var oldest time.Time
	n := 0
	for _, at := range r.made[key] {
		if at.Before(since) {
			continue
		}
		if n++; n == 1 {
			oldest = at
		}
	}
	if n >= limit {
		return false, oldest, nil
	}
	r.made[key] = append(r.made[key], now)
	return true, oldest, nil
}

func (r *rows) Count(_ context.Context, key string, since time.Time) (int, error) {
	n := 0
	for _, at := range r.made[key] {
		if !at.Before(since) {
			n++
		}
	}
	return n, nil
}

func (r *rows) Forget(context.Context, string) error { return nil }

// TestGuard lets a network and an address send so many forms and no more, and
// knows a text again.
func TestGuard(t *testing.T) {
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	kept := &rows{made: map[string][]time.Time{}}
	g := spam.Guard{Attempts: kept}
	here, there := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("2001:db8::1")
	begin := func(from netip.Addr, email string, at time.Time) (spam.Form, error) {
		f := spam.Form{Subject: "Watches", Text: "cheap watches, only today, order now"}
		return f, g.Begin(t.Context(), &f, from, email, at)
	}
	for i := range spam.ByAddress.Most {
		f, err := begin(here, "Ada@example.com", now)
		if err != nil || f.FromNetwork != i || f.ByAddress != i || f.SameText != min(i, 5) {
			t.Fatalf("form %d: %+v, %v", i, f, err)
		}
		if i < 5 {
			if err := g.Taken(t.Context(), &f, now); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := begin(there, "ada@example.com", now); escalation.KindOf(err) != escalation.TooMany {
		t.Errorf("an address may go on elsewhere: %v", err)
	}
	for range spam.FromNetwork.Most - spam.ByAddress.Most {
		if _, err := begin(here, "", now); err != nil {
			t.Fatal(err)
		}
	}
	_, err := begin(here, "eve@example.com", now.Add(59*time.Minute+time.Second))
	if e, ok := err.(*escalation.Error); !ok || e.Kind != escalation.TooMany || e.Args["Minutes"] != 1 {
		t.Errorf("a network goes on: %v", err)
	}
	if _, err := begin(here, "eve@example.com", now.Add(time.Hour+time.Second)); err != nil {
		t.Errorf("an hour later: %v", err)
	}
	for key := range kept.made {
		if strings.Contains(key, "@") || strings.Contains(key, "192") {
			t.Errorf("%q tells who it was", key)
		}
	}
	g.Off = true
	for range 3 * spam.FromNetwork.Most {
		if f, err := begin(there, "ada@example.com", now); err != nil || f.FromNetwork+f.ByAddress > 0 {
			t.Fatalf("without limits: %+v, %v", f, err)
		}
	}
	g.Off = false
	for i := range spam.LinksFrom.Most + 1 {
		for range 2 { // who presses twice asks once
			err := g.AskLinks(t.Context(), here, fmt.Sprintf("ada%d@example.com", i), now)
			if (escalation.KindOf(err) == escalation.TooMany && err != nil) != (i == spam.LinksFrom.Most) {
				t.Errorf("question %d: %v", i, err)
			}
		}
	}
}
