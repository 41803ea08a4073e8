package content

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// put writes a file below a folder.
func put(t testing.TB, dir, file, text string) {
	t.Helper()
	full := filepath.Join(dir, filepath.FromSlash(file))
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// short is a small article.
func short(title, body string) string { return "---\ntitle: " + title + "\n---\n" + body + "\n" }

// keys returns the catalog keys of the problems of a file, in their order.
func keys(problems []Problem, file string) (out []string) {
	for _, p := range problems {
		if p.File == file {
			out = append(out, fmt.Sprintf("%s:%d", strings.TrimPrefix(p.Key, "check."), p.Line))
		}
	}
	return out
}

// TestBadFiles puts one bad file beside a good one. The problem names file and
// line, the good one is there, and nothing crashes.
func TestBadFiles(t *testing.T) {
	bomb := "---\ntitle: a\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\ntags: *c\n---\n"
	for _, test := range []struct {
		what, file, text string
		want             []string
		shown            bool // whether the bad file is in the Library
	}{
		{"no front matter", "en/x.md", "Hello\n", []string{"front_matter_missing:1"}, false},
		{"empty", "en/x.md", "", []string{"front_matter_missing:1"}, false},
		{"not closed", "en/x.md", "---\ntitle: a\nbody\n", []string{"front_matter_open:1"}, false},
		{"broken YAML", "en/x.md", "---\ntitle: a\ntags: [a, b\n---\n", []string{"front_matter_broken:3"}, false},
		{"tab in YAML", "en/x.md", "---\ntitle: a\nslug:\n\tx: y\n---\n", []string{"front_matter_broken:4"}, false},
		{"not a map", "en/x.md", "---\n- a\n---\n", []string{"front_matter_broken:2"}, false},
		{"broken TOML", "en/x.md", "+++\ntitle = \"a\"\nweight = = 3\n+++\n", []string{"front_matter_broken:3"}, false},
		{"no title", "en/x.md", "---\nslug: a\n---\n", []string{"title_missing:1"}, false},
		{"blank title", "en/x.md", "---\nslug: a\ntitle: \"  \"\n---\n", []string{"title_missing:3"}, false},
		{"unknown status", "en/x.md", "---\ntitle: a\nstatus: publishd\n---\n", []string{"value_unknown:3"}, false},
		{"unknown audience", "en/x.md", "---\ntitle: a\naudience: agnts\n---\n", []string{"value_unknown:3"}, false},
		{"bad publish_at", "en/x.md", "---\ntitle: a\npublish_at: soon\n---\n", []string{"date:3"}, false},
		{"mistyped key", "en/x.md", "---\ntitle: a\ndescripton: b\n---\n", []string{"key_unknown_near:3"}, true},
		{"unknown key", "en/x.md", "---\ntitle: a\nfoo: b\n---\n", []string{"key_unknown:3"}, true},
		{"key twice", "en/x.md", "---\ntitle: a\nsummary: b\ndescription: c\n---\n", []string{"key_twice:4"}, true},
		{"huge number", "en/x.md", "---\ntitle: a\nweight: 99999999999999999999999999\n---\n", []string{"number:3"}, true},
		{"number as YAML", "en/x.md", "---\ntitle: 1e999999999\nweight: 0x10\n---\n", []string{"number:3"}, true},
		{"YAML bomb", "en/x.md", bomb, []string{"key_unknown:3", "key_unknown:4", "key_unknown:5", "value_type:6"}, true},
		{"hostile slug", "en/x.md", "---\ntitle: a\nslug: ../../etc/passwd%00\n---\n", []string{"slug_invalid:3"}, true},
		{"hostile key", "en/x.md", "---\ntitle: a\nkey: ../<x>\n---\n", []string{"key_invalid:3"}, true},
		{"hostile alias", "en/x.md", "---\ntitle: a\naliases: [\"//evil.example/%0d\"]\n---\n", []string{"slug_invalid:3"}, true},
		{"control characters", "en/x.md", "---\ntitle: \"a\\0\\e[31m\\u202eb\"\n---\n", nil, true},
		{"bad review", "en/x.md", "---\ntitle: a\nreview_in: sometimes\n---\n", []string{"review_in:3"}, true},
		{"bad source", "en/x.md", "---\ntitle: a\nsource: it\n---\n", []string{"source_invalid:3"}, true},
		{"other language", "en/x.md", "---\ntitle: a\nlang: it\n---\n", []string{"language_differs:3"}, true},
		{"map as title", "en/x.md", "---\ntitle: {a: b}\n---\n", []string{"title_missing:2", "value_type:2"}, false},
		{"too large", "en/x.md", "---\ntitle: a\n---\n" + strings.Repeat("words ", 900_000), []string{"too_large:0"}, false},
		{"large front matter", "en/x.md", "---\ntitle: a\ntags: [" + strings.Repeat("abc,", 20_000) + "]\n---\n", []string{"front_matter_large:1"}, false},
		{"binary", "en/x.md", "\x7fELF\x00\x01", []string{"not_text:0"}, false},
		{"Latin-1", "en/x.md", "---\ntitle: a\n---\nCitt\xe0\n", []string{"encoding:4"}, false},
		{"UTF-16", "en/x.md", "\xff\xfe-\x00-\x00", []string{"not_text:0"}, false},
		{"byte order mark", "en/x.md", "\ufeff---\ntitle: a\n---\n", []string{"bom:1"}, true},
		{"CRLF", "en/x.md", "---\r\ntitle: a\r\n---\r\nHello\r\n", nil, true},
		{"slug taken", "en/x.md", "---\ntitle: a\nslug: good\n---\n", []string{"slug_twice:3"}, false},
		{"key taken", "en/x.md", "---\ntitle: a\nkey: good\n---\n", []string{"key_taken:3"}, false},
		{"alias of itself", "en/x.md", "---\ntitle: a\naliases: [x]\n---\n", []string{"alias_self:0"}, true},
		{"alias taken", "en/x.md", "---\ntitle: a\naliases: [good]\n---\n", []string{"alias_taken:0"}, true},
		{"alias twice", "en/x.md", "---\ntitle: a\naliases: [old]\n---\n", []string{"alias_twice:0"}, true},
		{"includes itself", "en/x.md", short("a", "<!--@include: ./x.md-->"), []string{"include_loop:4"}, false},
		{"include loop", "en/x.md", short("a", "<!--@include: ../_parts/loop.md-->"), nil, false},
		{"include missing", "en/x.md", short("a", "\n<!--@include: ./gone.md-->"), []string{"include_missing:5"}, false},
		{"include outside", "en/x.md", short("a", "<!--@include: ../../secret.md-->"), []string{"include_missing:4"}, false},
		{"include bomb", "en/x.md", short("a", strings.Repeat("<!--@include: ../_parts/ten.md-->\n", 10)), nil, false},
		{"include in code", "en/x.md", short("a", "```\n<!--@include: ./x.md-->\n```"), nil, true},
		{"deep quotes", "en/x.md", short("a", strings.Repeat("> ", 5000)), []string{"nesting:4"}, false},
		{"intricate", "en/x.md", short("a", "ok\n\n"+strings.Repeat("*a_ ", 5000)), []string{"too_intricate:6"}, false},
		{"too deep", "en/a/b/c/x.md", short("a", ""), []string{"too_deep:0"}, false},
		{"no language", "english/x.md", short("a", ""), []string{"not_a_language:0"}, false},
		{"at the top", "x.md", short("a", ""), []string{"outside_language:0"}, false},
	} {
		t.Run(test.what, func(t *testing.T) {
			dir := t.TempDir()
			put(t, dir, "en/good.md", short("Good", "Text."))
			put(t, dir, "en/alias.md", "---\ntitle: Other\naliases: old\n---\n")
			put(t, dir, "_parts/loop.md", "<!--@include: ./loop2.md-->\n")
			put(t, dir, "_parts/loop2.md", "\n\n<!--@include: ./loop.md-->\n")
			for i, next := range []string{"ten", "ten1", "ten2", "ten3"} {
				put(t, dir, "_parts/"+next+".md", strings.Repeat(fmt.Sprintf("<!--@include: ./ten%d.md-->\n", i+1), 10))
			}
			put(t, dir, "_parts/ten4.md", "x\n")
			put(t, dir, test.file, test.text)
			f := open(t, dir)
			lib := f.Library()
			if got := keys(lib.Problems(), test.file); test.want != nil && !slices.Equal(got, test.want) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
			if a := lib.ByFile(test.file); (a != nil) != test.shown {
				t.Errorf("shown: %v, want %v (%v)", a != nil, test.shown, lib.Problems())
			}
			if !test.shown && len(lib.Problems()) == 0 {
				t.Error("nobody is told")
			}
			if a := lib.Article("en", "good"); a == nil || a.File != "en/good.md" {
				t.Errorf("the good article is %v", a)
			}
			for _, a := range lib.All() {
				if _, err := f.Render(context.Background(), a, "it"); err != nil {
					t.Error(err)
				}
			}
			if _, err := f.Check(context.Background()); err != nil {
				t.Error(err)
			}
			f.CheckSource("en/new.md", []byte(test.text))
		})
	}
}

// TestIncludeLoop wants the loop told where it closes, though it closes in
// another file.
func TestIncludeLoop(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "en/x.md", short("a", "<!--@include: ../_parts/one.md-->"))
	put(t, dir, "_parts/one.md", "One.\n<!--@include: two.md-->\n")
	put(t, dir, "_parts/two.md", "\n\n<!--@include: one.md-->\n")
	problems := open(t, dir).Library().Problems()
	if len(problems) != 1 || problems[0].String() != "_parts/two.md:3: _parts/one.md includes itself." {
		t.Errorf("got %v", problems)
	}
}

