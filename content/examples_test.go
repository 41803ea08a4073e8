package content

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamples removes the example company, and leaves what somebody made.
func TestExamples(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "articles")
	if err := Fill(dir, Shipped()); err != nil {
		t.Fatal(err)
	}
	write := func(file, text string) {
		t.Helper()
		path := filepath.Join(dir, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	const changed = "en/support/contact-support.md"
	write(changed, "---\ntitle: How to reach us\n---\nBy telephone.\n<!--@include: ../_parts/have-ready.md-->\n")
	write("it/nostri/primo.md", "---\ntitle: Il primo\n---\nTesto.\n")
	f, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all, manuals := len(f.Library().All()), 0
	for _, a := range f.Library().All() {
		if strings.Contains(a.File, "/"+manual+"/") {
			manuals++
		}
	}
	n, err := f.Examples()
	if err != nil || n != all-2-manuals {
		t.Errorf("%d examples of %d articles, %v", n, all, err)
	}
	removed, err := f.RemoveExamples()
	if err != nil || removed != n {
		t.Errorf("removed %d of %d, %v", removed, n, err)
	}
	if got := len(f.Library().All()); got != 2+manuals {
		t.Errorf("%d articles are left, want %d", got, 2+manuals)
	}
	for file, want := range map[string]bool{
		changed:                   true,
		"en/support/_index.md":    true, // the changed article lies there
		"en/support/imei.png":     true,
		"en/_parts/have-ready.md": true,
		"en/data":                 false,
		"es/asistencia":           false,
		"it/nostri/primo.md":      true,
		"it/_parts/have-ready.md": true,
		"it/assistenza/_index.md": false,
		"es/_parts/have-ready.md": false,
		"glossary.it.md":          true, // an article of the language may need them
		"synonyms.it.yml":         true,
		"glossary.es.md":          false,
		"synonyms.es.yml":         false,
		"pins.it.yml":             false, // what it pins is gone
	} {
		if _, err := os.Stat(filepath.Join(dir, file)); (err == nil) != want {
			t.Errorf("%s: there is %t, want %t", file, err == nil, want)
		}
	}
	if _, problems, err := f.RenderSource(t.Context(), changed, []byte("---\ntitle: x\n---\n<!--@include: ../_parts/have-ready.md-->\n"), "en"); err != nil || anyGrave(problems) {
		t.Errorf("the changed article lacks its part: %v, %v", problems, err)
	}
	if n, err := f.Examples(); err != nil || n != 0 {
		t.Errorf("afterwards %d examples, %v", n, err)
	}
	// A folder that is not empty is not filled again.
	if err := Fill(dir, Shipped()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "en/data")); err == nil {
		t.Error("the examples came back")
	}
}
