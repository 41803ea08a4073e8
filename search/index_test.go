package search

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/blevesearch/bleve/v2"

	"primalinea/content"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// A shelf is a small library in the making.
type shelf struct {
	articles []*content.Article
	passages map[string][]content.Passage
	asked    []string // files whose text was asked for
	mu       sync.Mutex
}

// add puts a published public article on the shelf: its address, its title, and
// its passages as "heading: text".
func (s *shelf) add(file, title string, passages ...string) *content.Article {
	lang, rest, _ := strings.Cut(file, "/")
	section, slug, _ := strings.Cut(rest, "/")
	a := &content.Article{File: file + ".md", Lang: lang, Section: section, Key: rest, Slug: slug, Title: title,
		Status: content.Published, Hash: fmt.Sprint(title, passages)}
	s.articles = append(s.articles, a)
	if s.passages == nil {
		s.passages = map[string][]content.Passage{}
	}
	for _, p := range passages {
		heading, text, ok := strings.Cut(p, ": ")
		if !ok {
			heading, text = "", p
		}
		s.passages[a.File] = append(s.passages[a.File], content.Passage{ID: strings.ToLower(heading), Heading: heading, Text: text})
	}
	return a
}

func (s *shelf) library() *content.Library { return content.NewLibrary(slices.Clone(s.articles), nil) }

func (s *shelf) text(a *content.Article) ([]content.Passage, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, a.File)
	return s.passages[a.File], nil
}

func (s *shelf) sync(t testing.TB, x *Index) Changes {
	t.Helper()
	c, err := x.Sync(context.Background(), s.library(), s.text)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *shelf) index(t testing.TB) *Index {
	t.Helper()
	x := Open("", Options{Log: quiet(), Now: func() time.Time { return noon }})
	t.Cleanup(func() { x.Close() })
	s.sync(t, x)
	return x
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func search(t testing.TB, x *Index, q Query) Result {
	t.Helper()
	r, err := x.Search(context.Background(), q)
	if err != nil {
		t.Fatalf("Search(%q): %v", q.Text, err)
	}
	return r
}

func keys(hits []Hit) string {
	var out []string
	for _, h := range hits {
		out = append(out, h.Article.Lang+":"+h.Article.Key)
	}
	return strings.Join(out, " ")
}

func text(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		if p.Mark {
			b.WriteString("[" + p.Text + "]")
		} else {
			b.WriteString(p.Text)
		}
	}
	return b.String()
}

