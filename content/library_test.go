package content

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func slugs(articles []*Article) (out []string) {
	for _, a := range articles {
		out = append(out, a.Lang+"/"+a.Slug)
	}
	return out
}

func TestLibrary(t *testing.T) {
	dir := t.TempDir()
	for file, head := range map[string]string{
		"it/resi/_index.md":        "title: Resi\nkey: returns\nweight: 2",
		"it/resi/cambi/_index.md":  "title: Cambi",
		"it/ordini/_index.md":      "title: Ordini\nweight: 1",
		"en/returns/_index.md":     "title: Returns\nslug: giving-back",
		"it/resi/secondo.md":       "title: Secondo\nkey: second\nweight: 2\naliases: [vecchio]",
		"it/resi/primo.md":         "title: Primo\nkey: first\nweight: 1\ntags: [a]\nrelated: [order]",
		"it/resi/zeta.md":          "title: Zeta",
		"it/resi/alfa.md":          "title: Alfa\ntags: [a]",
		"it/resi/cambi/taglia.md":  "title: Taglia",
		"it/ordini/ordine.md":      "title: Ordine\nkey: order",
		"it/ordini/interno.md":     "title: Interno\naudience: agents",
		"it/ordini/nascosto.md":    "title: Nascosto\nunlisted: true",
		"it/ordini/clienti.md":     "title: Clienti\naudience: customers",
		"en/returns/first.md":      "title: First\nkey: first",
		"en/returns/second.md":     "title: Second\nkey: second\nstatus: draft",
		"es/vacio.md":              "title: Vacío\nstatus: archived",
		"fr/plus-tard.md":          "title: Plus tard\npublish_at: 2027-01-01",
		"it/altro/senza-titolo.md": "title: Senza",
	} {
		put(t, dir, file, "---\n"+head+"\n---\nx\n")
	}
	lib := open(t, dir).Library()
	if got := lib.Languages(); !slices.Equal(got, []string{"en", "it"}) {
		t.Errorf("languages %v", got)
	}
	if got, want := slugs(lib.InSection("it", "returns")), []string{"it/primo", "it/secondo", "it/alfa", "it/zeta"}; !slices.Equal(got, want) {
		t.Errorf("in section %v, want %v", got, want)
	}
	if a := lib.BestFor("first", "es", "en"); a == nil || a.Lang != "en" {
		t.Errorf("best %v", a)
	}
	if a := lib.BestFor("second", "en", "es"); a == nil || a.Lang != "it" {
		t.Errorf("a draft is not the best: %v", a)
	}
	if a := lib.BestFor("plus-tard", "fr"); a != nil {
		t.Error("not published yet")
	}
	if a := lib.Alias("it", "vecchio"); a == nil || a.Slug != "secondo" || lib.Article("it", "vecchio") != nil {
		t.Errorf("alias %v", a)
	}
	if s := lib.Section("en", "giving-back"); s == nil || s.Key != "returns" || s.Path() != "/en/sections/giving-back" {
		t.Errorf("section %+v", s)
	}
	if s := lib.SectionByKey("it", "resi/cambi"); s == nil || s.Parent != "returns" {
		t.Errorf("nested section %+v", s)
	}
	describe := func(topics []Topic) (out []string) {
		for _, topic := range topics {
			out = append(out, fmt.Sprintf("%s %d %d", topic.Title, topic.Count, len(topic.Below)))
		}
		return out
	}
	if got, want := describe(lib.Topics("it", Public)), []string{"Ordini 1 0", "Resi 5 1", "Altro 1 0"}; !slices.Equal(got, want) {
		t.Errorf("topics %v, want %v", got, want)
	}
	if got, want := describe(lib.Topics("it", Agents)), []string{"Ordini 3 0", "Resi 5 1", "Altro 1 0"}; !slices.Equal(got, want) {
		t.Errorf("topics of agents %v, want %v", got, want)
	}
	if got, want := slugs(lib.Related(lib.Article("it", "primo"), Public, 3)), []string{"it/ordine", "it/alfa", "it/secondo"}; !slices.Equal(got, want) {
		t.Errorf("related %v, want %v", got, want)
	}
	if got := keys(lib.Problems(), "it/altro/_index.md"); !slices.Equal(got, []string{"section_title:0"}) {
		t.Errorf("problems %v", lib.Problems())
	}
}

