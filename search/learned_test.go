package search

import (
	"testing"

	"primalinea/content"
)

func TestLearn(t *testing.T) {
	s := &shelf{}
	s.add("it/a/liquid", "Telefono bagnato", "Spegnere e asciugare.")
	s.add("it/a/sea", "In viaggio al mare", "Il mare, la piscina, il telefono.")
	s.add("it/a/staff", "Per il personale", "Solo per noi.").Audience = content.Agents
	s.add("en/a/liquid", "Wet phone", "Switch off and dry.")
	x := s.index(t)
	before := x.Version()
	if got := found(t, x, "it", "caduto in piscina"); got != "a/sea" {
		t.Fatalf("before: %q", got)
	}
	x.Learn([]Learned{
		{"a/liquid", "it", "cad", 3}, {"a/liquid", "it", "piscin", 12}, {"a/staff", "it", "segret", 9}, {"gone", "it", "sparit", 9},
		{"a/liquid", "en", "pool", 4},
	})
	if x.Version() == before {
		t.Error("answers are still kept")
	}
	for _, test := range []struct{ lang, query, want string }{
		{"it", "caduto in piscina", "a/liquid a/sea"},
		{"it", "piscine", "a/liquid a/sea"},
		{"it", "segreto", ""}, // who may not see an article learns nothing of it
		{"it", "sparito", ""},
		{"en", "piscina", ""}, // each language by itself
		{"en", "pool", "a/liquid"},
	} {
		if got := found(t, x, test.lang, test.query); got != test.want {
			t.Errorf("%s %q finds %q, want %q", test.lang, test.query, got, test.want)
		}
	}
	// It outlives a change of the articles.
	s.add("it/a/new", "Nuovo", "Altro.")
	s.sync(t, x)
	if got := found(t, x, "it", "caduto in piscina"); got != "a/liquid a/sea" {
		t.Errorf("after a change: %q", got)
	}
	before = x.Version()
	x.Learn([]Learned{
		{"a/liquid", "en", "pool", 4}, {"gone", "it", "sparit", 9}, {"a/staff", "it", "segret", 9}, {"a/liquid", "it", "piscin", 12}, {"a/liquid", "it", "cad", 3},
	})
	if x.Version() != before {
		t.Error("the same again is no change")
	}
	x.Learn(nil)
	if got := found(t, x, "it", "caduto in piscina"); got != "a/sea" {
		t.Errorf("forgotten: %q", got)
	}
}

// A word is in so many articles, whatever is learned: one that holds it anyway is not
// one more, and what a reader may not see changes no score.
func TestLearnedCount(t *testing.T) {
	s := &shelf{}
	s.add("it/a/on", "Il telefono non si accende", "Tenere premuto il tasto.")
	s.add("it/a/wet", "Il telefono è bagnato", "Asciugare.")
	s.add("it/a/new", "Un telefono nuovo", "Copiare i dati.")
	s.add("it/a/invoice", "La fattura", "Scaricare.")
	s.add("it/a/staff", "Per il personale", "Solo per noi.").Audience = content.Agents
	x := s.index(t)
	score := func() float64 {
		return search(t, x, Query{Text: "il telefono non si accende", Lang: "it", OneLang: true}).Hits[0].Score
	}
	before := score()
	for _, test := range []struct {
		about string
		words []Learned
		same  bool
	}{
		{"articles that hold it", []Learned{{"a/wet", "it", "telef", 9}, {"a/new", "it", "telef", 9}}, true},
		{"an article that the reader may not see", []Learned{{"a/staff", "it", "telef", 9}}, true},
		{"one more article", []Learned{{"a/invoice", "it", "telef", 9}}, false},
	} {
		x.Learn(test.words)
		if got := score(); (got == before) != test.same {
			t.Errorf("learned by %s: the first article scores %v, before %v", test.about, got, before)
		}
	}
}
