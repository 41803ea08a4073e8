package content

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// FuzzParse wants an article with a title and a sound address, or a grave
// problem; and that changed front matter reads back.
func FuzzParse(f *testing.F) {
	f.Add([]byte("---\ntitle: Hello\nslug: a\ntags: [a, b]\n---\nBody\n"))
	f.Add([]byte("+++\ntitle = \"Hello\"\ndate = 2026-01-02\n[params]\nx = [1,2]\n+++\n"))
	f.Add([]byte("---\na: &a [*a]\n<<: *a\n? {b: c}\n: d\n---\n"))
	f.Add([]byte("\ufeff---\r\ntitle: \"a\\u0000b\"\r\n...\r\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		a, problems := Parse("it/sezione/nome.md", src)
		if a == nil {
			if !anyGrave(problems) {
				t.Fatalf("Parse(%q): neither article nor grave problem", src)
			}
			return
		}
		if a.Title == "" || !validSlug(a.Slug) || !keyForm.MatchString(a.Key) || !utf8.ValidString(a.Title) {
			t.Errorf("Parse(%q) = %+v", src, a)
		}
		for _, old := range a.Aliases {
			if !validSlug(old) {
				t.Errorf("alias %q", old)
			}
		}
		lines := strings.Count(string(src), "\n") + 2
		for _, p := range problems {
			if p.Line < 0 || p.Line > lines || strings.Contains(p.String(), "\n") {
				t.Errorf("Parse(%q): %q at line %d of %d", src, p, p.Line, lines)
			}
		}
		changed, err := SetFrontMatter(src, map[string]any{"owner": "me"})
		if err != nil {
			t.Fatalf("SetFrontMatter(%q): %v", src, err)
		}
		if strings.Contains(string(src), "---") && !strings.HasPrefix(string(src), "+++") {
			if b, bad := Parse("it/sezione/nome.md", changed); b != nil && b.Owner != "me" && !strings.Contains(string(src), "{") {
				t.Errorf("SetFrontMatter(%q) = %q: owner %q, %v", src, changed, b.Owner, bad)
			}
		}
	})
}

// allowed are the elements that an article may become, with their attributes.
var allowed = map[string]string{
	"p": "class", "br": "", "hr": "", "h2": "id", "h3": "id", "h4": "id", "h5": "id", "h6": "id", "ul": "", "ol": "start", "li": "id", "dl": "", "dt": "id", "dd": "",
	"blockquote": "", "em": "", "strong": "", "del": "", "code": "class", "pre": "class", "span": "class aria-hidden", "div": "class role aria-label tabindex",
	"aside": "class role", "sup": "id", "fieldset": "class", "legend": "class", "label": "for", "figure": "", "figcaption": "", "table": "", "thead": "", "tbody": "", "tr": "", "th": "align", "td": "align",
	"details": "class", "summary": "", "a": "id href hreflang rel class title role", "img": "src alt width height title loading decoding", "input": "type disabled checked aria-label name id",
}

// strict walks HTML and returns what is not allowed in it.
func strict(text string) string {
	z := html.NewTokenizer(strings.NewReader(text))
	ids := map[string]bool{}
	for {
		switch z.Next() {
		case html.ErrorToken:
			return ""
		case html.CommentToken, html.DoctypeToken:
			return "a comment or doctype"
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			attributes, ok := allowed[token.Data]
			if !ok {
				return "element " + token.Data
			}
			for _, a := range token.Attr {
				if !strings.Contains(" "+attributes+" ", " "+a.Key+" ") {
					return "attribute " + a.Key + " of " + token.Data
				}
				switch a.Key {
				case "href":
					u, err := url.Parse(a.Val)
					if err != nil || strings.HasPrefix(a.Val, "//") || u.Scheme == "" && u.Host != "" {
						return "link " + a.Val
					}
					switch u.Scheme {
					case "", "http", "https", "mailto", "tel":
					default:
						return "link " + a.Val
					}
				case "src":
					if !strings.HasPrefix(a.Val, "/assets/content/") {
						return "image " + a.Val
					}
				case "id":
					if ids[a.Val] {
						return "id twice: " + a.Val
					}
					ids[a.Val] = true
					for _, page := range PageIDs {
						if a.Val == page {
							return "id of the page: " + a.Val
						}
					}
				case "class":
					if strings.ContainsAny(a.Val, "<>&\"'") {
						return "class " + a.Val
					}
				}
			}
		}
	}
}

