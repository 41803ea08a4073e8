package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"

	"primalinea/escalation"
)

// boxed is a box around others.
func boxed(kind string, parts ...string) string {
	in := strings.Join(parts, "")
	return string(binary.BigEndian.AppendUint32(nil, uint32(8+len(in)))) + kind + in
}

// u32 are numbers as boxes have them.
func u32(n ...int) string {
	var b []byte
	for _, v := range n {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return string(b)
}

func hdlr(kind string) string { return boxed("hdlr", u32(0, 0), kind, u32(0, 0, 0), "\x00") }

// track is one whose samples lie at places in the file, each so long.
func track(kind string, each int, places ...int) string {
	return boxed("trak", boxed("tkhd", u32(0)), boxed("udta", "GEO in a track"), boxed("mdia", boxed("mdhd", u32(0)), hdlr(kind),
		boxed("minf", boxed("stbl", boxed("stsd", u32(0, 0)), boxed("stsz", u32(0, each, len(places))),
			boxed("stsc", u32(0, 1, 1, 1, 1)), boxed("stco", u32(0, len(places)), u32(places...))))))
}

const position = "+45.4642+009.1900/"

// filmOf is a film of a telephone: what is seen, what is heard, and a track of what
// the telephone noted, all with the place.
func filmOf(brand string, extra ...string) string {
	ftyp := boxed("ftyp", brand, "\x00\x00\x02\x00", brand, "mp41")
	mdat := boxed("mdat", "picture1", "GEO-note", "picture2", "GEO-note", "sound-1.")
	at := len(ftyp) + 8
	moov := boxed("moov", boxed("mvhd", strings.Repeat("\x00", 100)), track("vide", 8, at, at+16), track("soun", 8, at+32), track("meta", 8, at+8, at+24),
		boxed("udta", boxed("\xa9xyz", "\x00\x12\x15\xc7"+position), boxed("loci", "GEO")),
		boxed("meta", u32(0), boxed("keys", "com.apple.quicktime.location.ISO6709"), boxed("ilst", position)),
		boxed("uuid", "0123456789abcdef<GEO/>"))
	return ftyp + mdat + boxed("uuid", "0123456789abcdefGEO") + boxed("free", "GEO") + moov + strings.Join(extra, "")
}

func aFilm(brand string) string { return filmOf(brand) }

// aHEIC is a picture with EXIF and XMP.
var aHEIC = func() string {
	ftyp := boxed("ftyp", "heic", u32(0), "mif1heic")
	infe := func(id int, kind string) string {
		return boxed("infe", "\x02\x00\x00\x00", u32(id<<16), kind, "\x00")
	}
	meta := func(at int) string {
		iloc := "\x01\x00\x00\x00\x44\x00\x00\x03" + // version 1, numbers of four bytes, three items
			"\x00\x01\x00\x00\x00\x00\x00\x01" + u32(at, 8) +
			"\x00\x02\x00\x00\x00\x00\x00\x01" + u32(at+8, 8) +
			"\x00\x03\x00\x01\x00\x00\x00\x01" + u32(2, 8)
		return boxed("meta", u32(0), hdlr("pict"), boxed("pitm", u32(0), "\x00\x01"), boxed("iinf", u32(0), "\x00\x03", infe(1, "hvc1"), infe(2, "Exif"), infe(3, "mime")),
			boxed("iloc", iloc), boxed("idat", "..GEO-note.."), boxed("xml ", "<GEO/>"))
	}
	at := len(ftyp) + len(meta(0)) + 8
	return ftyp + meta(at) + boxed("mdat", "picture1", "GEO-note", "picture2") + boxed("udta", "GEO")
}()

// ebml is an element.
func ebml(id string, parts ...string) string {
	in := strings.Join(parts, "")
	return id + string([]byte{0x40 | byte(len(in)>>8), byte(len(in))}) + in
}

var aWebM = "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\xf2\x81\x04\x42\xf3\x81\x08\x42\x82\x84webm\x42\x87\x81\x04\x42\x85\x81\x02" +
	"\x18\x53\x80\x67\x01\xff\xff\xff\xff\xff\xff\xff" + // a segment whose length nobody knew, as browsers record
	ebml("\x15\x49\xa9\x66", "info") + ebml("\x12\x54\xc3\x67", "LOCATION GEO-note") +
	"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff" + ebml("\xe7", "\x00") + ebml("\xa3", "picture1") + ebml("\xec", "GEO") +
	"\x1f\x43\xb6\x75\x01\xff\xff\xff\xff\xff\xff\xff" + ebml("\xe7", "\x01") + ebml("\xa3", "picture2") +
	ebml("\x19\x41\xa4\x69", "GEO")

// keptOf puts a file in, and returns what lies there then.
func keptOf(t *testing.T, name, content string) (string, error) {
	t.Helper()
	f, _ := folder(t)
	rec, err := f.Put(t.Context(), name, strings.NewReader(content))
	if err != nil {
		return "", err
	}
	r, _, err := f.Open(rec.Hash)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b), nil
}

