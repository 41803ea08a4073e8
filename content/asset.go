package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // sizes of GIF,
	_ "image/jpeg" // of JPEG
	_ "image/png"  // and of PNG
	"io"
	"io/fs"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	_ "golang.org/x/image/webp" // and of WebP
)

const maxImage = 20 << 20 // bytes

var (
	errNoImage = errors.New("no image of ours")
	errImage   = errors.New("not an image that can be shown")
)

// An Asset is an image beside the articles.
type Asset struct {
	Path     string // below the folder
	Type     string // "image/png"
	Hash     string
	Modified time.Time
	Data     []byte
}

// A picture is what a rendering needs to know of an image.
type picture struct {
	url           string
	width, height int // 0 when unknown
}

func imageName(p string) bool {
	switch strings.ToLower(path.Ext(p)) {
	case ".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif":
		return true
	}
	return false
}

// sniff says of what type an image is, by its bytes alone.
func sniff(b []byte) string {
	switch {
	case bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(b, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(b, []byte("GIF87a")), bytes.HasPrefix(b, []byte("GIF89a")):
		return "image/gif"
	case len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP":
		return "image/webp"
	case len(b) > 12 && string(b[4:8]) == "ftyp" && (string(b[8:12]) == "avif" || string(b[8:12]) == "avis"):
		return "image/avif"
	}
	return ""
}

// measure returns the size of an image, or an error when it is none.
func measure(b []byte) (w, h int, err error) {
	switch sniff(b) {
	case "":
		return 0, 0, errImage
	case "image/avif":
		// No decoder of ours reads AVIF. Its size stands in the box "ispe".
		head := b[:min(len(b), 64<<10)]
		if i := bytes.Index(head, []byte("ispe")); i >= 0 && len(head) >= i+16 {
			w, h := binary.BigEndian.Uint32(head[i+8:]), binary.BigEndian.Uint32(head[i+12:])
			if 0 < w && w < 1<<16 && 0 < h && h < 1<<16 {
				return int(w), int(h), nil
			}
		}
		return 0, 0, nil
	}
	c, _, err := image.DecodeConfig(bytes.NewReader(b))
	if err != nil || c.Width <= 0 || c.Height <= 0 {
		return 0, 0, errImage
	}
	return c.Width, c.Height, nil
}

// Asset returns an image, if a reader of that audience may read an article that
// shows it; people who work here may see all. Otherwise the error is
// [fs.ErrNotExist], as for an image that is not there.
func (f *Folder) Asset(file string, reader Audience) (Asset, error) {
	none := fmt.Errorf("image %q: %w", file, fs.ErrNotExist)
	lib := f.Library()
	if path.Clean(file) != file || !imageName(file) {
		return Asset{}, none
	}
	if _, ok := lib.assets[file]; !ok {
		return Asset{}, none
	}
	if !reader.MayRead(Agents) {
		shown := false
		for _, a := range lib.shows[file] {
			shown = shown || a.Live(f.now()) && reader.MayRead(a.Audience)
		}
		if !shown {
			return Asset{}, none
		}
	}
	b, modified, err := f.readImage(file)
	if err != nil {
		return Asset{}, errors.Join(none, err)
	}
	kind := sniff(b)
	if kind == "" {
		return Asset{}, none
	}
	return Asset{file, kind, Hash(b), modified, b}, nil
}

func (f *Folder) readImage(file string) ([]byte, time.Time, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer root.Close()
	in, err := root.Open(file)
	if err != nil {
		return nil, time.Time{}, err
	}
	defer in.Close()
	info, err := in.Stat()
	if err != nil {
		return nil, time.Time{}, err
	}
	if !info.Mode().IsRegular() || info.Size() > maxImage {
		return nil, time.Time{}, errImage
	}
	b, err := io.ReadAll(io.LimitReader(in, maxImage+1))
	return b, info.ModTime(), err
}

// picture returns the address and the size of an image. It is kept until the
// file changes.
func (f *Folder) picture(lib *Library, file string) (picture, error) {
	s, ok := lib.assets[file]
	if !ok {
		return picture{}, errNoImage
	}
	type seen struct {
		stamp
		picture
		err error
	}
	if v, ok := f.pictures.Load(file); ok && v.(seen).stamp == s {
		return v.(seen).picture, v.(seen).err
	}
	b, _, err := f.readImage(file)
	p := picture{}
	if err == nil {
		p.width, p.height, err = measure(b)
	}
	if err == nil {
		p.url = AssetPath(file, Hash(b))
	}
	f.pictures.Store(file, seen{s, p, err})
	return p, err
}

// AssetPath returns the address of an image.
func AssetPath(file, hash string) string {
	return (&url.URL{Path: "/assets/content/" + file}).EscapedPath() + "?v=" + hash[:min(len(hash), 12)]
}

// shown returns the images that a text may show, by path below the folder: what
// looks like the name of one, whether or not it is in a link. It errs on the
// side of more, and needs no Markdown parser when 100,000 files are read.
func shown(file string, body []byte) []string {
	var out []string
	seen := map[string]bool{}
	add := func(raw string) {
		to := parseLink(unescape([]byte(raw)))
		if to.dead || to.scheme != "" || to.path == "" || strings.HasPrefix(to.path, "/") {
			return
		}
		p := path.Join(path.Dir(file), to.path)
		if !seen[p] && imageName(p) && !strings.HasPrefix(p, "../") {
			seen[p] = true
			out = append(out, p)
		}
	}
	lower := bytes.ToLower(body)
	if len(lower) != len(body) { // a rare letter whose small form is longer
		lower = body
	}
	for _, ext := range []string{".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif"} {
		for pos := 0; ; {
			i := bytes.Index(lower[pos:], []byte(ext))
			if i < 0 {
				break
			}
			end := pos + i + len(ext)
			from := max(0, end-500)
			before := body[from:end]
			if i := bytes.LastIndexAny(before, "<\n"); i >= 0 && before[i] == '<' {
				add(string(before[i+1:]))
			}
			if i := bytes.LastIndex(before, []byte("]:")); i >= 0 {
				before = before[i+2:]
			}
			if i := bytes.LastIndexAny(before, "()<>\"' \t\n\r"); i >= 0 {
				before = before[i+1:]
			}
			add(string(before))
			pos = end
		}
	}
	return out
}
