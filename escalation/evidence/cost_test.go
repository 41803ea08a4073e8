package evidence

import (
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
)

// TestCost turns pictures of every sort, and none takes more memory than was set
// aside for it.
func TestCost(t *testing.T) {
	const thumb = 12 << 20 // bytes, to draw a thumbnail
	at := image.Rect(0, 0, 2000, 1500)
	turn := exif(binary.BigEndian, "MM\x00*", 6)
	pngOf := func(m image.Image, more ...string) string {
		s := encoded(func(w io.Writer) error { return (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(w, m) })
		for i := 0; i < len(more); i += 2 {
			head := strings.Index(s, "IDAT") - 4
			c := chunk(strings.Repeat("x", 33), more[i], more[i+1])[33:]
			s = s[:head] + c + s[head:]
		}
		return chunk(s, "eXIf", turn)
	}
	jpegOf := func(m image.Image) string {
		return segment(encoded(func(w io.Writer) error { return jpeg.Encode(w, m, nil) }), "\xe1", "Exif\x00\x00"+turn)
	}
	rgb := jpegOf(image.NewYCbCr(at, image.YCbCrSubsampleRatio444))
	rgb = segment(rgb, "\xee", "Adobe\x00\x64\x00\x00\x00\x00\x00") // its three are red, green and blue
	for name, test := range map[string]struct {
		mime, content string
		dropped       int64 // bytes of each point that nobody holds on to
	}{
		"gray":                 {"image/png", pngOf(image.NewGray(at)), 0},
		"gray, one clear":      {"image/png", pngOf(image.NewGray(at), "tRNS", "\x00\x07"), 0},
		"deep gray":            {"image/png", pngOf(image.NewGray16(at)), 0},
		"deep gray, one clear": {"image/png", pngOf(image.NewGray16(at), "tRNS", "\x00\x07"), 0},
		"few colours":          {"image/png", pngOf(image.NewPaletted(at, color.Palette{color.White, color.Black})), 0},
		"colours":              {"image/png", pngOf(image.NewNRGBA(at)), 0},
		"deep colours":         {"image/png", pngOf(image.NewNRGBA64(at)), 0},
		"gray JPEG":            {"image/jpeg", jpegOf(image.NewGray(at)), 0},
		"JPEG":                 {"image/jpeg", jpegOf(image.NewYCbCr(at, image.YCbCrSubsampleRatio420)), 0},
		"RGB JPEG":             {"image/jpeg", rgb, 4},
	} {
		in, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		if _, err := in.WriteString(test.content); err != nil {
			t.Fatal(err)
		}
		c, _, err := image.DecodeConfig(strings.NewReader(test.content))
		if err != nil {
			t.Fatal(name, err)
		}
		h, err := headOf(in, test.mime)
		if err != nil || h.turn != 6 {
			t.Fatal(name, h, err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := paint(t.Context(), in, test.mime, h.turn, io.Discard, io.Discard); err != nil {
			t.Fatal(name, err)
		}
		runtime.ReadMemStats(&after)
		took, set := int64(after.TotalAlloc-before.TotalAlloc), int64(c.Width*c.Height)*(h.cost(test.mime, c.ColorModel)+test.dropped)
		if took > set+thumb {
			t.Errorf("%s: %d bytes, %d were set aside", name, took, set)
		}
	}
}

// TestLost refuses a JPEG whose segments its decoder would see elsewhere: what they
// cost would not be known.
func TestLost(t *testing.T) {
	s := aJPEG[:2] + "\xff\x00" + aJPEG[2:]
	s += strings.Repeat("\x00", 4+int(s[4])<<8+int(s[5])-len(s)) + "\xff\xd9\x00\x00"
	if h, err := headOf(strings.NewReader(s), "image/jpeg"); err == nil {
		t.Errorf("its head is %+v", h)
	}
}

// TestTower draws a small picture of one that is very high, and takes no more memory
// for it than for others.
func TestTower(t *testing.T) {
	var before, after runtime.MemStats
	m := image.NewGray(image.Rect(0, 0, 1, 1_000_000))
	runtime.ReadMemStats(&before)
	if w, h, err := shrink(io.Discard, m); err != nil || w != 1 || h != ThumbSize {
		t.Errorf("%d × %d, %v", w, h, err)
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 8<<20 {
		t.Errorf("%d bytes for a picture of %d", took, len(m.Pix))
	}
}
