package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

func sets(all ...string) (out []Set) {
	for _, s := range all {
		out = append(out, Set{Wordings: Wordings(s)})
	}
	return out
}

func TestParseSynonyms(t *testing.T) {
	long := strings.Repeat("à", maxWording+1)
	for _, test := range []struct {
		what, src string
		want      string // sets that count
		problems  []string
	}{
		{"a set", "- [corriere, spedizioniere, servizio di consegna]\n", "[corriere spedizioniere servizio di consegna]", nil},
		{"nothing", "", "", nil},
		{"only a comment", "# soon\n", "", nil},
		{"an empty list", "[]\n", "", nil},
		{"below each other", "-\n  - a\n  - b\n\n- - c\n  - d\n", "[a b] [c d]", nil},
		{"one text", "- a, b\n- \"c, d\"\n", "[a b] [c d]", nil},
		{"words that mean something to YAML", "- [no, sì, 12, 1.50, 2026-01-01, true]\n", "[no sì 12 1.50 2026-01-01 true]", nil},
		{"byte order mark and CRLF", "\ufeff- [a, b]\r\n- [c]\r\n", "[a b]", []string{"bom:1", "synonyms_few:2"}},
		{"one wording", "# x\n- [a]\n- [b, c]\n", "[b c]", []string{"synonyms_few:2"}},
		{"the same wording twice", "- [Caffè, caffe]\n", "", []string{"synonyms_few:1"}},
		{"none", "- []\n-\n- ' , '\n", "", []string{"synonyms_few:1", "synonyms_form:2", "synonyms_few:3"}},
		{"in two sets", "- [a, b]\n- [B, c]\n- [c, B, d]\n", "[a b] [c d]", []string{"synonyms_twice:2", "synonyms_twice:3"}},
		{"no set", "- {a: b}\n- [a, [b]]\n- [a, ~]\n- [c, d]\n", "[c d]", []string{"synonyms_form:1", "synonyms_form:2", "synonyms_form:3"}},
		{"a long wording", "- [a, " + long + "]\n- [c, d, " + long + "]\n", "[c d]", []string{"list_wording_long:1", "list_wording_long:2"}},
		{"many wordings", "- [" + strings.Join(numbers(maxWordings+1), ", ") + "]\n", fmt.Sprint(numbers(maxWordings)), []string{"list_wordings:1"}},
		{"control characters", "- [\"a\\0b\\e[1m\", \"c\\u202ed\"]\n", "[ab[1m cd]", nil},
		{"an alias", "- &x [a, b]\n- *x\n", "[a b]", []string{"synonyms_form:2"}},
		{"no list", "a: [b, c]\n", "", []string{"list_form:1"}},
		{"two lists", "- [a, b]\n---\n- [c, d]\n", "", []string{"list_form:2"}},
		{"not closed", "- [a, b]\n- [c, d\n", "", []string{"list_broken:2"}},
		{"a tab", "- [a, b]\n-\t- c\n\t- d\n", "", []string{"list_broken:2"}},
		{"Latin-1", "- [a, b]\n- [\xe0, b]\n", "", []string{"encoding:2"}},
		{"binary", "\x7fELF\x00", "", []string{"not_text:0"}},
		{"too large", strings.Repeat("- [a, b]\n", maxLexicon), "", []string{"list_large:0"}},
		{"a bomb", "- &a [x,x,x,x,x,x]\n- &b [*a,*a,*a,*a]\n- [*b,*b,*b]\n", "", []string{"synonyms_few:1", "synonyms_form:2", "synonyms_form:3"}},
	} {
		_, counted, problems := parseSynonyms("synonyms.it.yml", []byte(test.src))
		var got []string
		for _, s := range counted {
			got = append(got, fmt.Sprint(s.Wordings))
		}
		if got := strings.Join(got, " "); got != test.want && !anyGrave(problems) {
			t.Errorf("%s: sets %s, want %s", test.what, got, test.want)
		}
		if got := keys(problems, "synonyms.it.yml"); !slices.Equal(got, test.problems) {
			t.Errorf("%s: problems %v, want %v", test.what, got, test.problems)
		}
	}
	many := ""
	for i := range MaxSets + 2 {
		many += fmt.Sprintf("- [a%d, b%d]\n", i, i)
	}
	written, counted, problems := parseSynonyms("synonyms.it.yml", []byte(many))
	if got := keys(problems, "synonyms.it.yml"); len(written) != MaxSets+2 || len(counted) != MaxSets || !slices.Equal(got, []string{"list_many:1001"}) {
		t.Errorf("%d sets written, %d count, %v", len(written), len(counted), got)
	}
	_, problems = ParseSynonyms("synonyms.Italiano.yml", []byte("- [a, b]"))
	if got := keys(problems, "synonyms.Italiano.yml"); !slices.Equal(got, []string{"not_a_language:0"}) {
		t.Error(got)
	}
}

