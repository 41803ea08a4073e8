package themes_test

import (
	"io/fs"
	"os"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"primalinea/themes"
)

func load(t *testing.T) *themes.Theme {
	t.Helper()
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	return theme
}

// TestCatalogs demands that every sentence exists in every language: a page
// without its translation is not finished.
func TestCatalogs(t *testing.T) {
	words := load(t).Words
	if got, want := words.Languages(), []string{"en", "es", "it"}; !slices.Equal(got, want) {
		t.Fatalf("languages = %v, want %v", got, want)
	}
	for _, lang := range words.Languages() {
		for _, key := range words.Keys("en") {
			if !slices.Contains(words.Keys(lang), key) {
				t.Errorf("%s: no %s", lang, key)
			}
		}
		for _, key := range words.Keys(lang) {
			if !slices.Contains(words.Keys("en"), key) {
				t.Errorf("%s: %s is in no other catalog", lang, key)
			}
		}
	}
}

// TestPlurals asks for every sentence with a count in the numbers that choose a
// plural form; a form that is missing would show as the key or as another
// language.
func TestPlurals(t *testing.T) {
	words := load(t).Words
	for _, lang := range words.Languages() {
		s := words.Speaker(lang)
		for _, key := range words.Keys(lang) {
			for _, n := range []int{0, 1, 2, 1_000_000} {
				if got := s.T(key, "Count", n); got == key || strings.Contains(got, "<no value>") && strings.Contains(got, "Count") {
					t.Errorf("%s: %s with %d: %q", lang, key, n, got)
				}
			}
		}
	}
}

func TestSize(t *testing.T) {
	words := load(t).Words
	for _, test := range []struct {
		n      int64
		en, it string
	}{
		{0, "0 KB", "0 KB"},
		{1, "1 KB", "1 KB"},
		{1 << 10, "1 KB", "1 KB"},
		{1<<20 - 1, "1024 KB", "1024 KB"},
		{1 << 20, "1.0 MB", "1,0 MB"},
		{3 << 19, "1.5 MB", "1,5 MB"},
		{10 << 20, "10 MB", "10 MB"}, // a file that is just small enough looks it
		{50 << 20, "50 MB", "50 MB"},
	} {
		for lang, want := range map[string]string{"en": test.en, "it": test.it} {
			if got := strings.ReplaceAll(words.Speaker(lang).Size(test.n), "\u00a0", " "); got != want {
				t.Errorf("%s: Size(%d) = %q, want %q", lang, test.n, got, want)
			}
		}
	}
}

func TestPercent(t *testing.T) {
	words := load(t).Words
	for _, test := range []struct {
		share  float64
		en, it string
	}{{0, "0%", "0 %"}, {.0042, "0.4%", "0,4 %"}, {.099, "9.9%", "9,9 %"}, {.0999, "10%", "10 %"}, {.123, "12%", "12 %"}, {1, "100%", "100 %"}} {
		for lang, want := range map[string]string{"en": test.en, "it": test.it} {
			if got := strings.ReplaceAll(words.Speaker(lang).Percent(test.share), "\u00a0", " "); got != want {
				t.Errorf("%s: Percent(%v) = %q, want %q", lang, test.share, got, want)
			}
		}
	}
}

func TestSpan(t *testing.T) {
	words := load(t).Words
	for _, test := range []struct {
		d    time.Duration
		lang string
		want string
	}{
		{-time.Hour, "en", "less than a minute"},
		{59 * time.Second, "en", "less than a minute"},
		{time.Minute, "en", "1 min"},
		{2*time.Hour + 10*time.Minute, "en", "2 h 10 min"},
		{11*time.Hour + 59*time.Minute, "en", "11 h"},
		{47 * time.Hour, "en", "47 h"},
		{48 * time.Hour, "en", "2 days"},
		{72 * time.Hour, "it", "3 giorni"},
		{72 * time.Hour, "es", "3 días"},
	} {
		if got := words.Speaker(test.lang).Span(test.d); got != test.want {
			t.Errorf("Span(%v) in %s = %q, want %q", test.d, test.lang, got, test.want)
		}
	}
}

func TestLayerOverrides(t *testing.T) {
	over := fstest.MapFS{"catalog/en/base.toml": {Data: []byte(`"nav.contact" = "Ask us"`)}}
	theme, err := themes.Load(themes.Shipped(), over)
	if err != nil {
		t.Fatal(err)
	}
	if got := theme.Words.Speaker("en").T("nav.contact"); got != "Ask us" {
		t.Errorf("nav.contact = %q, want the layer's", got)
	}
}