// TestPlace takes the place out of films and of HEIC pictures. What is seen and heard
// stays where it was.
func TestPlace(t *testing.T) {
	large := "\x00\x00\x00\x01udta\x00\x00\x00\x00\x00\x00\x00\x13GEO" // with a length of 64 bits
	for name, content := range map[string]string{
		"film.mp4": filmOf("isom"), "film.mov": filmOf("qt  "), "large.mp4": filmOf("isom", large), "tail.mp4": filmOf("isom", "GEO GEO GEO"),
		"me.heic": aHEIC, "film.webm": aWebM,
	} {
		got, err := keptOf(t, name, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for _, gone := range []string{"GEO", position, "ISO6709", "<GEO/>"} {
			if strings.Contains(got, gone) {
				t.Errorf("%s still says %s:\n%q", name, gone, got)
			}
		}
		if len(got) != len(content) {
			t.Errorf("%s has %d bytes, of %d", name, len(got), len(content))
		}
		for _, stays := range []string{"picture1", "picture2", "sound-1."} {
			if i := strings.Index(content, stays); i >= 0 && !strings.HasPrefix(got[i:], stays) {
				t.Errorf("%s lost %s", name, stays)
			}
		}
		again, err := keptOf(t, name, got)
		if err != nil || again != got {
			t.Errorf("%s taken in again is another: %v", name, err)
		}
	}
}

// TestPlaceRefused refuses films of which the place cannot be taken, and what is no
// whole film.
func TestPlaceRefused(t *testing.T) {
	ftyp := boxed("ftyp", "isom", u32(512), "isommp41")
	described := boxed("moov", boxed("mvhd", u32(0)), track("vide", 8), track("meta", 8))
	for name, test := range map[string]struct{ content, reason string }{
		"pieces":       {ftyp + described + boxed("moof", boxed("mfhd", u32(0, 1))) + boxed("mdat", "GEO"), "error.file_place"},
		"elsewhere":    {ftyp + boxed("mdat", "12345678") + boxed("moov", boxed("mvhd", u32(0)), track("vide", 8), track("sbtl", 8, 4)), "error.file_place"},
		"no table":     {ftyp + boxed("mdat", "12345678") + boxed("moov", track("vide", 8), boxed("trak", boxed("mdia", hdlr("meta")))), "error.file_place"},
		"many samples": {ftyp + boxed("mdat", "12345678") + boxed("moov", track("vide", 8), strings.Replace(track("meta", 8, 40), u32(0, 8, 1), u32(0, 8, 1<<31-1), 1)), "error.file_place"},
		"cut":          {filmOf("isom")[:200], "error.file_film"},
		"undescribed":  {ftyp + boxed("mdat", "12345678"), "error.file_film"},
		"unseen":       {ftyp + boxed("mdat", "12345678") + boxed("moov", track("soun", 8, 40)), "error.file_film"},
		"twice":        {filmOf("isom") + described, "error.file_film"},
		"broken":       {ftyp + boxed("mdat", "12345678") + boxed("moov", track("vide", 8), "\x00\x00\xff\xffudta1234"), "error.file_film"},
	} {
		if _, err := keptOf(t, "film.mp4", test.content); reasonOf(err) != test.reason {
			t.Errorf("%s: %v, want %s", name, err, test.reason)
		}
	}
	for name, content := range map[string]string{
		"cut":       aHEIC[:len(aHEIC)-40],
		"elsewhere": strings.Replace(aHEIC, "Exif", "uri ", 1)[:len(aHEIC)-60],
		"no meta":   boxed("ftyp", "heic", u32(0), "mif1heic") + boxed("mdat", "x"),
	} {
		if _, err := keptOf(t, "me.heic", content); escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("picture, %s: %v", name, err)
		}
	}
}

