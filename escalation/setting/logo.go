package setting

import (
	"bytes"
	"image"
	_ "image/gif" // what a logo may come as
	_ "image/jpeg"
	"image/png"

	"golang.org/x/image/draw"
	_ "golang.org/x/image/webp"
)

// A Logo is a picture of the company, made anew from what was uploaded: nothing of
// the file itself is kept.
type Logo struct {
	PNG           []byte `json:"png"`
	Icon          []byte `json:"icon"` // the same as a square, for the window's tab
	Width, Height int    // on pages, in CSS pixels
}

// MaxLogo is how large an uploaded logo may be, in bytes.
const MaxLogo = 2 << 20

const (
	maxPixels  = 16 << 20 // of an uploaded logo
	logoHeight = 40       // on pages, at most
	logoWidth  = 200
	iconSize   = 64

	// How many times as wide as high a logo may be, and as high as wide: of one that
	// is thinner nobody would see anything.
	widest, tallest = 20, 5
)

// NewLogo makes a logo out of a file: a PNG, JPEG, WebP or GIF. An SVG is none,
// for it may hold scripts.
func NewLogo(file []byte) (*Logo, error) {
	if len(file) > MaxLogo {
		return nil, invalid("logo", "error.logo_large", map[string]any{"MB": MaxLogo >> 20})
	}
	// The size is read first: a small file may say that it is a huge picture.
	config, _, err := image.DecodeConfig(bytes.NewReader(file))
	if err != nil {
		return nil, invalid("logo", "error.logo", nil)
	}
	if config.Width < 16 || config.Height < 16 || config.Width*config.Height > maxPixels {
		return nil, invalid("logo", "error.logo_pixels", map[string]any{"Min": 16, "Max": maxPixels >> 20})
	}
	if config.Width > widest*config.Height || config.Height > tallest*config.Width {
		return nil, invalid("logo", "error.logo_shape", nil)
	}
	picture, _, err := image.Decode(bytes.NewReader(file))
	if err != nil {
		return nil, invalid("logo", "error.logo", nil)
	}
	l := &Logo{}
	l.Width, l.Height = fit(config.Width, config.Height, logoWidth, logoHeight)
	// Twice as many points as pixels, for sharp screens.
	w, h := min(2*l.Width, config.Width), min(2*l.Height, config.Height)
	if l.PNG, err = scaled(picture, image.Rect(0, 0, w, h), w, h); err != nil {
		return nil, err
	}
	w, h = fit(config.Width, config.Height, iconSize, iconSize)
	x, y := (iconSize-w)/2, (iconSize-h)/2
	l.Icon, err = scaled(picture, image.Rect(x, y, x+w, y+h), iconSize, iconSize)
	return l, err
}

// fit returns the largest size of the same shape within a box.
func fit(w, h, maxW, maxH int) (int, int) {
	if w*maxH > h*maxW {
		return maxW, max(1, h*maxW/w)
	}
	return max(1, w*maxH/h), maxH
}

func scaled(picture image.Image, at image.Rectangle, w, h int) ([]byte, error) {
	out := image.NewNRGBA(image.Rect(0, 0, w, h))
	draw.CatmullRom.Scale(out, at, picture, picture.Bounds(), draw.Src, nil)
	var b bytes.Buffer
	if err := png.Encode(&b, out); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
