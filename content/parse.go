package content

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"
)

// Hash names the bytes of a file: what a writer began from, what a rendering is
// of. It equals Article.Hash for an article that includes no other file.
func Hash(src []byte) string {
	sum := sha256.Sum256(src)
	return hex.EncodeToString(sum[:16])
}

// A place is where a file lies: language, folder of its section, name.
type place struct {
	lang, dir, name string // dir without the language; name without .md
}

// placeOf says where a path lies, or why no article can lie there.
func placeOf(file string) (place, string) {
	parts := strings.Split(file, "/")
	switch {
	case len(parts) == 1:
		return place{}, "check.outside_language"
	case !langForm.MatchString(parts[0]):
		return place{}, "check.not_a_language"
	case len(parts) > 4:
		return place{}, "check.too_deep"
	}
	name := strings.TrimSuffix(parts[len(parts)-1], ".md")
	return place{parts[0], strings.Join(parts[1:len(parts)-1], "/"), name}, ""
}

// readable reports what keeps bytes from being an article at all.
func readable(file string, src []byte) []Problem {
	switch {
	case len(src) > maxArticle:
		return []Problem{grave(file, 0, "check.too_large", "Limit", maxArticle>>10)}
	case bytes.IndexByte(src, 0) >= 0:
		return []Problem{grave(file, 0, "check.not_text")}
	case !utf8.Valid(src):
		line := 1
		for rest := src; len(rest) > 0; {
			r, n := utf8.DecodeRune(rest)
			if r == utf8.RuneError && n == 1 {
				break
			}
			if r == '\n' {
				line++
			}
			rest = rest[n:]
		}
		return []Problem{grave(file, line, "check.encoding")}
	case bytes.HasPrefix(src, []byte("\ufeff")):
		return []Problem{problem(file, 1, "check.bom")}
	}
	return nil
}

