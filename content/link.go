package content

import (
	"net/url"
	"path"
	"slices"
	"strings"
)

// A linker finds where the links of one article lead, for one reader.
type linker struct {
	lib     *Library
	file    string // the article
	lang    string // its language
	reader  string // the reader's language
	picture func(file string) (picture, error)
}

// A target is where a link leads. A link without href is shown as text.
type target struct {
	href  string
	lang  string // of the page it leads to, when it is not the reader's
	away  bool   // to another site
	wrong string // catalog key of what is wrong, if anything is
}

// A link is what a writer wrote, taken apart.
type link struct {
	scheme string // "https"; empty for local ones
	path   string // without escapes
	anchor string // without "#"
	dead   bool   // it cannot be a link at all
}

func parseLink(raw string) link {
	raw = strings.TrimSpace(raw)
	for _, r := range raw {
		if r < ' ' || r == 0x7f || r == '\\' {
			return link{dead: true}
		}
	}
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" && u.Host != "" || strings.HasPrefix(raw, "//") {
		return link{dead: true}
	}
	if u.Scheme != "" {
		return link{scheme: strings.ToLower(u.Scheme)}
	}
	return link{path: u.Path, anchor: u.Fragment}
}

// follow finds where a link leads.
func (l *linker) follow(raw string) target {
	to := parseLink(raw)
	switch {
	case to.dead:
		return target{wrong: "check.link_dead"}
	case to.scheme != "":
		switch to.scheme {
		case "http", "https":
			return target{href: raw, away: true}
		case "mailto", "tel":
			return target{href: raw}
		}
		return target{wrong: "check.link_scheme"}
	case to.path == "":
		if to.anchor == "" {
			return target{wrong: "check.link_dead"}
		}
		return target{href: "#" + url.PathEscape(to.anchor)}
	case strings.HasPrefix(to.path, "/"):
		return l.local(raw, to)
	}
	a, s := l.find(to)
	switch {
	case a != nil:
		return l.page(a, to.anchor)
	case s != nil:
		if t := l.lib.SectionByKey(l.readerLang(), s.Key); t != nil {
			s = t
		}
		return target{href: s.Path(), lang: l.foreign(s.Lang)}
	case imageName(to.path):
		p, err := l.image(raw)
		if err != nil {
			return target{wrong: "check.image_missing"}
		}
		return target{href: p.url}
	}
	return target{wrong: "check.link_dead"}
}

// find returns the article or the section that a relative link names.
func (l *linker) find(to link) (*Article, *Section) {
	at := path.Join(path.Dir(l.file), to.path)
	if a := l.lib.ByFile(at); a != nil {
		return a, nil
	}
	if a := l.lib.ByFile(at + ".md"); a != nil && path.Ext(to.path) == "" {
		return a, nil
	}
	return nil, l.lib.sectByDir[strings.TrimSuffix(at, "/_index.md")]
}

// page is where a link to an article leads: to its text in the reader's
// language, else in the language that the writer linked, else in any other.
func (l *linker) page(a *Article, anchor string) target {
	upTo := Agents // who reads this article reads what it links to, where there is such a text
	if from := l.lib.ByFile(l.file); from != nil {
		upTo = from.Audience
	}
	best := l.lib.BestReadable(a.Key, upTo, l.readerLang(), a.Lang)
	if best == nil {
		best = l.lib.BestFor(a.Key, l.readerLang(), a.Lang)
	}
	if best == nil {
		return target{wrong: "check.link_draft"}
	}
	t := target{href: best.Path(), lang: l.foreign(best.Lang)}
	if anchor != "" {
		t.href += "#" + url.PathEscape(anchor)
	}
	if !upTo.MayRead(best.Audience) {
		t.wrong = "check.link_audience"
	}
	return t
}

// local is where a link that begins with "/" leads: to a page of the site.
func (l *linker) local(raw string, to link) target {
	parts := strings.Split(strings.Trim(to.path, "/"), "/")
	t := target{href: raw}
	switch {
	case slices.Contains(parts, ".."):
		return target{wrong: "check.link_dead"}
	case len(parts) == 3 && parts[1] == "articles":
		if l.lib.Article(parts[0], parts[2]) == nil && l.lib.Alias(parts[0], parts[2]) == nil {
			t.wrong = "check.link_dead"
		}
	case len(parts) == 3 && parts[1] == "sections":
		if l.lib.Section(parts[0], parts[2]) == nil {
			t.wrong = "check.link_dead"
		}
	case len(parts) > 1 && parts[0] == "a":
		if l.lib.BestFor(strings.Join(parts[1:], "/"), l.readerLang()) == nil {
			t.wrong = "check.link_dead"
		}
	}
	return t
}

// image returns the picture that a relative address names.
func (l *linker) image(raw string) (picture, error) {
	to := parseLink(raw)
	if to.dead || to.scheme != "" || to.path == "" || strings.HasPrefix(to.path, "/") {
		return picture{}, errNoImage
	}
	return l.picture(path.Join(path.Dir(l.file), to.path))
}

func (l *linker) readerLang() string {
	if l.reader == "" {
		return l.lang
	}
	return l.reader
}

func (l *linker) foreign(lang string) string {
	if lang == l.readerLang() {
		return ""
	}
	return lang
}
