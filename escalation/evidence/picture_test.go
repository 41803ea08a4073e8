package evidence

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
)

// exif says how a picture is to be turned, and where it was taken.
func exif(order binary.AppendByteOrder, mark string, turn uint16) string {
	b := order.AppendUint32([]byte(mark), 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x010f, 7}, {0x0112, turn}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	return string(b) + "\x00\x00\x00\x00GPS GEO-note"
}

// corners is a picture with a colour in each quarter, clockwise from the first.
func corners(w, h int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{220, 30, 30, 255} // red
			switch {
			case x >= w/2 && y < h/2:
				c = color.RGBA{30, 200, 30, 255} // green
			case x >= w/2:
				c = color.RGBA{30, 30, 220, 255} // blue
			case y >= h/2:
				c = color.RGBA{240, 240, 240, 255} // white
			}
			m.SetRGBA(x, y, c)
		}
	}
	return m
}

// seen names the colours in the corners of a picture, clockwise from the first.
func seen(m image.Image) string {
	b := m.Bounds()
	var s strings.Builder
	for _, at := range []image.Point{{b.Dx() / 5, b.Dy() / 5}, {b.Dx() * 4 / 5, b.Dy() / 5}, {b.Dx() * 4 / 5, b.Dy() * 4 / 5}, {b.Dx() / 5, b.Dy() * 4 / 5}} {
		r, g, bl, _ := m.At(b.Min.X+at.X, b.Min.Y+at.Y).RGBA()
		switch {
		case r > 0xb000 && g > 0xb000 && bl > 0xb000:
			s.WriteByte('w')
		case r > g && r > bl:
			s.WriteByte('r')
		case g > bl:
			s.WriteByte('g')
		default:
			s.WriteByte('b')
		}
	}
	return s.String()
}

// segment puts a piece into a JPEG, behind its first two bytes.
func segment(jpeg, kind, body string) string {
	n := len(body) + 2
	return jpeg[:2] + "\xff" + kind + string([]byte{byte(n >> 8), byte(n)}) + body + jpeg[2:]
}

// chunk puts a piece into a PNG, behind its head.
func chunk(png, kind, body string) string {
	c := binary.BigEndian.AppendUint32(nil, uint32(len(body)))
	c = append(c, kind+body...)
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE(c[4:]))
	return png[:33] + string(c) + png[33:]
}

// TestUpright turns pictures as their telephones held them, and leaves nothing of what
// they wrote down.
func TestUpright(t *testing.T) {
	want := []string{"rgbw", "grwb", "bwrg", "wbgr", "rwbg", "wrgb", "bgrw", "gbwr"}
	gray := image.NewGray(image.Rect(0, 0, 30, 21))
	for i := range gray.Pix {
		gray.Pix[i] = uint8(i)
	}
	for turn := range 8 {
		for kind, content := range map[string]string{
			"jpeg": segment(segment(encoded(func(w io.Writer) error { return jpeg.Encode(w, corners(61, 40), &jpeg.Options{Quality: 95}) }),
				"\xfe", "GEO in a comment"), "\xe1", "Exif\x00\x00"+exif(binary.BigEndian, "MM\x00*", uint16(turn+1))),
			"png": chunk(chunk(encoded(func(w io.Writer) error { return png.Encode(w, corners(61, 40)) }),
				"tEXt", "Comment\x00GEO"), "eXIf", exif(binary.LittleEndian, "II*\x00", uint16(turn+1))),
		} {
			got, err := keptOf(t, "me."+kind, content+"GEO behind it")
			if err != nil {
				t.Fatal(kind, turn+1, err)
			}
			m, format, err := image.Decode(strings.NewReader(got))
			if err != nil || format != kind {
				t.Fatal(format, err)
			}
			size := image.Pt(61, 40)
			if turn >= 4 {
				size = image.Pt(40, 61)
			}
			if s := seen(m); s != want[turn] || m.Bounds().Size() != size {
				t.Errorf("%s, turned %d: %s, %v, want %s, %v", kind, turn+1, s, m.Bounds().Size(), want[turn], size)
			}
			if strings.Contains(got, "GEO") || strings.Contains(got, "Exif") || strings.Contains(got, "eXIf") {
				t.Errorf("%s, turned %d: it still says where it was taken", kind, turn+1)
			}
		}
		// Two turns that belong together.
		back := []int{1, 2, 3, 4, 5, 8, 7, 6}[turn]
		for _, m := range []image.Image{gray, subsampled(image.YCbCrSubsampleRatio422), subsampled(image.YCbCrSubsampleRatio440), subsampled(image.YCbCrSubsampleRatio411)} {
			if again := turned(turned(m, turn+1), back); seen(again) != seen(m) || again.Bounds() != m.Bounds() {
				t.Errorf("%T, turned %d and back: %s, %v", m, turn+1, seen(again), again.Bounds())
			}
		}
	}
}

