package evidence

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"

	"primalinea/escalation"
)

// What making a picture anew may cost. A small file may say that it is a huge
// picture, and one that is not may take its decoder hours.
const (
	MaxPixels     = 50_000_000 // of the largest sensors in telephones
	pictureTime   = 15 * time.Second
	pictureWait   = 10 * time.Second // for others to be ready
	pictureMemory = 400 << 20        // bytes, of all that are made at once
)

// ThumbSize is how many points the longer side of a thumbnail has: twice as many
// as pages give it, for sharp screens.
const ThumbSize = 320

// Quality of what is made anew. Letters on a sticker and cracks stay as legible as
// they came.
const (
	pictureQuality = 90
	thumbQuality   = 80
)

// A studio makes pictures anew: nothing of the file itself is kept, and so nothing
// of where and by whom it was taken. Its memory is shared by all who wait for one.
type studio struct{ memory *semaphore.Weighted }

func newStudio() studio { return studio{semaphore.NewWeighted(pictureMemory)} }

var (
	errPixels = errors.New("too many pixels")
	errBusy   = errors.New("too many pictures at once")
)

// A picture is what became of one.
type picture struct {
	mime          string
	width, height int // of the thumbnail
}

// remake reads a picture, and writes it anew to out and its thumbnail to thumb. It
// does so in a goroutine of its own that a time and the context end.
func (s studio) remake(ctx context.Context, in *os.File, t Type, out, thumb io.Writer) (picture, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return picture{}, err
	}
	c, _, err := image.DecodeConfig(bufio.NewReader(in))
	if err != nil {
		return picture{}, err
	}
	if c.Width < 1 || c.Height < 1 || c.Width > MaxPixels/c.Height {
		return picture{}, errPixels
	}
	h, err := headOf(in, t.MIME)
	if err != nil {
		return picture{}, err
	}
	need := int64(c.Width*c.Height) * h.cost(t.MIME, c.ColorModel)
	if need > pictureMemory {
		return picture{}, errPixels
	}
	// At most one for each processor, however small they are.
	need = max(need, int64(pictureMemory/runtime.GOMAXPROCS(0)))
	ctx, cancel := context.WithTimeout(ctx, pictureWait+pictureTime)
	defer cancel()
	wait, begun := context.WithTimeout(ctx, pictureWait)
	defer begun()
	if err := s.memory.Acquire(wait, need); err != nil {
		return picture{}, errors.Join(errBusy, err)
	}
	type result struct {
		picture
		err error
	}
	done := make(chan result, 1)
	ctx, stop := context.WithTimeout(ctx, pictureTime)
	defer stop()
	go func() {
		defer s.memory.Release(need)
		var r result
		defer func() {
			if p := recover(); p != nil {
				r.err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
			}
			done <- r
		}()
		r.picture, r.err = paint(ctx, in, t.MIME, h.turn, timed{ctx: ctx, w: out}, thumb)
	}()
	// It ends soon after its time: its files are not closed under its hands.
	r := <-done
	if r.err != nil && ctx.Err() != nil {
		r.err = errors.Join(errBusy, r.err)
	}
	return r.picture, r.err
}

// timed reads and writes until a context ends: so does every decoder that reads.
type timed struct {
	ctx context.Context
	r   io.Reader
	w   io.Writer
}

func (t timed) Read(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	return t.r.Read(p[:min(len(p), 4<<10)])
}

func (t timed) Write(p []byte) (int, error) {
	if err := t.ctx.Err(); err != nil {
		return 0, err
	}
	return t.w.Write(p)
}

// paint does what [studio.remake] is asked for.
func paint(ctx context.Context, in io.ReadSeeker, mime string, turn int, out, thumb io.Writer) (picture, error) {
	if _, err := in.Seek(0, io.SeekStart); err != nil {
		return picture{}, err
	}
	from := timed{ctx: ctx, r: in}
	var m image.Image
	var err error
	switch mime {
	case "image/jpeg":
		m, err = jpeg.Decode(from)
	case "image/png":
		m, err = png.Decode(from)
	case "image/webp":
		m, err = webp.Decode(from)
	case "image/gif":
		m, err = gif.Decode(from) // its first
	}
	if err != nil {
		return picture{}, err
	}
	m = turned(m, turn)
	p := picture{mime: mime}
	if mime == "image/webp" {
		p.mime = "image/png"
		if _, ok := m.(*image.YCbCr); ok {
			p.mime = "image/jpeg"
		}
	}
	buffered := bufio.NewWriterSize(out, 64<<10)
	switch p.mime {
	case "image/jpeg":
		err = jpeg.Encode(buffered, m, &jpeg.Options{Quality: pictureQuality})
	case "image/png":
		err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(buffered, m)
	case "image/gif":
		if _, err = in.Seek(0, io.SeekStart); err == nil {
			err = bareGIF(buffered, bufio.NewReader(timed{ctx: ctx, r: in}))
		}
	}
	if err := errors.Join(err, buffered.Flush()); err != nil {
		return picture{}, err
	}
	p.width, p.height, err = shrink(thumb, m)
	return p, err
}

// shrink writes a thumbnail: a JPEG, on white where the picture is transparent.
func shrink(to io.Writer, m image.Image) (w, h int, err error) {
	w, h = m.Bounds().Dx(), m.Bounds().Dy()
	if longer := max(w, h); longer > ThumbSize {
		w, h = max(1, w*ThumbSize/longer), max(1, h*ThumbSize/longer)
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	// In two steps: the fine one looks at every point, and there are millions.
	if m.Bounds().Dx() > 3*w || m.Bounds().Dy() > 3*h {
		rough := image.NewRGBA(image.Rect(0, 0, 3*w, 3*h))
		draw.ApproxBiLinear.Scale(rough, rough.Bounds(), m, m.Bounds(), draw.Src, nil)
		m = rough
	}
	draw.CatmullRom.Scale(out, out.Bounds(), m, m.Bounds(), draw.Over, nil)
	return w, h, jpeg.Encode(to, out, &jpeg.Options{Quality: thumbQuality})
}

// refusal is what who sent a picture is told.
func (s studio) refusal(err error, name string) error {
	switch {
	case errors.Is(err, errBusy):
		return &escalation.Error{Kind: escalation.TooMany, Field: "files", Reason: "error.file_busy", Args: map[string]any{"Name": name}, Err: err}
	case errors.Is(err, errPixels):
		return refused("error.file_pixels", name, map[string]any{"Pixels": MaxPixels / 1_000_000})
	}
	return refused("error.file_damaged", name, nil)
}
