package main

import (
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
)

// TestAbandoned removes what is here of uploads that nobody went on with, and no other.
func TestAbandoned(t *testing.T) {
	s := newSite(t)
	begin := func(ago time.Duration) string {
		t.Helper()
		u, err := evidence.NewUpload("browser", "", "film.mp4", 100, strings.Repeat("a", 64), s.clock.Now().Add(-ago))
		if err == nil {
			err = errors.Join(s.files.Begin(u.ID), s.db.BeginUpload(t.Context(), u, func(evidence.Usage) error { return nil }))
		}
		if err == nil {
			_, err = s.files.Append(u, 0, []byte("%PDF-1.7 half a bill"))
		}
		if err != nil {
			t.Fatal(err)
		}
		return u.ID
	}
	old, young := begin(evidence.UploadAge+time.Minute), begin(time.Hour)
	if err := s.sweepFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	for id, there := range map[string]bool{old: false, young: true} {
		_, err := s.db.Upload(t.Context(), id)
		n, lost := s.files.Offset(id)
		if (err == nil) != there || (lost == nil) != there || there && n != 20 {
			t.Errorf("there %t: %v, %d bytes, %v", there, err, n, lost)
		}
	}
	// Without its row a part is nobody's, however it came to that.
	if err := s.db.DropUpload(t.Context(), young); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(filepath.Dir(s.folder.Dir()), "files", "incoming")
	parts, err := os.ReadDir(dir)
	if err != nil || len(parts) != 1 {
		t.Fatalf("%d parts in %s, %v", len(parts), dir, err)
	}
	past := time.Now().Add(-evidence.OrphanAge - time.Minute)
	if err := os.Chtimes(filepath.Join(dir, parts[0].Name()), past, past); err != nil {
		t.Fatal(err)
	}
	if err := s.sweepFiles(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.files.Offset(young); escalation.KindOf(err) != escalation.NotFound {
		t.Errorf("it is still here: %v", err)
	}
}

// TestQuotaWarns tells leads, and the metrics, that the room for files comes to an end.
func TestQuotaWarns(t *testing.T) {
	s := newSite(t)
	if err := s.db.StageFile(t.Context(), evidence.Record{ID: "f", Hash: "h", Name: "film.mp4", Type: "video/mp4", Size: 950 << 20, Created: time.Now()}); err != nil {
		t.Fatal(err)
	}
	lead, agent, token := s.enter("lead"), s.enter("agent1"), s.token("watch")
	for quota, warned := range map[evidence.Quota]bool{2 << 30: false, 1 << 30: true} {
		s.health.quota, s.health.tried = quota, time.Time{}
		if err := s.health.check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, body := lead.get("/lead/status"); strings.Contains(body, "--files-quota") != warned {
			t.Errorf("of %d bytes a lead is warned: %t", quota, !warned)
		}
		if _, body := agent.get("/desk"); strings.Contains(body, "--files-quota") {
			t.Error("an agent is warned of what only a lead can mend")
		}
		r := httptest.NewRequest("GET", "/metrics", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		if _, body := lead.do(r); !strings.Contains(string(body), "primalinea_files_bytes 9.961472e+08") || !strings.Contains(string(body), "primalinea_files_quota_bytes") {
			t.Errorf("no figures of files in the metrics:\n%s", short(body))
		}
	}
}