// TestHidden puts a word of its own into everything that a reader may not see,
// and looks for it in everything that search says.
func TestHidden(t *testing.T) {
	s := &shelf{}
	s.add("it/a/aperto", "Come aprire il telefono", "Il telefono si apre con la chiave.")
	type who struct {
		word string
		min  content.Audience // who may see it; 99: nobody
	}
	var hidden []who
	add := func(word string, min content.Audience, change func(*content.Article)) {
		for _, lang := range []string{"it", "en"} {
			a := s.add(lang+"/sezione"+word+"/"+word+lang, "Titolo "+word+"ino del telefono", word+"one: testo "+word+"issimo del telefono")
			a.Phrases = []string{"frase " + word}
			a.Tags = []string{word}
			change(a)
		}
		hidden = append(hidden, who{word, min})
	}
	add("bozzaxy", 99, func(a *content.Article) { a.Status = content.Draft })
	add("revisionexy", 99, func(a *content.Article) { a.Status = content.Review })
	add("archivioxy", 99, func(a *content.Article) { a.Status = content.Archived })
	add("nascostoxy", 99, func(a *content.Article) { a.Unlisted = true })
	add("futuroxy", 99, func(a *content.Article) { a.PublishAt = noon.Add(time.Hour) })
	add("scadutoxy", 99, func(a *content.Article) { a.ExpiresAt = noon })
	add("agentixy", content.Agents, func(a *content.Article) { a.Audience = content.Agents })
	add("clientixy", content.Customers, func(a *content.Article) { a.Audience = content.Customers })
	add("stranoxy", 99, func(a *content.Article) { a.Audience = 7 })
	x := s.index(t)
	ctx := context.Background()
	for _, reader := range []content.Audience{content.Public, content.Customers, content.Agents} {
		for _, h := range hidden {
			may := h.min <= reader
			queries := []string{h.word, h.word[:len(h.word)-1], h.word[:4], h.word + "ino", h.word[:3] + "q" + h.word[4:], "frase " + h.word,
				"Titolo " + h.word + "ino del telefono", "telefono", "telefono " + h.word, "testo"}
			for _, q := range queries {
				for _, lang := range []string{"it", "en", "es"} {
					query := Query{Text: q, Lang: lang, Reader: reader, Limit: 50}
					r := search(t, x, query)
					suggested, err := x.Suggest(ctx, query)
					if err != nil {
						t.Fatal(err)
					}
					near, err := x.Nearest(ctx, lang, q, 50, reader)
					if err != nil {
						t.Fatal(err)
					}
					said := fmt.Sprint(r.Sections)
					if r.Instead != "" && !strings.Contains(q, h.word) {
						said += r.Instead
					}
					for _, hit := range slices.Concat(r.Hits, r.Elsewhere, suggested, near) {
						said += fmt.Sprint(hit.Article.File, text(hit.Title), text(hit.Snippet), hit.Anchor, hit.Heading)
					}
					if !may && strings.Contains(said, h.word) {
						t.Errorf("reader %v, %q in %s: says %s: %s", reader, q, lang, h.word, said)
					}
					if may && lang == "it" && q == h.word && r.Total != 1 {
						t.Errorf("reader %v, %q: %d hits, want 1", reader, q, r.Total)
					}
					sum := 0
					for _, f := range r.Sections {
						sum += f.Count
					}
					if sum != r.Total || r.Total != len(r.Hits) {
						t.Errorf("reader %v, %q in %s: total %d, %d hits, %d in facets", reader, q, lang, r.Total, len(r.Hits), sum)
					}
				}
			}
		}
	}
}

// TestHiddenAtOnce checks what happens between the change of an article and the
// end of the Sync that follows it.
func TestHiddenAtOnce(t *testing.T) {
	s := &shelf{}
	a := s.add("it/a/uno", "Garanzia", "La parola segreta è zanzibar.")
	a.Audience = content.Agents
	s.add("it/a/due", "Garanzia di due anni", "Due anni.")
	x := s.index(t)

	// The agents' text becomes a public one without the secret. Until it is
	// indexed again the public sees neither.
	open := *a
	open.Audience, open.Hash = content.Public, "new"
	s.articles[0] = &open
	s.passages[a.File] = []content.Passage{{Text: "Niente segreti."}}
	started, finish := make(chan bool), make(chan bool)
	done := make(chan error)
	go func() {
		_, err := x.Sync(context.Background(), s.library(), func(a *content.Article) ([]content.Passage, error) {
			close(started)
			<-finish
			return s.text(a)
		})
		done <- err
	}()
	<-started
	if r := search(t, x, Query{Text: "garanzia zanzibar", Lang: "it"}); keys(r.Hits) != "it:a/due" {
		t.Errorf("while it is indexed: %s", keys(r.Hits))
	}
	close(finish)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if r := search(t, x, Query{Text: "segreti", Lang: "it"}); keys(r.Hits) != "it:a/uno" || strings.Contains(text(r.Hits[0].Snippet), "zanzibar") {
		t.Errorf("after it was indexed: %s", keys(r.Hits))
	}

	// What becomes a draft is gone before anything is indexed.
	draft := open
	draft.Status = content.Draft
	s.articles[0] = &draft
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	x.Sync(ctx, s.library(), s.text)
	if r := search(t, x, Query{Text: "segreti", Lang: "it"}); r.Total != 0 {
		t.Errorf("a draft is found: %s", keys(r.Hits))
	}
}

