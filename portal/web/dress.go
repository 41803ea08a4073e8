package web

import (
	"path"
	"strings"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/themes"
)

// A Dress is what the site looks like beyond its theme: the company's colour,
// mark and links.
type Dress struct {
	Sheet string   // address of the style sheet
	Icon  string   // of the window's tab
	Logo  *Picture // nil: the theme's own mark
	site  *setting.Site
}

// A Picture is an image of ours, with its size in CSS pixels.
type Picture struct {
	Path          string
	Width, Height int
}

// A Legal link leads to what the law of the company's country wants to be read.
type Legal struct{ Key, Path string }

// Legal returns the links of the foot in the page's language.
func (p Page) Legal() []Legal {
	var out []Legal
	for _, l := range []struct {
		key  string
		text escalation.Text
	}{{"foot.privacy", p.site.Brand.Privacy}, {"foot.imprint", p.site.Brand.Imprint}, {"foot.accessibility", p.site.Brand.Accessibility}} {
		if to := l.text.In(p.Lang); to != "" {
			out = append(out, Legal{l.key, to})
		}
	}
	return out
}

// Promise says how soon a first reply comes, in words; empty when nothing is
// promised.
func (p Page) Promise() string {
	if p.site.Hours.Promise == "" {
		return ""
	}
	return p.T("promise." + string(p.site.Hours.Promise))
}

// A dress is made once for each edition of the settings.
type dress struct {
	Dress
	edition int64
	assets  map[string]*themes.Asset
}

func (w *Web) dress(site *setting.Site) Dress { return w.wear(site).Dress }

func (w *Web) wear(site *setting.Site) *dress {
	if d := w.dressed.Load(); d != nil && d.edition == site.Edition() {
		return d
	}
	d := &dress{edition: site.Edition(), assets: map[string]*themes.Asset{}}
	add := func(name string, data []byte) string {
		a := themes.NewAsset(name, data)
		d.assets[a.Name] = a
		return path.Join("/assets", a.Name)
	}
	b := site.Brand
	d.site = site
	sheet, icon := w.Theme.Bundle("site.css"), w.Theme.Bundle("icon.svg")
	d.Sheet, d.Icon = "/assets/"+sheet.Name, "/assets/"+icon.Name
	if style := b.Style(); style != "" {
		// One request for both, and nothing in the page: it may hold no style.
		d.Sheet = add("site.css", []byte(strings.TrimSuffix(string(sheet.Data), "\n")+"\n"+style))
	}
	if l := b.Logo; l != nil {
		d.Icon = add("icon.png", l.Icon)
		d.Logo = &Picture{add("logo.png", l.PNG), l.Width, l.Height}
	}
	w.dressed.Store(d)
	return d
}

// Asset returns a file of the theme, or of the brand, by its name and hash; nil
// when there is none.
func (w *Web) Asset(name string) *themes.Asset {
	if a := w.Theme.Asset(name); a != nil {
		return a
	}
	return w.wear(w.Site()).assets[name]
}
