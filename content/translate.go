package content

import (
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

var (
	inlineLink = regexp.MustCompile(`(\]\(\s*<?)([^()\s<>]+)`)
	namedLink  = regexp.MustCompile(`^( {0,3}\[[^\]]+\]:\s*<?)([^\s<>]+)`)
)

// Translate returns the beginning of a translation that is to lie in a folder
// such as "es/devoluciones": a draft that holds the source's text, says what it was
// made from, and is for the same readers. Links lead to what exists in the new
// language; images and included files stay where they are until there are others.
func (f *Folder) Translate(source *Article, dir, title string) ([]byte, error) {
	src, err := f.readFile(source.File)
	if err != nil {
		return nil, fmt.Errorf("translate %s: %w", source.File, err)
	}
	m, bad := split(source.File, src)
	now, _ := Parse(source.File, src)
	if anyGrave(bad) || now == nil {
		return nil, &InvalidError{bad}
	}
	out := []byte("---\n---\n")
	for _, set := range []struct {
		key   string
		value any
		also  bool
	}{
		{"title", title, true},
		{"description", now.Description, now.Description != ""},
		{"key", now.Key, true},
		{"status", string(Draft), true},
		{"source", now.Reference(), true},
		{"audience", now.Audience.String(), now.Audience != Public},
		{"unlisted", true, now.Unlisted},
		{"owner", now.Owner, now.Owner != ""},
		{"review_in", now.ReviewIn, now.ReviewIn != ""},
		{"related", now.Related, len(now.Related) > 0},
		{"weight", now.Weight, now.Weight != 0},
	} {
		if !set.also {
			continue
		}
		if out, err = SetFrontMatter(out, map[string]any{set.key: set.value}); err != nil {
			return nil, fmt.Errorf("translate %s: %w", source.File, err)
		}
	}
	lang, _, _ := strings.Cut(dir, "/")
	return append(out, f.moved(f.Library(), source.File, m.body, dir, lang)...), nil
}

// moved returns a text with links that mean the same from another folder.
func (f *Folder) moved(lib *Library, file string, body []byte, dir, lang string) []byte {
	var b strings.Builder
	fence := ""
	for line := range strings.Lines(strings.ReplaceAll(string(body), "\r\n", "\n")) {
		if mark := fenceOf([]byte(strings.TrimRight(line, "\n"))); mark != "" {
			if fence == "" {
				fence = mark
			} else if mark[0] == fence[0] && len(mark) >= len(fence) {
				fence = ""
			}
		}
		if fence != "" {
			b.WriteString(line)
			continue
		}
		for _, form := range []*regexp.Regexp{inlineLink, namedLink} {
			line = form.ReplaceAllStringFunc(line, func(s string) string {
				part := form.FindStringSubmatch(s)
				return part[1] + relink(lib, file, part[2], dir, lang)
			})
		}
		line = includeForm.ReplaceAllStringFunc(line, func(s string) string {
			wanted := includeForm.FindStringSubmatch(s)[1]
			if _, err := f.readFile(path.Join(dir, wanted)); err == nil {
				return s // its own language has one
			}
			return strings.Replace(s, wanted, relative(dir, path.Join(path.Dir(file), wanted)), 1)
		})
		b.WriteString(line)
	}
	return []byte(b.String())
}

// relink returns what a link of a file is from another folder.
func relink(lib *Library, file, raw, dir, lang string) string {
	to := parseLink(raw)
	if to.dead || to.scheme != "" || to.path == "" || strings.HasPrefix(to.path, "/") {
		return raw
	}
	at := path.Join(path.Dir(file), to.path)
	l := &linker{lib: lib, file: file}
	switch a, s := l.find(to); {
	case a != nil:
		at = a.File
		if t := lib.ByKey(a.Key, lang); t != nil {
			at = t.File
		}
	case s != nil:
		for place, t := range lib.Places() {
			if t.Lang == lang && t.Key == s.Key {
				at = place + "/"
			}
		}
	}
	out := (&url.URL{Path: relative(dir, at)}).EscapedPath()
	if strings.HasSuffix(at, "/") {
		out += "/"
	}
	if _, anchor, ok := strings.Cut(raw, "#"); ok {
		out += "#" + anchor
	}
	return out
}

// relative is the path from a folder to a file.
func relative(dir, file string) string {
	rel, err := filepath.Rel(filepath.FromSlash(dir), filepath.FromSlash(file))
	if err != nil {
		return file // both are below the same folder
	}
	return filepath.ToSlash(rel)
}
