package search

import (
	"fmt"
	"testing"
)

// metersAndContracts is a help centre in which more articles speak of contracts
// than of meters, and one of a convent.
func metersAndContracts() *shelf {
	s := &shelf{}
	s.add("it/contatori/leggere", "Leggere il contatore", "Le cifre nere del contatore sono i metri cubi.")
	s.add("it/contatori/guasto", "Il contatore non gira", "Chi deve leggere cifre ferme sul contatore ci avvisi.")
	for i := range 8 {
		s.add(fmt.Sprint("it/contratti/tipo-", i), fmt.Sprint("Tipo di contratto ", i), "Un contratto si firma e si conserva con cura.")
	}
	s.add("it/storia/convento", "Il convento delle fontane", "Nel convento nacque il primo acquedotto, che pochi sanno leggere nelle mappe.")
	s.add("it/pagare/conto", "Il conto corrente", "Addebito sul conto.")
	return s
}

// TestUnfinished asks for an unfinished word: its other words say how it goes on.
func TestUnfinished(t *testing.T) {
	x := metersAndContracts().index(t)
	for _, test := range []struct{ text, first string }{
		{"leggere il cont", "contatori/leggere"}, // not the more common contratto
		{"leggere il con", "contatori/leggere"},  // nor the rarer convento; and "con" is too common to be looked for
		{"firma del con", "contratti/tipo-0"},
		{"firma del cont", "contratti/tipo-0"},
		{"fontane del con", "storia/convento"},
		{"addebito sul conto", "pagare/conto"}, // which is a word, and no unfinished contorno
		{"firma sul conto", "pagare/conto"},    // also beside words that speak of others
		{"convento", "storia/convento"},
	} {
		r := search(t, x, Query{Text: test.text, Lang: "it", OneLang: true})
		if len(r.Hits) == 0 || r.Hits[0].Article.Key != test.first {
			t.Errorf("%q: %q, want first %q", test.text, keys(r.Hits), test.first)
		}
	}
}

// TestTooCommonToComplete types nothing but words that are too common to be looked
// for. They find nothing; only who is still typing is shown what they may become.
func TestTooCommonToComplete(t *testing.T) {
	x := metersAndContracts().index(t)
	for _, text := range []string{"con", "il con", "come con"} {
		q := Query{Text: text, Lang: "it", OneLang: true}
		if r := search(t, x, q); r.Total != 0 {
			t.Errorf("search for %q: %q", text, keys(r.Hits))
		}
		if hits, err := x.Suggest(t.Context(), q); err != nil || len(hits) == 0 {
			t.Errorf("no suggestion for %q, %v", text, err)
		}
	}
	// It is no mistake for a word that looks like it.
	s := metersAndContracts()
	s.add("it/a/floor", "Il quarto piano", "Le scale.")
	if hits, err := s.index(t).Suggest(t.Context(), Query{Text: "quanto", Lang: "it"}); err != nil || len(hits) > 0 {
		t.Errorf("suggested for a word that is typed right: %q, %v", keys(hits), err)
	}
	// What is no article's word brings none by the one that is too common either.
	if r := search(t, x, Query{Text: "xyzzyx con", Lang: "it", OneLang: true}); r.Total != 0 {
		t.Errorf("an unknown word and one that is too common: %q", keys(r.Hits))
	}
	// And a short word that is whole asks for nothing else.
	one, other := search(t, x, Query{Text: "leggere il", Lang: "it", OneLang: true}), search(t, x, Query{Text: "leggere", Lang: "it", OneLang: true})
	if keys(one.Hits) != keys(other.Hits) {
		t.Errorf("%q, want %q", keys(one.Hits), keys(other.Hits))
	}
}