func subsampled(ratio image.YCbCrSubsampleRatio) *image.YCbCr {
	from, m := corners(61, 41), image.NewYCbCr(image.Rect(0, 0, 61, 41), ratio)
	for y := range 41 {
		for x := range 61 {
			c := from.RGBAAt(x, y)
			m.Y[m.YOffset(x, y)], m.Cb[m.COffset(x, y)], m.Cr[m.COffset(x, y)] = color.RGBToYCbCr(c.R, c.G, c.B)
		}
	}
	return m
}

// TestThumbnail draws a small picture of a large one, on white where it is transparent.
func TestThumbnail(t *testing.T) {
	for _, test := range []struct{ w, h, tw, th int }{{1600, 1200, 320, 240}, {90, 1800, 16, 320}, {3000, 2, 320, 1}, {40, 20, 40, 20}} {
		f, _ := folder(t)
		rec, err := f.Put(t.Context(), "a.png", strings.NewReader(encoded(func(w io.Writer) error { return png.Encode(w, corners(test.w, test.h)) })))
		if err != nil {
			t.Fatal(err)
		}
		if rec.Width != test.tw || rec.Height != test.th {
			t.Errorf("%d × %d becomes %d × %d", test.w, test.h, rec.Width, rec.Height)
		}
		r, _, err := f.Open(rec.Thumb)
		if err != nil {
			t.Fatal(err)
		}
		m, format, err := image.Decode(r)
		r.Close()
		if err != nil || format != "jpeg" || m.Bounds().Size() != image.Pt(test.tw, test.th) || test.th > 2 && seen(m) != "rgbw" {
			t.Errorf("%d × %d: %s, %v, %v", test.w, test.h, format, m.Bounds(), err)
		}
	}
	var b bytes.Buffer
	if _, _, err := shrink(&b, image.NewNRGBA(image.Rect(0, 0, 50, 50))); err != nil {
		t.Fatal(err)
	}
	if m, err := jpeg.Decode(&b); err != nil || seen(m) != "wwww" {
		t.Errorf("nothing at all: %v", err)
	}
}

// TestMoving keeps the frames of a GIF, and not what else is in it.
func TestMoving(t *testing.T) {
	src := encoded(func(w io.Writer) error {
		return gif.EncodeAll(w, &gif.GIF{Image: []*image.Paletted{dots, dots, dots}, Delay: []int{5, 6, 7}})
	})
	end := strings.LastIndex(src, ";")
	got, err := keptOf(t, "a.gif", src[:end]+"!\xfe\x03GEO\x00!\xff\x0bXMP DataXMP\x03GEO\x00;GEO")
	if err != nil {
		t.Fatal(err)
	}
	g, err := gif.DecodeAll(strings.NewReader(got))
	if err != nil || len(g.Image) != 3 || g.Delay[2] != 7 || g.LoopCount != 0 || strings.Contains(got, "GEO") {
		t.Errorf("%v of %q", err, got)
	}
}

