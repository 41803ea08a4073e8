package search

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"primalinea/content"
)

// tuned indexes a shelf with pins and synonyms of one language.
func (s *shelf) tuned(t testing.TB, lang string, pins []content.Pin, synonyms [][]string) *Index {
	t.Helper()
	x := s.index(t)
	lib := s.library().Tuned(map[string][]content.Pin{lang: pins}, map[string][][]string{lang: synonyms})
	if _, err := x.Sync(context.Background(), lib, s.text); err != nil {
		t.Fatal(err)
	}
	return x
}

// found returns the keys of the hits of a query in one language.
func found(t testing.TB, x *Index, lang, text string) string {
	t.Helper()
	var out []string
	for _, h := range search(t, x, Query{Text: text, Lang: lang, OneLang: true}).Hits {
		out = append(out, h.Article.Key)
	}
	return strings.Join(out, " ")
}

func TestSynonyms(t *testing.T) {
	s := &shelf{}
	s.add("it/a/courier", "Quando arriva il corriere", "Il corriere passa due volte.")
	s.add("it/a/service", "Orari del servizio", "Il servizio risponde di giorno.")
	s.add("it/a/delivery", "Consegna", "Il servizio di consegna passa due volte.")
	s.add("it/a/phone", "Telefono spento", "Caricare il telefono.")
	s.add("it/a/battery", "Batteria del telefono", "La batteria di un cellulare dura anni.")
	s.add("it/a/screen", "Schermo del telefono rotto", "Come ripararlo.")
	x := s.tuned(t, "it", nil, [][]string{
		{"corriere", "spedizioniere", "servizio di consegna"},
		{"telefono", "cellulare", "telefonino"},
		{"batteria", "pila"},
	})
	for _, test := range []struct{ query, want string }{
		{"spedizioniere", "a/delivery a/courier"},                  // a word in no article; of the wording of two words both must be there
		{"servizio di consegna", "a/delivery a/courier a/service"}, // several words for one; the wording itself stands first
		{"consegna servizio", "a/delivery a/service"},              // not the wording
		{"telefonino spento", "a/phone"},
		{"telefonini spenti", "a/phone"},            // another form of it
		{"telefonni spento", "a/phone"},             // mistyped
		{"telefoni", "a/phone a/battery a/screen"},  // what was typed before what means the same
		{"pila cellulare", "a/battery"},             // two of them; the article with the rare word has no head start
		{"schermo cellulare rotto", "a/screen"},     // although cellulare stands in one article alone
		{"telefonin", "a/phone a/battery a/screen"}, // unfinished
		{"spedizioni", "a/delivery a/courier"},      // unfinished too
		{"pila", "a/battery"},
	} {
		if got := found(t, x, "it", test.query); got != test.want {
			t.Errorf("%q finds %q, want %q", test.query, got, test.want)
		}
	}
	// Not of another language.
	if r := search(t, x, Query{Text: "spedizioniere", Lang: "en", OneLang: true}); len(r.Hits) != 0 {
		t.Errorf("in English: %s", keys(r.Hits))
	}
	if r := search(t, x, Query{Text: "telefonni spento", Lang: "it"}); r.Instead != "telefono spento" {
		t.Errorf("instead %q", r.Instead)
	}
}

