package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
)

// sumOf is the hash of a file that comes in pieces, as browsers make it.
func sumOf(content string) string {
	var all []byte
	for at := 0; at < len(content); at += Piece {
		h := sha256.Sum256([]byte(content[at:min(len(content), at+Piece)]))
		all = append(all, h[:]...)
	}
	sum := sha256.Sum256(all)
	return hex.EncodeToString(sum[:])
}

func upload(t testing.TB, content string) Upload {
	t.Helper()
	first := sha256.Sum256([]byte(content[:min(len(content), Piece)]))
	u, err := NewUpload("browser", "sender", "film.mp4", int64(len(content)), hex.EncodeToString(first[:]), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// TestCutUpload cuts an upload at 90 %, in the middle of a piece, and goes on: nothing is
// lost, and nothing but the whole can be taken.
func TestCutUpload(t *testing.T) {
	f, dir := folder(t)
	content := aFilm("isom") + boxed("mdat", strings.Repeat("0123456789abcdef", 200_000))
	u := upload(t, content)
	if err := f.Begin(u.ID); err != nil {
		t.Fatal(err)
	}
	at := int64(0)
	send := func(from, to int) error {
		t.Helper()
		n, err := f.Append(u, int64(from), []byte(content[from:to]))
		at = n
		return err
	}
	cut := len(content) * 9 / 10
	for from := 0; from < cut; from += Piece {
		if err := send(from, min(cut, from+Piece)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Finish(t.Context(), u, sumOf(content)); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("nine tenths are taken: %v", err)
	}
	// Again from the beginning, with a gap, and beyond the end: nothing of it counts.
	for _, piece := range [][2]int{{0, Piece}, {cut + 1, cut + 2}, {cut - 1, cut}} {
		if err := send(piece[0], piece[1]); escalation.KindOf(err) != escalation.Conflict || at != int64(cut) {
			t.Errorf("%v: %v, at %d", piece, err, at)
		}
	}
	if _, err := f.Append(u, int64(cut), []byte(content[cut:]+"x")); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("more than it said: %v", err)
	}
	// The program was started anew: the bytes say how much is here.
	again, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	f = again
	if n, err := f.Offset(u.ID); err != nil || n != int64(cut) {
		t.Fatalf("here are %d, %v", n, err)
	}
	if err := send(cut, len(content)); err != nil {
		t.Fatal(err)
	}
	rec, err := f.Finish(t.Context(), u, sumOf(content))
	if err != nil || rec.Size != u.Size || rec.Type != "video/mp4" || rec.Name != "film.mp4" {
		t.Fatalf("%+v, %v", rec, err)
	}
	if want, err := keptOf(t, "film.mp4", content); err != nil || !strings.HasSuffix(want, content[len(content)-1000:]) {
		t.Error(err)
	}
	whole, err := f.Put(t.Context(), "film.mp4", strings.NewReader(content))
	if err != nil || whole.Hash != rec.Hash {
		t.Errorf("in pieces it is another than in one: %v", err)
	}
	if left := files(t, dir); len(left) != 1 {
		t.Errorf("left are %q", left)
	}
}

// TestUploadRefused refuses what cannot be taken as soon as it is seen, and what did not
// arrive as it was sent.
func TestUploadRefused(t *testing.T) {
	f, dir := folder(t)
	film := aFilm("isom")
	for _, test := range []struct {
		name, content, sum string
		appended, finished string // reasons
	}{
		{"a page", "<!doctype html><script>1</script>", "", "error.file_type", ""},
		{"changed on its way", film, sumOf(film + "x"), "", "error.file_cut"},
		{"no hash", film, "", "", "error.file_cut"},
		{"no whole film", film[:len(film)-100], sumOf(film[:len(film)-100]), "", "error.file_film"},
		{"a long bill", aPDF + strings.Repeat("x", MaxDocument), "", "error.file_large", ""},
	} {
		u := upload(t, test.content)
		if err := f.Begin(u.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Append(u, 0, []byte(test.content[:min(len(test.content), Piece)])); reasonOf(err) != test.appended {
			t.Errorf("%s: %v, want %q", test.name, err, test.appended)
		}
		if test.finished != "" {
			if _, err := f.Finish(t.Context(), u, test.sum); reasonOf(err) != test.finished {
				t.Errorf("%s, as a whole: %v, want %q", test.name, err, test.finished)
			}
			if _, err := f.Offset(u.ID); escalation.KindOf(err) != escalation.NotFound {
				t.Errorf("%s: something stays, %v", test.name, err)
			}
		}
		if err := f.Abandon(u.ID); err != nil {
			t.Error(err)
		}
	}
	for _, id := range []string{"", "../put-1", strings.Repeat("A", 26), strings.Repeat("a", 25) + "/"} {
		if err := f.Begin(id); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("Begin(%q): %v", id, err)
		}
		if _, err := f.Append(Upload{ID: id, Size: 9}, 0, []byte("x")); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("Append(%q): %v", id, err)
		}
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("left are %q", left)
	}
	for size, reason := range map[int64]string{0: "error.file_empty", -1: "error.file_empty", MaxVideo: "", MaxVideo + 1: "error.file_large"} {
		if _, err := NewUpload("b", "s", "n", size, strings.Repeat("a", 64), time.Now()); reasonOf(err) != reason {
			t.Errorf("of %d bytes: %v", size, err)
		}
	}
	if _, err := NewUpload("b", "s", "n", 1, "none", time.Now()); reasonOf(err) != "error.file_cut" {
		t.Errorf("without a print: %v", err)
	}
}

// TestFullDisk takes nothing more in when the disk is nearly full, whatever began before;
// what is here of it stays, and goes on later.
func TestFullDisk(t *testing.T) {
	f, _ := folder(t)
	full := false
	f.Full = func() bool { return full }
	bill := aPDF + strings.Repeat("x", Piece)
	u := upload(t, bill)
	if err := f.Begin(u.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Append(u, 0, []byte(bill[:Piece])); err != nil {
		t.Fatal(err)
	}
	full = true
	if n, err := f.Append(u, Piece, []byte(bill[Piece:])); n != Piece || reasonOf(err) != "error.storage_full" {
		t.Errorf("a piece: %d, %v", n, err)
	}
	if _, err := f.Put(t.Context(), "bill.pdf", strings.NewReader(bill)); reasonOf(err) != "error.storage_full" {
		t.Errorf("a form: %v", err)
	}
	full = false
	if n, err := f.Append(u, Piece, []byte(bill[Piece:])); n != u.Size || err != nil {
		t.Errorf("later: %d, %v", n, err)
	}
	full = true
	if _, err := f.Finish(t.Context(), u, sumOf(bill)); reasonOf(err) != "error.storage_full" {
		t.Errorf("as a whole: %v", err)
	}
	full = false
	if _, err := f.Finish(t.Context(), u, sumOf(bill)); err != nil {
		t.Errorf("as a whole, later: %v", err)
	}
}

// TestQuota says who finds room for what.
func TestQuota(t *testing.T) {
	const q = Quota(10 << 30)
	for _, test := range []struct {
		used   Usage
		sender string
		size   int64
		want   string
	}{
		{Usage{}, "a", MaxVideo, ""},
		{Usage{Sender: MaxStaged - 10}, "a", 10, ""},
		{Usage{Sender: MaxStaged - 10}, "a", 11, "error.staged_much"},
		{Usage{Uploads: MaxUploads}, "a", 1, "error.staged_much"},
		{Usage{Staged: 2 << 30}, "a", 1, "error.storage_full"},
		{Usage{Staged: 2 << 30, Sender: MaxStaged}, "", 1, ""},
		{Usage{All: 10<<30 - 5}, "a", 5, ""},
		{Usage{All: 10<<30 - 5}, "a", 6, "error.storage_full"},
		{Usage{All: 10<<30 - 5}, "", 6, "error.storage_full"},
	} {
		if err := q.Admit(test.used, test.sender, test.size); reasonOf(err) != test.want {
			t.Errorf("%+v, %q, %d: %v, want %q", test.used, test.sender, test.size, err, test.want)
		}
	}
	if q.Low(9<<30) || !q.Low(9<<30+1) {
		t.Error("it is low at another figure")
	}
}

// BenchmarkUpload takes a film of 100 MB in pieces.
func BenchmarkUpload(b *testing.B) {
	f, err := OpenFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(100 << 20)
	for i := 0; b.Loop(); i++ {
		content := aFilm("isom") + boxed("mdat", strings.Repeat(fmt.Sprintf("%016d", i), 100<<16))
		sum := sumOf(content)
		u := upload(b, content)
		if err := f.Begin(u.ID); err != nil {
			b.Fatal(err)
		}
		for at := 0; at < len(content); at += Piece {
			if _, err := f.Append(u, int64(at), []byte(content[at:min(len(content), at+Piece)])); err != nil {
				b.Fatal(err)
			}
		}
		if _, err := f.Finish(b.Context(), u, sum); err != nil {
			b.Fatal(err)
		}
	}
}