// TestSpellings reads the front matter of other tools.
func TestSpellings(t *testing.T) {
	for _, src := range []string{
		"---\ntitle: A\nsummary: b\nid: k\nurl: /it/x/s/\nkeywords: [p]\nexpiryDate: 2027-01-02\npublishDate: 2026-01-02\ncategories: t\nsidebar_position: 4\nsearch: false\nlastmod: 2026-05-06\ndraft: false\nsidebar_label: z\n---\n",
		"+++\ntitle = \"A\"\ndescription = \"b\"\nkey = \"k\"\nslug = \"s\"\nphrases = [\"p\"]\nexpires_at = 2027-01-02\npublish_at = 2026-01-02T00:00:00Z\ntags = [\"t\"]\nweight = 4\nunlisted = true\ndate = 2026-05-06\n[params]\ntitle = \"not this\"\n+++\n",
	} {
		a, problems := Parse("it/x/y.md", []byte(src))
		if a == nil || len(problems) > 0 {
			t.Errorf("%v", problems)
			continue
		}
		got := fmt.Sprint(a.Title, a.Description, a.Key, a.Slug, a.Phrases, a.Tags, a.Weight, a.Unlisted, a.PublishAt.Format(time.DateOnly), a.ExpiresAt.Format(time.DateOnly), a.Updated.Format(time.DateOnly), a.Status)
		if want := "Abks[p] [t] 4 true2026-01-022027-01-022026-05-06published"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	if a, _ := Parse("it/x.md", []byte("---\ntitle: A\nstatus: published\ndraft: true\n---\n")); a.Status != Draft {
		t.Error("draft: true is a draft")
	}
}

func TestSlug(t *testing.T) {
	for _, test := range []struct{ words, want string }{
		{"Reset your password", "reset-your-password"}, {"C++ & Go", "c-go"}, {"Città è bella", "citta-e-bella"}, {"¿Qué?", "que"}, {"???", ""}, {"Straße", "strasse"}, {"--a--", "a"},
		{strings.Repeat("long ", 100), strings.TrimSuffix(strings.Repeat("long-", 24), "-")},
	} {
		if got := Slug(test.words); got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.words, got, test.want)
		}
	}
}

// TestAtOnce reads, writes and looks at the folder from many goroutines; it is
// for the race detector.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	for i := range 20 {
		put(t, dir, fmt.Sprintf("en/a%d.md", i), short("A", "[b](a0.md)"))
	}
	f := open(t, dir)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 20 {
				switch (i + j) % 4 {
				case 0:
					put(t, dir, fmt.Sprintf("en/a%d.md", j), short(fmt.Sprint("A", i), "[b](a1.md)"))
					f.Reload()
				case 1:
					if _, err := f.Check(context.Background()); err != nil {
						t.Error(err)
					}
				default:
					for _, a := range f.Library().All() {
						if _, err := f.Render(context.Background(), a, "it"); err != nil && a == f.Library().ByFile(a.File) {
							if _, err := os.Stat(filepath.Join(dir, a.File)); err != nil {
								t.Error(err)
							}
						}
					}
				}
			}
		})
	}
	wait.Wait()
}

// TestCacheBound wants no more bytes kept than allowed.
func TestCacheBound(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		put(t, dir, fmt.Sprintf("en/a%d.md", i), short("A", strings.Repeat("words ", 200)))
	}
	f := open(t, dir)
	f.rendered.limit = 20_000
	for _, a := range f.Library().All() {
		if _, err := f.Render(context.Background(), a, "en"); err != nil {
			t.Fatal(err)
		}
	}
	c := &f.rendered
	sum := 0
	for e := c.order.Front(); e != nil; e = e.Next() {
		sum += e.Value.(*page).size
	}
	if c.size != sum || sum > c.limit || c.order.Len() != len(c.entries) || c.order.Len() < 3 {
		t.Errorf("%d pages of %d bytes (%d)", c.order.Len(), sum, c.size)
	}
}

func TestSummary(t *testing.T) {
	d := &Document{Passages: []Passage{{Heading: "H"}, {Text: strings.Repeat("words and more, ", 20)}}}
	if got := (&Article{}).Summary(d); len([]rune(got)) > maxDescription+1 || !strings.HasSuffix(got, "more…") && !strings.HasSuffix(got, "words…") && !strings.HasSuffix(got, "and…") {
		t.Errorf("got %q", got)
	}
	if got := (&Article{Description: "d"}).Summary(d); got != "d" {
		t.Errorf("got %q", got)
	}
}

func TestTuned(t *testing.T) {
	plain := NewLibrary([]*Article{{File: "it/a.md", Lang: "it", Key: "a", Slug: "a"}}, nil)
	tuned := plain.Tuned(map[string][]Pin{"it": {{Queries: []string{"rimborso"}, Articles: []string{"a"}}}}, map[string][][]string{"it": {{"corriere", "spedizioniere"}}})
	if len(plain.Pins("it")) > 0 || len(plain.Synonyms("it")) > 0 {
		t.Error("the library itself changed")
	}
	if len(tuned.Pins("it")) != 1 || len(tuned.Synonyms("it")) != 1 || len(tuned.Pins("es")) > 0 || tuned.ByKey("a", "it") == nil {
		t.Error("the copy lacks what it was given, or an article")
	}
}