// TestTime checks that articles appear and expire without a Sync, and that
// Version says so.
func TestTime(t *testing.T) {
	s := &shelf{}
	s.add("it/a/uno", "Offerta di Natale").PublishAt = noon.Add(time.Hour)
	s.add("it/a/due", "Offerta di Pasqua").ExpiresAt = noon.Add(2 * time.Hour)
	now := noon
	x := Open("", Options{Log: quiet(), Now: func() time.Time { return now }})
	defer x.Close()
	s.sync(t, x)
	last := x.Version()
	for _, test := range []struct {
		after time.Duration
		want  string
	}{
		{time.Hour - 1, "it:a/due"},
		{time.Hour, "it:a/due it:a/uno"},
		{2*time.Hour - 1, "it:a/due it:a/uno"},
		{2 * time.Hour, "it:a/uno"},
	} {
		now = noon.Add(test.after)
		before := keys(search(t, x, Query{Text: "offerta", Lang: "it"}).Hits)
		if before != test.want {
			t.Errorf("after %v: %s, want %s", test.after, before, test.want)
		}
		if v := x.Version(); v < last {
			t.Errorf("after %v: version went back from %d to %d", test.after, last, v)
		} else {
			last = v
		}
	}
	now = noon
	v := x.Version()
	now = noon.Add(time.Hour)
	if x.Version() == v {
		t.Error("the version is the same after an article appeared")
	}
	s.sync(t, x)
	if x.Version() <= last {
		t.Error("the version did not grow with a Sync")
	}
}

// TestReuse checks that an index is opened again as it was, and that only what
// changed is indexed.
func TestReuse(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{}
	for i := range 250 {
		s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Articolo numero ", i), "Testo comune a tutti.")
	}
	open := func() *Index { return Open(dir, Options{Log: quiet()}) }
	x := open()
	if err := x.Ready(); err == nil {
		t.Error("an empty index is ready before its first Sync")
	}
	if c := s.sync(t, x); c != (Changes{Indexed: 250}) {
		t.Errorf("first time: %+v", c)
	}
	if err := x.Ready(); err != nil {
		t.Error(err)
	}
	want := search(t, x, Query{Text: "articolo 17", Lang: "it"})
	x.Close()

	s.asked = nil
	x = open()
	if c := s.sync(t, x); c != (Changes{}) || len(s.asked) != 0 {
		t.Errorf("unchanged: %+v, asked for %d texts", c, len(s.asked))
	}
	got := search(t, x, Query{Text: "articolo 17", Lang: "it"})
	if keys(got.Hits) != keys(want.Hits) || got.Total != want.Total {
		t.Errorf("after opening again: %s, want %s", keys(got.Hits), keys(want.Hits))
	}

	changed := *s.articles[17]
	changed.Title, changed.Hash = "Girasole", "new"
	s.articles[17] = &changed
	if c := s.sync(t, x); c != (Changes{Indexed: 1}) || !slices.Equal(s.asked, []string{"it/a/017.md"}) {
		t.Errorf("one changed: %+v, asked for %q", c, s.asked)
	}
	if r := search(t, x, Query{Text: "girasole", Lang: "it"}); keys(r.Hits) != "it:a/017" {
		t.Errorf("the changed one: %s", keys(r.Hits))
	}
	s.articles = s.articles[:100]
	if c := s.sync(t, x); c != (Changes{Removed: 150}) {
		t.Errorf("removed: %+v", c)
	}
	if r := search(t, x, Query{Text: "articolo", Lang: "it"}); r.Total != 99 { // and one has another title
		t.Errorf("after removing: %d", r.Total)
	}
	x.Close()
	x = open()
	defer x.Close()
	if c := s.sync(t, x); c != (Changes{}) {
		t.Errorf("opened once more: %+v", c)
	}
}