// hostile are pictures that cost more than they weigh.
func hostile() map[string]string {
	size := func(w, h uint32) string {
		return string(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h))
	}
	head := []byte("IHDR" + size(30000, 30000) + "\x08\x06\x00\x00\x00")
	bomb := aPNG[:8] + "\x00\x00\x00\x0d" + string(binary.BigEndian.AppendUint32(head, crc32.ChecksumIEEE(head))) + aPNG[33:]
	wide := []byte("IHDR" + size(5000, 5000) + "\x10\x06\x00\x00\x00") // 25 million points of 16 bytes
	deep := aPNG[:8] + "\x00\x00\x00\x0d" + string(binary.BigEndian.AppendUint32(wide, crc32.ChecksumIEEE(wide))) + aPNG[33:]
	return map[string]string{"bomb.png": bomb, "deep.png": deep, "bomb.gif": aGIF[:6] + "\xff\xff\xff\xff" + aGIF[10:]}
}

// TestHostile refuses pictures that would take all memory, before they do.
func TestHostile(t *testing.T) {
	var before, after runtime.MemStats
	for name, content := range hostile() {
		runtime.GC()
		runtime.ReadMemStats(&before)
		_, err := keptOf(t, name, content)
		runtime.ReadMemStats(&after)
		if reasonOf(err) != "error.file_pixels" || after.TotalAlloc-before.TotalAlloc > 8<<20 {
			t.Errorf("%s: %v, %d bytes", name, err, after.TotalAlloc-before.TotalAlloc)
		}
	}
}

// scans is a JPEG that is drawn over and over again, a few bytes each time: minutes of
// work in a megabyte.
func scans(t *testing.T) string {
	t.Helper()
	const blocks = 700
	sof := "\x08" + string([]byte{blocks * 8 >> 8, blocks * 8 & 255, blocks * 8 >> 8, blocks * 8 & 255}) + "\x01\x01\x11\x00"
	dqt := "\x00" + strings.Repeat("\x01", 64)
	dc := "\x00\x01" + strings.Repeat("\x00", 15) + "\x00"     // one code: nothing changes
	ac := "\x10\x00\x01" + strings.Repeat("\x00", 14) + "\xe0" // one code: 2^14 blocks have nothing
	s := "\xff\xd8\xff\xd9"
	for _, p := range [][2]string{{"\xc4", ac}, {"\xc4", dc}, {"\xc2", sof}, {"\xdb", dqt}} {
		s = segment(s, p[0], p[1])
	}
	var b strings.Builder
	b.WriteString(s[:len(s)-2])
	scan := func(band, bits string) {
		b.WriteString("\xff\xda\x00\x08\x01\x01\x00" + band + "\x00" + bits)
	}
	scan("\x00\x00", strings.Repeat("\x00", blocks*blocks/8+1))
	for b.Len() < 1<<20 {
		scan("\x01\x3f", strings.Repeat("\x00\x00", blocks*blocks/(1<<14)+1)) // 2 + 14 bits each
	}
	return b.String() + "\xff\xd9"
}

// TestEndless ends a picture that takes too long, whatever its decoder does.
func TestEndless(t *testing.T) {
	content := scans(t)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	f, dir := folder(t)
	start := time.Now()
	_, err := f.Put(ctx, "a.jpg", strings.NewReader(content))
	if took := time.Since(start); err == nil || took > 5*time.Second {
		t.Errorf("after %v: %v", took, err)
	}
	if left := files(t, dir); len(left) > 0 {
		t.Errorf("it left %q", left)
	}
	// The next one does not wait for it.
	if _, err := f.Put(t.Context(), "a.png", strings.NewReader(aPNG)); err != nil {
		t.Error(err)
	}
}