func numbers(n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprint(i))
	}
	return out
}

func TestParsePins(t *testing.T) {
	for _, test := range []struct {
		what, src string
		want      string // pins that count
		problems  []string
	}{
		{"lists", "- search: [rimborso, voglio i soldi indietro]\n  article: returns/refund\n", "1 rimborso,voglio i soldi indietro → returns/refund", nil},
		{"texts", "- article: [a, b]\n  search: x, y\n", "1 x,y → a,b", nil},
		{"nothing", "# none\n", "", nil},
		{"no search", "- article: a\n- search:\n  article: a\n- {search: [], article: a}\n", "", []string{"pin_search_missing:1", "pin_search_missing:2", "pin_search_missing:4"}},
		{"no article", "- search: a\n- search: a\n  article: b\n", "2 a → b", []string{"pin_article_missing:1"}},
		{"mistyped keys", "- serach: a\n  search: b\n  articles: c\n  article: d\n  weight: 3\n", "1 b → d", []string{"key_unknown_near:1", "key_unknown_near:3", "key_unknown:5"}},
		{"a key twice", "- search: a\n  search: b\n  article: c\n", "1 a → c", []string{"key_twice:2"}},
		{"no pin", "- a\n- [b]\n- {search: {a: b}, article: c}\n- {search: a, article: b}\n", "4 a → b", []string{"pin_form:1", "pin_form:2", "pin_form:3"}},
		{"many articles", "- search: a\n  article: [b, c, d, e]\n", "1 a → b,c,d", []string{"pin_articles:1"}},
		{"hostile keys", "- search: a\n  article: ['../<x>', b]\n- search: c\n  article: ../../etc/passwd\n", "1 a → b", []string{"key_invalid:1", "key_invalid:3"}},
		{"a search twice", "- search: [Perché, b]\n  article: x\n- search: [perche, c]\n  article: y\n- search: b\n  article: z\n",
			"1 Perché,b → x; 3 c → y", []string{"pin_twice:3", "pin_twice:5"}},
		{"not closed", "- search: [a\n  article: b\n", "", []string{"list_broken:2"}},
		{"no list", "search: a\narticle: b\n", "", []string{"list_form:1"}},
	} {
		_, pins, problems := parsePins("pins.it.yml", []byte(test.src))
		var got []string
		for _, p := range pins {
			got = append(got, fmt.Sprintf("%d %s → %s", p.Line, strings.Join(p.Queries, ","), strings.Join(p.Articles, ",")))
		}
		if got := strings.Join(got, "; "); got != test.want && !anyGrave(problems) {
			t.Errorf("%s: pins %s, want %s", test.what, got, test.want)
		}
		if got := keys(problems, "pins.it.yml"); !slices.Equal(got, test.problems) {
			t.Errorf("%s: problems %v, want %v", test.what, got, test.problems)
		}
	}
}

