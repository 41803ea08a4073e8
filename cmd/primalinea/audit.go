package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"primalinea/escalation/audit"
	"primalinea/escalation/store"
)

// auditMarks is the file in the data folder that says how far the record of who did
// what went, and with which hash: whoever has the database alone cannot change it.
const auditMarks = "audit.marks"

// markAudit adds to a file where the lanes of the record end that moved since.
func markAudit(ctx context.Context, db *store.DB, path string) error {
	known, err := readMarks(path)
	if err != nil {
		return err
	}
	last := map[int]int64{}
	for _, m := range known {
		last[m.Lane] = m.Seq
	}
	marks, err := db.AuditMarks(ctx)
	if err != nil {
		return err
	}
	var lines bytes.Buffer
	for _, m := range marks {
		if m.Seq == last[m.Lane] {
			continue
		}
		if err := json.NewEncoder(&lines).Encode(m); err != nil {
			return err
		}
	}
	if lines.Len() == 0 {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	err = appendLines(f, lines.Bytes())
	return errors.Join(err, f.Sync(), f.Close())
}

// appendLines adds lines to a file, in place of one that was broken off at its end.
func appendLines(f *os.File, lines []byte) error {
	text, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	_, err = f.WriteAt(lines, int64(bytes.LastIndexByte(text, '\n')+1))
	return err
}

// readMarks returns what such a file says; without one, nothing. A last line that was
// broken off is none.
func readMarks(path string) ([]audit.Mark, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var marks []audit.Mark
	n := 0
	for line := range bytes.Lines(text) {
		n++
		var m audit.Mark
		if wrong := json.Unmarshal(line, &m); wrong != nil {
			if !bytes.HasSuffix(line, []byte("\n")) {
				break
			}
			return nil, fmt.Errorf("%s:%d: %w", path, n, wrong)
		}
		marks = append(marks, m)
	}
	return marks, err
}

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Look for what was changed, deleted, moved or cut off; the exit code is 1 if something was."`
}

type auditVerifyCmd struct {
	place `embed:""`
	Marks string `help:"Compare with this copy of audit.marks, instead of the one in the data folder." placeholder:"FILE"`
}

// Run prints what is not as it was written, and where.
func (k auditVerifyCmd) Run(out io.Writer) error {
	path := k.Marks
	if path == "" {
		path = filepath.Join(k.Data, auditMarks)
	} else if _, err := os.Stat(path); err != nil {
		return usageError{fmt.Errorf("--marks: %w", err)}
	}
	marks, err := readMarks(path)
	if err != nil {
		return err
	}
	return k.with(func(ctx context.Context, db *store.DB) error {
		v, err := db.VerifyAudit(ctx, marks)
		if err != nil {
			return err
		}
		for _, f := range v.Found {
			fmt.Fprintln(out, f)
		}
		for _, m := range v.Ends {
			fmt.Fprintf(out, "lane %d ends with act %d, hash %s\n", m.Lane, m.Seq, m.Hash)
		}
		fmt.Fprintf(out, "%d acts, %d tickets with %d entries, %d marks\n", v.Acts, v.Tickets, v.Entries, len(marks))
		if n := len(v.Found); n > 0 {
			return fmt.Errorf("the record is not as it was written: problems: %d", n)
		}
		return nil
	})
}
