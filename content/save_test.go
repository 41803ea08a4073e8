package content

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSave(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "en/a.md", short("A", "One."))
	put(t, dir, "en/link/x.md", short("X", ""))
	f := open(t, dir)
	src, err := f.Source(f.Library().Article("en", "a"))
	if err != nil {
		t.Fatal(err)
	}
	base := Hash(src)
	mine := short("A", "Mine.")
	hash, err := f.Save("en/a.md", []byte(mine), base)
	if err != nil || hash != Hash([]byte(mine)) {
		t.Fatalf("%s, %v", hash, err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "en/a.md")); string(b) != mine {
		t.Errorf("saved %q", b)
	}
	f.Reload()

	// Somebody else began from the same text.
	_, err = f.Save("en/a.md", []byte(short("A", "Theirs.")), base)
	if c, ok := errors.AsType[*ConflictError](err); !ok || string(c.Current) != mine {
		t.Errorf("want a conflict with the current text, got %v", err)
	}
	// A new article where one is by now, and a change of one that is gone.
	if _, ok := errors.AsType[*ConflictError](second(f.Save("en/a.md", []byte(mine), ""))); !ok {
		t.Error("a new article replaced another")
	}
	if c, ok := errors.AsType[*ConflictError](second(f.Save("en/gone.md", []byte(mine), base))); !ok || c.Current != nil {
		t.Error("want a conflict without current text")
	}
	if hash, err := f.Save("en/new/section/b.md", []byte(short("B", "")), ""); err != nil || hash == "" {
		t.Error(err)
	}
	for _, file := range []string{
		"", "a.md", "../a.md", "/etc/a.md", "en/../../a.md", "en/_index.md", "en/_parts/a.md", "_parts/a.md", "en/a.txt", "en/A.md", "en/a b.md", "en/.a.md",
		"en/a/b/c/d.md", `en\a.md`, "en/a.md/", "en//a.md", "en/a\x00.md", "glossary.en.md", "english/a.md",
	} {
		if _, err := f.Save(file, []byte(mine), ""); err == nil {
			t.Errorf("%q was saved", file)
		} else if _, ok := errors.AsType[*InvalidError](err); !ok {
			t.Errorf("%q: %v", file, err)
		}
	}
	for what, src := range map[string]string{
		"broken": "---\ntitle: [", "no title": "---\n---\n", "binary": "a\x00b", "slug taken": "---\ntitle: C\nslug: a\n---\n", "key taken": "---\ntitle: C\nkey: a\n---\n",
		"too large": short("C", strings.Repeat("a ", maxArticle)),
	} {
		if _, ok := errors.AsType[*InvalidError](second(f.Save("en/c.md", []byte(src), ""))); !ok {
			t.Errorf("%s was saved", what)
		}
	}
	outside := t.TempDir()
	if err := os.Symlink(outside, filepath.Join(dir, "en", "out")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Save("en/out/x.md", []byte(mine), ""); err == nil {
		t.Error("saved through a link that leads out")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "en", ".primalinea*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func second[T any](_ T, err error) error { return err }

// TestSaveKeepsAddress wants the old address of a published article to lead to it.
func TestSaveKeepsAddress(t *testing.T) {
	dir := t.TempDir()
	src := "---\ntitle: A # ours\nslug: old\naliases: [older]\n---\nText.\n"
	put(t, dir, "en/a.md", src)
	f := open(t, dir)
	if _, err := f.Save("en/a.md", []byte(strings.Replace(src, "slug: old", "slug: new", 1)), Hash([]byte(src))); err != nil {
		t.Fatal(err)
	}
	lib := f.Reload()
	for _, old := range []string{"old", "older"} {
		if a := lib.Alias("en", old); a == nil || a.Slug != "new" {
			t.Errorf("%s leads to %v", old, a)
		}
	}
}

func TestSetFrontMatter(t *testing.T) {
	day := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		what, src string
		changes   map[string]any
		want      string
	}{
		{"replaced, the rest as it was", "---\n# ours\ntitle:   'A'  # why\nstatus: draft   # soon\n\n# words\ntags: [ a,b ]\n---\nBody\n", map[string]any{"status": "published"},
			"---\n# ours\ntitle:   'A'  # why\nstatus: published\n\n# words\ntags: [ a,b ]\n---\nBody\n"},
		{"added", "---\ntitle: A\n---\n", map[string]any{"owner": "x: y", "weight": 3, "unlisted": true, "last_reviewed_on": day}, "---\ntitle: A\nlast_reviewed_on: 2026-11-23\nowner: 'x: y'\nunlisted: true\nweight: 3\n---\n"},
		{"taken out", "---\ntitle: A\ntags:\n  - a\n  - b\nslug: c\n---\n", map[string]any{"tags": nil, "owner": nil}, "---\ntitle: A\nslug: c\n---\n"},
		{"a list of many lines", "---\nphrases:\n  - a\n  - b\n# end\nslug: c\n---\n", map[string]any{"phrases": []string{"x", "y: z"}}, "---\nphrases:\n    - x\n    - 'y: z'\n# end\nslug: c\n---\n"},
		{"other spelling", "---\ntitle: A\nsummary: b\n---\n", map[string]any{"description": "c"}, "---\ntitle: A\ndescription: c\n---\n"},
		{"long text", "---\ndescription: >\n  many\n\n  lines\ntitle: A\n---\n", map[string]any{"description": "one"}, "---\ndescription: one\ntitle: A\n---\n"},
		{"CRLF", "---\r\ntitle: A\r\n---\r\nBody\r\n", map[string]any{"slug": "b"}, "---\r\ntitle: A\r\nslug: b\r\n---\r\nBody\r\n"},
		{"TOML", "+++\ntitle = \"A\"\nstatus = \"draft\"\n\n[params]\nx = 1\n+++\n", map[string]any{"status": "published", "tags": []string{"a", `"b"`}}, "+++\ntitle = \"A\"\nstatus = \"published\"\n\ntags = [\"a\", \"\\\"b\\\"\"]\n[params]\nx = 1\n+++\n"},
		{"no front matter", "Body\n", map[string]any{"title": "A"}, "---\ntitle: A\n---\nBody\n"},
		{"hostile", "---\ntitle: A\n---\n", map[string]any{"title": "a\n---\nstatus: published"}, "---\ntitle: |-\n    a\n    ---\n    status: published\n---\n"},
	} {
		got, err := SetFrontMatter([]byte(test.src), test.changes)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %v\n got %q\nwant %q", test.what, err, got, test.want)
		}
	}
	if _, err := SetFrontMatter([]byte("---\ntitle: ["), map[string]any{"title": "a"}); err == nil {
		t.Error("broken front matter was changed")
	}
}