// TestDamage breaks an index in every way that disks and people do. It must
// open, and say the same as a fresh one after the next Sync.
func TestDamage(t *testing.T) {
	s := &shelf{}
	for i := range 120 {
		s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Articolo ", i), fmt.Sprint("Testo del rimborso ", i%7))
	}
	each := func(pattern string, do func(t *testing.T, file string)) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			files, _ := filepath.Glob(filepath.Join(dir, "*", pattern))
			if len(files) == 0 {
				t.Fatalf("no %s", pattern)
			}
			for _, f := range files {
				do(t, f)
			}
		}
	}
	write := func(t *testing.T, file string, change func([]byte) []byte) {
		b, err := os.ReadFile(file)
		if err == nil {
			err = os.WriteFile(file, change(b), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	truncate := func(t *testing.T, f string) { write(t, f, func(b []byte) []byte { return b[:len(b)/2] }) }
	zero := func(t *testing.T, f string) { write(t, f, func(b []byte) []byte { return nil }) }
	remove := func(t *testing.T, f string) { os.RemoveAll(f) }
	flip := func(t *testing.T, f string) {
		write(t, f, func(b []byte) []byte {
			for i := len(b) / 3; i < len(b)/3+16; i++ {
				b[i] ^= 0xff
			}
			return b
		})
	}
	trash := func(t *testing.T, f string) {
		write(t, f, func(b []byte) []byte { return []byte(strings.Repeat("?", len(b))) })
	}
	for _, test := range []struct {
		name   string
		damage func(*testing.T, string)
	}{
		{"all deleted", func(t *testing.T, dir string) { os.RemoveAll(dir) }},
		{"meta deleted", each("index_meta.json", remove)},
		{"meta truncated", each("index_meta.json", truncate)},
		{"meta empty", each("index_meta.json", zero)},
		{"bolt deleted", each("store/root.bolt", remove)},
		{"bolt truncated", each("store/root.bolt", truncate)},
		{"bolt empty", each("store/root.bolt", zero)},
		{"bolt trash", each("store/root.bolt", trash)},
		{"bolt flipped", each("store/root.bolt", flip)},
		{"segments deleted", each("store/*.zap", remove)},
		{"segments truncated", each("store/*.zap", truncate)},
		{"segments empty", each("store/*.zap", zero)},
		{"segments flipped", each("store/*.zap", flip)},
		{"segments trash", each("store/*.zap", trash)},
		{"store deleted", each("store", remove)},
		{"a file in its place", func(t *testing.T, dir string) {
			os.RemoveAll(dir)
			os.WriteFile(dir, []byte("x"), 0o600)
		}},
		{"other format", func(t *testing.T, dir string) {
			each(".", func(t *testing.T, path string) {
				b, err := bleve.Open(path)
				if err != nil {
					t.Fatal(err)
				}
				b.SetInternal([]byte("format"), []byte("primalinea 0"))
				b.Close()
			})(t, dir)
		}},
		{"no rights", func(t *testing.T, dir string) {
			if os.Geteuid() == 0 {
				t.Skip("root may do everything")
			}
			each("store", func(t *testing.T, path string) { os.Chmod(path, 0) })(t, dir)
			t.Cleanup(func() { os.Chmod(dir, 0o700) })
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), "index")
			s := &shelf{articles: s.articles, passages: s.passages}
			x := Open(dir, Options{Log: quiet()})
			s.sync(t, x)
			want := search(t, x, Query{Text: "rimborso 3", Lang: "it"})
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			test.damage(t, dir)
			var log strings.Builder
			x = Open(dir, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
			defer x.Close()
			s.sync(t, x)
			got := search(t, x, Query{Text: "rimborso 3", Lang: "it"})
			if keys(got.Hits) != keys(want.Hits) || got.Total != want.Total {
				t.Errorf("after the damage: %s, want %s", keys(got.Hits), keys(want.Hits))
			}
			if n := strings.Count(log.String(), "\n"); n > 1 {
				t.Errorf("said %d times:\n%s", n, log.String())
			}
			if entries, _ := os.ReadDir(dir); len(entries) > 1 {
				t.Errorf("%d indexes lie there", len(entries))
			}
		})
	}
}

// TestLocked opens an index that another process has open.
func TestLocked(t *testing.T) {
	dir := t.TempDir()
	s := &shelf{}
	s.add("it/a/uno", "Rimborso")
	first := Open(dir, Options{Log: quiet()})
	defer first.Close()
	s.sync(t, first)
	second := Open(dir, Options{Log: quiet()})
	defer second.Close()
	s.sync(t, second)
	for i, x := range []*Index{first, second} {
		if r := search(t, x, Query{Text: "rimborso", Lang: "it"}); r.Total != 1 {
			t.Errorf("index %d finds %d", i, r.Total)
		}
	}
}

// TestBrokenWhileOpen damages the files of an index that is in use.
func TestBrokenWhileOpen(t *testing.T) {
	for _, pattern := range []string{"store/*.zap", "tables/*"} {
		brokenWhileOpen(t, pattern)
	}
}

func brokenWhileOpen(t *testing.T, pattern string) {
	dir := t.TempDir()
	s := &shelf{}
	for i := range 50 {
		s.add(fmt.Sprintf("it/a/%03d", i), "Rimborso", strings.Repeat("Testo del rimborso. ", 200))
	}
	x := Open(dir, Options{Log: quiet()})
	s.sync(t, x)
	x.Close()
	x = Open(dir, Options{Log: quiet()}) // from here on the files are mapped
	defer x.Close()
	s.sync(t, x)
	files, _ := filepath.Glob(filepath.Join(dir, "*", pattern))
	if len(files) == 0 {
		t.Fatalf("no %s", pattern)
	}
	for _, f := range files {
		if err := os.Truncate(f, 0); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		r, err := x.Search(context.Background(), Query{Text: "rimborso", Lang: "it"})
		if err == nil && r.Total == 50 {
			break
		}
		if err != nil && !errors.Is(err, ErrNotReady) {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("not mended: %d, %v", r.Total, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestUnreadable checks that one article without text does not stop the others.
func TestUnreadable(t *testing.T) {
	s := &shelf{}
	s.add("it/a/uno", "Rimborso", "vecchio testo")
	s.add("it/a/due", "Garanzia")
	x := s.index(t)
	bad := *s.articles[0]
	bad.Hash = "new"
	s.articles[0] = &bad
	s.add("it/a/tre", "Spedizione")
	c, err := x.Sync(context.Background(), s.library(), func(a *content.Article) ([]content.Passage, error) {
		if a.Key == "a/uno" {
			panic("no text")
		}
		return s.text(a)
	})
	if err == nil || !strings.Contains(err.Error(), "it/a/uno.md") || c != (Changes{Indexed: 1, Failed: 1}) {
		t.Errorf("%+v, %v", c, err)
	}
	for _, q := range []string{"spedizione", "vecchio"} {
		if r := search(t, x, Query{Text: q, Lang: "it"}); r.Total != 1 {
			t.Errorf("%q: %d hits", q, r.Total)
		}
	}
}

// TestTogether searches while the library changes.
func TestTogether(t *testing.T) {
	s := &shelf{}
	for i := range 300 {
		s.add(fmt.Sprintf("it/a/%03d", i), fmt.Sprint("Rimborso ", i), "Testo comune.")
	}
	x := Open(t.TempDir(), Options{Log: quiet()})
	s.sync(t, x)
	ctx, cancel := context.WithCancel(context.Background())
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				r, err := x.Search(ctx, Query{Text: fmt.Sprint("rimborso ", i%300), Lang: "it"})
				if err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				if err == nil && len(r.Hits) == 0 {
					t.Error("nothing found")
				}
				if _, err := x.Suggest(ctx, Query{Text: "rimb", Lang: "it"}); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
				x.Version()
			}
		})
	}
	for round := range 5 {
		for i := range 20 {
			a := *s.articles[i*7]
			a.Hash = fmt.Sprint("round ", round)
			s.articles[i*7] = &a
		}
		s.sync(t, x)
	}
	cancel()
	readers.Wait()
	if err := x.Close(); err != nil {
		t.Error(err)
	}
	if _, err := x.Search(context.Background(), Query{Text: "rimborso", Lang: "it"}); !errors.Is(err, ErrNotReady) {
		t.Errorf("after Close: %v", err)
	}
	if err := x.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}
}

// TestCrash opens what a program leaves behind that was killed after a Sync.
func TestCrash(t *testing.T) {
	dir, left := t.TempDir(), filepath.Join(t.TempDir(), "left")
	s := helpShelf()
	x := Open(dir, Options{Log: quiet()})
	defer x.Close()
	s.sync(t, x)
	if err := os.CopyFS(left, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	again := Open(left, Options{Log: quiet()})
	defer again.Close()
	if c := s.sync(t, again); c != (Changes{}) {
		t.Errorf("indexed again: %+v", c)
	}
	if r := search(t, again, Query{Text: "rimborso", Lang: "it"}); r.Total == 0 {
		t.Error("nothing is found")
	}
}