var sourceForm = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*@[0-9a-f]{7,64}$`)

// Parse reads the front matter of the article at a path below the folder. The
// article is nil when one of the problems is grave. Updated stays zero when the
// front matter does not say it.
func Parse(file string, src []byte) (*Article, []Problem) {
	a, _, problems := parse(file, src)
	return a, problems
}

func parse(file string, src []byte) (*Article, matter, []Problem) {
	at, wrong := placeOf(file)
	if wrong != "" {
		return nil, matter{}, []Problem{grave(file, 0, wrong, "Name", strings.SplitN(file, "/", 2)[0])}
	}
	problems := readable(file, src)
	if anyGrave(problems) {
		return nil, matter{}, problems
	}
	m, bad := split(file, src)
	if problems = append(problems, bad...); anyGrave(problems) {
		return nil, m, problems
	}
	if m.fence == "" {
		return nil, m, append(problems, grave(file, 1, "check.front_matter_missing"))
	}
	fs, bad := fields(file, m)
	if problems = append(problems, bad...); anyGrave(problems) {
		return nil, m, problems
	}
	a := &Article{File: file, Lang: at.lang, Section: at.dir, Status: Published, Hash: Hash(src)}
	r := &reader{file: file, problems: problems}
	draft, titleLine := false, 1
	var written time.Time
	seen := map[string]bool{}
	for _, f := range fs {
		name, bad := known(file, f)
		r.problems = append(r.problems, bad...)
		if name == "" {
			continue
		}
		if seen[name] && name != "tags" && name != "phrases" {
			if name != "updated" {
				r.report(problem(file, f.line, "check.key_twice", "Name", name))
			}
			continue
		}
		seen[name] = true
		switch name {
		case "title":
			a.Title, titleLine = r.word(f), f.line
		case "description":
			a.Description = r.word(f)
		case "key":
			if k := strings.Trim(r.word(f), "/"); keyForm.MatchString(k) {
				a.Key = k
			} else if k != "" {
				a.Key = keyOf(k)
				r.report(problem(file, f.line, "check.key_invalid", "Value", k))
			}
		case "slug":
			written := r.word(f)
			tail := strings.TrimSuffix(path.Base("/"+strings.Trim(written, "/")), ".md")
			if a.Slug = tail; tail == "/" || !validSlug(tail) {
				a.Slug = Slug(tail)
				if written != "" {
					r.report(problem(file, f.line, "check.slug_invalid", "Value", written))
				}
			}
		case "phrases":
			a.Phrases = append(a.Phrases, r.words(f)...)
		case "expect":
			a.Expect = r.words(f)
		case "tags":
			a.Tags = append(a.Tags, r.words(f)...)
		case "aliases":
			for _, old := range r.words(f) {
				tail := strings.TrimSuffix(path.Base("/"+strings.Trim(old, "/")), ".md")
				if !validSlug(tail) {
					r.report(problem(file, f.line, "check.slug_invalid", "Value", old))
					continue
				}
				a.Aliases = append(a.Aliases, tail)
			}
		case "related":
			for _, k := range r.words(f) {
				if k = strings.Trim(k, "/"); !keyForm.MatchString(k) {
					r.report(problem(file, f.line, "check.key_invalid", "Value", k))
					continue
				}
				a.Related = append(a.Related, k)
			}
		case "weight":
			a.Weight = r.number(f)
		case "status":
			if s := r.choice(f, true, "draft", "review", "published", "archived"); s != "" {
				a.Status = Status(s)
			}
		case "draft":
			draft, _ = r.yes(f)
		case "unlisted":
			hidden, _ := r.yes(f)
			a.Unlisted = a.Unlisted || hidden
		case "search":
			if found, ok := r.yes(f); ok && f.shape == scalar && !found {
				a.Unlisted = true
			}
		case "audience":
			switch r.choice(f, true, "public", "customers", "agents") {
			case "customers":
				a.Audience = Customers
			case "agents":
				a.Audience = Agents
			}
		case "publish_at":
			a.PublishAt = r.date(f, true)
		case "expires_at":
			a.ExpiresAt = r.date(f, true)
		case "confidence":
			a.Confidence = r.choice(f, false, "wip", "not_validated", "validated")
		case "owner":
			a.Owner = r.word(f)
		case "last_reviewed_on":
			a.LastReviewedOn = r.date(f, false)
		case "review_in":
			if a.ReviewIn = r.word(f); a.ReviewIn != "" {
				if _, ok := addSpan(time.Time{}, a.ReviewIn); !ok {
					r.report(problem(file, f.line, "check.review_in", "Value", a.ReviewIn))
					a.ReviewIn = ""
				}
			}
		case "change":
			a.Change = r.choice(f, false, "typo", "minor", "major")
		case "source":
			if s := strings.ToLower(r.word(f)); sourceForm.MatchString(s) {
				a.Source = s
			} else if s != "" {
				r.report(problem(file, f.line, "check.source_invalid", "Value", s))
			}
		case "updated":
			if f.shape != other { // Docusaurus' last_update is a table
				a.Updated = r.date(f, false)
			}
		case "date":
			written = r.date(f, false)
		case "lang":
			if l := strings.ToLower(strings.ReplaceAll(r.word(f), "_", "-")); l != "" && l != a.Lang {
				r.report(problem(file, f.line, "check.language_differs", "Value", l, "Lang", a.Lang))
			}
		}
	}
	if draft {
		a.Status = Draft
	}
	if a.Updated.IsZero() {
		a.Updated = written
	}
	if a.Title == "" {
		r.report(grave(file, titleLine, "check.title_missing"))
	} else if utf8.RuneCountInString(a.Title) > 300 {
		r.report(problem(file, titleLine, "check.title_long", "Limit", 300))
	}
	if a.Slug == "" {
		if a.Slug = Slug(at.name); a.Slug == "" {
			r.report(grave(file, 1, "check.slug_invalid", "Value", at.name))
		}
	}
	if a.Key == "" {
		a.Key = keyOf(path.Join(at.dir, at.name))
	}
	if anyGrave(r.problems) {
		return nil, m, r.problems
	}
	a.Revision = revisionOf(a, m.body)
	return a, m, r.problems
}

// keyOf makes a key of a path.
func keyOf(p string) string {
	var parts []string
	for part := range strings.SplitSeq(p, "/") {
		if s := Slug(part); s != "" {
			parts = append(parts, s)
		}
	}
	return strings.Join(parts, "/")
}

// parseSection reads an _index.md. It always returns a section: one that cannot
// be read is named after its folder.
func parseSection(file string, src []byte) (*Section, []Problem) {
	dir := path.Dir(file)
	s := emptySection(dir)
	problems := readable(file, src)
	if anyGrave(problems) {
		return s, problems
	}
	m, bad := split(file, src)
	if problems = append(problems, bad...); anyGrave(bad) {
		return s, problems
	}
	fs, bad := fields(file, m)
	r := &reader{file: file, problems: append(problems, bad...)}
	titled := false
	for _, f := range fs {
		name, bad := known(file, f)
		r.problems = append(r.problems, bad...)
		switch name {
		case "title":
			if t := r.word(f); t != "" {
				s.Title, titled = t, true
			}
		case "description":
			s.Description = r.word(f)
		case "weight":
			s.Weight = r.number(f)
		case "key":
			if k := strings.Trim(r.word(f), "/"); keyForm.MatchString(k) {
				s.Key = k
			} else if k != "" {
				r.report(problem(file, f.line, "check.key_invalid", "Value", k))
			}
		case "slug":
			if t := r.word(f); validSlug(t) {
				s.Slug = t
			} else if t != "" {
				r.report(problem(file, f.line, "check.slug_invalid", "Value", t))
			}
		}
	}
	if !titled {
		r.report(problem(file, 1, "check.section_title"))
	}
	return s, r.problems
}

// emptySection is what a folder says about itself without an _index.md.
func emptySection(dir string) *Section {
	lang, rest, _ := strings.Cut(dir, "/")
	name := path.Base(rest)
	words := strings.Join(strings.FieldsFunc(name, func(r rune) bool { return r == '-' || r == '_' }), " ")
	s := &Section{Lang: lang, Key: keyOf(rest), Slug: Slug(name), Title: words}
	if r, n := utf8.DecodeRuneInString(words); n > 0 {
		s.Title = strings.ToUpper(string(r)) + words[n:]
	}
	return s
}
