package journey

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// walk adds events that are given as "seconds kind article-or-query hits".
func walk(t *testing.T, j *Journey, script ...string) map[string]Event {
	t.Helper()
	kept := map[string]Event{}
	for i, line := range script {
		var seconds int
		var kind, what string
		if _, err := fmt.Sscanf(line, "%d %s %s", &seconds, &kind, &what); err != nil && what == "" && kind == "" {
			t.Fatalf("%q: %v", line, err)
		}
		e := Event{ID: fmt.Sprint(i), At: noon.Add(time.Duration(seconds) * time.Second), Visitor: "v", Kind: Kind(kind), Lang: "it"}
		var terms []string
		if e.Kind.IsSearch() {
			e.Query = strings.ReplaceAll(what, "_", " ")
			terms = strings.Fields(e.Query)
		} else {
			e.Article = what
		}
		if e.Kind == ArticleRead {
			e.Article, what, _ = strings.Cut(what, "=")
			fmt.Sscan(what, &e.Seconds)
		}
		for _, k := range j.Add(e, terms) {
			kept[k.ID] = k
		}
	}
	return kept
}

func TestAdd(t *testing.T) {
	for _, test := range []struct {
		name      string
		script    []string
		read      bool
		confirmed bool
		last      Kind
		kept      int // events
	}{
		{"typed letter by letter", []string{"0 zero b", "1 search bat", "3 search batter", "4 search batteria"}, false, false, Search, 1},
		{"and shortened again", []string{"0 zero batteriaa", "2 search batteria"}, false, false, Search, 1},
		{"typed slowly", []string{"0 search bat", "31 search batteria"}, false, false, Search, 2},
		{"said differently", []string{"0 search batteria", "5 search schermo"}, false, false, Search, 2},
		{"searched again after a look", []string{"0 search batteria", "3 article_open a", "8 search batteria"}, false, false, Search, 3},
		{"the page says 12 seconds", []string{"0 article_open a", "12 article_read a=12"}, true, false, ArticleOpen, 2},
		{"the page says 3 seconds", []string{"0 article_open a", "12 article_read a=3"}, false, false, ArticleOpen, 2},
		{"the page says it twice", []string{"0 article_open a", "3 article_read a=3", "14 article_read a=11"}, true, false, ArticleOpen, 3},
		{"the next request says it", []string{"0 article_open a", "15 article_open b"}, true, false, ArticleOpen, 2},
		{"the next request comes soon", []string{"0 article_open a", "5 article_open b"}, false, false, ArticleOpen, 2},
		{"the page knows better than the next request", []string{"0 article_open a", "300 article_open b", "301 article_read a=4"}, false, false, ArticleOpen, 3},
		{"nothing says it", []string{"0 search x", "2 article_open a"}, false, false, ArticleOpen, 2},
		{"a late word does not hide the search", []string{"0 article_open a", "20 search x", "21 article_read a=19"}, true, false, Search, 3},
		{"this solved it", []string{"0 article_open a", "20 confirm a"}, true, true, Confirm, 2},
		{"yes, it answered", []string{"0 article_open a", "20 vote_yes a"}, true, true, VoteYes, 2},
		{"yes, then no", []string{"0 article_open a", "20 vote_yes a", "22 vote_no a"}, true, false, VoteNo, 3},
		{"yes here, no there", []string{"0 article_open a", "20 vote_yes a", "22 article_open b", "25 vote_no b"}, true, true, VoteNo, 4},
		{"offered beside the form", []string{"0 form_open x", "5 suggestion_eligible a", "5 suggestion_shown a"}, false, false, FormOpen, 3},
		{"offered and declined", []string{"0 form_open x", "5 suggestion_shown a", "9 suggestion_declined a"}, false, false, SuggestionDeclined, 3},
	} {
		var j Journey
		kept := walk(t, &j, test.script...)
		if j.Read != test.read || j.Confirmed != test.confirmed || j.Last != test.last || len(kept) != test.kept {
			t.Errorf("%s: read %v, confirmed %v, last %s, %d events; want %v, %v, %s, %d",
				test.name, j.Read, j.Confirmed, j.Last, len(kept), test.read, test.confirmed, test.last, test.kept)
		}
	}
}

// TestAgain: what is searched in words that were offered is the search before, said
// better, however long the visitor looked at the offer.
func TestAgain(t *testing.T) {
	var j Journey
	add := func(id string, seconds int, kind Kind, lang, query string, again bool) []Event {
		return j.Add(Event{ID: id, At: noon.Add(time.Duration(seconds) * time.Second), Kind: kind, Lang: lang, Query: query, Again: again}, strings.Fields(query))
	}
	add("1", 0, Zero, "en", "bateria", false)
	if got := add("2", 60, Search, "es", "bateria", true); len(got) != 1 || got[0].ID != "1" || got[0].Kind != Search || got[0].Lang != "es" || len(j.State.Queries) != 1 {
		t.Errorf("kept %+v, and the queries %v", got, j.State.Queries)
	}
	add("3", 70, ArticleOpen, "es", "", false)
	if got := add("4", 80, Search, "es", "batería", true); got[len(got)-1].ID != "4" {
		t.Errorf("after a look it is another: %+v", got)
	}
}