// TestSynonymOfCommonWords wants a rare word to stay rare beside a wording whose
// words are common.
func TestSynonymOfCommonWords(t *testing.T) {
	s := &shelf{}
	s.add("it/a/return", "Restituire un prodotto", "Entro quindici giorni.")
	s.add("it/a/phone", "Telefono spento", "Dare corrente.")
	s.add("it/a/battery", "Batteria del telefono", "Dare il tempo di caricarsi.")
	s.add("it/a/screen", "Schermo", "Tornare indietro.")
	s.add("it/a/repair", "Riparazione", "Mandare indietro.")
	x := s.tuned(t, "it", nil, [][]string{{"restituire", "dare indietro"}})
	if got, want := found(t, x, "it", "restituire telefono"), "a/return a/battery a/phone"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestBadTuning checks that nothing somebody writes into the files of synonyms
// and pins breaks a search.
func TestBadTuning(t *testing.T) {
	s := helpShelf()
	plain := s.index(t)
	long := make([]string, 5000)
	for i := range long {
		long[i] = fmt.Sprint("parola", i)
	}
	x := s.tuned(t, "it",
		[]content.Pin{
			{Queries: []string{"", "   ", "di", "\x00", "rimborso"}, Articles: []string{"", "nowhere", "../etc"}},
			{Queries: nil, Articles: nil}, {Queries: []string{"*"}, Articles: []string{"*"}}, {Queries: []string{"?!"}},
		},
		[][]string{
			{}, nil, {"uno"}, {"", ""}, {"di", "il"}, {"di", "rimborso"}, {"rimborso", "rimborsi", "RIMBORSO"}, {"\xff\xfe", "\x00"},
			{strings.Repeat("parola ", 1000), "rimborso"}, {strings.Repeat("a", 1<<20), "b"}, long, {"*", "?", "rimborso~2"},
		})
	for _, query := range append(hostile(), "rimborso", "parola", "parola1 parola2 parola4999", "uno", "b") {
		want, got := search(t, plain, Query{Text: query, Lang: "it", OneLang: true}), search(t, x, Query{Text: query, Lang: "it", OneLang: true})
		if keys(got.Hits) != keys(want.Hits) {
			t.Errorf("%.30q: %s, without synonyms %s", query, keys(got.Hits), keys(want.Hits))
		}
	}
}

// TestManySynonyms checks that a word which is in every set of a long file makes
// no search dear.
func TestManySynonyms(t *testing.T) {
	s := &shelf{}
	var sets [][]string
	for i := range 400 {
		word := fmt.Sprintf("parola%c%c", 'a'+i%20, 'a'+i/20)
		s.add(fmt.Sprintf("it/a/%03d", i), "Titolo "+word, word)
		sets = append(sets, []string{"rimborso", word, word + "bis", word + "tris"})
	}
	x := s.tuned(t, "it", nil, sets)
	v, _, now, err := x.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer v.release()
	p, err := v.plan(context.Background(), "it", "rimborso", content.Public, now, manner{endings: true, near: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(p.groups[0].terms); n == 0 || n > maxSets*maxSynonyms {
		t.Errorf("%d words of the index for one of the query", n)
	}
}

// TestSynonymTypedAgain checks that a wording typed again and again takes no room
// from others.
func TestSynonymTypedAgain(t *testing.T) {
	s := &shelf{}
	s.add("it/a/one", "Accredito", "La somma torna sul conto bancario.")
	s.add("it/a/two", "Spedizione", "Il pacco viaggia con il vettore postale.")
	x := s.tuned(t, "it", nil, [][]string{{"storno", "conto bancario"}, {"corriere", "vettore postale"}})
	if got, want := found(t, x, "it", strings.Repeat("storno ", 60)+"corriere"), "a/one a/two"; got != want {
		t.Errorf("finds %q, want %q", got, want)
	}
}

func TestProblems(t *testing.T) {
	s := helpShelf()
	lib := s.library().Tuned(
		map[string][]content.Pin{"it": {{Queries: []string{"rimborso", "di"}, Articles: []string{"a"}, Line: 7}}},
		map[string][][]string{"it": {{"rimborso", "storno"}, {"dove", "perché", "luogo"}}})
	var got []string
	for _, p := range Problems(lib) {
		got = append(got, p.String())
	}
	slices.Sort(got)
	want := []string{
		"pins.it.yml:7: di has no word that searches look for. Nobody is led by it.",
		"synonyms.it.yml: dove has no word that searches look for.",
		"synonyms.it.yml: perché has no word that searches look for.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestPins(t *testing.T) {
	s := &shelf{}
	s.add("it/a/refund", "Rimborso", "Il rimborso arriva in giorni.")
	s.add("it/a/return", "Reso", "Come rendere un articolo e avere il rimborso.")
	s.add("it/b/shop", "Negozio", "Aperto di mattina.")
	s.add("it/b/staff", "Per il personale", "Solo per noi.").Audience = content.Agents
	s.add("it/b/later", "Più tardi", "Non ancora.").PublishAt = noon.AddDate(0, 0, 1)
	x := s.tuned(t, "it", []content.Pin{
		{Queries: []string{"rimborso", "voglio i soldi indietro"}, Articles: []string{"b/shop", "a/return"}},
		{Queries: []string{"rimborso"}, Articles: []string{"a/refund"}}, // the first counts
		{Queries: []string{"personale"}, Articles: []string{"b/staff", "b/later", "gone", "b/shop"}},
	}, nil)
	for _, test := range []struct{ query, want string }{
		{"rimborso", "b/shop a/return a/refund"},
		{"i rimborsi", "b/shop a/return a/refund"}, // another form of it
		{"Rimborso?", "b/shop a/return a/refund"},
		{"rimboorso", "b/shop a/return a/refund"},       // mistyped
		{"rimborso articolo", "a/return a/refund"},      // another question
		{"indietro i soldi, voglio", "b/shop a/return"}, // in another order, and nothing else is found
		{"personale", "b/shop"},                         // what a reader may not see is not pinned either
	} {
		if got := found(t, x, "it", test.query); got != test.want {
			t.Errorf("%q finds %q, want %q", test.query, got, test.want)
		}
	}
	r := search(t, x, Query{Text: "rimborso", Lang: "it"})
	if !r.Hits[0].Pinned || !r.Hits[1].Pinned || r.Hits[2].Pinned || r.Total != 3 || r.Hits[0].Score < r.Hits[2].Score {
		t.Errorf("pinned %v %v %v of %d", r.Hits[0].Pinned, r.Hits[1].Pinned, r.Hits[2].Pinned, r.Total)
	}
	if fmt.Sprint(r.Sections) != "[{a 2} {b 1}]" {
		t.Errorf("sections %v", r.Sections)
	}
	if r := search(t, x, Query{Text: "rimborso", Lang: "it", Section: "a"}); keys(r.Hits) != "it:a/return it:a/refund" || r.Total != 2 {
		t.Errorf("in one section: %s of %d", keys(r.Hits), r.Total)
	}
	if r := search(t, x, Query{Text: "rimborso", Lang: "it", Limit: 1, Offset: 1}); keys(r.Hits) != "it:a/return" {
		t.Errorf("second page: %s", keys(r.Hits))
	}
	if hits, err := x.Suggest(context.Background(), Query{Text: "rimborso", Lang: "it"}); err != nil || keys(hits) != "it:b/shop it:a/return it:a/refund" {
		t.Errorf("suggested: %s, %v", keys(hits), err)
	}
	if r := search(t, x, Query{Text: "personale", Lang: "it", Reader: content.Agents}); r.Hits[0].Article.Key != "b/staff" {
		t.Errorf("agents: %s", keys(r.Hits))
	}
}

// TestPinsAreCountedOnce pins an article that the first stage would put behind all
// candidates: it is one answer on every page, and in every section's count.
func TestPinsAreCountedOnce(t *testing.T) {
	s := &shelf{}
	for i := range candidates + 20 {
		s.add(fmt.Sprintf("it/a/%03d", i), "Rimborso", "Il rimborso arriva.")
	}
	s.add("it/b/long", "Altro", strings.Repeat("parola diversa lunga ", 200)+"rimborso")
	s.add("it/c/without", "Negozio", "Aperto.")
	x := s.tuned(t, "it", []content.Pin{{Queries: []string{"rimborso"}, Articles: []string{"b/long", "c/without"}}}, nil)
	for _, test := range []struct {
		section       string
		offset, total int
	}{
		{"", 0, 122}, {"", 50, 122}, {"", 110, 122}, {"", 120, 122}, {"a", 0, 120}, {"b", 0, 1}, {"c", 0, 1},
	} {
		r := search(t, x, Query{Text: "rimborso", Lang: "it", OneLang: true, Section: test.section, Offset: test.offset})
		if r.Total != test.total || fmt.Sprint(r.Sections) != "[{a 120} {b 1} {c 1}]" {
			t.Errorf("in %q from %d on: %d in %v", test.section, test.offset, r.Total, r.Sections)
		}
	}
}

// TestSynonymsOfOthers never says a word in its spelling in an article that the
// reader may not see, though the word has synonyms.
func TestSynonymsOfOthers(t *testing.T) {
	s := &shelf{}
	s.add("it/a/refund", "Rimborso", "Il rimborso arriva.")
	s.add("it/b/staff", "Per il personale", "Gli spedizionieri.").Audience = content.Agents
	x := s.tuned(t, "it", nil, [][]string{{"corriere", "spedizioniere"}})
	for _, test := range []struct {
		reader  content.Audience
		instead string
	}{{content.Public, "spedizioniere"}, {content.Agents, "spedizionieri"}} {
		if r := search(t, x, Query{Text: "spedizioneri", Lang: "it", Reader: test.reader}); r.Instead != test.instead {
			t.Errorf("%v: instead %q, want %q", test.reader, r.Instead, test.instead)
		}
	}
}