// TestPagesOnLayout lays pages over what all share: each may say one of its parts
// otherwise, and no other page hears of it.
func TestPagesOnLayout(t *testing.T) {
	theme, err := themes.Load(fstest.MapFS{
		"catalog/en/base.toml": {Data: []byte(`"a" = "b"`)},
		"layout/layout.html": {Data: []byte(`{{define "layout"}}[{{block "head" .}}head{{end}}|{{block "main" .}}main{{end}}|{{template "foot" .}}]{{end}}` +
			`{{define "foot"}}foot, {{template "deep" .}}{{end}}{{define "deep"}}deep{{end}}{{define "aside"}}aside of {{.}}{{end}}{{define "apart"}}for a script{{end}}`)},
		"pages/plain.html": {Data: []byte(`{{define "main"}}plain, {{template "aside" .}}{{end}}`)},
		"pages/other.html": {Data: []byte(`{{define "head"}}{{end}}{{define "deep"}}deeper{{end}}{{define "alone"}}alone, {{template "aside" .}}{{end}}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ page, part, want string }{
		{"plain", "layout", "[head|plain, aside of &lt;x&gt;|foot, deep]"},
		{"other", "layout", "[|main|foot, deeper]"},
		{"other", "alone", "alone, aside of &lt;x&gt;"},
		{"plain", "apart", "for a script"},
		{"layout", "aside", "aside of &lt;x&gt;"},
		{"layout", "layout", "[head|main|foot, deep]"},
	} {
		if got, err := theme.Part(test.page, test.part, "<x>"); err != nil || string(got) != test.want {
			t.Errorf("%s of %s = %q (%v), want %q", test.part, test.page, got, err, test.want)
		}
	}
}

// BenchmarkLoad parses the shipped theme, and says how much memory it keeps.
func BenchmarkLoad(b *testing.B) {
	before := heap()
	var theme *themes.Theme
	for b.Loop() {
		var err error
		if theme, err = themes.Load(themes.Shipped()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(heap()-before)/(1<<20), "MB-kept")
	runtime.KeepAlive(theme)
}

// heap is how many bytes are in use.
func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestItalianButtons demands one form of what is pressed in Italian: "Salva", not
// "Salvare", which is for headings and for sentences that say what to do.
func TestItalianButtons(t *testing.T) {
	words := load(t).Words
	italian := words.Speaker("it")
	infinitive := regexp.MustCompile(`^(?:\p{Lu}\p{L}*[,:] \p{L}|\p{Lu})\p{L}*[aei]r(?:e|si|mi|ci|vi|ne|l[aeio])\b`)
	nouns := []string{"Allarmi", "Lettere"}
	for _, form := range []struct {
		text string
		want bool
	}{{"Salvare", true}, {"Sì, avvisarmi", true}, {"Leggerlo", true}, {"Salva", false}, {"Non avvisarmi più", false}, {"chiederlo", false}} {
		if infinitive.MatchString(form.text) != form.want {
			t.Fatalf("%q is an infinitive: %v, want %v", form.text, !form.want, form.want)
		}
	}
	pressed, named := regexp.MustCompile(`(?s)<(?:button|a|summary)\b.*?</(?:button|a|summary)>`), regexp.MustCompile(`"([a-z]+\.[a-z_.%-]+)"`)
	seen := 0
	err := fs.WalkDir(themes.Shipped(), ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".html") {
			return err
		}
		text, err := fs.ReadFile(themes.Shipped(), file)
		if err != nil {
			return err
		}
		for _, one := range pressed.FindAllString(string(text), -1) {
			for _, name := range named.FindAllStringSubmatch(one, -1) {
				begins, ends, each := strings.Cut(name[1], "%s")
				for _, key := range words.Keys("it") {
					part, begun := strings.CutPrefix(key, begins)
					part, ended := strings.CutSuffix(part, ends)
					if !begun || !ended || each == (part == "") || strings.Contains(part, "_") {
						continue
					}
					seen++
					says := italian.T(key, "Count", 2)
					if first, _, _ := strings.Cut(says, " "); infinitive.MatchString(says) && !slices.Contains(nouns, first) {
						t.Errorf("%s: %s says %q", file, key, says)
					}
				}
			}
		}
		return nil
	})
	if err != nil || seen < 400 {
		t.Errorf("%d buttons and links, %v", seen, err)
	}
}

// TestDefinedOnce demands that what pages share has one meaning: of two templates of
// a name, the one in the later file would win, and nobody would say so.
func TestDefinedOnce(t *testing.T) {
	files, err := fs.Glob(themes.Shipped(), "layout/*.html")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	in := map[string]string{}
	for _, file := range files {
		text, err := fs.ReadFile(themes.Shipped(), file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`{{-?\s*(?:define|block)\s+"([^"]+)"`).FindAllStringSubmatch(string(text), -1) {
			if in[m[1]] != "" {
				t.Errorf("%s is in %s and in %s", m[1], in[m[1]], file)
			}
			in[m[1]] = file
		}
	}
}

// TestBrokenTheme wants the name of the file and the line, before the site
// starts.
func TestBrokenTheme(t *testing.T) {
	for name, test := range map[string]struct{ file, text, want string }{
		"template":          {"pages/help/home.html", "{{define \"main\"}}\n{{if}}\n{{end}}", "pages/help/home.html:2"},
		"letter":            {"letters/receipt.txt", "{{.Foo", "letters/receipt.txt:1"},
		"catalog":           {"catalog/en/base.toml", "\"a\" = ", "catalog/en/base.toml"},
		"language":          {"catalog/!!/base.toml", "\"a\" = \"b\"", "catalog/!!/base.toml"},
		"no template":       {"pages/help/home.html", "{{define \"main\"}}\n{{if .X}}{{template \"nowhere\"}}{{end}}{{end}}", "pages/help/home.html:2:"},
		"endless":           {"pages/help/home.html", "{{define \"main\"}}\n\n{{template \"main\" .}}{{end}}", "pages/help/home.html:3:"},
		"endless two":       {"layout/x.html", "{{define \"a\"}}{{with .X}}{{template \"b\" $}}{{end}}{{end}}\n{{define \"b\"}}{{range .}}{{else}}{{template \"a\" .}}{{end}}{{end}}", "layout/x.html:"},
		"far in a variable": {"letters/reply.txt", "{{define \"subject\"}}{{end}}{{define \"text\"}}\n{{$n := 1000000000}}{{range $n}}{{end}}{{end}}", "letters/reply.txt:2:"},
		"far":               {"letters/reply.txt", "{{define \"subject\"}}{{end}}{{define \"text\"}}\n{{range 1000000000}}{{end}}{{end}}", "letters/reply.txt:2:"},
		"far in all":        {"letters/reply.txt", "{{define \"subject\"}}{{end}}{{define \"text\"}}\n{{range 10000}}{{if true}}\n{{range 2}}{{end}}{{end}}{{end}}{{end}}", "letters/reply.txt:3:"},
		"place":             {"page/help/home.html", "", "page/help/home.html: a theme has no folder \"page\""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := themes.Load(themes.Shipped(), fstest.MapFS{test.file: {Data: []byte(test.text)}})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("Load = %v, want an error with %q", err, test.want)
			}
		})
	}
}