func reasonOf(err error) string {
	if e, ok := errors.AsType[*escalation.Error](err); ok {
		return e.Reason
	}
	return ""
}

// memory is a file that is none.
type memory []byte

func (m memory) ReadAt(p []byte, at int64) (int, error) { return bytes.NewReader(m).ReadAt(p, at) }

func (m memory) WriteAt(p []byte, at int64) (int, error) {
	if at < 0 || at+int64(len(p)) > int64(len(m)) {
		return 0, os.ErrInvalid
	}
	return copy(m[at:], p), nil
}

// busy counts what is written to it.
type busy struct {
	memory
	wrote int
}

func (b *busy) WriteAt(p []byte, at int64) (int, error) {
	b.wrote += len(p)
	return b.memory.WriteAt(p, at)
}

// TestOverlap erases what lies at one place once, however often a table names it: a
// small film would else be written over for hours.
func TestOverlap(t *testing.T) {
	const size, times = 1 << 20, 200
	ftyp := boxed("ftyp", "isom", u32(512), "isommp41")
	at := len(ftyp) + 8
	film := ftyp + boxed("mdat", strings.Repeat("x", size)) + boxed("moov", boxed("mvhd", u32(0)), track("vide", 1, at), track("meta", size-1, slices.Repeat([]int{at + 1}, times)...))
	f := &busy{memory: memory(film)}
	if err := bareFilm(f, int64(len(film))); err != nil {
		t.Fatal(err)
	}
	if rest := string(f.memory[at : at+size]); rest != "x"+strings.Repeat("\x00", size-1) {
		t.Error("the film lost what is seen, or kept what is not")
	}
	if f.wrote > 3*size {
		t.Errorf("%d bytes were written over a film of %d", f.wrote, len(film))
	}
}

// TestManyBoxes refuses more boxes than any film has, before they fill the memory.
func TestManyBoxes(t *testing.T) {
	if list, err := in([]byte(strings.Repeat(boxed("free"), maxPieces+2))); !errors.Is(err, errShape) || len(list) > maxPieces+1 {
		t.Errorf("%d boxes, %v", len(list), err)
	}
}

// FuzzFilm takes anything for a film: what is accepted says no place where films say
// it, and is left as it is when it comes again.
func FuzzFilm(f *testing.F) {
	f.Add([]byte(filmOf("isom")), 0)
	f.Add([]byte(aHEIC), 1)
	f.Add([]byte(aWebM), 2)
	bares := []func(blankable, int64) error{bareFilm, bareHEIC, bareWebM}
	f.Fuzz(func(t *testing.T, b []byte, way int) {
		bare := bares[uint(way)%3]
		m := memory(bytes.Clone(b))
		if err := bare(m, int64(len(m))); err != nil {
			if errors.Is(err, os.ErrInvalid) {
				t.Errorf("it wrote beyond the end")
			}
			return
		}
		again := bytes.Clone(m)
		if err := bare(memory(again), int64(len(again))); err != nil || !bytes.Equal(again, m) {
			t.Errorf("of %q comes %q, and then %q, %v", b, m, again, err)
		}
		if uint(way)%3 != 0 {
			return
		}
		list, err := boxesOf(m, int64(len(m)))
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range list {
			if x.kind != "moov" {
				continue
			}
			body := []byte(m[x.from+x.head : x.to])
			if find(body, "udta") != nil || find(body, "meta") != nil || find(body, "trak", "udta") != nil || find(body, "trak", "meta") != nil {
				t.Errorf("of %q stays %q", b, body)
			}
		}
	})
}