func TestSetSynonyms(t *testing.T) {
	const src = "# Ours.\n\n# Parcels\n- [corriere,   spedizioniere] # from the shop\n\n# Money\n- - conto\n  - fattura # paper\n- {not: a set}\n- [a, b]\n# the end\n"
	for _, test := range []struct {
		what, src string
		sets      []Set
		want      string
	}{
		{"nothing changes", src, sets("corriere,spedizioniere", "conto,fattura", "a,b"), src},
		{"one more", src, sets("corriere,spedizioniere", "conto,fattura", "a,b", "c,d e"), strings.Replace(src, "- [a, b]\n", "- [a, b]\n- [c, d e]\n", 1)},
		{"one in the middle", src, sets("corriere,spedizioniere", "c,d", "conto,fattura", "a,b"), strings.Replace(src, "shop\n", "shop\n- [c, d]\n", 1)},
		{"one before", src, sets("c,d", "corriere,spedizioniere", "conto,fattura", "a,b"), strings.Replace(src, "Parcels\n", "Parcels\n- [c, d]\n", 1)},
		{"one changes", src, sets("corriere,spedizioniere", "conto,bolletta", "a,b"), strings.Replace(src, "- - conto\n  - fattura # paper\n", "# paper\n- [conto, bolletta]\n", 1)},
		{"one is gone", src, sets("conto,fattura", "a,b"), strings.Replace(src, "- [corriere,   spedizioniere] # from the shop\n", "", 1)},
		{"all are gone", src, nil, "# Ours.\n\n# Parcels\n\n# Money\n- {not: a set}\n# the end\n"},
		{"a new file", "", sets("no,sì", "a: b,#c"), "- [no, sì]\n- ['a: b', '#c']\n"},
		{"only a comment, without an end", "# Ours.", sets("a,b"), "# Ours.\n- [a, b]\n"},
		{"no end of the last line", "- [a, b]", sets("a,b", "c,d"), "- [a, b]\n- [c, d]\n"},
		{"CRLF", "\ufeff- [a, b]\r\n- [c, d]\r\n", sets("a,b", "c,e"), "\ufeff- [a, b]\r\n- [c, e]\r\n"},
		{"indented", "  - [a, b]\n  - [c, d]\n", sets("a,b", "x,y", "c,d"), "  - [a, b]\n  - [x, y]\n  - [c, d]\n"},
		{"a dash on its own line", "-\n  [a, b]\n-\n  - c\n  - d\n", sets("c,d"), "-\n  - c\n  - d\n"},
		{"long", "", sets(strings.Join(numbers(50), ",")), "- [\"" + strings.Join(numbers(50), `", "`) + "\"]\n"},
	} {
		got, err := SetSynonyms("synonyms.it.yml", []byte(test.src), test.sets)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v\n got %q\nwant %q", test.what, err, got, test.want)
		}
	}
	// Of more than can be compared nothing stays, but nothing is lost either.
	many := strings.Repeat("- [a, b]\n", maxAlign/MaxSets+1)
	if got, err := SetSynonyms("synonyms.it.yml", []byte(many), slices.Repeat(sets("a,b"), MaxSets)); err != nil || string(got) != many[:MaxSets*len("- [a, b]\n")] {
		t.Errorf("%d bytes of a long file, %v", len(got), err)
	}
	for what, src := range map[string]string{"on one line": "[[a, b], [c, d]]\n", "ended": "- [a, b]\n...\n"} {
		if got, err := SetSynonyms("synonyms.it.yml", []byte(src), sets("a,b", "x,y")); err == nil && what != "ended" {
			t.Errorf("%s: %q", what, got)
		}
	}
	if _, err := SetSynonyms("synonyms.it.yml", []byte("- ["), nil); !errors.As(err, new(*InvalidError)) {
		t.Errorf("a broken file: %v", err)
	}
}

