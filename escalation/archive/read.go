package archive

import (
	"archive/tar"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Errors about what is not a whole backup.
var (
	ErrForeign = errors.New("is no backup of primalinea")
	ErrCut     = errors.New("is cut off: it ends before its end")
	ErrDamaged = errors.New("is damaged")
)

// No member of ours is larger; what says that it is would be read in vain.
const (
	maxHeader   = 1 << 20
	maxRows     = 64 << 20
	maxFile     = 1 << 30
	maxManifest = 256 << 20
)

// A Visitor is shown what a backup holds, in its order. Its functions may be nil.
type Visitor struct {
	Header func(Header) error
	Row    func(table string, row []any) error
	// File reads the bytes of a member whose name begins with files/ or articles/.
	// It need not read them all.
	File func(name string, modified time.Time, r io.Reader) error
}

// Read shows a visitor what a backup holds, and then says whether that was all,
// as it was written: until Read has returned nil, nothing is certain.
func Read(r io.Reader, v Visitor) (Header, Manifest, error) {
	a := newReader(v)
	err := a.read(r)
	switch {
	case err == nil:
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = ErrCut
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, tar.ErrHeader), errors.As(err, new(flate.CorruptInputError)),
		errors.Is(err, gzip.ErrHeader):
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return a.header, a.manifest, err
}

type reader struct {
	visitor  Visitor
	header   Header
	found    Manifest // what was seen
	manifest Manifest // what it was to be
	names    map[string]bool
	last     int // the table of the rows before, by its place in the header
}

func newReader(v Visitor) *reader {
	return &reader{visitor: v, names: map[string]bool{}, found: Manifest{Rows: map[string]int64{}}}
}

func (a *reader) read(r io.Reader) error {
	zip, err := gzip.NewReader(r)
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrForeign
	}
	if err != nil {
		return err
	}
	return a.unpack(zip)
}

// unpack reads what the gzip held.
func (a *reader) unpack(zip io.Reader) error {
	members := tar.NewReader(zip)
	for first := true; ; first = false {
		h, err := members.Next()
		switch {
		case first && (errors.Is(err, io.EOF) || errors.Is(err, tar.ErrHeader)),
			first && err == nil && h.Name != "header.json":
			return ErrForeign
		case errors.Is(err, io.EOF):
			return ErrCut // there is no manifest yet
		case err != nil:
			return err
		case h.Typeflag != tar.TypeReg || h.Size < 0 || a.names[h.Name]:
			return fmt.Errorf("%w: %q has no place in it", ErrDamaged, h.Name)
		}
		a.names[h.Name] = true
		if h.Name == "manifest.json" {
			if err := document(members, h.Size, maxManifest, &a.manifest); err != nil {
				return err
			}
			return a.end(members, zip)
		}
		if err := a.member(h, members); err != nil {
			return err
		}
	}
}

// end compares what was found with what is said, and makes sure that nothing
// comes after.
func (a *reader) end(members *tar.Reader, zip io.Reader) error {
	if _, err := members.Next(); !errors.Is(err, io.EOF) {
		if err == nil {
			err = fmt.Errorf("%w: something comes after its end", ErrDamaged)
		}
		return err
	}
	// Reading to the end lets gzip compare its own sum. Some programs fill up with
	// zeros.
	rest, err := io.ReadAll(io.LimitReader(zip, part))
	if err != nil {
		return err
	}
	if len(rest) == part || len(bytes.Trim(rest, "\x00")) > 0 {
		return fmt.Errorf("%w: something comes after its end", ErrDamaged)
	}
	for _, t := range a.header.Tables {
		a.found.Rows[t.Name] += 0
	}
	if len(a.found.Members) != len(a.manifest.Members) || !reflect.DeepEqual(a.found.Rows, a.manifest.Rows) {
		return fmt.Errorf("%w: it does not hold what its manifest says", ErrDamaged)
	}
	for i, m := range a.found.Members {
		if m != a.manifest.Members[i] {
			return fmt.Errorf("%w: %s is not what its manifest says", ErrDamaged, m.Name)
		}
	}
	return nil
}

