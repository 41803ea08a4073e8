package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store/storetest"
)

// TestDrill fills a site through its pages, backs it up while people go on asking,
// makes another of the backup on the other engine, and lives in it.
func TestDrill(t *testing.T) {
	for _, test := range []struct {
		name     string
		from, to func(testing.TB) string
	}{
		{"sqlite to postgresql", func(testing.TB) string { return "" }, storetest.PostgreSQL},
		{"postgresql to sqlite", storetest.PostgreSQL, func(testing.TB) string { return "" }},
	} {
		t.Run(test.name, func(t *testing.T) { drill(t, test.from(t), test.to(t)) })
	}
}

func drill(t *testing.T, from, to string) {
	ctx := t.Context()
	old := newSiteOn(t, from).staffed()
	for _, script := range []string{"contact", "desk"} {
		play(t, old, "testdata/site/"+script+".txt")
	}
	scripted := tickets(t, old)
	// One is on its way: its pieces are no part of a backup.
	half := evidence.Upload{ID: escalation.NewID(), Name: "film.mp4", Size: 100, Created: time.Now()}
	if err := errors.Join(old.files.Begin(half.ID), old.db.BeginUpload(ctx, half, func(evidence.Usage) error { return nil })); err != nil {
		t.Fatal(err)
	}
	oldBrowser := old.enter("lead")
	var mu sync.Mutex
	var acknowledged []escalation.Ticket
	var count atomic.Int64
	stop := make(chan struct{})
	var asking sync.WaitGroup
	for range 3 {
		asking.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				ticket := old.open()
				mu.Lock()
				acknowledged = append(acknowledged, ticket)
				mu.Unlock()
				count.Add(1)
			}
		})
	}
	for count.Load() < 30 {
		time.Sleep(time.Millisecond)
	}
	mu.Lock()
	before := acknowledged[:len(acknowledged):len(acknowledged)]
	mu.Unlock()
	file := filepath.Join(t.TempDir(), "site.tar.gz")
	var said bytes.Buffer
	err := backupCmd{place: place{Data: filepath.Dir(old.folder.Dir()), Database: from}, File: file}.Run(&said)
	during := count.Load() - int64(len(before))
	close(stop)
	asking.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if during == 0 || strings.Contains(said.String(), "missing") {
		t.Errorf("%d tickets were opened during the backup, which says %s", during, &said)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the backup has mode %v, %v", info.Mode(), err)
	}

	data := filepath.Join(t.TempDir(), "new")
	said.Reset()
	if err := (restoreCmd{place: place{Data: data, Database: to}, File: file}).Run(&said); err != nil {
		t.Fatal(err)
	}
	restored := newSiteIn(t, data, to)
	if err := restored.ready(ctx); err != nil {
		t.Errorf("not ready: %v", err)
	}

	// Every ticket that was acknowledged before the backup began, as it was.
	for _, want := range before {
		if diff := cmp.Diff(want, restored.ticket(want.Number)); diff != "" {
			t.Fatalf("ticket %s (-old +new):\n%s", want.Number, diff)
		}
	}
	oldPeople, err := old.db.People(ctx)
	if err != nil {
		t.Fatal(err)
	}
	people, err := restored.db.People(ctx)
	if diff := cmp.Diff(oldPeople, people); diff != "" || err != nil {
		t.Errorf("people (-old +new), %v:\n%s", err, diff)
	}

	// What the scripts left, with letters and files.
	files := 0
	for _, ticket := range scripted {
		if diff := cmp.Diff(ticket, restored.ticket(ticket.Number)); diff != "" {
			t.Errorf("ticket %s (-old +new):\n%s", ticket.Number, diff)
		}
		was, err := old.db.LettersOf(ctx, ticket.ID)
		if err != nil {
			t.Fatal(err)
		}
		is, err := restored.db.LettersOf(ctx, ticket.ID)
		if diff := cmp.Diff(was, is); diff != "" || err != nil {
			t.Errorf("letters of %s (-old +new), %v:\n%s", ticket.Number, err, diff)
		}
		for _, e := range ticket.Entries {
			for _, f := range e.Files {
				files++
				if diff := cmp.Diff(attached(t, old, f.ID), attached(t, restored, f.ID)); diff != "" {
					t.Errorf("file %s (-old +new):\n%s", f.Name, diff)
				}
			}
		}
	}
	if _, err := restored.files.Offset(half.ID); escalation.KindOf(err) != escalation.NotFound {
		t.Errorf("what was on its way goes on from nothing: %v", err)
	}
	if files == 0 {
		t.Error("no ticket has files: nothing was compared")
	}

	// The links of old letters open; who was signed in is not any more.
	for _, ticket := range before[:3] {
		b := &browser{restored, map[string]string{}}
		path := fmt.Sprintf("/tickets/%s?k=%s", ticket.Number, escalation.LinkToken(old.linkKey, ticket.ID, ticket.Requester.Email, ticket.LinkGeneration))
		if resp, _ := b.get(path); resp.StatusCode != http.StatusSeeOther {
			t.Errorf("an old link answers %d", resp.StatusCode)
		}
		if resp, body := b.get("/tickets/" + ticket.Number); resp.StatusCode != http.StatusOK || !strings.Contains(body, "Il telefono si spegne") {
			t.Errorf("then its ticket answers %d", resp.StatusCode)
		}
	}
	oldBrowser.site = restored
	if resp, _ := oldBrowser.get("/lead"); resp.StatusCode == http.StatusOK {
		t.Error("an old session is still good")
	}
	if resp, _ := restored.enter("lead").get("/lead"); resp.StatusCode != http.StatusOK {
		t.Errorf("the lead, signed in anew, is answered %d", resp.StatusCode)
	}
	if _, body := (&browser{restored, map[string]string{}}).get("/it/search?q=rimborso"); !strings.Contains(body, "quindici-giorni") {
		t.Error("the articles are not found")
	}
}