// TestBusy tells who sends a picture while too many are made to try again, and goes on
// when they are done.
func TestBusy(t *testing.T) {
	f, _ := folder(t)
	if err := f.studio.memory.Acquire(t.Context(), pictureMemory); err != nil {
		t.Fatal(err)
	}
	in, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	if _, err := in.WriteString(aPNG); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err = f.studio.remake(ctx, in, typeNamed("image/png"), io.Discard, io.Discard)
	if err := f.studio.refusal(err, "a.png"); escalation.KindOf(err) != escalation.TooMany || reasonOf(err) != "error.file_busy" {
		t.Errorf("too many at once: %v", err)
	}
	f.studio.memory.Release(pictureMemory)
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := f.Put(t.Context(), "a.png", strings.NewReader(aPNG)); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if !f.studio.memory.TryAcquire(pictureMemory) {
		t.Error("some memory was never given back")
	}
}

// FuzzHead reads heads of anything: they say one of eight turns, and a cost.
func FuzzHead(f *testing.F) {
	f.Add([]byte(segment(aJPEG, "\xe1", "Exif\x00\x00"+exif(binary.BigEndian, "MM\x00*", 6))), 0)
	f.Add([]byte(chunk(aPNG, "eXIf", exif(binary.LittleEndian, "II*\x00", 8))), 1)
	f.Add([]byte(aWebP), 2)
	f.Fuzz(func(t *testing.T, b []byte, way int) {
		mime := []string{"image/jpeg", "image/png", "image/webp"}[uint(way)%3]
		h, err := headOf(bytes.NewReader(b), mime)
		if err == nil && (h.turn < 1 || h.turn > 8 || h.cost(mime, color.NRGBAModel) < 1) {
			t.Errorf("head of %q: %+v", b, h)
		}
	})
}

// FuzzGIF copies anything as a GIF: what comes out has the same frames, and comes out
// the same again.
func FuzzGIF(f *testing.F) {
	f.Add([]byte(aGIF))
	f.Fuzz(func(t *testing.T, b []byte) {
		var out, again bytes.Buffer
		if bareGIF(&out, bufio.NewReader(bytes.NewReader(b))) != nil {
			return
		}
		if err := bareGIF(&again, bufio.NewReader(bytes.NewReader(out.Bytes()))); err != nil || !bytes.Equal(again.Bytes(), out.Bytes()) {
			t.Errorf("of %q comes %q, then %q, %v", b, out.Bytes(), again.Bytes(), err)
		}
		if len(b) > 100 {
			return // it may be a huge picture
		}
		one, err1 := gif.DecodeAll(bytes.NewReader(b))
		two, err2 := gif.DecodeAll(bytes.NewReader(out.Bytes()))
		if err1 == nil && (err2 != nil || len(one.Image) != len(two.Image)) {
			t.Errorf("of %q comes %q: %v", b, out.Bytes(), err2)
		}
	})
}

// photo is a picture of 12 million points, with as much in it as a camera sees.
func photo() []byte {
	m := image.NewYCbCr(image.Rect(0, 0, 4032, 3024), image.YCbCrSubsampleRatio420)
	seed := uint32(1)
	for i := range m.Y {
		seed = seed*1664525 + 1013904223
		m.Y[i] = uint8(i%4032/16+i/4032/12) + uint8(seed>>28)
	}
	for i := range m.Cb {
		m.Cb[i], m.Cr[i] = uint8(i%2016/8), uint8(i/2016/6)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 92}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// BenchmarkPhoto takes in a photo of 12 million points, turned as telephones hold it,
// and says how much memory it took at most.
func BenchmarkPhoto(b *testing.B) {
	content := segment(string(photo()), "\xe1", "Exif\x00\x00"+exif(binary.BigEndian, "MM\x00*", 6))
	f, err := OpenFolder(b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(content)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := f.Put(b.Context(), "photo.jpg", strings.NewReader(content)); err != nil {
			b.Fatal(err)
		}
	}
}
