package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"primalinea/escalation/audit"
	"primalinea/escalation/store"
)

// TestAuditVerify says by its exit code, and in words, whether the record is as it was
// written, compares it with the marks of the data folder, and with a copy of them.
func TestAuditVerify(t *testing.T) {
	dir := t.TempDir()
	verify := func(args ...string) (code int, said string) {
		var out, problem strings.Builder
		code = run(append([]string{"audit", "verify", "--data", dir}, args...), &out, &problem)
		return code, out.String() + problem.String()
	}
	for _, name := range []string{"shop", "till", "robot"} {
		if code := run([]string{"token", "create", "--name", name, "--data", dir}, new(strings.Builder), os.Stderr); code != 0 {
			t.Fatal("no token")
		}
	}
	if code, said := verify(); code != 0 || !strings.Contains(said, "4 acts, 0 tickets") {
		t.Fatalf("exit code %d: %s", code, said)
	}
	marks := filepath.Join(dir, auditMarks)
	if err := (place{Data: dir}).with(func(ctx context.Context, db *store.DB) error {
		if err := markAudit(ctx, db, marks); err != nil {
			return err
		}
		// What was broken off is made good the next time.
		f, err := os.OpenFile(marks, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			return err
		}
		if _, err := f.WriteString(`{"lane":0,"se`); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
		if err := db.SetSetting(ctx, "outside_links", true); err != nil {
			return err
		}
		return errors.Join(markAudit(ctx, db, marks), markAudit(ctx, db, marks))
	}); err != nil {
		t.Fatal(err)
	}
	if known, err := readMarks(marks); err != nil || len(known) != 2 || known[1].Seq != 5 {
		t.Fatalf("marks %+v, %v", known, err)
	}
	if code, said := verify(); code != 0 || !strings.Contains(said, "5 acts, 0 tickets with 0 entries, 2 marks") {
		t.Fatalf("exit code %d: %s", code, said)
	}
	copied := filepath.Join(t.TempDir(), "marks")
	if err := os.Rename(marks, copied); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", filepath.Join(dir, "primalinea.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, q := range []string{`DELETE FROM setting`, `DELETE FROM audit WHERE seq = 5`, `UPDATE audit_head SET seq = 4, hash = (SELECT hash FROM audit WHERE seq = 4) WHERE lane = 0`} {
		if _, err := db.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	// Who has the database and the data folder leaves nothing to compare with.
	if code, said := verify(); code != 0 {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := verify("--marks", copied); code != 1 || !strings.Contains(said, "act 0.5 is missing at the end") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if _, err := db.Exec(`UPDATE audit SET object = 'safe' WHERE object = 'till'`); err != nil {
		t.Fatal(err)
	}
	if code, said := verify(); code != 1 || !strings.Contains(said, "act 0.3 (") || !strings.Contains(said, "problems: 1") {
		t.Errorf("exit code %d: %s", code, said)
	}
	if code, said := verify("--marks", "nowhere"); code != 2 {
		t.Errorf("exit code %d: %s", code, said)
	}
	if err := os.WriteFile(marks, []byte("{}\nnonsense\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, said := verify(); code != 1 || !strings.Contains(said, "audit.marks:2") {
		t.Errorf("exit code %d: %s", code, said)
	}
}

// TestManyMarks adds to a file of marks that grew for years, and looks at its end alone:
// what is damaged before it does not keep it from going on.
func TestManyMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), auditMarks)
	var text strings.Builder
	text.WriteString("damaged\n")
	for seq := range int64(3000) {
		if err := json.NewEncoder(&text).Encode(audit.Mark{Seq: seq + 1, Hash: "h"}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text.String()); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := addMarks(f, []audit.Mark{{Seq: 3000, Hash: "h"}, {Lane: 1, Seq: 7, Hash: "i"}}); err != nil {
			t.Fatal(err)
		}
	}
	after, err := os.ReadFile(path)
	if added, ok := strings.CutPrefix(string(after), text.String()); err != nil || !ok || strings.Count(added, "\n") != 1 || !strings.Contains(added, `"seq":7`) {
		t.Errorf("it added %q, %v", added, err)
	}
	if _, err := readMarks(path); err == nil || !strings.Contains(err.Error(), "audit.marks:1") {
		t.Errorf("the whole of it reads: %v", err)
	}
}