// tickets returns all tickets of a site.
func tickets(t *testing.T, s *testSite) []escalation.Ticket {
	t.Helper()
	var all []escalation.Ticket
	for _, closed := range []bool{false, true} {
		page, err := s.db.Queue(t.Context(), escalation.Queue{Closed: closed})
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range page.Lines {
			all = append(all, s.ticket(line.Number))
		}
	}
	return all
}

// attached returns the bytes of an attached file, and of its thumbnail.
func attached(t *testing.T, s *testSite, id string) string {
	t.Helper()
	r, err := s.db.File(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	content := ""
	for _, hash := range []string{r.Hash, r.Thumb} {
		if hash == "" {
			continue
		}
		f, _, err := s.files.Open(hash)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		b, err := io.ReadAll(f)
		if err != nil {
			t.Fatal(err)
		}
		content += string(b)
	}
	return content
}

// TestBackupReadOnly backs up what a killed site left on a disk that can only be
// read since.
func TestBackupReadOnly(t *testing.T) {
	disk := mount(t, "32m")
	site := newEmptySite(t)
	want := site.open()
	alive, killed := filepath.Dir(site.folder.Dir()), filepath.Join(disk, "data")
	if err := os.CopyFS(killed, os.DirFS(alive)); err != nil { // with its log, which nobody has put in order
		t.Fatal(err)
	}
	if out, err := exec.Command("mount", "-o", "remount,ro", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	file, data := filepath.Join(t.TempDir(), "site.tar.gz"), filepath.Join(t.TempDir(), "new")
	if err := (backupCmd{place: place{Data: killed}, File: file}).Run(io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := (restoreCmd{place: place{Data: data}, File: file}).Run(io.Discard); err != nil {
		t.Fatal(err)
	}
	newSiteIn(t, data, "").ticket(want.Number)
}

// TestRestoreNoRoom leaves nothing on a disk that is too small: neither where that
// is known before, nor where it turns out.
func TestRestoreNoRoom(t *testing.T) {
	site := newEmptySite(t)
	file := filepath.Join(t.TempDir(), "site.tar.gz")
	if err := (backupCmd{place: place{Data: filepath.Dir(site.folder.Dir())}, File: file}).Run(io.Discard); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	_, said, err := check(t.Context(), f)
	if err != nil {
		t.Fatal(err)
	}
	need := restoreCmd{}.need(said)
	for size, want := range map[int64]string{need / 2: "it needs", need + 64<<10: "no space left on device"} { // files take whole blocks
		disk := mount(t, fmt.Sprint(size))
		for _, data := range []string{filepath.Join(disk, "data"), disk} {
			err := restoreCmd{place: place{Data: data}, File: file}.Run(io.Discard)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("on %d bytes: error %v, want %q", size, err, want)
			}
			if left, err := os.ReadDir(disk); err != nil || len(left) > 0 {
				t.Errorf("on %d bytes it left %v, %v", size, left, err)
			}
		}
	}
}

// TestBackupLinked backs up articles that lie behind a link, as those of a
// deployment often do, and links among them as the site reads them.
func TestBackupLinked(t *testing.T) {
	site := newEmptySite(t)
	link := filepath.Join(t.TempDir(), "current")
	if err := os.Symlink(site.folder.Dir(), link); err != nil {
		t.Fatal(err)
	}
	want := names(t, site.folder.Dir())
	outside := filepath.Join(t.TempDir(), "outside.md")
	if err := os.WriteFile(outside, []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"it/zz-in.md": "../glossary.it.md", "it/zz-dead.md": "nowhere", "it/zz-out.md": outside, "it/zz-loop": "."} {
		if err := os.Symlink(to, filepath.Join(link, name)); err != nil {
			t.Fatal(err)
		}
	}
	want = append(want, "it/zz-in.md")
	slices.Sort(want)
	file, data := filepath.Join(t.TempDir(), "site.tar.gz"), filepath.Join(t.TempDir(), "new")
	if err := (backupCmd{place: place{Data: filepath.Dir(site.folder.Dir())}, Content: link, File: file}).Run(io.Discard); err != nil {
		t.Fatal(err)
	}
	if err := (restoreCmd{place: place{Data: data}, File: file}).Run(io.Discard); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, names(t, filepath.Join(data, "articles"))); diff != "" {
		t.Errorf("articles (-old +new):\n%s", diff)
	}
}

// names are those of all files in a folder.
func names(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if !d.IsDir() {
			list = append(list, name)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		t.Fatalf("%d files in %s, %v", len(list), dir, err)
	}
	slices.Sort(list)
	return list
}