// TestOddFiles are things that are no files.
func TestOddFiles(t *testing.T) {
	outside := t.TempDir()
	put(t, outside, "secret.md", short("Secret", "Secret."))
	dir := t.TempDir()
	put(t, dir, "en/good.md", short("Good", "Text."))
	put(t, dir, "en/folder.md/inner.md", short("Inner", "Text."))
	put(t, dir, "en/.hidden.md", short("Hidden", "Text."))
	put(t, dir, "en/_draft.md", short("Draft", "Text."))
	put(t, dir, "glossary.en.md", "words")
	for link, to := range map[string]string{
		"en/out.md": filepath.Join(outside, "secret.md"), "en/dead.md": "nowhere.md", "en/in.md": "good.md", "en/out": outside, "en/loop": dir,
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "en/pipe.md"), 0o644); err != nil {
		t.Fatal(err)
	}
	lib := open(t, dir).Library()
	var files []string
	for _, a := range lib.All() {
		files = append(files, a.File)
		if a.Title == "Secret" {
			t.Error("a file outside the folder was read")
		}
	}
	slices.Sort(files)
	if want := []string{"en/good.md", "en/in.md"}; !slices.Equal(files, want) {
		t.Errorf("articles %v, want %v", files, want)
	}
	for file, want := range map[string]string{
		"en/out.md": "symlink:0", "en/dead.md": "symlink:0", "en/out": "symlink:0", "en/loop": "symlink:0", "en/folder.md": "directory_name:0", "en/pipe.md": "file_unreadable:0",
	} {
		if got := keys(lib.Problems(), file); !slices.Equal(got, []string{want}) {
			t.Errorf("%s: problems %v, want %s", file, got, want)
		}
	}
}