func TestFill(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data", "articles")
	if err := Fill(dir, Shipped()); err != nil {
		t.Fatal(err)
	}
	f := open(t, dir)
	if !f.Writable() {
		t.Error("not writable")
	}
	var langs []string
	for _, s := range f.Library().Problems() {
		t.Error(s)
	}
	for _, lang := range []string{"en", "es", "it"} {
		if _, err := os.Stat(filepath.Join(dir, lang, "_index.md")); err == nil {
			langs = append(langs, lang)
		}
	}
	if !slices.Equal(langs, []string{"en", "es", "it"}) {
		t.Errorf("languages %v", langs)
	}
	put(t, dir, "en/_index.md", short("Changed", ""))
	if err := os.RemoveAll(filepath.Join(dir, "it")); err != nil {
		t.Fatal(err)
	}
	if err := Fill(dir, Shipped()); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, "en/_index.md")); string(b) != short("Changed", "") {
		t.Error("overwritten")
	}
	if _, err := os.Stat(filepath.Join(dir, "it")); err == nil {
		t.Error("filled again")
	}
	empty := t.TempDir()
	if err := Fill(empty, Shipped()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(empty, "it")); err != nil {
		t.Error("an empty folder was not filled")
	}
}

// TestShipped wants nothing to mend in the help centre that comes with the
// program.
func TestShipped(t *testing.T) {
	f := open(t, "articles")
	problems, err := f.Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Error(p)
	}
	if got := f.Library().Languages(); !slices.Equal(got, []string{"en", "es", "it"}) {
		t.Errorf("languages %v", got)
	}
}