func TestSetPins(t *testing.T) {
	const src = "- search: [a, b] # often\n  article: x\n# next\n- search: c\n  article:\n    - y\n    - z\n"
	pin := func(search, articles string) Pin {
		return Pin{Queries: Wordings(search), Articles: Wordings(articles)}
	}
	for _, test := range []struct {
		what string
		pins []Pin
		want string
	}{
		{"nothing changes", []Pin{pin("a,b", "x"), pin("c", "y,z")}, src},
		{"one changes", []Pin{pin("a,b", "x,y"), pin("c", "y,z")}, "# often\n- search: [a, b]\n  article: [x, y]\n# next\n- search: c\n  article:\n    - y\n    - z\n"},
		{"one more", []Pin{pin("a,b", "x"), pin("c", "y,z"), pin("d: e", "w/v")}, src + "- search: 'd: e'\n  article: w/v\n"},
		{"the other is gone", []Pin{pin("a,b", "x")}, "- search: [a, b] # often\n  article: x\n# next\n"},
	} {
		got, err := SetPins("pins.it.yml", []byte(src), test.pins)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v\n got %q\nwant %q", test.what, err, got, test.want)
		}
	}
}

// TestLexicons wants a new Library whenever the synonyms or the pins of a language
// change, the last good ones while a file is broken, also after a restart, and
// none when it is gone.
func TestLexicons(t *testing.T) {
	dir, catalog := t.TempDir(), filepath.Join(t.TempDir(), "catalog")
	put(t, dir, "it/a.md", short("A", "Testo."))
	put(t, dir, "it/bozza.md", "---\ntitle: B\nstatus: draft\n---\n")
	put(t, dir, "it/interno.md", "---\ntitle: C\naudience: agents\n---\n")
	start := func() *Folder {
		f, err := Open(dir, Options{Catalog: catalog})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := start()
	said := func(when string, synonyms [][]string, pins int, problems ...string) {
		t.Helper()
		lib := f.Library()
		if got := lib.Synonyms("it"); !reflect.DeepEqual(got, synonyms) {
			t.Errorf("%s: synonyms %v, want %v", when, got, synonyms)
		}
		if got := len(lib.SynonymLines("it")); got != len(synonyms) {
			t.Errorf("%s: %d lines of %d sets", when, got, len(synonyms))
		}
		if got := lib.Pins("it"); len(got) != pins {
			t.Errorf("%s: pins %v, want %d", when, got, pins)
		}
		if got := append(keys(lib.Problems(), "synonyms.it.yml"), keys(lib.Problems(), "pins.it.yml")...); !slices.Equal(got, problems) {
			t.Errorf("%s: problems %v, want %v", when, got, problems)
		}
		if len(lib.Synonyms("es"))+len(lib.Pins("es")) > 0 {
			t.Errorf("%s: Spanish has them too", when)
		}
	}
	reload := func(when string, fresh bool) {
		t.Helper()
		before := f.Library()
		if (f.Reload() != before) != fresh {
			t.Errorf("%s: a new library: %t, want %t", when, !fresh, fresh)
		}
	}
	one, two := [][]string{{"a", "b"}}, [][]string{{"a", "b"}, {"c", "d"}}
	said("none", nil, 0)
	put(t, dir, "synonyms.it.yml", "- [a, b]\n")
	reload("synonyms", true)
	said("synonyms", one, 0)
	reload("nothing changed", false)
	put(t, dir, "synonyms.it.yml", "- [a, b]\n- [c, d]\n- [e]\n")
	put(t, dir, "pins.it.yml", "- search: x\n  article: [a, bozza, interno]\n- search: y\n  article: nulla\n")
	reload("both", true)
	pinned := []string{"pin_unpublished:1", "pin_audience:1", "pin_missing:3"}
	said("both", two, 2, append([]string{"synonyms_few:3"}, pinned...)...)
	put(t, dir, "synonyms.it.yml", "- [a, b\n")
	reload("broken", true)
	said("broken", two, 2, append([]string{"list_broken:2"}, pinned...)...)
	reload("still broken", false)
	f.dirty = true
	f.saveCatalog()
	f = start()
	said("broken, and started again", two, 2, append([]string{"list_broken:2"}, pinned...)...)
	put(t, dir, "it/nulla.md", short("Nulla", "Testo."))
	reload("an article comes", true)
	said("an article comes", two, 2, append([]string{"list_broken:2"}, pinned[:2]...)...)
	for _, file := range []string{"synonyms.it.yml", "pins.it.yml"} {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}
	reload("gone", true)
	said("gone", nil, 0)

	// A pipe is not waited for, and what lies elsewhere is not read.
	put(t, t.TempDir(), "s.yml", "- [a, b]\n")
	if err := os.Symlink(filepath.Join(t.TempDir(), "s.yml"), filepath.Join(dir, "synonyms.it.yml")); err != nil {
		t.Fatal(err)
	}
	reload("a link", true)
	said("a link", nil, 0, "symlink:0")
}

// TestLexiconsWatched changes them as git does, while the folder is watched.
func TestLexiconsWatched(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "it/a.md", short("A", "Testo."))
	f := open(t, dir)
	libs := make(chan *Library, 10)
	f.OnChange(func(lib *Library) { libs <- lib })
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- f.Watch(ctx) }()
	defer func() { cancel(); <-done }()
	next := func(what string, ok func(*Library) bool) {
		t.Helper()
		for end := time.After(10 * time.Second); ; {
			select {
			case lib := <-libs:
				if ok(lib) {
					return
				}
			case <-end:
				t.Fatalf("not seen: %s", what)
			}
		}
	}
	put(t, dir, ".git/new", "- [a, b]\n")
	if err := os.Rename(filepath.Join(dir, ".git/new"), filepath.Join(dir, "synonyms.it.yml")); err != nil {
		t.Fatal(err)
	}
	next("moved there", func(l *Library) bool { return len(l.Synonyms("it")) == 1 })
	put(t, dir, "pins.it.yml", "- search: x\n  article: a\n")
	next("written", func(l *Library) bool { return len(l.Pins("it")) == 1 })
	if err := os.Remove(filepath.Join(dir, "synonyms.it.yml")); err != nil {
		t.Fatal(err)
	}
	next("removed", func(l *Library) bool { return len(l.Synonyms("it")) == 0 && len(l.Pins("it")) == 1 })
}