// TestLinkedFolder wants a folder read that is reached by a link, as that of a
// deployment often is.
func TestLinkedFolder(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "one/en/a.md", short("One", "Text."))
	put(t, dir, "two/en/a.md", short("Two", "Text."))
	link := filepath.Join(dir, "current")
	for _, to := range []string{"one", "two"} {
		_ = os.Remove(link)
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
		if all := open(t, link).Library().All(); len(all) != 1 || !strings.EqualFold(all[0].Title, to) {
			t.Errorf("%s: %d articles", to, len(all))
		}
	}
}

func TestOpenNoFolder(t *testing.T) {
	if _, err := Open(filepath.Join(t.TempDir(), "none"), Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	put(t, filepath.Dir(file), "file", "")
	if _, err := Open(file, Options{}); err == nil {
		t.Error("a file is no folder")
	}
}

// TestLastGood wants the last good version read while its file is broken, also
// after a new start, and also when only an included file is.
func TestLastGood(t *testing.T) {
	for _, restart := range []bool{false, true} {
		t.Run(fmt.Sprint("restart ", restart), func(t *testing.T) {
			dir, data := t.TempDir(), t.TempDir()
			put(t, dir, "en/a.md", short("A", "The good text."))
			put(t, dir, "en/b.md", short("B", "With <!--@include: ../_parts/p.md--> in it."))
			put(t, dir, "_parts/p.md", "a part")
			o := Options{Catalog: filepath.Join(data, "catalog"), Now: time.Now}
			f, err := Open(dir, o)
			if err != nil {
				t.Fatal(err)
			}
			put(t, dir, "en/a.md", "---\ntitle: [\n---\nBroken.\n")
			if err := os.Remove(filepath.Join(dir, "_parts/p.md")); err != nil {
				t.Fatal(err)
			}
			if restart {
				if f, err = Open(dir, o); err != nil {
					t.Fatal(err)
				}
			}
			lib := f.Reload()
			for slug, want := range map[string]string{"a": "The good text.", "b": "With a part in it."} {
				a := lib.Article("en", slug)
				if a == nil {
					t.Fatalf("%s is gone: %v", slug, lib.Problems())
				}
				d, err := f.Render(context.Background(), a, "en")
				if err != nil {
					t.Fatal(err)
				}
				if !strings.Contains(d.HTML, want) {
					t.Errorf("%s: %s", slug, d.HTML)
				}
				if len(keys(lib.Problems(), a.File)) != 1 {
					t.Errorf("%s: problems %v", slug, lib.Problems())
				}
				src, err := f.Source(a)
				if disk, _ := os.ReadFile(filepath.Join(dir, a.File)); err != nil || !bytes.Equal(src, disk) {
					t.Errorf("the source is not what lies on disk: %q, %v", src, err)
				}
			}
			put(t, dir, "en/a.md", short("A2", "Mended."))
			put(t, dir, "_parts/p.md", "a new part")
			lib = f.Reload()
			if a := lib.Article("en", "a"); a.Title != "A2" || len(lib.Problems()) != 0 {
				t.Errorf("%v, %v", a.Title, lib.Problems())
			}
			d, err := f.Render(context.Background(), lib.Article("en", "b"), "en")
			if err != nil || !strings.Contains(d.HTML, "With a new part in it.") {
				t.Errorf("%v, %v", d, err)
			}
		})
	}
}

// TestCatalog wants a second start to answer from the catalog alone, with the
// same Library, and to find out by itself what changed meanwhile.
func TestCatalog(t *testing.T) {
	dir, data := t.TempDir(), t.TempDir()
	put(t, dir, "en/_index.md", short("English", ""))
	put(t, dir, "en/pay/_index.md", "---\ntitle: Paying\nkey: payments\nweight: 2\n---\n")
	put(t, dir, "en/pay/a.md", "---\ntitle: A\ntags: [x, y]\naliases: [old]\nrelated: [b]\npublish_at: 2026-01-02T03:04:05Z\nfoo: bar\n---\n![x](i.png)\n")
	put(t, dir, "en/pay/i.png", "none")
	put(t, dir, "en/b.md", "---\ntitle: B\naudience: agents\nunlisted: true\n---\n")
	put(t, dir, "it/c.md", "broken")
	o := Options{Catalog: filepath.Join(data, "catalog")}
	first, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	for _, damage := range []string{"", "flip", "cut", "other"} {
		second, err := Open(dir, o)
		if err != nil {
			t.Fatal(err)
		}
		if second.stale != (damage == "") {
			t.Errorf("%q: answered from the catalog: %v", damage, second.stale)
		}
		a, b := first.Library(), second.Library()
		if got, want := fmt.Sprintf("%+v %v", b.Problems(), describe(b)), fmt.Sprintf("%+v %v", a.Problems(), describe(a)); got != want {
			t.Errorf("%q:\n got %s\nwant %s", damage, got, want)
		}
		catalog, err := os.ReadFile(o.Catalog)
		if err != nil {
			t.Fatal(err)
		}
		switch damage {
		case "":
			catalog[len(catalog)/2] ^= 1
		case "flip":
			catalog = catalog[:len(catalog)/2]
		case "cut":
			catalog = []byte("something else")
		}
		if err := os.WriteFile(o.Catalog, catalog, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	third, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	put(t, dir, "en/b.md", short("Changed", ""))
	if third, err = Open(dir, o); err != nil {
		t.Fatal(err)
	}
	if got := third.Library().ByFile("en/b.md").Title; got != "B" {
		t.Errorf("the catalog was not used: %s", got)
	}
	if got := third.Reload().ByFile("en/b.md").Title; got != "Changed" {
		t.Errorf("the change was not found: %s", got)
	}
}

func describe(l *Library) (out []string) {
	for _, a := range l.All() {
		out = append(out, fmt.Sprintf("%+v", *a))
	}
	for _, s := range l.Sections() {
		out = append(out, fmt.Sprintf("%+v", *s))
	}
	for image, by := range l.shows {
		out = append(out, image+" "+by[0].File)
	}
	return append(out, fmt.Sprint(l.Languages(), l.assets))
}

// TestWatch changes files in all ways that happen and wants each live within two
// seconds.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "en/a.md", short("A", ""))
	var logged bytes.Buffer
	f, err := Open(dir, Options{Log: slog.New(slog.NewTextHandler(&logged, nil))})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- f.Watch(ctx) }()
	defer func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}()
	var told atomic.Int32
	f.OnChange(func(*Library) { told.Add(1) })
	time.Sleep(300 * time.Millisecond) // for Watch to look for the first time
	title := func(slug string) string {
		if a := f.Library().Article("en", slug); a != nil {
			return a.Title
		}
		return ""
	}
	for _, step := range []struct {
		what string
		do   func() error
		want func() bool
	}{
		{"written in place", func() error { put(t, dir, "en/a.md", short("A2", "")); return nil }, func() bool { return title("a") == "A2" }},
		{"broken", func() error { put(t, dir, "en/a.md", "---\ntitle: ["); return nil }, func() bool { return len(f.Library().Problems()) == 1 && title("a") == "A2" }},
		{"mended", func() error { put(t, dir, "en/a.md", short("A3", "")); return nil }, func() bool { return len(f.Library().Problems()) == 0 && title("a") == "A3" }},
		{"replaced", func() error {
			put(t, dir, "en/.a.tmp", short("A4", ""))
			return os.Rename(filepath.Join(dir, "en/.a.tmp"), filepath.Join(dir, "en/a.md"))
		}, func() bool { return title("a") == "A4" }},
		{"new section", func() error {
			put(t, dir, "en/s/_index.md", short("S", ""))
			put(t, dir, "en/s/b.md", short("B", ""))
			return nil
		}, func() bool { return title("b") == "B" && f.Library().Section("en", "s") != nil }},
		{"in the new section", func() error { put(t, dir, "en/s/b.md", short("B2", "")); return nil }, func() bool { return title("b") == "B2" }},
		{"hundreds at once", func() error {
			for i := range 300 {
				put(t, dir, fmt.Sprintf("en/s/n%d.md", i), short(fmt.Sprint("N", i), ""))
			}
			return nil
		}, func() bool { return len(f.Library().All()) == 302 && title("n299") == "N299" }},
		{"renamed", func() error { return os.Rename(filepath.Join(dir, "en/s"), filepath.Join(dir, "en/t")) }, func() bool {
			return f.Library().Section("en", "t") != nil && f.Library().Section("en", "s") == nil && title("n0") == "N0"
		}},
		{"in the renamed section", func() error { put(t, dir, "en/t/b.md", short("B3", "")); return nil }, func() bool { return title("b") == "B3" }},
		{"removed", func() error { return os.RemoveAll(filepath.Join(dir, "en/t")) }, func() bool { return len(f.Library().All()) == 1 }},
		{"published by the clock", func() error {
			put(t, dir, "en/later.md", "---\ntitle: Later\npublish_at: "+time.Now().Add(time.Second).Format(time.RFC3339Nano)+"\n---\n")
			return nil
		}, func() bool {
			a := f.Library().Article("en", "later")
			return a != nil && a.Live(time.Now())
		}},
	} {
		before := told.Load()
		if err := step.do(); err != nil {
			t.Fatal(err)
		}
		begin := time.Now()
		for !step.want() {
			if time.Since(begin) > 2*time.Second {
				t.Fatalf("%s: not live after 2 s: %v", step.what, f.Library().Problems())
			}
			time.Sleep(5 * time.Millisecond)
		}
		time.Sleep(10 * time.Millisecond)
		if told.Load() == before {
			t.Errorf("%s: nobody was told", step.what)
		}
		t.Logf("%s: live after %v", step.what, time.Since(begin).Round(time.Millisecond))
	}
	if !strings.Contains(logged.String(), "en/a.md") {
		t.Errorf("the broken file is not in the log: %s", &logged)
	}
}

