package archive

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var header = Header{
	Program: "dev", Created: time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), Engine: "sqlite", Schema: []int64{1, 2},
	Tables: []Table{{"secret", []string{"name", "value"}}, {"empty", []string{"id"}}, {"count", []string{"name", "n"}}},
}

// bytesOfHello have this digest.
const hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

// a backup in memory.
func backup(t testing.TB) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		w.Row("secret", []any{"link", "<&> \"\n\\ è 🦉"}),
		w.Row("secret", []any{"arm", nil}),
		w.Row("count", []any{"most", int64(math.MaxInt64)}),
		w.Row("count", []any{"least", int64(math.MinInt64)}),
		w.File("files/"+hello, 5, time.Time{}, strings.NewReader("hello")),
		w.File("articles/it/resi/così è.md", 3, header.Created, strings.NewReader("Ciao, but only the first of it")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	w.Missing("gone")
	m, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if n, size := m.Files("files"); n != 1 || size != 5 {
		t.Errorf("%d files of %d bytes", n, size)
	}
	return b.Bytes()
}

// told is all that a visitor was told.
type told struct {
	Rows  []string
	Files []string
}

func read(b []byte) (h Header, m Manifest, all told, err error) {
	h, m, err = Read(bytes.NewReader(b), Visitor{
		Row: func(table string, row []any) error {
			all.Rows = append(all.Rows, fmt.Sprintf("%s %#v", table, row))
			return nil
		},
		File: func(name string, modified time.Time, r io.Reader) error {
			text, err := io.ReadAll(r)
			all.Files = append(all.Files, fmt.Sprintf("%s %d %q", name, modified.Unix(), text))
			return err
		},
	})
	return h, m, all, err
}

func TestRead(t *testing.T) {
	h, m, got, err := read(backup(t))
	if err != nil {
		t.Fatal(err)
	}
	want := told{
		Rows: []string{
			fmt.Sprintf("secret %#v", []any{"link", "<&> \"\n\\ è 🦉"}), fmt.Sprintf("secret %#v", []any{"arm", nil}),
			fmt.Sprintf("count %#v", []any{"most", int64(math.MaxInt64)}), fmt.Sprintf("count %#v", []any{"least", int64(math.MinInt64)}),
		},
		Files: []string{"files/" + hello + ` 0 "hello"`, fmt.Sprintf(`articles/it/resi/così è.md %d "Cia"`, header.Created.Unix())},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(map[string]int64{"secret": 2, "empty": 0, "count": 2}, m.Rows); diff != "" || len(m.Missing) != 1 {
		t.Errorf("manifest %+v\n%s", m, diff)
	}
	h.Format, h.Version = "", 0
	if diff := cmp.Diff(header, h); diff != "" {
		t.Errorf("header (-want +got)\n%s", diff)
	}
}

// TestParts begins another member when rows become many.
func TestParts(t *testing.T) {
	var b bytes.Buffer
	w, err := NewWriter(&b, header)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		if err := w.Row("secret", []any{fmt.Sprint(i), strings.Repeat("x", 1000)}); err != nil {
			t.Fatal(err)
		}
	}
	m, err := w.Close()
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := m.Files("tables"); n != 5 || m.Rows["secret"] != 5000 {
		t.Errorf("%d members, %d rows", n, m.Rows["secret"])
	}
	if _, _, got, err := read(b.Bytes()); err != nil || len(got.Rows) != 5000 {
		t.Errorf("%d rows, %v", len(got.Rows), err)
	}
}