// FuzzRender wants every text rendered to HTML that holds nothing but what is
// allowed, with each id once, or refused with a grave problem.
func FuzzRender(f *testing.F) {
	for pattern := range hostile {
		f.Add(strings.Repeat(hostile[pattern], 3))
	}
	for _, s := range []string{
		"<script>alert(1)</script>", "[a](javascript:alert(1))", "[a](java&#10;script:x)", "<javascript:alert(1)>", "[a]\n\n[a]: data:text/html,x", "![a](//host/x.png \"t\")", "![a\"onerror=x](dot.png)",
		"# a {#main}\n# a {onclick=x}\n## b {#b .c}\n## b", "[^a]\n\n[^a]: x\n\n## fn:1\n## fnref:1", "```\"><script>\nx\n```", "```go {1}\nx\n```", ":::warning <b>\n> [!NOTE] <i>\n:::", "<a href=x>", "https://a.example/\"><x>",
		"|a|\n|:-:|\n|<b>|", "- [x] <input>", "a\n: b {#x}", "<div\nonclick=x>", "&lt;script&gt; &#0; \x01", "[a](\\\\host)", "[a](/\\host)", "[a](http://[::1)", "[a](mailto:x?y=\"z)", "\u2028[x](#\u2028)",
		":::tabs\n== a\nIMEI\n== b\n:::tip\n== c\n:::\n:::\n:::tabs\n> == d\n- == e\n:::", "PEC *IMEI* [IMEI](x) proof of\npurchase", "# tabs:1\n## term:1 {#term:1}",
	} {
		f.Add(s)
	}
	src, err := os.ReadFile(filepath.Join("testdata", "render", "en", "guide", "everything.md"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(src))
	folder := open(f, filepath.Join("testdata", "render"))
	f.Fuzz(func(t *testing.T, body string) {
		begin := time.Now()
		defer func() {
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("%q took %v", body, took)
			}
		}()
		d, problems, err := folder.RenderSource(context.Background(), "en/guide/fuzz.md", []byte("---\ntitle: a\n---\n"+body), "it")
		if err != nil {
			t.Fatal(err)
		}
		if d == nil {
			if !anyGrave(problems) {
				t.Errorf("%q: neither document nor grave problem", body)
			}
			return
		}
		if wrong := strict(d.HTML); wrong != "" {
			t.Errorf("%q became %q: %s", body, d.HTML, wrong)
		}
		for _, h := range d.TOC {
			if !strings.Contains(d.HTML, `id="`+h.ID+`"`) {
				t.Errorf("%q: no heading %s in %q", body, h.ID, d.HTML)
			}
		}
	})
}

