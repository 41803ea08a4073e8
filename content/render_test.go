package content

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write golden files anew")

// at is when the tests take place.
var at = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func open(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := Open(dir, Options{Now: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// golden compares with a file, or writes it.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(got)) {
		t.Errorf("%s differs (go test ./content -update):\n got:\n%s\nwant:\n%s", file, got, want)
	}
}

// TestRender compares what each article of testdata/render becomes with the
// .html beside it. After a wanted change: go test ./content -update
func TestRender(t *testing.T) {
	dir := filepath.Join("testdata", "render")
	f := open(t, dir)
	for _, a := range f.Library().All() {
		t.Run(a.File, func(t *testing.T) {
			d, err := f.Render(context.Background(), a, a.Lang)
			if err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			b.WriteString(d.HTML)
			b.WriteString("\n<!-- contents\n")
			for _, h := range d.TOC {
				b.WriteString("#" + h.ID + " " + h.Text + "\n")
				for _, n := range h.Nested {
					b.WriteString("  #" + n.ID + " " + n.Text + "\n")
				}
			}
			b.WriteString("passages\n")
			for _, p := range d.Passages {
				b.WriteString("#" + p.ID + " " + p.Heading + " | " + p.Text + "\n")
			}
			b.WriteString("problems\n")
			for _, p := range f.examine(f.Library(), a).problems {
				b.WriteString(p.String() + "\n")
			}
			b.WriteString("-->\n")
			golden(t, filepath.Join(dir, strings.TrimSuffix(a.File, ".md")+".html"), b.String())
		})
	}
}
