package content

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A history is where a test's folder keeps the revisions.
type history struct {
	kept []Revision
	full bool // nothing more fits
}

func (h *history) keep(rs []Revision) error {
	if h.full {
		return errors.New("full")
	}
	h.kept = append(h.kept, rs...)
	return nil
}

func (h *history) open(t *testing.T, dir string) *Folder {
	t.Helper()
	f, err := Open(dir, Options{Now: func() time.Time { return at }, Revisions: slices.Clone(h.kept), Keep: h.keep})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// TestBehind changes a source again and again, as an editor or a git pull does,
// and wants its translation told how far it is behind: by the largest change
// since, across restarts, and not by what is no change of the text.
func TestBehind(t *testing.T) {
	dir, h := t.TempDir(), &history{}
	source := func(head, body string) { put(t, dir, "it/s/a.md", "---\ntitle: A\nkey: a\n"+head+"---\n"+body) }
	source("updated: 2026-10-01\n", "Uno.")
	f := h.open(t, dir)
	first := f.Library().ByKey("a", "it").Reference()
	put(t, dir, "es/s/a.md", "---\ntitle: A\nkey: a\nsource: "+first+"\n---\nUno.")
	f.Reload()
	behind := func(when, size string, day string) {
		t.Helper()
		lib := f.Reload()
		got := lib.Behind(lib.ByKey("a", "es"))
		if got.Size != size || day != "" && got.At.Format(time.DateOnly) != day {
			t.Errorf("%s: behind by %q of %s, want %q of %s", when, got.Size, got.At.Format(time.DateOnly), size, day)
		}
	}
	behind("at first", "", "")
	source("updated: 2026-10-02\nowner: me\nlast_reviewed_on: 2026-10-02\nchange: major\n", "Uno.\n\n")
	behind("after a review", "", "")
	source("updated: 2026-10-03\nchange: typo\n", "Uno!")
	behind("after a typo", "typo", "2026-10-03")
	source("updated: 2026-10-04\n", "Uno e due.")
	behind("after a change of which nobody says the size", "minor", "2026-10-04")
	source("updated: 2026-10-05\nchange: major\n", "Tre.")
	behind("after a major change", "major", "2026-10-05")
	source("updated: 2026-10-06\nchange: typo\n", "Tre!")
	behind("after a typo later", "major", "2026-10-05")

	f = h.open(t, dir)
	behind("after a restart", "major", "2026-10-05")
	if problems := keys(f.Library().problems, "es/s/a.md"); len(problems) > 0 {
		t.Errorf("problems %v", problems)
	}
	all, err := f.Check(context.Background())
	if err != nil || !slices.Contains(keys(all, "es/s/a.md"), "translation_behind:0") {
		t.Errorf("Check says %v, %v", keys(all, "es/s/a.md"), err)
	}

	// What cannot be kept is kept later.
	h.full = true
	source("updated: 2026-10-07\nchange: minor\n", "Quattro.")
	behind("while nothing can be kept", "major", "2026-10-05")
	n := len(h.kept)
	h.full = false
	source("updated: 2026-10-08\nchange: minor\n", "Cinque.")
	behind("when it can again", "major", "2026-10-05")
	if len(h.kept) != n+2 {
		t.Errorf("%d revisions kept, want %d", len(h.kept), n+2)
	}

	put(t, dir, "es/s/a.md", "---\ntitle: A\nkey: a\nsource: "+f.Library().ByKey("a", "it").Reference()+"\n---\nCinco.")
	behind("translated again", "", "")
	put(t, dir, "es/s/a.md", "---\ntitle: A\nkey: a\nsource: "+first+"\n---\nUno.")
	source("updated: 2026-10-09\nchange: major\n", "Uno.")
	behind("when the source says again what it said", "", "")
	put(t, dir, "es/s/a.md", "---\ntitle: A\nkey: a\nsource: it@0123456789\n---\nUno.")
	behind("made of a text that nobody knows", "major", "2026-10-09")
	if err := os.Remove(filepath.Join(dir, "it", "s", "a.md")); err != nil {
		t.Fatal(err)
	}
	behind("without a source", "", "")
}

// TestGlossary wants what is wrong with a glossary said at its line, and a change
// of it seen by articles that were rendered before.
func TestGlossary(t *testing.T) {
	dir := filepath.Join("testdata", "render")
	got := keys(open(t, dir).Library().Problems(), "glossary.en.md")
	want := []string{"glossary_twice:16", "glossary_syntax:19", "glossary_syntax:21", "glossary_syntax:23", "glossary_syntax:27", "glossary_syntax:29", "glossary_syntax:30"}
	if !slices.Equal(got, want) {
		t.Errorf("problems %v, want %v", got, want)
	}

	dir = t.TempDir()
	put(t, dir, "en/a.md", short("A", "The IMEI says it."))
	catalog := filepath.Join(t.TempDir(), "catalog")
	f, err := Open(dir, Options{Catalog: catalog})
	if err != nil {
		t.Fatal(err)
	}
	said := func(when, want string) {
		t.Helper()
		d, err := f.Render(context.Background(), f.Library().ByFile("en/a.md"), "en")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(d.HTML, want) || want == "" && strings.Contains(d.HTML, "glossary") {
			t.Errorf("%s: %s", when, d.HTML)
		}
	}
	said("without a glossary", "")
	put(t, dir, "glossary.en.md", "IMEI\n: One.\n")
	f.Reload()
	said("with one", "<dd>One. ")
	put(t, dir, "glossary.en.md", "IMEI\n: Two.\n")
	f.Reload()
	said("changed", "<dd>Two. ")
	if f, err = Open(dir, Options{Catalog: catalog}); err != nil {
		t.Fatal(err)
	}
	said("from the catalog", "<dd>Two. ")
	put(t, dir, "glossary.en.md", "IMEI\n: \xff.\n")
	f.Reload()
	said("broken: the last good one stays", "<dd>Two. ")
	put(t, dir, "glossary.not a language.md", "IMEI\n: x\n")
	if err := os.Remove(filepath.Join(dir, "glossary.en.md")); err != nil {
		t.Fatal(err)
	}
	if got := keys(f.Reload().Problems(), "glossary.not a language.md"); !slices.Equal(got, []string{"not_a_language:0"}) {
		t.Errorf("problems %v", got)
	}
	said("gone", "")
}

// TestReading computes the formulas by hand from their texts: 100 words of 450
// letters in 5 sentences are Gulpease 89 + (1500 − 4500)/100 = 59, and so on.
func TestReading(t *testing.T) {
	for _, test := range []struct {
		lang string
		c    counts
		want float64
	}{
		{"it", counts{letters: 450, words: 100, sentences: 5}, 59},
		{"it", counts{letters: 580, words: 100, sentences: 3}, 40},
		{"es", counts{syllables: 200, words: 100, sentences: 5}, 62.235},  // 206.835 − 62.3·2 − 20
		{"en", counts{syllables: 150, words: 100, sentences: 5}, 59.635},  // 206.835 − 1.015·20 − 84.6·1.5
		{"en", counts{syllables: 200, words: 100, sentences: 10}, 27.485}, // 206.835 − 10.15 − 169.2
	} {
		if got := scales[test.lang].score(test.c); got-test.want > 1e-9 || test.want-got > 1e-9 {
			t.Errorf("%s %+v: %v, want %v", test.lang, test.c, got, test.want)
		}
	}
	var c counts
	c.count("en", `He said: "Stop." Then… nothing, 2.5 times – why?`)
	if want := (counts{letters: 31, syllables: 9, words: 8, sentences: 4}); c != want {
		t.Errorf("counted %+v, want %+v", c, want)
	}
	for lang, words := range map[string]map[string]int{
		"es": {"teléfono": 4, "batería": 4, "guerra": 2, "pingüino": 3, "que": 1, "ciudad": 2, "aéreo": 4, "hoy": 1, "muy": 1, "reiniciar": 3, "país": 2, "y": 1, "guía": 2, "averiguar": 4},
		"en": {"phone": 1, "table": 2, "battery": 3, "happy": 2, "yes": 1, "opened": 2, "waited": 2, "the": 1, "agree": 2, "store,": 1},
		"it": {"telefono": 4, "batteria": 3},
	} {
		for word, want := range words {
			if got := syllables(lang, word); got != want {
				t.Errorf("%s: %s has %d syllables, want %d", lang, word, got, want)
			}
		}
	}
	dir := t.TempDir()
	hard := strings.Repeat("Conseguentemente l'amministrazione responsabile dell'implementazione infrastrutturale predispone tempestivamente un'organizzazione particolareggiata delle comunicazioni istituzionali riguardanti l'ottimizzazione ", 12)
	put(t, dir, "it/hard.md", short("Difficile", hard))
	put(t, dir, "it/plain.md", short("Facile", strings.Repeat("Il gatto dorme sul letto. ", 30)))
	put(t, dir, "it/little.md", short("Poco", hard[:400]))
	f := open(t, dir)
	all, err := f.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]bool{"it/hard.md": true, "it/plain.md": false, "it/little.md": false} {
		if got := slices.Contains(keys(all, file), "hard_to_read:0"); got != want {
			t.Errorf("%s is hard to read: %v", file, got)
		}
	}
}
