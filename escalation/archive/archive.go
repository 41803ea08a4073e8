// Package archive is the one file that a backup is: the rows of a database, the
// files that were attached, and the articles, so that a site can be made of it
// anywhere, on either engine.
//
// It is a gzipped tar: header.json says what it is; tables/<name>/<n>.jsonl hold
// rows, each a JSON array of strings and whole numbers in the order of the
// header's columns; files/<SHA-256> and articles/<path> are as on the disk; and
// manifest.json, the last, has size, digest and rows of all the others. What is
// cut, changed or made by another program has no manifest that fits.
package archive

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"io"
	"strings"
	"time"
)

const (
	// format is what the header calls itself.
	format = "primalinea backup"
	// version of the format.
	version = 1

	// part is at what size rows begin another member, in bytes.
	part = 1 << 20
)

// A Header is what is known of a backup before its rows.
type Header struct {
	Format  string    `json:"format"`
	Version int       `json:"version"` // of the format
	Program string    `json:"program"` // version of who made it
	Created time.Time `json:"created"`
	Engine  string    `json:"engine"`
	Schema  []int64   `json:"schema"` // the migrations that the database had
	Tables  []Table   `json:"tables"` // in the order of their rows
}

// A Table has a name and columns.
type Table struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// A Manifest is what a backup must hold.
type Manifest struct {
	Members []Member         `json:"members"` // all but itself
	Rows    map[string]int64 `json:"rows"`    // of each table
	Missing []string         `json:"missing"` // digests of attached files whose bytes were not there
}

// A Member is one file of the archive.
type Member struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
	Rows   int64  `json:"rows,omitempty"`
}

// Files counts the members whose names begin with a folder, and their bytes.
func (m Manifest) Files(folder string) (n int, size int64) {
	for _, member := range m.Members {
		if strings.HasPrefix(member.Name, folder+"/") {
			n++
			size += member.Size
		}
	}
	return n, size
}

// A Writer writes a backup: rows table by table, then files.
type Writer struct {
	zip      *gzip.Writer
	tar      *tar.Writer
	created  time.Time
	manifest Manifest

	table string // whose rows wait
	part  int    // number of its next member
	rows  int64
	lines []byte
}

// NewWriter begins a backup. It fills in what the format says of itself.
func NewWriter(w io.Writer, h Header) (*Writer, error) {
	h.Format, h.Version = format, version
	zip, err := gzip.NewWriterLevel(w, gzip.BestSpeed)
	if err != nil {
		return nil, err
	}
	a := &Writer{zip: zip, tar: tar.NewWriter(zip), created: h.Created}
	a.manifest.Rows = map[string]int64{}
	for _, t := range h.Tables {
		a.manifest.Rows[t.Name] = 0
	}
	return a, a.document("header.json", h)
}

// document writes a member of JSON.
func (a *Writer) document(name string, v any) error {
	text, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
	return a.bytes(name, append(text, '\n'), 0)
}

func (a *Writer) bytes(name string, b []byte, rows int64) error {
	return a.member(name, int64(len(b)), rows, a.created, strings.NewReader(string(b)))
}

// member writes exactly size bytes of r.
func (a *Writer) member(name string, size, rows int64, modified time.Time, r io.Reader) error {
	if err := a.tar.WriteHeader(&tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: size, Mode: 0o600, ModTime: modified, Format: tar.FormatPAX,
	}); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	sum := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(a.tar, sum), r, size); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	a.manifest.Members = append(a.manifest.Members, Member{Name: name, Size: size, SHA256: digest(sum), Rows: rows})
	return nil
}

func digest(sum hash.Hash) string { return hex.EncodeToString(sum.Sum(nil)) }

// Row adds a row of strings, int64s and nils to a table.
func (a *Writer) Row(table string, row []any) error {
	if table != a.table {
		if err := a.flush(); err != nil {
			return err
		}
		a.table, a.part = table, 0
	}
	line, err := json.Marshal(row)
	if err != nil {
		return fmt.Errorf("table %s: %w", table, err)
	}
	a.lines = append(append(a.lines, line...), '\n')
	a.rows++
	if len(a.lines) >= part {
		return a.flush()
	}
	return nil
}

// flush writes the rows that wait.
func (a *Writer) flush() error {
	if a.rows == 0 {
		return nil
	}
	a.part++
	if err := a.bytes(fmt.Sprintf("tables/%s/%06d.jsonl", a.table, a.part), a.lines, a.rows); err != nil {
		return err
	}
	a.manifest.Rows[a.table] += a.rows
	a.rows, a.lines = 0, a.lines[:0]
	return nil
}

// File adds size bytes of r under a name, which begins with files/ or articles/.
func (a *Writer) File(name string, size int64, modified time.Time, r io.Reader) error {
	if err := a.flush(); err != nil {
		return err
	}
	if size > maxFile {
		return fmt.Errorf("%s: %d MB are too large for a backup", name, size>>20)
	}
	return a.member(name, size, 0, modified, r)
}

// Missing notes that the bytes of an attached file were not there.
func (a *Writer) Missing(hash string) { a.manifest.Missing = append(a.manifest.Missing, hash) }

// Close writes the manifest, and returns it.
func (a *Writer) Close() (Manifest, error) {
	if err := a.flush(); err != nil {
		return a.manifest, err
	}
	said := a.manifest
	if err := a.document("manifest.json", said); err != nil {
		return said, err
	}
	if err := a.tar.Close(); err != nil {
		return said, err
	}
	return said, a.zip.Close()
}