// TestHurt cuts a backup at every place, and changes every byte of it. No change
// of what it says goes unnoticed.
func TestHurt(t *testing.T) {
	whole := backup(t)
	_, _, want, _ := read(whole)
	for n := range len(whole) {
		if _, _, _, err := read(whole[:n]); !errors.Is(err, ErrCut) && !errors.Is(err, ErrForeign) {
			t.Fatalf("cut to %d of %d bytes: %v", n, len(whole), err)
		}
		hurt := bytes.Clone(whole)
		hurt[n] ^= 0x10
		if _, _, got, err := read(hurt); err == nil && !reflect.DeepEqual(got, want) {
			t.Fatalf("byte %d changed, and nobody noticed", n)
		}
	}
	if _, _, _, err := read(append(bytes.Clone(whole), "more than a header"...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("with more behind it: %v", err)
	}
	if _, _, _, err := read(append(bytes.Clone(whole), whole...)); !errors.Is(err, ErrDamaged) {
		t.Errorf("twice: %v", err)
	}
}

type entry struct {
	name, text string
	kind       byte
}

// pack makes an archive by hand.
func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	w := tar.NewWriter(zip)
	for _, e := range entries {
		if e.kind == 0 {
			e.kind = tar.TypeReg
		}
		h := &tar.Header{Typeflag: e.kind, Name: e.name, Size: int64(len(e.text)), Mode: 0o600}
		if e.kind == tar.TypeSymlink {
			h.Linkname, h.Size, e.text = e.text, 0, ""
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, e.text); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), zip.Close()); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestForeign refuses what is none of ours, and what only looks like it.
func TestForeign(t *testing.T) {
	h := header
	h.Format, h.Version = format, version
	said, err := json.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	first := entry{name: "header.json", text: string(said)}
	last := entry{name: "manifest.json", text: `{"members":[],"rows":{}}`}
	newer := h
	newer.Version++
	later, err := json.Marshal(newer)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name  string
		bytes []byte
		want  string
	}{
		{"nothing", nil, ErrForeign.Error()},
		{"text", []byte("Dear backup,\n"), ErrForeign.Error()},
		{"an empty tar", pack(t), ErrForeign.Error()},
		{"another tar", pack(t, entry{name: "etc/passwd", text: "root"}), ErrForeign.Error()},
		{"another header", pack(t, entry{name: "header.json", text: `{"format":"x"}`}, last), ErrForeign.Error()},
		{"a newer format", pack(t, entry{name: "header.json", text: string(later)}, last), "is a backup of a newer primalinea (format 2"},
		{"no JSON", pack(t, entry{name: "header.json", text: `{`}, last), ErrDamaged.Error()},
		{"no manifest", pack(t, first), ErrCut.Error()},
		{"a manifest of another", pack(t, first, last), "does not hold what its manifest says"},
		{"out of the folder", pack(t, first, entry{name: "articles/../../x", text: "x"}, last), `"articles/../../x" has no place`},
		{"from the root", pack(t, first, entry{name: "/etc/cron.d/x", text: "x"}, last), "has no place"},
		{"a hidden way up", pack(t, first, entry{name: "articles/it/./x", text: "x"}, last), "has no place"},
		{"no file of ours", pack(t, first, entry{name: "files/../x", text: "x"}, last), "has no place"},
		{"other bytes", pack(t, first, entry{name: "files/" + hello, text: "hullo"}, last), "has other bytes"},
		{"a link", pack(t, first, entry{name: "articles/x", text: "/etc", kind: tar.TypeSymlink}, last), "has no place"},
		{"a folder", pack(t, first, entry{name: "articles/x/", kind: tar.TypeDir}, last), "has no place"},
		{"a device", pack(t, first, entry{name: "articles/x", kind: tar.TypeChar}, last), "has no place"},
		{"twice", pack(t, first, entry{name: "articles/x"}, entry{name: "articles/x"}, last), "has no place"},
		{"two headers", pack(t, first, first, last), "has no place"},
		{"an unknown table", pack(t, first, entry{name: "tables/users/000001.jsonl", text: "[1]\n"}, last), "does not name table users"},
		{"tables in disorder", pack(t, first, entry{name: "tables/count/000001.jsonl", text: "[\"a\",1]\n"},
			entry{name: "tables/secret/000001.jsonl", text: "[\"a\",\"b\"]\n"}, last), "does not name table secret"},
		{"a short row", pack(t, first, entry{name: "tables/count/000001.jsonl", text: "[1]\n"}, last), "a row has 1 values, not 2"},
		{"after its end", pack(t, first, last, entry{name: "articles/x"}), "something comes after its end"},
	} {
		if _, _, _, err := read(test.bytes); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
	}
}

// TestHuge refuses what claims to be larger than anything of ours, before it is
// read.
func TestHuge(t *testing.T) {
	for name, size := range map[string]int64{"header.json": maxHeader, "tables/count/000001.jsonl": maxRows, "files/" + hello: maxFile} {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		w := tar.NewWriter(zip)
		if name != "header.json" {
			h := header
			h.Format = format
			text, err := json.Marshal(h)
			if err != nil {
				t.Fatal(err)
			}
			w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "header.json", Size: int64(len(text))})
			w.Write(text)
		}
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Size: size + 1})
		w.Write([]byte("x"))
		w.Flush()
		zip.Close()
		if _, _, _, err := read(b.Bytes()); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s of %d bytes: %v", name, size+1, err)
		}
	}
}

func TestRow(t *testing.T) {
	for _, test := range []struct {
		line string
		ok   bool
	}{
		{`["a",9223372036854775807]`, true}, {`[null,-9223372036854775808]`, true},
		{`["a",9223372036854775808]`, false}, {`["a",1.5]`, false}, {`["a",1e3]`, false}, {`["a",true]`, false},
		{`["a",[1]]`, false}, {`["a",{}]`, false}, {`["a"]`, false}, {`{"a":1}`, false}, {``, false}, {`["a",1] [1,2]`, false},
	} {
		if row, err := Row([]byte(test.line), 2); (err == nil) != test.ok {
			t.Errorf("Row(%s) = %v, %v", test.line, row, err)
		}
	}
}

// FuzzRow holds that a row is written as it was read.
func FuzzRow(f *testing.F) {
	f.Add([]byte(`["a",1,null]`), 3)
	f.Fuzz(func(t *testing.T, line []byte, columns int) {
		row, err := Row(line, columns)
		if err != nil {
			return
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := Row(text, columns); err != nil || !reflect.DeepEqual(again, row) {
			t.Errorf("%s is read as %v, then as %v (%v)", line, row, again, err)
		}
	})
}

// FuzzMember holds that a member with any name and text is refused or shown under
// a name that leads nowhere but down, and never taken for a whole backup.
func FuzzMember(f *testing.F) {
	f.Add("articles/../x", []byte("x"), byte(tar.TypeReg))
	f.Add("tables/count/000001.jsonl", []byte("[\"a\",1]\n"), byte(tar.TypeReg))
	f.Add("manifest.json", []byte(`{"members":[{"name":"header.json"}],"rows":{"count":0}}`), byte(tar.TypeReg))
	h := header
	h.Format = format
	said, err := json.Marshal(h)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, name string, text []byte, kind byte) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "header.json", Size: int64(len(said))})
		w.Write(said)
		if w.WriteHeader(&tar.Header{Typeflag: kind, Name: name, Size: int64(len(text))}) != nil {
			return
		}
		w.Write(text)
		w.Close()
		a := newReader(Visitor{File: func(name string, _ time.Time, _ io.Reader) error {
			if folder, _, _ := strings.Cut(name, "/"); path.Clean("/"+name) != "/"+name || folder != "files" && folder != "articles" {
				t.Errorf("shown %q", name)
			}
			return nil
		}})
		if err := a.unpack(&b); err == nil {
			t.Errorf("%q with %q is taken for a backup", name, text)
		}
	})
}