// TestFolderGone wants the Library kept while the folder is away.
func TestFolderGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "articles")
	put(t, dir, "en/a.md", short("A", ""))
	f := open(t, dir)
	if err := os.Rename(dir, dir+".away"); err != nil {
		t.Fatal(err)
	}
	lib := f.Reload()
	if lib.Article("en", "a") == nil || len(lib.Problems()) != 1 || lib.Problems()[0].Key != "check.folder" {
		t.Errorf("%v, %v", lib.All(), lib.Problems())
	}
	if f.Writable() {
		t.Error("writable")
	}
	if err := os.Rename(dir+".away", dir); err != nil {
		t.Fatal(err)
	}
	if lib := f.Reload(); len(lib.Problems()) != 0 || !f.Writable() {
		t.Errorf("%v", lib.Problems())
	}
}

// TestLinksFollow wants a page rendered anew when what it links to changes, and
// only then.
func TestLinksFollow(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "en/a.md", short("A", "[b](b.md) ![dot](dot.png)"))
	put(t, dir, "en/b.md", short("B", ""))
	picture := func(w int) string {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, 1))); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	put(t, dir, "en/dot.png", picture(5))
	f := open(t, dir)
	html := func(reader string) string {
		t.Helper()
		d, err := f.Render(context.Background(), f.Library().Article("en", "a"), reader)
		if err != nil {
			t.Fatal(err)
		}
		return d.HTML
	}
	has := func(html string, wants ...string) {
		t.Helper()
		for _, want := range wants {
			if !strings.Contains(html, want) {
				t.Errorf("no %s in %s", want, html)
			}
		}
	}
	has(html("it"), `<a href="/en/articles/b" hreflang="en">`, `width="5"`)
	has(html("en"), `<a href="/en/articles/b">`)
	one, _ := f.Render(context.Background(), f.Library().Article("en", "a"), "it")
	put(t, dir, "en/c.md", short("C", ""))
	f.Reload()
	if two, _ := f.Render(context.Background(), f.Library().Article("en", "a"), "it"); one != two || f.Renders() != 2 {
		t.Errorf("rendered again for nothing: %d", f.Renders())
	}
	put(t, dir, "it/b.md", short("B", ""))
	f.Reload()
	has(html("it"), `<a href="/it/articles/b">`)
	put(t, dir, "it/b.md", "---\ntitle: B\nstatus: draft\n---\n")
	put(t, dir, "en/dot.png", picture(7))
	f.Reload()
	has(html("it"), `<a href="/en/articles/b" hreflang="en">`, `width="7"`)
	if err := os.Remove(filepath.Join(dir, "en/b.md")); err != nil {
		t.Fatal(err)
	}
	f.Reload()
	has(html("it"), "<p>b <img")
}

