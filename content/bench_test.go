package content

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fill makes a folder of n articles of about 3 kB, with 50 to a section.
func fill(b *testing.B, n int) string {
	b.Helper()
	dir := b.TempDir()
	for i := range n {
		section := fmt.Sprintf("en/s%d", i/50)
		if i%50 == 0 {
			put(b, dir, section+"/_index.md", short(fmt.Sprint("Section ", i/50), ""))
		}
		var body strings.Builder
		fmt.Fprintf(&body, "---\ntitle: Article %d\ndescription: What to do when %d things fail.\ntags: [a, b, t%d]\nphrases:\n  - it does not work %d\nowner: ada\nreview_in: 6 months\n---\n", i, i, i%17, i)
		for j := range 12 {
			fmt.Fprintf(&body, "## Part %d\n\nSome *words* about [another](a%d.md) of the many things that can fail, and what to do then.\n\n1. First look at the cable.\n2. Then press the button.\n\n", j, (i+1)%n)
		}
		put(b, dir, fmt.Sprintf("%s/a%d.md", section, i), body.String())
	}
	return dir
}

func BenchmarkOpen(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		dir := fill(b, n)
		catalog := filepath.Join(b.TempDir(), "catalog")
		if _, err := Open(dir, Options{Catalog: catalog}); err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("%d files", n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Open(dir, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(fmt.Sprintf("%d files with catalog", n), func(b *testing.B) {
			for b.Loop() {
				f, err := Open(dir, Options{Catalog: catalog})
				if err != nil || len(f.Library().All()) != n {
					b.Fatal(err)
				}
			}
		})
		f, err := Open(dir, Options{Catalog: catalog})
		if err != nil {
			b.Fatal(err)
		}
		f.Reload()
		b.Run(fmt.Sprintf("%d files looked at", n), func(b *testing.B) {
			for b.Loop() {
				f.Reload()
			}
		})
	}
}

func BenchmarkRender(b *testing.B) {
	f := open(b, filepath.Join("testdata", "render"))
	for _, file := range []string{"en/guide/everything.md"} {
		src, err := os.ReadFile(filepath.Join("testdata", "render", filepath.FromSlash(file)))
		if err != nil {
			b.Fatal(err)
		}
		b.Run("fresh", func(b *testing.B) {
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				if d, _, err := f.RenderSource(context.Background(), file, src, "en"); d == nil || err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("kept", func(b *testing.B) {
			a := f.Library().ByFile(file)
			for b.Loop() {
				if _, err := f.Render(context.Background(), a, "en"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	dir := fill(b, 1)
	plain := open(b, dir)
	a := plain.Library().All()[0]
	src, err := plain.Source(a)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("3 kB", func(b *testing.B) {
		b.SetBytes(int64(len(src)))
		for b.Loop() {
			if d, _, err := plain.RenderSource(context.Background(), a.File, src, "en"); d == nil || err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("words of 3 kB", func(b *testing.B) {
		for b.Loop() {
			if _, err := plain.Text(a); err != nil {
				b.Fatal(err)
			}
		}
	})
}
