package setting

import (
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	"primalinea/escalation"
)

// A Brand is what the site is called and looks like.
type Brand struct {
	Name   string `json:"name"`
	Accent string `json:"accent,omitempty"` // "#rrggbb"; empty: the theme's own
	Logo   *Logo  `json:"logo,omitempty"`   // nil: the theme's own mark
	// Where the law of the company's country wants to be read, by language.
	Privacy       escalation.Text `json:"privacy,omitempty"`
	Imprint       escalation.Text `json:"imprint,omitempty"`
	Accessibility escalation.Text `json:"accessibility,omitempty"`
}

// MaxBrand is how many characters a site's name may have: it stands in the header
// of every page, and in the title of every window.
const MaxBrand = 40

// maxLink is how many characters the address of a link may have.
const maxLink = 500

// Edit returns the brand with a name, an accent colour and links as typed, or an
// Invalid error. An accent colour must be readable on every light ground of the
// theme; for the dark ones it is made lighter by us.
func (b Brand) Edit(name, accent string, privacy, imprint, accessibility escalation.Text) (Brand, error) {
	b.Name = escalation.CleanLine(name)
	if escalation.Blank(b.Name) {
		return b, invalid("name", "error.site_name", nil)
	}
	if utf8.RuneCountInString(b.Name) > MaxBrand {
		return b, invalid("name", "error.too_long", map[string]any{"Max": MaxBrand})
	}
	b.Accent = ""
	if strings.TrimSpace(accent) != "" {
		c, ok := parseColor(accent)
		if !ok {
			return b, invalid("accent", "error.color", nil)
		}
		if ratio := worst(c, lightGrounds, lightTint(c)); ratio < readable {
			return b, invalid("accent", "error.contrast", map[string]any{
				"Color": c.String(), "Whole": tenths(ratio) / 10, "Tenth": tenths(ratio) % 10, "Nearest": nearest(c).String()})
		}
		b.Accent = c.String()
	}
	var err error
	for _, l := range []struct {
		field string
		typed escalation.Text
		to    *escalation.Text
	}{{"privacy", privacy, &b.Privacy}, {"imprint", imprint, &b.Imprint}, {"accessibility", accessibility, &b.Accessibility}} {
		if *l.to, err = newLinks(l.field, l.typed); err != nil {
			return b, err
		}
	}
	return b, nil
}

// newLinks takes addresses of pages: on this site, or by http(s) elsewhere.
func newLinks(field string, typed escalation.Text) (escalation.Text, error) {
	out := escalation.Text{}
	for lang, s := range typed {
		s = strings.TrimSpace(s)
		if s == "" {
			continue
		}
		if !isLink(s) {
			return nil, invalid(field+"."+lang, "error.link", nil)
		}
		out[lang] = s
	}
	return out, nil
}

// isLink says whether s may stand behind a link: an absolute http(s) address, or a
// path of this site. Nothing else, for a script has an address too.
func isLink(s string) bool {
	if len(s) > maxLink || strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '\\' }) {
		return false
	}
	u, err := url.Parse(s)
	if err != nil || u.User != nil {
		return false
	}
	if u.Scheme == "" {
		return strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//")
	}
	return (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

// Style returns the style sheet of the accent colour, to be read after the
// theme's; empty for the theme's own.
func (b Brand) Style() string {
	c, ok := parseColor(b.Accent)
	if !ok {
		return ""
	}
	d := inDark(c)
	return fmt.Sprintf(":root{--accent:light-dark(%s,%s);--on-accent:light-dark(#ffffff,#101315);--tint:light-dark(%s,%s)}\n",
		c, d, lightTint(c), darkTint(d))
}