func TestAddKeeps(t *testing.T) {
	var j Journey
	kept := walk(t, &j, "0 zero batt", "3 search batteria", "5 article_open a", "40 form_open x", "60 ticket_created x")
	if e := kept["0"]; e.Query != "batteria" || e.Kind != Search || !e.At.Equal(noon.Add(3*time.Second)) {
		t.Errorf("the search that is kept is %+v", e)
	}
	if e := kept["2"]; e.Seconds != 35 {
		t.Errorf("the article was open %d seconds, want 35", e.Seconds)
	}
	if !j.Ticket.Equal(noon.Add(time.Minute)) || !j.Ended.Equal(j.Ticket) || j.Lang != "it" {
		t.Errorf("journey %+v", j)
	}
	for i := range 100 {
		walk(t, &j, fmt.Sprintf("%d search wort%d", 100+100*i, i), fmt.Sprintf("%d article_open a%d", 120+100*i, i))
	}
	if len(j.State.Opens) > maxOpens || len(j.State.Queries) > maxQueries || len(j.State.Beacons) > maxOpens || !j.Read {
		t.Errorf("the state grows: %d articles, %d queries", len(j.State.Opens), len(j.State.Queries))
	}
}

func TestTakes(t *testing.T) {
	for _, test := range []struct {
		name  string
		after time.Duration
		kind  Kind
		query string
		last  Kind
		want  bool
	}{
		{"soon", Pause, ArticleOpen, "", Search, true},
		{"after the pause", Pause + 1, ArticleOpen, "", Search, false},
		{"a like query the next morning", 20 * time.Hour, Search, "telefono batteria scarica", Search, true},
		{"a like query after a day", Resume + 1, Search, "batteria scarica", Search, false},
		{"another query", time.Hour, Search, "garanzia estesa", Search, false},
		{"a query that shares one word", time.Hour, Zero, "batteria originale", Search, false},
		{"a form that is sent late", 2 * time.Hour, TicketCreated, "", FormOpen, true},
		{"a form that was not open", 2 * time.Hour, TicketCreated, "", ArticleOpen, false},
		{"a form that is opened late", 2 * time.Hour, FormOpen, "", FormOpen, false},
		{"a page that was left open", 2 * time.Hour, ArticleRead, "", ArticleOpen, true},
	} {
		j := Journey{Ended: noon, Last: test.last, State: State{Queries: [][]string{{"schermo"}, {"batteria", "scarica"}}}}
		e := Event{At: noon.Add(test.after), Kind: test.kind, Query: test.query}
		if got := j.Takes(e, strings.Fields(test.query)); got != test.want {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

func TestLike(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{"batteria", "batteria", true},
		{"batteria", "batteria scarica", true},
		{"batteria scarica", "batteria originale", false},
		{"batteria scarica subito", "scarica batteria presto adesso", true},
		{"a b c d e", "a b x y z", false},
		{"a a b b", "a b", true},
		{"", "", false},
		{"a", "", false},
	} {
		a, b := strings.Fields(test.a), strings.Fields(test.b)
		if Like(a, b) != test.want || Like(b, a) != test.want {
			t.Errorf("Like(%q, %q) is not %v", test.a, test.b, test.want)
		}
	}
}

func TestSourceOf(t *testing.T) {
	const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	for _, test := range []struct {
		agent, purpose, sec string
		want                Source
	}{
		{chrome, "", "", Visitors},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1", "", "", Visitors},
		{"Mozilla/5.0 (Windows NT 10.0; rv:143.0) Gecko/20100101 Firefox/143.0", "", "", Visitors},
		{chrome, "prefetch", "", Prefetches},
		{chrome, "", "prefetch;prerender", Prefetches},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "", "", Crawlers},
		{"facebookexternalhit/1.1", "", "", Crawlers},
		{"curl/8.5.0", "", "", Crawlers},
		{"", "", "", Crawlers},
		{"kube-probe/1.30", "", "", Probes},
	} {
		if got := SourceOf(test.agent, test.purpose, test.sec); got != test.want {
			t.Errorf("SourceOf(%q, %q, %q) = %q, want %q", test.agent, test.purpose, test.sec, got, test.want)
		}
	}
}

func TestArm(t *testing.T) {
	key := []byte("key")
	for _, share := range []int{0, 500, 2000, 5000, Parts} {
		held := 0
		for i := range 20_000 {
			visitor := fmt.Sprint("visitor", i)
			arm := Arm(key, "contact-1", visitor, share)
			if arm != Arm(key, "contact-1", visitor, share) {
				t.Fatalf("the arm of %s changes", visitor)
			}
			if arm == HoldOut {
				held++
			}
		}
		// Four standard errors.
		p := float64(share) / Parts
		if d := float64(held) - 20_000*p; d*d > 16*20_000*p*(1-p) {
			t.Errorf("of 20000 visitors %d are held out, want a share of %v", held, p)
		}
	}
	differ := 0
	for i := range 1000 {
		if v := fmt.Sprint(i); Arm(key, "a", v, 5000) != Arm(key, "b", v, 5000) {
			differ++
		}
	}
	if differ < 400 || differ > 600 {
		t.Errorf("two experiments differ for %d of 1000 visitors: they are not independent", differ)
	}
	if Arm(key, "a", "", Parts) != "" {
		t.Error("who is unknown is part of an experiment")
	}
}

func TestSalts(t *testing.T) {
	secrets := map[string][]byte{}
	salts := &Salts{Secret: func(_ context.Context, name string) ([]byte, error) {
		if secrets[name] == nil {
			secrets[name] = []byte(name + " secret")
		}
		return secrets[name], nil
	}}
	key := func(cookie string, now time.Time) string {
		k, err := salts.Visitor(t.Context(), cookie, now)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	for age := range 15 { // days into a salt's turn
		issued := noon.Add(time.Duration(age) * 24 * time.Hour)
		cookie := NewCookie(issued)
		first := key(cookie, issued)
		if first == "" || strings.Contains(cookie, first) {
			t.Fatalf("key %q of cookie %q", first, cookie)
		}
		for _, day := range []int{1, 14, 29, 30} {
			at := issued.Add(time.Duration(day)*24*time.Hour - time.Second)
			if key(cookie, at) != first {
				t.Errorf("the key changes %d days after it was issued on day %d", day, age)
			}
			if DeadSalt(saltName(saltNumber(issued)), at) {
				t.Errorf("the salt is swept %d days after it was used on day %d", day, age)
			}
		}
		if late := issued.Add(SaltLife + 24*time.Hour); key(cookie, late) != "" || !DeadSalt(saltName(saltNumber(issued)), late) {
			t.Errorf("the salt of day %d outlives 45 days", age)
		}
	}
	for _, cookie := range []string{"", ".", "x.y", "1.abc", NewCookie(noon)[1:], "+" + NewCookie(noon), NewCookie(noon) + "A", NewCookie(noon.Add(1000 * time.Hour))} {
		if k := key(cookie, noon); k != "" {
			t.Errorf("Visitor(%q) = %q, want nobody", cookie, k)
		}
	}
	if len(salts.kept) > 4 {
		t.Errorf("%d salts are remembered", len(salts.kept))
	}
	if DeadSalt("links", noon.Add(1000*24*time.Hour)) || DeadSalt(saltPrefix+"x", noon) {
		t.Error("another secret is taken for a salt")
	}
	if !slices.Contains(Windows[:], Window) {
		t.Error("the window is not among those shown")
	}
}

// TestNetwork tells places apart, and nobody where they are.
func TestNetwork(t *testing.T) {
	salts := &Salts{Secret: func(_ context.Context, name string) ([]byte, error) { return []byte(name + " secret"), nil }}
	mark := func(address string, now time.Time) string {
		t.Helper()
		m, err := salts.Network(t.Context(), netip.MustParseAddr(address), now)
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"192.0.2.1", "192.0.2.254", true},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"192.0.2.1", "192.0.3.1", false},
		{"2001:db8:1:2::1", "2001:db8:1:3::9", true}, // a household has many
		{"2001:db8:1::1", "2001:db8:2::1", false},
	} {
		if same := mark(test.a, noon) == mark(test.b, noon); same != test.same {
			t.Errorf("%s and %s: the same network %v, want %v", test.a, test.b, same, test.same)
		}
	}
	// With the salt one can try all networks; each mark is that of thousands.
	marks := map[string]int{}
	for n := range 1 << 16 {
		marks[mark(netip.AddrFrom4([4]byte{10, byte(n >> 8), byte(n), 1}).String(), noon)]++
	}
	if len(marks) < 4000 || len(marks) > 4096 {
		t.Errorf("%d marks", len(marks))
	}
	turns := map[string]bool{}
	for at := noon; at.Before(noon.Add(NetworkTurn)); at = at.Add(24 * time.Hour) {
		turns[mark("192.0.2.1", at)] = true
	}
	if len(turns) != 2 {
		t.Errorf("a network has %d marks within a year", len(turns))
	}
	if m, err := salts.Network(t.Context(), netip.Addr{}, noon); m != "" || err != nil {
		t.Errorf("no address is marked %q, %v", m, err)
	}
	name := fmt.Sprint(networkPrefix, networkNumber(noon))
	if DeadSalt(name, noon) || !DeadSalt(name, noon.Add(NetworkTurn)) {
		t.Error("the salt of networks lives for one turn")
	}
}
