package main

import (
	"bytes"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
)

// again lets the next question try anew whether things can be kept.
func (h *health) again() {
	h.mu.Lock()
	h.tried = time.Time{}
	h.mu.Unlock()
}

// mount mounts a disk of a size for the time of a test, which is skipped where
// nobody may, unless PRIMALINEA_TEST_REQUIRE names tmpfs.
func mount(t *testing.T, size string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", dir).CombinedOutput(); err != nil {
		if slices.Contains(strings.Split(os.Getenv("PRIMALINEA_TEST_REQUIRE"), ","), "tmpfs") {
			t.Fatalf("tmpfs is required: %v %s", err, out)
		}
		t.Skipf("tmpfs: %v %s", err, out)
	}
	t.Cleanup(func() { // after what is on it is closed
		if out, err := exec.Command("umount", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	return dir
}

// TestDiskFull fills the disk of a site: reading goes on, what cannot be kept is
// given back, staff are told, and what was acknowledged is there.
func TestDiskFull(t *testing.T) {
	disk := mount(t, "32m")
	site := newSiteIn(t, filepath.Join(disk, "data"), "").staffed()
	var log bytes.Buffer
	site.health.log = slog.New(slog.NewTextHandler(&log, nil))
	acknowledged := []escalation.Ticket{site.open()}
	lead, writer, agent, visitor := site.enter("lead"), site.enter("writer"), site.enter("agent1"), site.enter("")
	ready := func() (int, string) {
		site.health.again()
		resp, body := visitor.get("/readyz")
		return resp.StatusCode, body
	}
	if code, _ := ready(); code != http.StatusOK {
		t.Fatalf("before, /readyz answers %d", code)
	}

	_, page := visitor.get("/it/contact")
	key := regexp.MustCompile(`name="key" value="(\w+)"`).FindStringSubmatch(page)
	if key == nil {
		t.Fatalf("no form:\n%s", page)
	}
	form := url.Values{
		"key": {key[1]}, "do": {"check"}, "subject": {"batteria scarica"},
		"text": {"Scritto a mano, con calma."}, "email": {"anna@example.com"},
	}
	_, page = visitor.post("/it/contact", form)
	shown := regexp.MustCompile(`name="shown" value="(\d+)"`).FindStringSubmatch(page)
	if shown == nil {
		t.Fatalf("no form to send:\n%s", page)
	}
	form.Set("do", "send")
	form.Set("shown", shown[1])
	if err := site.wait(5 * time.Second); err != nil { // as long as anybody reads it once more
		t.Fatal(err)
	}

	_, page = writer.get("/write/edit/en/returns/fifteen-days.md")
	base := regexp.MustCompile(`name="base" value="([0-9a-f]+)"`).FindStringSubmatch(page)
	if base == nil {
		t.Fatalf("no article to edit:\n%s", page)
	}
	photo, err := os.ReadFile("testdata/photo.png")
	if err != nil {
		t.Fatal(err)
	}

	room := fill(t, disk)
	for range 200 { // until what was there already is used up
		ticket, _, err := site.db.Open(t.Context(), "", asking)
		if err == nil {
			acknowledged = append(acknowledged, ticket)
			continue
		}
		if escalation.Unwritable(err) != escalation.ErrFull {
			t.Fatalf("a ticket: %v", err)
		}
		break
	}

	if code, body := ready(); code != http.StatusServiceUnavailable || body != "not ready\n" {
		t.Errorf("/readyz answers %d: %s", code, body)
	}
	if !strings.Contains(log.String(), "nothing can be written") || !strings.Contains(log.String(), "disk is full") {
		t.Errorf("the log says %q", &log)
	}
	resp, body := visitor.post("/it/contact", form)
	if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" ||
		!strings.Contains(body, "Scritto a mano, con calma.") || !strings.Contains(body, "Ora qui non si può salvare nulla") {
		t.Errorf("the form answers %d:\n%s", resp.StatusCode, body)
	}
	const article = "en/returns/fifteen-days.md"
	was, err := os.ReadFile(filepath.Join(site.folder.Dir(), article))
	if err != nil {
		t.Fatal(err)
	}
	resp, body = writer.post("/write/edit/"+article, url.Values{"do": {"save"}, "base": {base[1]}, "body": {string(was) + "\nOne line more.\n"}})
	if resp.StatusCode != http.StatusServiceUnavailable || !strings.Contains(body, "One line more.") {
		t.Errorf("the editor answers %d:\n%s", resp.StatusCode, body)
	}
	if is, err := os.ReadFile(filepath.Join(site.folder.Dir(), article)); err != nil || !bytes.Equal(is, was) {
		t.Errorf("the article is now %d bytes, %v", len(is), err)
	}
	// Files are refused while the last of the room is left for words.
	_, err = site.files.Put(t.Context(), "photo.png", bytes.NewReader(photo))
	if e, ok := errors.AsType[*escalation.Error](err); !ok || e.Reason != "error.storage_full" {
		t.Errorf("a file: %v", err)
	}
	for _, path := range []string{"/it/", "/it/search?q=batteria", "/it/articles/quindici-giorni", "/it/contact", "/healthz"} {
		if resp, _ := visitor.get(path); resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", path, resp.StatusCode)
		}
	}
	for path, b := range map[string]*browser{"/lead": lead, "/lead/people": lead, "/desk": agent, "/desk/tickets/" + acknowledged[0].Number: agent} {
		if resp, body := b.get(path); resp.StatusCode != http.StatusOK || !strings.Contains(body, "nothing can be saved: the server’s disk is full") {
			t.Errorf("%s answers %d:\n%s", path, resp.StatusCode, body)
		}
	}
	if _, body := visitor.get("/it/"); strings.Contains(body, "disco") {
		t.Error("everybody is told about the disk")
	}

	room()
	if code, _ := ready(); code != http.StatusOK {
		t.Errorf("with room again, /readyz answers %d", code)
	}
	if resp, _ := visitor.post("/it/contact", form); resp.StatusCode != http.StatusSeeOther {
		t.Errorf("the form, sent again, answers %d", resp.StatusCode)
	}
	if _, body := agent.get("/desk"); strings.Contains(body, "nothing can be saved") {
		t.Error("the notice stays")
	}
	// 32 MB are never much: the lead is warned, and nobody else.
	if _, body := lead.get("/lead"); !strings.Contains(body, "the server’s disk has") {
		t.Error("the lead is not warned that little room is left")
	}
	if _, body := agent.get("/desk"); strings.Contains(body, "the server’s disk has") {
		t.Error("agents are warned of what they cannot mend")
	}
	for _, want := range acknowledged {
		site.ticket(want.Number)
	}
	if all := tickets(t, site); len(all) != len(acknowledged)+1 {
		t.Errorf("%d tickets, %d were acknowledged", len(all), len(acknowledged)+1)
	}
}

// fill takes all the room there is on a disk, and what others give back later
// (a merged index, a log written home), until room is called.
func fill(t *testing.T, disk string) (room func()) {
	t.Helper()
	name := filepath.Join(disk, "fill")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	take := func() {
		for _, size := range []int{64 << 10, 1} {
			for err := error(nil); err == nil; {
				_, err = f.Write(make([]byte, size))
			}
		}
	}
	take()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				take()
			}
		}
	}()
	room = sync.OnceFunc(func() {
		close(stop)
		<-stopped
		f.Close()
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(room)
	return room
}

// TestLow warns before a disk is full.
func TestLow(t *testing.T) {
	const mb, gb = 1 << 20, 1 << 30
	for _, test := range []struct {
		disk disk
		want int64
	}{
		{disk{10 * gb, 201 * mb}, 0}, {disk{10 * gb, 199 * mb}, 199 * mb},
		{disk{100 * gb, 2 * gb}, 0}, {disk{100 * gb, gb / 2}, gb / 2},
		{disk{10 * gb, 0}, 1}, {disk{}, 0}, // nothing is known of it
	} {
		if got := test.disk.low(); got != test.want {
			t.Errorf("%d of %d left: %d, want %d", test.disk.free, test.disk.size, got, test.want)
		}
	}
}
