package evidence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/draw"
)

// A head is what a picture says of itself before its points: how it is to be
// turned, which decoders do not look at, and what it takes to decode it.
type head struct {
	turn        int // as EXIF says it: 1 is upright
	progressive bool
	samples     int // bytes for 16 points, 0: not known
}

// maxParts is how many parts of a file are looked at; pictures have a dozen.
const maxParts = 4096

var errShape = errors.New("not the shape of its type")

// headOf reads the head of a picture.
func headOf(r io.ReaderAt, mime string) (head, error) {
	h := head{turn: 1}
	var err error
	switch mime {
	case "image/jpeg":
		err = h.jpeg(r)
	case "image/png":
		err = h.parts(r, true)
	case "image/webp":
		err = h.parts(r, false)
	}
	return h, err
}

// jpeg walks the segments until the points begin.
func (h *head) jpeg(r io.ReaderAt) error {
	at := int64(2)
	for range maxParts {
		var b [4]byte
		if _, err := r.ReadAt(b[:], at); err != nil {
			return err
		}
		kind := b[1]
		switch {
		case b[0] != 0xff, kind == 0: // its decoder would look for the next elsewhere
			return errShape
		case kind == 0xff: // one may stand before another
			at++
			continue
		case kind == 0x01 || kind >= 0xd0 && kind <= 0xd7:
			at += 2
			continue
		case kind == 0xda || kind == 0xd9:
			return nil
		}
		size := int64(binary.BigEndian.Uint16(b[2:]))
		if size < 2 {
			return errShape
		}
		body := make([]byte, size-2)
		if _, err := r.ReadAt(body, at+4); err != nil {
			return err
		}
		switch {
		case kind == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) && h.turn == 1:
			h.turn = orientation(body[6:])
		case kind >= 0xc0 && kind <= 0xc2:
			h.progressive = kind == 0xc2
			h.sampling(body)
		}
		at += 2 + size
	}
	return errShape
}

// sampling reads how many bytes the points of a JPEG take, in sixteenths.
func (h *head) sampling(sof []byte) {
	if len(sof) < 6 || len(sof) < 6+3*int(sof[5]) {
		return
	}
	sum, most := 0, [2]int{1, 1}
	for i := range int(sof[5]) {
		x, y := int(sof[7+3*i]>>4), int(sof[7+3*i]&15)
		sum += x * y
		most = [2]int{max(most[0], x), max(most[1], y)}
	}
	h.samples = (16*sum + most[0]*most[1] - 1) / (most[0] * most[1])
}

// parts walks the parts of a PNG or a WebP. What is cut short its decoder refuses.
func (h *head) parts(r io.ReaderAt, png bool) error {
	at, order, exif := int64(12), binary.ByteOrder(binary.LittleEndian), "EXIF"
	if png {
		at, order, exif = 8, binary.BigEndian, "eXIf"
	}
	for range maxParts {
		var b [8]byte
		if _, err := r.ReadAt(b[:], at); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		name, size := string(b[:4]), int64(order.Uint32(b[4:]))
		if png {
			name, size = string(b[4:]), int64(order.Uint32(b[:]))
		}
		if name == exif {
			body := make([]byte, min(size, 64<<10))
			n, err := r.ReadAt(body, at+8)
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			h.turn = orientation(bytes.TrimPrefix(body[:n], []byte("Exif\x00\x00")))
			return nil
		}
		if at += 8 + size; png {
			at += 4 // its check sum
		} else {
			at += size & 1
		}
	}
	return nil
}

