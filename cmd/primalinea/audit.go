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

// marksTail is how many bytes at the end of that file say how far each lane was: it
// grows for ever. A lane that stood still for longer is marked once more.
const marksTail = 64 << 10

// markAudit adds to a file where the lanes of the record end that moved since.
func markAudit(ctx context.Context, db *store.DB, path string) error {
	marks, err := db.AuditMarks(ctx)
	if err != nil || len(marks) == 0 {
		return err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	return errors.Join(addMarks(f, marks), f.Close())
}

// addMarks adds those marks to a file that it does not end with, in place of a line
// that was broken off.
func addMarks(f *os.File, marks []audit.Mark) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	from := max(0, size-marksTail)
	tail := make([]byte, size-from)
	if _, err := f.ReadAt(tail, from); err != nil {
		return err
	}
	end := size - int64(len(tail)) + int64(bytes.LastIndexByte(tail, '\n')+1)
	if from > 0 { // within a line
		tail = tail[bytes.IndexByte(tail, '\n')+1:]
	}
	known, err := parseMarks(tail, f.Name())
	if err != nil {
		return err
	}
	last := map[int]int64{}
	for _, m := range known {
		last[m.Lane] = m.Seq
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
	_, err = f.WriteAt(lines.Bytes(), end)
	return errors.Join(err, f.Sync())
}

// readMarks returns what such a file says; without one, nothing.
func readMarks(path string) ([]audit.Mark, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseMarks(text, path)
}

// parseMarks reads lines of such a file. A last one that was broken off is none.
func parseMarks(text []byte, path string) ([]audit.Mark, error) {
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
	return marks, nil
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