func TestSaveLexicon(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "it/a.md", short("A", "Testo."))
	f := open(t, dir)
	mine := []byte("- [a, b]\n")
	base, err := f.Save("synonyms.it.yml", mine, "")
	if err != nil || base != Hash(mine) {
		t.Fatal(base, err)
	}
	if _, err := f.Save("pins.it.yml", []byte("- search: x\n  article: a\n"), ""); err != nil {
		t.Fatal(err)
	}
	if lib := f.Reload(); len(lib.Synonyms("it")) != 1 || len(lib.Pins("it")) != 1 {
		t.Error("what was saved is not read")
	}
	if e, ok := errors.AsType[*ConflictError](second(f.Save("synonyms.it.yml", []byte("- [c, d]\n"), ""))); !ok || !bytes.Equal(e.Current, mine) {
		t.Error("a new file replaced another")
	}
	for what, src := range map[string]string{"broken": "- [", "no list": "a: b", "too large": strings.Repeat("- [a, b]\n", maxLexicon)} {
		if _, err := f.Save("synonyms.it.yml", []byte(src), base); !errors.As(err, new(*InvalidError)) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for _, file := range []string{"synonyms.IT.yml", "synonyms.it.yaml", "it/synonyms.it.yml", "../pins.it.yml", "pins..yml", "glossary.it.md"} {
		if _, err := f.Save(file, mine, ""); !errors.As(err, new(*InvalidError)) {
			t.Errorf("%s: %v", file, err)
		}
	}
	if Savable("synonyms.it.yml") {
		t.Error("it is taken for an article")
	}
}
