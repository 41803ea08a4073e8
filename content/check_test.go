package content

import (
	"context"
	"slices"
	"strings"
	"testing"
)

// TestCheck wants each mistake told at its line, by Check and, for the text
// alone, by CheckSource.
func TestCheck(t *testing.T) {
	dir := t.TempDir()
	article := func(file, head, body string) { put(t, dir, file, "---\n"+head+"\n---\n"+body) }
	article("en/s/_index.md", "title: S", "")
	article("it/s/_index.md", "title: S", "")
	article("en/s/a.md", "title: Return a phone\ndescription: d", strings.Join([]string{
		"[ok](b.md) [dead](none.md)",                      // 5
		"[ok](b.md#part) [no part](b.md#none) [mine](#x)", // 6
		"",          // 7
		"## X",      // 8
		"",          // 9
		"#### Jump", // 10
		"",          // 11
		"[draft](draft.md) [agents](agents.md) [s](../s/)",                                          // 12
		"[abs](/en/articles/b) [gone](/en/articles/none) [short](/a/s/b) [old](/en/articles/old-b)", // 13
		"<!--@include: ../../_parts/p.md-->",                                                        // 14
		"![](dot.png)",                                                                              // 15
		"",                                                                                          // 16
		"| | Device |",                                                                              // 17
		"|---|---|",                                                                                 // 18
		"| accessories | all |",                                                                     // 19
	}, "\n"))
	put(t, dir, "_parts/p.md", "One.\n[dead too](gone.md) [out](https://example.com/x#y)\n")
	article("en/s/b.md", "title: B\ndescription: d\naliases: [old-b]\nreview_in: 1 month\nlast_reviewed_on: 2026-01-01\nrelated: [nothing]", "## Part\n\nText. http://example.org [mail](mailto:a@example.com)")
	article("en/s/draft.md", "title: Draft\ndescription: d\nstatus: draft", "Text.")
	article("en/s/agents.md", "title: Agents\ndescription: d\naudience: agents", "Text.")
	article("en/s/expired.md", "title: Expired\ndescription: d\nexpires_at: 2026-01-01", "Text.")
	article("en/s/like.md", "title: Returning phones\ndescription: d", "Text.")
	article("en/s/same.md", "title: b", "")
	article("en/alone.md", "title: Alone\ndescription: d", "Text.")
	article("it/s/b.md", "title: B\ndescription: d\nchange: major", "Testo.")
	article("es/s/b.md", "title: B\ndescription: d\nsource: it@0123456789ab", "Texto.")
	f := open(t, dir)
	all, err := f.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]string{
		"en/s/a.md": {
			"translation_missing:0", "link_dead:5", "anchor_dead:6", "heading_jump:10", "link_draft:12", "link_audience:12", "link_dead:13", "image_alt:15", "image_missing:15", "table_head:17",
		},
		"_parts/p.md":     {"link_dead:2"},
		"en/s/b.md":       {"related_missing:0", "title_twice:0", "review_overdue:0"},
		"en/s/draft.md":   nil,
		"en/s/expired.md": {"expired:0", "translation_missing:0"},
		"en/s/like.md":    {"translation_missing:0"},
		"en/s/same.md":    {"body_empty:0", "description_missing:0", "title_twice:0", "translation_missing:0"},
		"en/alone.md":     {"orphan:0", "translation_missing:0"},
		"it/s/b.md":       nil,
		"es/s/b.md":       {"translation_behind:0"},
	} {
		got := keys(all, file)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%s:\n got %v\nwant %v", file, got, want)
		}
		if a := f.Library().ByFile(file); a != nil {
			src, err := f.Source(a)
			if err != nil {
				t.Fatal(err)
			}
			got := keys(f.CheckSource(file, src), file)
			got = slices.DeleteFunc(got, func(k string) bool { return k == "orphan:0" })
			want := slices.DeleteFunc(slices.Clone(want), func(k string) bool { return k == "orphan:0" })
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("source of %s:\n got %v\nwant %v", file, got, want)
			}
		}
	}
	out, err := f.Outlinks(context.Background())
	if want := []Outlink{{"https://example.com/x#y", "_parts/p.md", 2}, {"http://example.org", "en/s/b.md", 11}}; err != nil || !slices.Equal(out, want) {
		t.Errorf("links to other sites %v, %v, want %v", out, err, want)
	}
	again, err := f.Check(context.Background())
	if err != nil || &again[0] != &all[0] {
		t.Error("checked again though nothing changed")
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	f.checked.Store(nil)
	if _, err := f.Check(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
}

func TestGist(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"Come restituire un telefono", "Restituire il telefono", false},
		{"Restituire un telefono", "Restituire telefoni", true},
		{"Reset your password", "Reset your passwords", true},
		{"Reset your password", "Change your password", false},
		{"¿Qué es la garantía?", "Que es la garantia", true},
		{"iPhone 12", "iPhone 13", false},
		{"???", "!!!", false},
	} {
		if got := gist(test.a) == gist(test.b); got != test.same {
			t.Errorf("%q (%s) and %q (%s): %v", test.a, gist(test.a), test.b, gist(test.b), got)
		}
	}
}