// TestEndless ends a page that writes without end, which nothing says beforehand.
func TestEndless(t *testing.T) {
	theme, err := themes.Load(themes.Shipped(), fstest.MapFS{"pages/x.html": {Data: []byte(`{{define "main"}}{{range .}}{{range $}}{{range $}}some text{{end}}{{end}}{{end}}{{end}}`)}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := theme.Part("x", "main", make([]struct{}, 1000)); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a page of 9 GB: %v", err)
	}
	if got, err := theme.Part("x", "main", make([]struct{}, 2)); err != nil || string(got) != strings.Repeat("some text", 8) {
		t.Errorf("a small page: %q, %v", got, err)
	}
}

// TestPaper lays the second theme over the first: what it has is its own, all the
// rest is shipped, and its colours can be read.
func TestPaper(t *testing.T) {
	shipped := load(t)
	paper, err := themes.Load(themes.Shipped(), os.DirFS("paper"))
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(paper.Pages(), shipped.Pages()) {
		t.Errorf("pages differ: %v", paper.Pages())
	}
	if paper.Version() == shipped.Version() {
		t.Error("both themes have one version: pages of the one would be served with the other")
	}
	sheet := string(paper.Bundle("site.css").Data)
	if base, over := strings.Index(sheet, "#0b5a66"), strings.Index(sheet, "#7a3b12"); base < 0 || over < base {
		t.Errorf("its colours stand at %d, those of the shipped theme at %d", over, base)
	}
	if len(paper.Bundle("site.css").Gzip) > 12<<10 {
		t.Error("its style sheet is larger than 12 KB compressed")
	}
	if string(paper.Bundle("icon.svg").Data) == string(shipped.Bundle("icon.svg").Data) {
		t.Error("its icon is the shipped one")
	}
	if string(paper.Bundle("desk.css").Data) != string(shipped.Bundle("desk.css").Data) {
		t.Error("what it does not have differs from what is shipped")
	}
}

func TestMatch(t *testing.T) {
	offered := []string{"it", "es", "en"}
	for _, test := range []struct{ header, want string }{
		{"", "it"},
		{"es-MX,es;q=0.9,en;q=0.8", "es"},
		{"de-DE,de;q=0.9", "it"},
		{"de, en;q=0.5", "en"},
		{"it-CH", "it"},
		{"garbage;;;=", "it"},
	} {
		if got := themes.Match(test.header, offered); got != test.want {
			t.Errorf("Match(%q) = %q, want %q", test.header, got, test.want)
		}
	}
}

func TestAssetsAreNamedByTheirBytes(t *testing.T) {
	theme := load(t)
	path, err := theme.AssetPath("site.css")
	if err != nil {
		t.Fatal(err)
	}
	a := theme.Asset(strings.TrimPrefix(path, "/assets/"))
	if a == nil || !strings.HasPrefix(a.Type, "text/css") || len(a.Gzip) == 0 || len(a.Gzip) > 12<<10 {
		t.Errorf("site.css is %v; it must exist and fit into 12 KB compressed", a)
	}
	if _, err := theme.AssetPath("none.css"); err == nil {
		t.Error("an unknown asset has an address")
	}
}