var tableForm = regexp.MustCompile(`^tables/([a-z0-9_]+)/[0-9]{6,}\.jsonl$`)
var fileForm = regexp.MustCompile(`^files/[0-9a-f]{64}$`)

// member reads one, and shows it to the visitor.
func (a *reader) member(h *tar.Header, r io.Reader) error {
	sum := sha256.New()
	m := Member{Name: h.Name, Size: h.Size}
	in := io.TeeReader(r, sum)
	var err error
	table := tableForm.FindStringSubmatch(h.Name)
	switch {
	case h.Name == "header.json":
		err = a.begin(in, h.Size)
	case table != nil:
		m.Rows, err = a.rows(table[1], in, h.Size)
	case fileForm.MatchString(h.Name), strings.HasPrefix(h.Name, "articles/") && Local(h.Name):
		if h.Size > maxFile {
			return fmt.Errorf("%w: %s has %d bytes", ErrDamaged, h.Name, h.Size)
		}
		if a.visitor.File != nil {
			err = a.visitor.File(h.Name, h.ModTime, in)
		}
	default:
		return fmt.Errorf("%w: %q has no place in it", ErrDamaged, h.Name)
	}
	if err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, in); err != nil {
		return err
	}
	m.SHA256 = digest(sum)
	if fileForm.MatchString(h.Name) && path.Base(h.Name) != m.SHA256 {
		return fmt.Errorf("%w: %s has other bytes", ErrDamaged, h.Name)
	}
	a.found.Members = append(a.found.Members, m)
	return nil
}

// Local reports whether a slash-separated path leads nowhere but down.
func Local(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.Contains(name, "\x00")
}

// begin reads the header.
func (a *reader) begin(r io.Reader, size int64) error {
	if err := document(r, size, maxHeader, &a.header); err != nil {
		return err
	}
	switch {
	case a.header.Format != format:
		return ErrForeign
	case a.header.Version > version:
		return fmt.Errorf("is a backup of a newer primalinea (format %d, this one knows %d)", a.header.Version, version)
	}
	if a.visitor.Header != nil {
		return a.visitor.Header(a.header)
	}
	return nil
}

// document reads a member of JSON.
func document(r io.Reader, size, most int64, v any) error {
	if size > most {
		return fmt.Errorf("%w: %d bytes of JSON", ErrDamaged, size)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, v); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return nil
}

// rows reads rows, and shows them to the visitor.
func (a *reader) rows(table string, r io.Reader, size int64) (n int64, err error) {
	for ; a.last < len(a.header.Tables) && a.header.Tables[a.last].Name != table; a.last++ {
	}
	if a.last >= len(a.header.Tables) {
		return 0, fmt.Errorf("%w: its header does not name table %s, or not in this place", ErrDamaged, table)
	}
	if size > maxRows {
		return 0, fmt.Errorf("%w: %d bytes of rows at once", ErrDamaged, size)
	}
	text, err := io.ReadAll(r)
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		row, err := Row(line, len(a.header.Tables[a.last].Columns))
		if err != nil {
			return n, fmt.Errorf("%w: table %s: %w", ErrDamaged, table, err)
		}
		n++
		if a.visitor.Row != nil {
			if err := a.visitor.Row(table, row); err != nil {
				return n, err
			}
		}
	}
	a.found.Rows[table] += n
	return n, nil
}

// Row reads a line of rows: an array of so many strings, whole numbers of 64 bits
// and nulls.
func Row(line []byte, columns int) ([]any, error) {
	d := json.NewDecoder(bytes.NewReader(line))
	d.UseNumber()
	var row []any
	if err := d.Decode(&row); err != nil {
		return nil, fmt.Errorf("a row is no JSON array: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something comes after a row")
	}
	if len(row) != columns {
		return nil, fmt.Errorf("a row has %d values, not %d", len(row), columns)
	}
	for i, v := range row {
		switch v := v.(type) {
		case nil, string:
		case json.Number:
			n, err := strconv.ParseInt(v.String(), 10, 64)
			if err != nil {
				return nil, fmt.Errorf("a row has the number %.40s", v)
			}
			row[i] = n
		default:
			return nil, fmt.Errorf("a row has a %T", v)
		}
	}
	return row, nil
}
