package evidence

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
)

var dots = image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.White})

func encoded(encode func(io.Writer) error) string {
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		panic(err)
	}
	return b.String()
}

var (
	aPNG  = encoded(func(w io.Writer) error { return png.Encode(w, dots) })
	aGIF  = encoded(func(w io.Writer) error { return gif.Encode(w, dots, nil) })
	aJPEG = encoded(func(w io.Writer) error { return jpeg.Encode(w, dots, nil) })
	aWebP = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
	aPDF  = "%PDF-1.7\n%\xe2\xe3\n1 0 obj\n"
)

func folder(t *testing.T) (*Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "files")
	f, err := OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

// files are the paths in a folder.
func files(t *testing.T, dir string) (list []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			list = append(list, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestPut(t *testing.T) {
	for _, test := range []struct {
		name, content string
		shown, mime   string // what is taken
		refused       string // or why not
	}{
		{"screen.png", aPNG, "screen.png", "image/png", ""},
		{"screen.JPG", aJPEG, "screen.jpg", "image/jpeg", ""},
		{"screen.jpeg", aJPEG, "screen.jpeg", "image/jpeg", ""},
		{"screen", aGIF, "screen.gif", "image/gif", ""},
		{"screen.webp", aWebP, "screen.png", "image/png", ""}, // nothing here writes WebP
		{"IMG_1.HEIC", aHEIC, "IMG_1.heic", "image/heic", ""},
		{"bill.pdf", aPDF, "bill.pdf", "application/pdf", ""},
		{"film.mp4", aFilm("isom"), "film.mp4", "video/mp4", ""},
		{"film.mov", aFilm("qt  "), "film.mov", "video/quicktime", ""},
		{"film.webm", aWebM, "film.webm", "video/webm", ""},

		// What the name says is nothing.
		{"page.html", aPNG, "page.html.png", "image/png", ""},
		{"bill.pdf.exe", aPDF, "bill.pdf.exe.pdf", "application/pdf", ""},
		{"../../etc/passwd", aPNG, "passwd.png", "image/png", ""},
		{`C:\Photos\me.png`, aPNG, "me.png", "image/png", ""},
		{"me\u202egnp.exe", aPNG, "megnp.exe.png", "image/png", ""},
		{"a\r\nSet-Cookie: x\x00.png", aPNG, "aSet-Cookie_ x.png", "image/png", ""},
		{"....", aPNG, "file.png", "image/png", ""},
		{"", aPNG, "file.png", "image/png", ""},
		{strings.Repeat("è", 300) + ".png", aPNG, strings.Repeat("è", 116) + ".png", "image/png", ""},

		{"none.png", "", "", "", "error.file_empty"},
		{"drawing.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "", "", "error.file_type"},
		{"drawing.png", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`, "", "", "error.file_type"},
		{"photo.jpg", "<!doctype html><script>alert(1)</script>", "", "", "error.file_type"},
		{"photo.png", "PK\x03\x04\x14\x00\x00\x00", "", "", "error.file_type"},
		{"bill.pdf", "<html><script>alert(1)</script>" + aPDF, "", "", "error.file_type"},
		{"photo.png", "MZ\x90\x00\x03", "", "", "error.file_type"},
		{"photo.png", "just words", "", "", "error.file_type"},
		{"photo." + strings.Repeat("x", 300), "just words", "", "", "error.file_type"},
		{"photo.png", aPNG[:8] + "and nothing of an image", "", "", "error.file_damaged"},
		{"photo.jpg", aJPEG[:20], "", "", "error.file_damaged"},
		{"long.pdf", aPDF + strings.Repeat("x", MaxDocument), "", "", "error.file_large"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, dir := folder(t)
			file, err := f.Put(t.Context(), test.name, iotest.HalfReader(strings.NewReader(test.content)))
			if test.refused != "" {
				e, ok := errors.AsType[*escalation.Error](err)
				if !ok || e.Kind != escalation.Invalid || e.Reason != test.refused || e.Field != "files" {
					t.Errorf("got %v, want %s", err, test.refused)
				}
				if left := files(t, dir); len(left) > 0 {
					t.Errorf("it left %q", left)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if file.Name != test.shown || file.Type != test.mime || file.ID == "" {
				t.Errorf("got %+v, want %q, %s", file, test.shown, test.mime)
			}
			r, size, err := f.Open(file.Hash)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			got, err := io.ReadAll(r)
			if err != nil || int64(len(got)) != size || size != file.Size {
				t.Errorf("read back %d of %d bytes, %v", len(got), file.Size, err)
			}
			if kind, ok := typeOf(got); !ok || kind.MIME != file.Type {
				t.Errorf("its bytes say %q", kind.MIME)
			}
			if shown := strings.HasPrefix(file.Type, "image/he"); strings.HasPrefix(file.Type, "image/") && !shown != (file.Thumb != "" && file.Width > 0 && file.Height > 0) {
				t.Errorf("its thumbnail: %+v", file)
			}
		})
	}
}

func TestPutLimit(t *testing.T) {
	f, _ := folder(t)
	exact := aPDF + strings.Repeat("x", MaxDocument-len(aPDF))
	if _, err := f.Put(t.Context(), "bill.pdf", strings.NewReader(exact)); err != nil {
		t.Errorf("exactly as long as may be: %v", err)
	}
	// A film may be longer than a document.
	if _, err := f.Put(t.Context(), "film.mp4", strings.NewReader(aFilm("isom")+boxed("free", strings.Repeat("x", MaxDocument)))); err != nil {
		t.Errorf("a film: %v", err)
	}
}

func TestPutTwice(t *testing.T) {
	f, dir := folder(t)
	one, err1 := f.Put(t.Context(), "a.png", strings.NewReader(aPNG))
	two, err2 := f.Put(t.Context(), "b.png", strings.NewReader(aPNG))
	if err1 != nil || err2 != nil || one.Hash != two.Hash || one.Thumb != two.Thumb || one.ID == two.ID || two.Name != "b.png" {
		t.Errorf("%+v %v, %+v %v", one, err1, two, err2)
	}
	if n := len(files(t, dir)); n != 2 { // and its thumbnail
		t.Errorf("%d files for the same bytes", n)
	}
}

func TestPutBroken(t *testing.T) {
	f, dir := folder(t)
	broken := io.MultiReader(strings.NewReader(aPDF+strings.Repeat("x", 9000)), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := f.Put(t.Context(), "bill.pdf", broken); escalation.KindOf(err) != escalation.Fault || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken upload: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := f.Put(ctx, "bill.pdf", strings.NewReader(aPDF)); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
}

func TestOpenNothing(t *testing.T) {
	f, dir := folder(t)
	if err := os.WriteFile(filepath.Join(dir, "secret"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, hash := range []string{"", "secret", "../files/secret", strings.Repeat("a", 64), strings.Repeat("A", 64), strings.Repeat("a", 63) + "/"} {
		if _, _, err := f.Open(hash); escalation.KindOf(err) != escalation.NotFound {
			t.Errorf("Open(%q): %v", hash, err)
		}
	}
}

func TestSweep(t *testing.T) {
	f, dir := folder(t)
	kept, _ := f.Put(t.Context(), "a.png", strings.NewReader(aPNG))
	orphan, _ := f.Put(t.Context(), "a.pdf", strings.NewReader(aPDF))
	part := filepath.Join(dir, incoming, "put-1")
	marker := filepath.Join(dir, "marker")
	for _, path := range []string{part, marker} {
		if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	known := func(_ context.Context, hash string) (bool, error) {
		return hash == kept.Hash || hash == kept.Thumb, nil
	}
	now := time.Now()
	if n, err := f.Sweep(t.Context(), now, known); n != 0 || err != nil {
		t.Errorf("young files: %d removed, %v", n, err)
	}
	later := now.Add(OrphanAge + time.Minute)
	broken := errors.New("no database")
	if n, err := f.Sweep(t.Context(), later, func(context.Context, string) (bool, error) { return false, broken }); n != 0 || !errors.Is(err, broken) {
		t.Errorf("nobody knows: %d removed, %v", n, err)
	}
	if n, err := f.Sweep(t.Context(), later, known); n != 2 || err != nil {
		t.Errorf("%d removed, %v", n, err)
	}
	if _, _, err := f.Open(orphan.Hash); escalation.KindOf(err) != escalation.NotFound {
		t.Errorf("the orphan: %v", err)
	}
	if r, _, err := f.Open(kept.Hash); err != nil {
		t.Error(err)
	} else {
		r.Close()
	}
	if _, err := os.Stat(marker); err != nil {
		t.Error("what is not ours was removed")
	}
}

// TestRemove removes bytes at once, but not those that somebody names or has just put
// again.
func TestRemove(t *testing.T) {
	f, dir := folder(t)
	rec, err := f.Put(t.Context(), "a.pdf", strings.NewReader(aPDF))
	if err != nil {
		t.Fatal(err)
	}
	hash := rec.Hash
	no := errors.New("no database")
	for _, test := range []struct {
		name  string
		since time.Time
		known bool
		err   error
		left  int
	}{
		{"somebody names it", time.Now(), true, nil, 1},
		{"nobody can say", time.Now(), false, no, 1},
		{"put again since", time.Now().Add(-time.Hour), false, nil, 1},
		{"nobody's", time.Now(), false, nil, 0},
		{"gone", time.Now(), false, nil, 0},
	} {
		err := f.Remove(t.Context(), hash, test.since, func(context.Context, string) (bool, error) { return test.known, test.err })
		if !errors.Is(err, test.err) {
			t.Errorf("%s: %v", test.name, err)
		}
		if left := files(t, dir); len(left) != test.left {
			t.Errorf("%s: left are %q", test.name, left)
		}
	}
	if err := f.Remove(t.Context(), "../../etc/passwd", time.Now(), nil); err == nil {
		t.Error("what is no hash was removed")
	}
}

func TestSaid(t *testing.T) {
	l := Said()
	if l.Files != 10 || l.DocumentMB != 20 || l.VideoMB != 200 || l.TogetherMB != 60 || !strings.Contains(l.Accept, "image/jpeg,.jpg") || strings.Contains(l.Accept, "heic") || strings.Contains(l.Accept, "svg") {
		t.Errorf("%+v", l)
	}
}

func FuzzName(f *testing.F) {
	f.Add("photo.png")
	f.Add("../..\\\u202e.\u2044 x\x00.jpeg")
	f.Fuzz(func(t *testing.T, name string) {
		for _, ty := range Types {
			got := cleanName(name, ty)
			if !utf8.ValidString(got) || strings.ContainsAny(got, "/\\\"\r\n\x00;") || strings.HasPrefix(got, ".") ||
				utf8.RuneCountInString(got) > maxName || strings.ContainsFunc(got, unicode.IsControl) ||
				got != cleanName(got, ty) {
				t.Errorf("cleanName(%q) = %q, again %q", name, got, cleanName(got, ty))
			}
		}
	})
}
