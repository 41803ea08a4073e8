package setting

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// An rgb is three channels from 0 to 1, as sRGB has them.
type rgb [3]float64

var hexColor = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func parseColor(s string) (rgb, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if !strings.HasPrefix(s, "#") {
		s = "#" + s
	}
	if len(s) == 4 { // #abc is short for #aabbcc
		s = "#" + strings.Repeat(s[1:2], 2) + strings.Repeat(s[2:3], 2) + strings.Repeat(s[3:4], 2)
	}
	if !hexColor.MatchString(s) {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{float64(n>>16) / 255, float64(n>>8&255) / 255, float64(n&255) / 255}, true
}

// String writes the color as style sheets do.
func (c rgb) String() string {
	b := [3]uint8{}
	for i, v := range c {
		b[i] = uint8(math.Round(255 * min(max(v, 0), 1)))
	}
	return fmt.Sprintf("#%02x%02x%02x", b[0], b[1], b[2])
}

// luminance is WCAG 2.2's relative luminance, from 0 to 1.
func (c rgb) luminance() float64 {
	var l float64
	for i, weight := range [3]float64{0.2126, 0.7152, 0.0722} {
		v := c[i]
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		l += weight * v
	}
	return l
}

// contrast is WCAG 2.2's contrast ratio of two colors, from 1 to 21.
func contrast(a, b rgb) float64 {
	x, y := a.luminance(), b.luminance()
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// tenths writes a ratio for a sentence, which puts its own mark between whole and
// tenth. It is cut: 4.49 is not enough, and must not read like 4.5.
func tenths(ratio float64) int { return int(10 * ratio) }

// mix returns a color that is c but for a share of d.
func (c rgb) mix(d rgb, share float64) rgb {
	for i := range c {
		c[i] += (d[i] - c[i]) * share
	}
	return c
}

var (
	black = rgb{0, 0, 0}
	white = rgb{1, 1, 1}
)

// readable is the least contrast of text, WCAG 2.2 AA (1.4.3).
const readable = 4.5

// The grounds that the accent colour stands on, light and dark: those of the
// shipped theme, and that of words a search found.
var (
	lightGrounds = []rgb{white, fixed("#f7f7f5"), fixed("#eef0f0"), fixed("#fff0a8")}
	darkGrounds  = []rgb{fixed("#0f1214"), fixed("#131619"), fixed("#1b1f23"), fixed("#5a4b00")}
)

func fixed(s string) rgb {
	c, ok := parseColor(s)
	if !ok {
		panic("setting: " + s) // a constant
	}
	return c
}

// tints are the accent's own grounds, such as of what is chosen.
func lightTint(accent rgb) rgb { return white.mix(accent, 0.1) }
func darkTint(accent rgb) rgb  { return darkGrounds[1].mix(accent, 0.16) }

// worst returns the least contrast of an accent colour on its grounds.
func worst(accent rgb, grounds []rgb, tint rgb) float64 {
	least := contrast(accent, tint)
	for _, g := range grounds {
		least = min(least, contrast(accent, g))
	}
	return least
}

// nearest returns the accent that is most like c and can be read on light
// grounds: c made darker.
func nearest(c rgb) rgb {
	for share := 0.0; share < 1; share += 0.01 {
		if d := fixed(c.mix(black, share).String()); worst(d, lightGrounds, lightTint(d)) >= readable {
			return d
		}
	}
	return black
}

// inDark returns what c becomes on dark grounds: made lighter until it can be
// read there.
func inDark(c rgb) rgb {
	for share := 0.0; share < 1; share += 0.01 {
		if d := fixed(c.mix(white, share).String()); worst(d, darkGrounds, darkTint(d)) >= readable {
			return d
		}
	}
	return white
}