// FuzzGlossary wants each entry with a term and a meaning that a text finds again,
// and each problem on a line of the file.
func FuzzGlossary(f *testing.F) {
	src, err := os.ReadFile(filepath.Join("testdata", "render", "glossary.en.md"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(string(src))
	f.Add("0,00\n! 000\n:00\n0\n:\x16")
	f.Add("a, b\n: c\nb\n: d\n\u0301\n: x")
	f.Add("---\n---\n:\nA\n:b\n <!--")
	f.Fuzz(func(t *testing.T, src string) {
		g, problems := parseGlossary("glossary.en.md", []byte(src))
		if g == nil {
			if !anyGrave(problems) {
				t.Fatalf("%q: neither glossary nor grave problem", src)
			}
			return
		}
		found := map[int]bool{}
		for key, f := range g.forms {
			written := key
			if f.exact != "" {
				written = f.exact
			}
			if got := g.find("x "+written+", y", map[int]bool{}); len(got) == 0 || got[0].from > 2 {
				t.Errorf("%q: %q is not found, but %v", src, written, got)
			}
			found[f.entry] = true
		}
		for i, e := range g.entries {
			if e.term == "" || e.meaning == "" || !utf8.ValidString(e.term+e.meaning) || !found[i] {
				t.Errorf("%q: entry %+v", src, e)
			}
		}
		lines := strings.Count(src, "\n") + 2
		for _, p := range problems {
			if p.Line < 0 || p.Line > lines || strings.Contains(p.String(), "\n") {
				t.Errorf("%q: %s", src, p)
			}
		}
	})
}

// FuzzSynonyms wants sets of two wordings or more, each in one set alone, or a
// grave problem; each problem on a line of the file; and that the sets, written
// into the file again, leave it as it is, and in a new file say the same.
func FuzzSynonyms(f *testing.F) {
	f.Add("- [corriere, spedizioniere, servizio di consegna]\n")
	f.Add("# a\n-\n  - b # c\n  - 'd,e'\n\n# f\n- {g: h}\n- \"i\nj\"\n...\n")
	f.Add("\ufeff  - &x [a,\r\n - b]\r\n  - *x\n--- |\n #\n")
	f.Fuzz(func(t *testing.T, src string) {
		const file = "synonyms.en.yml"
		written, sets, problems := parseSynonyms(file, []byte(src))
		if !onLines(t, src, problems) {
			if written != nil {
				t.Errorf("%q: sets of a file that cannot be read", src)
			}
			return
		}
		seen := map[string]bool{}
		for _, s := range sets {
			if len(s.Wordings) < 2 || s.Line < 1 || s.Line > strings.Count(src, "\n")+1 {
				t.Errorf("%q: set %+v", src, s)
			}
			for _, w := range s.Wordings {
				if seen[fold(w)] || w != strings.TrimSpace(w) || !utf8.ValidString(w) {
					t.Errorf("%q: wording %q", src, w)
				}
				seen[fold(w)] = true
			}
		}
		if same, err := SetSynonyms(file, []byte(src), written); err == nil && string(same) != src {
			t.Errorf("%q became %q", src, same)
		}
		if len(sets) > 0 {
			fresh, err := SetSynonyms(file, nil, sets)
			if err != nil {
				t.Fatalf("%q: %v", src, err)
			}
			if _, again, bad := parseSynonyms(file, fresh); len(again) != len(sets) || len(bad) > 0 {
				t.Errorf("%q: %v become %q: %v, %v", src, sets, fresh, again, bad)
			}
			if changed, err := SetSynonyms(file, []byte(src), sets[1:]); err == nil {
				if _, again, _ := parseSynonyms(file, changed); len(again) != len(sets)-1 {
					t.Errorf("%q without the first: %q", src, changed)
				}
			}
		}
	})
}

// FuzzPins wants pins of one search or more, each in one pin alone, with one to
// three keys, or a grave problem; the rest as of synonyms.
func FuzzPins(f *testing.F) {
	f.Add("- search: [rimborso, voglio i soldi indietro]\n  article: returns/refund\n")
	f.Add("- search: a # b\n  article:\n  - c\n  - D\n# e\n- ? search\n  : b\n  article: c\n")
	f.Add("- {search: a, article: b, search: c}\n- serach: d\n")
	f.Fuzz(func(t *testing.T, src string) {
		const file = "pins.en.yml"
		written, pins, problems := parsePins(file, []byte(src))
		if !onLines(t, src, problems) {
			if written != nil {
				t.Errorf("%q: pins of a file that cannot be read", src)
			}
			return
		}
		seen := map[string]bool{}
		for _, p := range pins {
			if len(p.Queries) == 0 || len(p.Articles) == 0 || len(p.Articles) > MaxPinned || p.Line < 1 || p.Line > strings.Count(src, "\n")+1 {
				t.Errorf("%q: pin %+v", src, p)
			}
			for _, q := range p.Queries {
				if seen[fold(q)] {
					t.Errorf("%q: search %q twice", src, q)
				}
				seen[fold(q)] = true
			}
			for _, key := range p.Articles {
				if !keyForm.MatchString(key) {
					t.Errorf("%q: key %q", src, key)
				}
			}
		}
		if same, err := SetPins(file, []byte(src), written); err == nil && string(same) != src {
			t.Errorf("%q became %q", src, same)
		}
		if len(pins) > 0 {
			fresh, err := SetPins(file, nil, pins)
			if err != nil {
				t.Fatalf("%q: %v", src, err)
			}
			if _, again, bad := parsePins(file, fresh); len(again) != len(pins) || len(bad) > 0 {
				t.Errorf("%q: %v become %q: %v, %v", src, pins, fresh, again, bad)
			}
		}
	})
}

// onLines wants each problem on a line of a file, and reports whether none of them
// is grave.
func onLines(t *testing.T, src string, problems []Problem) bool {
	t.Helper()
	lines := strings.Count(src, "\n") + 1
	for _, p := range problems {
		if p.Line < 0 || p.Line > lines || strings.Contains(p.String(), "\n") {
			t.Errorf("%q: %s, of %d lines", src, p, lines)
		}
	}
	return !anyGrave(problems)
}