// TestAsset wants images served to those only who may read an article that
// shows them, by what they are.
func TestAsset(t *testing.T) {
	var dot bytes.Buffer
	if err := png.Encode(&dot, image.NewGray(image.Rect(0, 0, 1, 1))); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, dir, "en/public.md", short("A", "![a](img/a.png) ![s](a%20b.png) [r]\n\n[r]: <img/c d.png>"))
	put(t, dir, "en/agents.md", "---\ntitle: B\naudience: agents\n---\n![b](img/b.png)")
	put(t, dir, "en/draft.md", "---\ntitle: C\nstatus: draft\n---\n![d](img/d.png)")
	for _, p := range []string{"en/img/a.png", "en/img/b.png", "en/img/c d.png", "en/img/d.png", "en/a b.png", "en/img/unused.png"} {
		put(t, dir, p, dot.String())
	}
	put(t, dir, "en/more.md", short("More", "![x](img/fake.png) ![y](img/vector.svg)"))
	put(t, dir, "en/img/fake.png", "<svg onload=alert(1)>")
	put(t, dir, "en/img/vector.svg", "<svg/>")
	put(t, dir, "en/.secret.png", dot.String())
	f := open(t, dir)
	for _, test := range []struct {
		file              string
		anybody, customer bool
		agent             bool
	}{
		{"en/img/a.png", true, true, true},
		{"en/a b.png", true, true, true},
		{"en/img/c d.png", true, true, true},
		{"en/img/b.png", false, false, true},
		{"en/img/d.png", false, false, true},
		{"en/img/unused.png", false, false, true},
		{"en/img/fake.png", false, false, false},
		{"en/img/vector.svg", false, false, false},
		{"en/.secret.png", false, false, false},
		{"en/../en/img/a.png", false, false, false},
		{"../x.png", false, false, false},
		{"/etc/passwd", false, false, false},
		{"en/public.md", false, false, false},
		{"", false, false, false},
	} {
		for reader, want := range map[Audience]bool{Public: test.anybody, Customers: test.customer, Agents: test.agent} {
			a, err := f.Asset(test.file, reader)
			if (err == nil) != want {
				t.Errorf("%s for %s: %v", test.file, reader, err)
			}
			if err == nil && (a.Type != "image/png" || len(a.Hash) == 0) {
				t.Errorf("%s: %+v", test.file, a)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v", test.file, err)
			}
		}
	}
	problems, err := f.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := keys(problems, "en/more.md")
	for _, want := range []string{"image_invalid:4", "image_missing:4"} {
		if !slices.Contains(got, want) {
			t.Errorf("no %s in %v", want, got)
		}
	}
}