// orientation returns how a picture is to be turned, as EXIF says it; 1 when it
// does not.
func orientation(tiff []byte) int {
	if len(tiff) < 8 {
		return 1
	}
	var order binary.ByteOrder = binary.BigEndian
	switch string(tiff[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
	default:
		return 1
	}
	at := int64(order.Uint32(tiff[4:]))
	if at+2 > int64(len(tiff)) {
		return 1
	}
	n := int64(order.Uint16(tiff[at:]))
	for i := range n {
		e := at + 2 + 12*i
		if e+12 > int64(len(tiff)) {
			return 1
		}
		if order.Uint16(tiff[e:]) != 0x0112 {
			continue
		}
		if o := int(order.Uint16(tiff[e+8:])); o >= 1 && o <= 8 {
			return o
		}
		return 1
	}
	return 1
}

// cost returns how many bytes of memory each point takes, at most: decoded, and
// once or twice more when it is turned or converted.
func (h head) cost(mime string, m color.Model) int64 {
	turns := h.turn > 1
	switch mime {
	case "image/jpeg":
		samples := h.samples
		if samples == 0 {
			samples = 64
		}
		per := (2*samples + 15) / 16
		if h.progressive {
			per += (4*samples + 15) / 16 // what was read so far of each point
		}
		if m == color.CMYKModel || m == color.RGBAModel {
			per += 4
			if turns {
				per += 8
			}
		}
		return int64(per + 1)
	case "image/gif":
		return 4
	case "image/webp":
		return 12
	}
	// One gray or colour may be clear: then even these have four values. What comes
	// in several passes is there once and a half.
	_, few := m.(color.Palette)
	switch {
	case m == color.RGBA64Model, m == color.NRGBA64Model:
		return 24
	case m == color.Gray16Model && turns:
		return 20
	case turns:
		return 14
	case few, m == color.GrayModel:
		return 6
	}
	return 12
}

// turned returns a picture upright.
func turned(m image.Image, o int) image.Image {
	if o <= 1 || o > 8 {
		return m
	}
	swap := o >= 5
	size := m.Bounds().Size()
	if swap {
		size = image.Pt(size.Y, size.X)
	}
	at := image.Rectangle{Max: size}
	switch m := m.(type) {
	case *image.Gray:
		out := image.NewGray(at)
		turnPlane(out.Pix, m.Pix, out.Stride, m.Stride, m.Rect.Dx(), m.Rect.Dy(), 1, o)
		return out
	case *image.YCbCr:
		ratio, ok := m.SubsampleRatio, true
		if swap {
			switch ratio {
			case image.YCbCrSubsampleRatio422:
				ratio = image.YCbCrSubsampleRatio440
			case image.YCbCrSubsampleRatio440:
				ratio = image.YCbCrSubsampleRatio422
			case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
				ok = false
			}
		}
		if !ok || m.Rect.Min != (image.Point{}) {
			break
		}
		out := image.NewYCbCr(at, ratio)
		w, h := m.Rect.Dx(), m.Rect.Dy()
		turnPlane(out.Y, m.Y, out.YStride, m.YStride, w, h, 1, o)
		cw, ch := chroma(m.SubsampleRatio, w, h)
		turnPlane(out.Cb, m.Cb, out.CStride, m.CStride, cw, ch, 1, o)
		turnPlane(out.Cr, m.Cr, out.CStride, m.CStride, cw, ch, 1, o)
		return out
	}
	flat := image.NewNRGBA(image.Rectangle{Max: m.Bounds().Size()})
	draw.Draw(flat, flat.Bounds(), m, m.Bounds().Min, draw.Src)
	out := image.NewNRGBA(at)
	turnPlane(out.Pix, flat.Pix, out.Stride, flat.Stride, flat.Rect.Dx(), flat.Rect.Dy(), 4, o)
	return out
}

// chroma returns the size of the planes of colour.
func chroma(ratio image.YCbCrSubsampleRatio, w, h int) (int, int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return (w + 1) / 2, h
	case image.YCbCrSubsampleRatio420:
		return (w + 1) / 2, (h + 1) / 2
	case image.YCbCrSubsampleRatio440:
		return w, (h + 1) / 2
	case image.YCbCrSubsampleRatio411:
		return (w + 3) / 4, h
	case image.YCbCrSubsampleRatio410:
		return (w + 3) / 4, (h + 1) / 2
	}
	return w, h
}

// turnPlane copies w × h points of n bytes so that they are upright.
func turnPlane(dst, src []byte, dstStride, srcStride, w, h, n, o int) {
	start, right, down := 0, n, dstStride // where the first point goes, and its neighbours
	switch o {
	case 2:
		start, right, down = (w-1)*n, -n, dstStride
	case 3:
		start, right, down = (h-1)*dstStride+(w-1)*n, -n, -dstStride
	case 4:
		start, right, down = (h-1)*dstStride, n, -dstStride
	case 5:
		start, right, down = 0, dstStride, n
	case 6:
		start, right, down = (h-1)*n, dstStride, -n
	case 7:
		start, right, down = (w-1)*dstStride+(h-1)*n, -dstStride, -n
	case 8:
		start, right, down = (w-1)*dstStride, -dstStride, n
	}
	for y := range h {
		row, to := src[y*srcStride:], start+y*down
		if n == 1 {
			for _, v := range row[:w] {
				dst[to] = v
				to += right
			}
			continue
		}
		for x := range w {
			copy(dst[to:to+n], row[x*n:x*n+n])
			to += right
		}
	}
}
