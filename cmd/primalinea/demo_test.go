package main

import (
	"bytes"
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/search"
)

// fillDemo acts out some weeks in a data folder, and returns what was said.
func fillDemo(t *testing.T, s *serveCmd) (said string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = s.rehearse(t.Context(), &out, 35, 20)
	return out.String(), err
}

func demoCommand(t *testing.T) *serveCmd {
	return command(t, func(s *serveCmd) { s.Demo = true })
}

// TestDemo fills a smaller demo and walks through it: one script that signs in
// with one click and finds that every page has something to tell.
func TestDemo(t *testing.T) {
	s := demoCommand(t)
	said, err := fillDemo(t, s)
	if err != nil || !strings.Contains(said, " 50%") || !strings.Contains(said, "requests and") {
		t.Fatalf("%v: %s", err, said)
	}
	site := s.start(t)
	site.serving = true
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- site.serve(ctx) }()
	defer func() {
		stop()
		if err := <-over; err != nil {
			t.Error(err)
		}
	}()
	play(t, site, "testdata/demo.txt")

	// And what articles learned is found by.
	words, err := site.db.LearnedWords(t.Context())
	if err != nil || len(words) == 0 {
		t.Fatalf("nothing is learned, %v", err)
	}
	w := words[0]
	article := site.folder.Library().ByKey(w.Article, w.Lang)
	for wait := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		why, err := site.index.Why(t.Context(), search.Query{Text: w.Text, Lang: w.Lang, Reader: content.Public}, article.File)
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(why.Parts, func(p search.Part) bool { return slices.Contains(p.Fields, "learned") }) {
			break
		}
		if time.Now().After(wait) {
			t.Fatalf("%q is learned, and not found by: %+v", w.Text, why)
		}
	}

	// Later starts use what is there.
	before, err := site.db.Queue(t.Context(), escalation.Queue{})
	if err != nil || len(before.Lines) == 0 {
		t.Fatalf("%d requests wait, %v", len(before.Lines), err)
	}
	if said, err := fillDemo(t, s); err != nil || !strings.HasPrefix(said, "The sample data in ") {
		t.Errorf("%v: %s", err, said)
	}
	after, err := site.db.Queue(t.Context(), escalation.Queue{})
	if err != nil || len(after.Lines) != len(before.Lines) {
		t.Errorf("%d requests became %d, %v", len(before.Lines), len(after.Lines), err)
	}
}

// TestDemoIsLetAlone says what a demo never does: be reached by strangers, or mix
// with what is real.
func TestDemoIsLetAlone(t *testing.T) {
	for _, test := range []struct {
		name string
		say  func(*serveCmd)
	}{
		{"beyond this machine", func(s *serveCmd) { s.Listen, s.BaseURL = "0.0.0.0:0", "https://help.example.com" }},
		{"beyond this machine, insecure", func(s *serveCmd) { s.Listen, s.BaseURL, s.InsecureHTTP = "0.0.0.0:0", "http://help.example.com", true }},
		{"behind a proxy", func(s *serveCmd) { s.BaseURL = "https://help.example.com" }},
		{"on a database", func(s *serveCmd) { s.Database = "postgres://127.0.0.1/real" }},
		{"on somebody's articles", func(s *serveCmd) { s.Content = t.TempDir() }},
	} {
		s := serveCmd{place: place{Data: t.TempDir()}, Listen: "127.0.0.1:0", Languages: []string{"en"}, Limits: "on", FilesQuota: 20, Demo: true}
		test.say(&s)
		if err := s.check(); err == nil || !strings.Contains(err.Error(), "--demo") {
			t.Errorf("%s: %v", test.name, err)
		}
	}

	// A folder that holds something else stays as it is.
	s := demoCommand(t)
	mine := filepath.Join(s.Data, "mine.txt")
	if err := os.WriteFile(mine, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := fillDemo(t, s); err == nil || !strings.Contains(err.Error(), "no demo's") {
		t.Errorf("filled a folder with %v", err)
	}
	if entries, err := os.ReadDir(s.Data); err != nil || len(entries) != 1 {
		t.Errorf("the folder holds %v, %v", entries, err)
	}

	// What was made up is not served as if it were real.
	s = demoCommand(t)
	if err := (mark{}).write(s.Data); err != nil {
		t.Fatal(err)
	}
	s.Demo = false
	if _, err := s.build(t.Context(), slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "holds a demo") {
		t.Errorf("served with %v", err)
	}
}

// TestDemoInterrupted begins anew what was not filled to the end.
func TestDemoInterrupted(t *testing.T) {
	s := demoCommand(t)
	ctx, stop := context.WithCancel(t.Context())
	err := s.rehearse(ctx, stopAt{" 20%", stop}, 30, 15)
	if err == nil || !strings.Contains(err.Error(), "begins anew") {
		t.Fatalf("interrupted with %v", err)
	}
	left := filepath.Join(s.Data, "left")
	if err := os.WriteFile(left, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := s.rehearse(t.Context(), &out, 12, 10); err != nil || !strings.HasPrefix(out.String(), "The filling of ") {
		t.Fatalf("%v: %s", err, out.String())
	}
	if _, err := os.Stat(left); err == nil {
		t.Error("something of the interrupted filling is left")
	}
	if m, ok, err := readMark(s.Data); err != nil || !ok || m.Filled.IsZero() {
		t.Errorf("marked as %v, %t, %v", m, ok, err)
	}
	people, err := s.start(t).db.People(t.Context())
	if err != nil || len(people) != len(s.samples()) {
		t.Errorf("%d people, %v", len(people), err)
	}
}

// A stopAt stops when a word is said.
type stopAt struct {
	word string
	stop func()
}

func (s stopAt) Write(b []byte) (int, error) {
	if strings.Contains(string(b), s.word) {
		s.stop()
	}
	return len(b), nil
}
