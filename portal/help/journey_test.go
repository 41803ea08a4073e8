package help_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"primalinea/escalation/journey"
)

func (s *site) want(t *testing.T, want ...journey.Event) {
	t.Helper()
	if diff := cmp.Diff(want, s.events.take(), cmpopts.IgnoreFields(journey.Event{}, "At", "Revision"), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// TestJourney walks from a search to a vote.
func TestJourney(t *testing.T) {
	s := many(t)
	const cookie, key = "plv=visitor", "key of visitor"

	// Reading gives a browser no name.
	a := s.get(t, "/it/articles/rimborso").code(t, 200)
	if got := a.Header.Get("Set-Cookie"); got != "" {
		t.Errorf("a page was read, and set %q", got)
	}
	s.want(t, journey.Event{Kind: journey.ArticleOpen, Lang: "it", Article: "refund", Outside: true})

	// A search does.
	a = s.get(t, "/it/search?q=rimborso").code(t, 200)
	if got := a.Header.Get("Set-Cookie"); !strings.HasPrefix(got, "plv=visitor;") || !strings.Contains(got, "HttpOnly") {
		t.Errorf("a search set %q", got)
	}
	s.want(t, journey.Event{Visitor: key, Kind: journey.Search, Lang: "it", Query: "rimborso", Hits: 1})

	// Another page of it, or a section, is no other search.
	s.get(t, "/it/search?q=caff%C3%A8&page=2", "Cookie", cookie).code(t, 200)
	s.get(t, "/it/search?q=caff%C3%A8&section=one", "Cookie", cookie).code(t, 200)
	s.want(t)
	s.get(t, "/it/search?q=zzzqqq", "Cookie", cookie).code(t, 200)
	s.want(t, journey.Event{Visitor: key, Kind: journey.Search, Lang: "it", Query: "zzzqqq"})

	// To follow an offer of the page before is to ask the same again.
	for _, test := range []struct {
		from, to string
		want     journey.Event
	}{
		{"/it/search?q=cafffe", "/it/search?q=cafffe&exact=1", journey.Event{Lang: "it", Query: "cafffe", Again: true}},
		{"/it/search?q=cafffe&exact=1", "/it/search?q=caffe", journey.Event{Lang: "it", Query: "caffe", Hits: 23, Again: true}},
		{"/es/search?q=rimborso", "/it/search?q=rimborso", journey.Event{Lang: "it", Query: "rimborso", Hits: 1, Again: true}},
		{"/it/search?q=cafffe", "/it/search?q=zebre", journey.Event{Lang: "it", Query: "zebre"}},
		{"/it/search?q=cafffe", "/it/search?q=cafffe", journey.Event{Lang: "it", Query: "cafffe", Hits: 23}},
	} {
		s.get(t, test.to, "Cookie", cookie, "Referer", "http://help.example"+test.from).code(t, 200)
		test.want.Visitor, test.want.Kind = key, journey.Search
		s.want(t, test.want)
	}

	// A click on a result is known by where it comes from.
	s.get(t, "/it/articles/rimborso", "Cookie", cookie, "Referer", "http://help.example/it/search?q=rimborso").code(t, 200)
	s.want(t, journey.Event{Visitor: key, Kind: journey.ResultClick, Lang: "it", Query: "rimborso", Article: "refund", Rank: 1},
		journey.Event{Visitor: key, Kind: journey.ArticleOpen, Lang: "it", Article: "refund"})
	s.get(t, "/it/articles/rimborso", "Cookie", cookie, "Referer", "https://elsewhere.example/it/search?q=rimborso").code(t, 200)
	s.want(t, journey.Event{Visitor: key, Kind: journey.ArticleOpen, Lang: "it", Article: "refund", Outside: true})

	// The page says how long it was read.
	s.post(t, "/journey/read", url.Values{"key": {"refund"}, "lang": {"it"}, "seconds": {"42"}}, "Cookie", cookie).code(t, 204)
	s.want(t, journey.Event{Visitor: key, Kind: journey.ArticleRead, Lang: "it", Article: "refund", Seconds: 42})
	for _, bad := range []url.Values{{}, {"key": {"refund"}, "lang": {"it"}, "seconds": {"-1"}}, {"key": {"nothing"}, "lang": {"it"}, "seconds": {"9"}}} {
		s.post(t, "/journey/read", bad, "Cookie", cookie).code(t, 204)
	}
	s.want(t)
	s.post(t, "/journey/read", url.Values{"key": {"refund"}, "lang": {"it"}, "seconds": {"42"}}, "Sec-Fetch-Site", "cross-site").code(t, 403)

	// A suggestion that was taken is a search with its click.
	s.post(t, "/journey/choice", url.Values{"q": {"rimb"}, "key": {"refund"}, "lang": {"it"}, "rank": {"2"}, "hits": {"3"}}, "Cookie", cookie).code(t, 204)
	s.want(t, journey.Event{Visitor: key, Kind: journey.Search, Lang: "it", Query: "rimb", Hits: 3},
		journey.Event{Visitor: key, Kind: journey.ResultClick, Lang: "it", Query: "rimb", Article: "refund", Rank: 2})

	// Neither people who work here, nor crawlers, nor prefetching are visitors.
	s.get(t, "/it/search?q=rimborso", "Cookie", s.agent(t)).code(t, 200)
	for _, headers := range [][]string{{"User-Agent", "Googlebot/2.1"}, {"Sec-Purpose", "prefetch"}} {
		if got := s.get(t, "/it/search?q=rimborso", headers...).code(t, 200).Header.Get("Set-Cookie"); got != "" {
			t.Errorf("%v was given %q", headers, got)
		}
	}
	s.want(t)

	// Who asks not to be followed is not.
	a = s.get(t, "/it/search?q=rimborso", "Cookie", cookie, "Sec-GPC", "1").code(t, 200)
	if got := a.Header.Get("Set-Cookie"); got != "" {
		t.Errorf("set %q in spite of Sec-GPC", got)
	}
	s.want(t, journey.Event{Kind: journey.Search, Lang: "it", Query: "rimborso", Hits: 1})
}

func TestVote(t *testing.T) {
	s := many(t)
	const key = "key of visitor"
	page := "/it/articles/rimborso"
	s.get(t, page).has(t, `<form method="post" action="`+page+`/vote" data-vote>`)
	s.events.take()
	for _, test := range []struct {
		form url.Values
		to   string
		says string
		want []journey.Event
	}{
		{url.Values{"answer": {"yes"}}, "yes", "Ci fa piacere", []journey.Event{{Visitor: key, Network: "network of 0.0.0.0", Kind: journey.VoteYes, Lang: "it", Article: "refund"}}},
		{url.Values{"answer": {"no"}}, "no", "Che cosa non è andato bene.*/it/contact\\?article=refund|/it/contact\\?article=refund.*Che cosa non è andato bene", []journey.Event{{Visitor: key, Kind: journey.VoteNo, Lang: "it", Article: "refund"}}},
		{url.Values{"reason": {"unclear"}}, "done", "per migliorare", []journey.Event{{Visitor: key, Kind: journey.VoteNo, Lang: "it", Article: "refund", Reason: "unclear"}}},
		{url.Values{"reason": {"<b>"}}, "done", "per migliorare", nil},
		{url.Values{}, "done", "per migliorare", nil},
	} {
		a := s.post(t, page+"/vote", test.form).code(t, 303)
		if got, want := a.Header.Get("Location"), page+"?vote="+test.to+"#vote"; got != want {
			t.Errorf("%v leads to %s, want %s", test.form, got, want)
		}
		s.want(t, test.want...)
		s.get(t, page+"?vote="+test.to).code(t, 200).has(t, test.says)
		s.want(t) // what thanks for a vote was not opened again
		s.post(t, page+"/vote", test.form, "X-Fragment", "vote").code(t, 200).has(t, `^<section class="vote`, test.says).lacks(t, "<html")
		s.events.take()
	}
	s.get(t, page+"?vote=<script>").code(t, 200).has(t, "Questa pagina ha risposto").lacks(t, "<script>")
	// The vote is about the text that was read, whatever else its file says.
	old := strings.Repeat("ab", 16)
	s.post(t, page+"/vote", url.Values{"answer": {"yes"}, "revision": {old}}).code(t, 303)
	s.post(t, page+"/vote", url.Values{"answer": {"yes"}, "revision": {"'; --"}}).code(t, 303)
	got := s.events.take()
	if now := s.folder.Library().ByKey("refund", "it").Revision; got[0].Revision != old || got[1].Revision != now {
		t.Errorf("votes are about %q and %q, want %q and %q", got[0].Revision, got[1].Revision, old, now)
	}
}

// TestWanted: with figures, home shows what is opened and settles most; never
// what its reader may not see.
func TestWanted(t *testing.T) {
	s := canaries(t)
	asked := 0
	s.room.Wanted = func(_ context.Context, lang string, since time.Time, n int) ([]string, error) {
		asked++
		if lang != "it" || !since.Equal(s.now.AddDate(0, 0, -30)) {
			t.Errorf("asked for %s since %v", lang, since)
		}
		return []string{"bozza", "pubblico", "non-elenco", "agenti", "nothing"}, nil
	}
	s.get(t, "/it/").has(t, `<ul class="bare">\s<li><a href="/it/articles/pubblico">`).lacks(t, titles(all()...)...)
	agent := s.agent(t)
	s.get(t, "/it/", "Cookie", agent).has(t, `<ul class="bare">\s<li><a href="/it/articles/pubblico">`)
	if asked != 1 {
		t.Errorf("asked %d times for figures that change slowly", asked)
	}
	s.now = s.now.Add(11 * time.Minute)
	s.room.Wanted = func(context.Context, string, time.Time, int) ([]string, error) {
		asked++
		return nil, errors.New("no database")
	}
	for range 2 {
		s.get(t, "/it/", "Cookie", agent).has(t, `<ul class="bare">\s<li><a href="/it/articles/pubblico">`)
	}
	if asked != 2 {
		t.Errorf("asked %d times of a database that does not answer", asked)
	}
}
