package content

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"go.yaml.in/yaml/v3"
)

const (
	maxArticle     = 256 << 10 // bytes of a file, and of an article with what it includes
	maxFrontMatter = 64 << 10
	maxList        = 200 // phrases, tags and so on that one article may have
	maxField       = 1000
)

// A matter is a file cut in two.
type matter struct {
	fence string // "---" or "+++", empty without front matter
	head  []byte // between the fences
	body  []byte
	first int // line of the file on which body begins, from 1
	at    int // where head begins in the file
	end   int // where the closing fence begins
}

// split cuts a file into front matter and text. A file without front matter is
// all text.
func split(file string, src []byte) (matter, []Problem) {
	rest := bytes.TrimPrefix(src, []byte("\ufeff"))
	bom := len(src) - len(rest)
	line, n := nextLine(rest)
	fence := strings.TrimRight(string(line), " \t\r")
	if fence != "---" && fence != "+++" {
		return matter{body: rest, first: 1, at: bom, end: bom}, nil
	}
	at := bom + n
	for pos, number := at, 2; pos < len(src); number++ {
		line, n := nextLine(src[pos:])
		if end := strings.TrimRight(string(line), " \t\r"); end == fence || fence == "---" && end == "..." {
			m := matter{fence, src[at:pos], src[pos+n:], number + 1, at, pos}
			if len(m.head) > maxFrontMatter {
				return m, []Problem{grave(file, 1, "check.front_matter_large", "Limit", maxFrontMatter>>10)}
			}
			return m, nil
		}
		pos += n
	}
	return matter{fence: fence, first: 1, at: at, end: len(src)}, []Problem{grave(file, 1, "check.front_matter_open", "Fence", fence)}
}

// nextLine returns the first line without its end, and its length with it.
func nextLine(b []byte) ([]byte, int) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i], i + 1
	}
	return b, len(b)
}

// A field is one line of front matter, before anybody asked what it means.
type field struct {
	name  string // as written
	line  int
	text  string
	list  []string
	shape shape
}

type shape int

const (
	blank shape = iota // nothing after the colon
	scalar
	several
	other // a table, a list of lists: known to other tools, not to us
)

// fields reads front matter without giving it meaning.
func fields(file string, m matter) ([]field, []Problem) {
	switch m.fence {
	case "---":
		return yamlFields(file, m)
	case "+++":
		return tomlFields(file, m)
	}
	return nil, nil
}

// yamlFields reads only the tree that the YAML parser makes and never expands
// an alias, so that a "bomb" of aliases stays as small as its text.
func yamlFields(file string, m matter) (fs []field, problems []Problem) {
	defer func() {
		if r := recover(); r != nil { // yaml panics on a few hostile inputs
			fs, problems = nil, []Problem{grave(file, 1, "check.front_matter_broken", "Reason", fmt.Sprint(r))}
		}
	}()
	var doc yaml.Node
	if err := yaml.Unmarshal(m.head, &doc); err != nil {
		line, reason := yamlError(err)
		return nil, []Problem{grave(file, line+1, "check.front_matter_broken", "Reason", reason)}
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	root := doc.Content[0]
	if root.Kind != yaml.MappingNode {
		return nil, []Problem{grave(file, root.Line+1, "check.front_matter_broken", "Reason", "it is no list of key: value")}
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		key, value := root.Content[i], root.Content[i+1]
		f := field{name: key.Value, line: key.Line + 1}
		switch value.Kind {
		case yaml.ScalarNode:
			f.text = value.Value
			if f.shape = scalar; value.Tag == "!!null" {
				f.shape = blank
			}
		case yaml.SequenceNode:
			f.shape = several
			for _, item := range value.Content {
				if item.Kind != yaml.ScalarNode {
					f.shape, f.list = other, nil
					break
				}
				f.list = append(f.list, item.Value)
			}
		default:
			f.shape = other
		}
		fs = append(fs, f)
	}
	return fs, nil
}

var yamlLine = regexp.MustCompile(`line (\d+): `)

// yamlError takes the line out of the parser's message. The parser counts the
// lines of one kind of its errors from 0, and leaves out the first.
func yamlError(err error) (line int, reason string) {
	line, reason = 1, strings.TrimPrefix(err.Error(), "yaml: ")
	if m := yamlLine.FindStringSubmatch(reason); m != nil {
		line, _ = strconv.Atoi(m[1])
		reason = strings.Replace(reason, m[0], "", 1)
		if strings.HasPrefix(reason, "did not find expected") {
			line++
		}
	}
	return line, strings.TrimSuffix(reason, ".")
}

var tomlKey = regexp.MustCompile(`^\s*(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=|^\s*\[+\s*"?([A-Za-z0-9_-]+)`)

func tomlFields(file string, m matter) ([]field, []Problem) {
	var tree map[string]any
	if err := toml.Unmarshal(m.head, &tree); err != nil {
		line := 0
		if e, ok := errors.AsType[*toml.DecodeError](err); ok {
			line, _ = e.Position()
		}
		return nil, []Problem{grave(file, line+1, "check.front_matter_broken", "Reason", strings.TrimPrefix(err.Error(), "toml: "))}
	}
	var fs []field
	seen := map[string]bool{}
	for i, text := range strings.Split(string(m.head), "\n") {
		match := tomlKey.FindStringSubmatch(text)
		if match == nil {
			continue
		}
		name := match[1] + match[2] + match[3] + match[4]
		value, ok := tree[name]
		if !ok || seen[name] {
			continue // a line within a table or a long string
		}
		seen[name] = true
		f := field{name: name, line: i + 2}
		switch v := value.(type) {
		case []any:
			f.shape = several
			for _, item := range v {
				s, ok := tomlText(item)
				if !ok {
					f.shape, f.list = other, nil
					break
				}
				f.list = append(f.list, s)
			}
		default:
			f.shape = other
			if s, ok := tomlText(v); ok {
				f.shape, f.text = scalar, s
			}
		}
		fs = append(fs, f)
	}
	return fs, nil
}

func tomlText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case time.Time:
		return v.Format(time.RFC3339), true
	case int64, float64, bool, toml.LocalDate, toml.LocalDateTime:
		return fmt.Sprint(v), true
	}
	return "", false
}

// spellings maps how other tools write a key, without "_" and "-" and in small
// letters, to ours.
var spellings = map[string]string{
	"title": "title", "description": "description", "summary": "description",
	"key": "key", "id": "key", "translationkey": "key",
	"slug": "slug", "url": "slug", "permalink": "slug",
	"phrases": "phrases", "keywords": "phrases", "expect": "expect",
	"tags": "tags", "categories": "tags", "category": "tags", "labels": "tags",
	"aliases": "aliases", "redirectfrom": "aliases", "related": "related",
	"weight": "weight", "sidebarposition": "weight",
	"status": "status", "draft": "draft", "unlisted": "unlisted", "search": "search", "audience": "audience",
	"publishat": "publish_at", "publishdate": "publish_at", "pubdate": "publish_at",
	"expiresat": "expires_at", "expirydate": "expires_at", "unpublishdate": "expires_at",
	"confidence": "confidence", "owner": "owner",
	"lastreviewedon": "last_reviewed_on", "lastreviewed": "last_reviewed_on", "reviewin": "review_in",
	"change": "change", "source": "source", "sources": "sources",
	"updated": "updated", "date": "date", "lastmod": "updated", "lastupdate": "updated", "lastupdated": "updated", "modified": "updated",
	"lang": "lang", "language": "lang", "locale": "lang",
}

// elsewhere are keys that mean something to other tools and are no mistake.
var elsewhere = map[string]bool{
	"linktitle": true, "shorttitle": true, "sidebarlabel": true, "layout": true, "type": true, "image": true, "images": true,
	"video": true, "videos": true, "head": true, "toc": true, "outline": true, "hidetitle": true, "hidetableofcontents": true,
	"tocminheadinglevel": true, "tocmaxheadinglevel": true, "customediturl": true, "editurl": true, "editlink": true,
	"paginationnext": true, "paginationprev": true, "params": true, "product": true, "appliesto": true, "cascade": true,
	"author": true, "authors": true, "markup": true, "outputs": true, "menu": true, "series": true, "sidebarclassname": true,
	"sidebarkey": true, "displayedsidebar": true, "parsenumberprefixes": true, "navbar": true, "sidebar": true, "aside": true,
	"footer": true, "pageclass": true, "headless": true, "iscjklanguage": true, "resources": true, "sitemap": true,
	"build": true, "cover": true, "icon": true, "version": true, "platform": true,
}

// ours are the keys to suggest when somebody mistypes one.
var ours = []string{
	"title", "description", "key", "slug", "phrases", "expect", "tags", "status", "draft", "audience", "owner", "last_reviewed_on",
	"review_in", "publish_at", "expires_at", "aliases", "related", "weight", "change", "source", "sources", "confidence", "unlisted", "updated",
}

var withoutDashes = strings.NewReplacer("_", "", "-", "")

// known gives fields their meaning: our name of the key, or "" when it is to be
// left alone.
func known(file string, f field) (string, []Problem) {
	plain := strings.ToLower(withoutDashes.Replace(f.name))
	if name, ok := spellings[plain]; ok {
		return name, nil
	}
	if elsewhere[plain] {
		return "", nil
	}
	if near := nearest(strings.ToLower(f.name), ours...); near != "" {
		return "", []Problem{problem(file, f.line, "check.key_unknown_near", "Name", f.name, "Near", near)}
	}
	return "", []Problem{problem(file, f.line, "check.key_unknown", "Name", f.name)}
}

// lineOf returns the line of front matter that gives a key of ours; 0 when it is
// left out, and the file's name gives it.
func lineOf(file string, src []byte, key string) int {
	m, _ := split(file, src)
	fs, _ := fields(file, m)
	for _, f := range fs {
		if name, _ := known(file, f); name == key {
			return f.line
		}
	}
	return 0
}

// nearest returns the key that is at most two letters away.
func nearest(name string, keys ...string) string {
	if len(name) > 40 {
		return ""
	}
	best, least := "", 3
	for _, k := range keys {
		if d := distance(name, k); d < least && d < len(k)/2 {
			best, least = k, d
		}
	}
	return best
}

// distance is the number of letters to add, drop, replace or swap.
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	rows := make([][]int, len(x)+1)
	for i := range rows {
		rows[i] = make([]int, len(y)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(x); i++ {
		for j := 1; j <= len(y); j++ {
			cost := 1
			if x[i-1] == y[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && x[i-1] == y[j-2] && x[i-2] == y[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(x)][len(y)]
}

// A reader takes values out of fields and collects what is wrong with them.
type reader struct {
	file     string
	problems []Problem
}

func (r *reader) report(p Problem) { r.problems = append(r.problems, p) }

// word returns a text of one line.
func (r *reader) word(f field) string {
	switch f.shape {
	case scalar:
		s := strings.Join(strings.Fields(clean(f.text)), " ")
		if len(s) > maxField {
			r.report(problem(r.file, f.line, "check.value_type", "Name", f.name, "Want", fmt.Sprintf("≤ %d", maxField)))
			for s = s[:maxField]; !utf8.ValidString(s); {
				s = s[:len(s)-1]
			}
		}
		return s
	case blank:
	default:
		r.report(problem(r.file, f.line, "check.value_type", "Name", f.name, "Want", f.name+": abc"))
	}
	return ""
}

// words returns a list; one text alone is a list of one.
func (r *reader) words(f field) []string {
	var all []string
	switch f.shape {
	case scalar:
		all = []string{f.text}
	case several:
		all = f.list
	case other:
		r.report(problem(r.file, f.line, "check.value_type", "Name", f.name, "Want", f.name+": [abc, def]"))
	}
	if len(all) > maxList {
		r.report(problem(r.file, f.line, "check.value_type", "Name", f.name, "Want", fmt.Sprintf("≤ %d", maxList)))
		all = all[:maxList]
	}
	var out []string
	seen := map[string]bool{}
	for _, s := range all {
		if s = r.word(field{name: f.name, line: f.line, text: s, shape: scalar}); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func (r *reader) yes(f field) (value, ok bool) {
	switch strings.ToLower(f.text) {
	case "true", "yes", "on":
		return true, true
	case "false", "no", "off", "":
		return false, f.shape == scalar || f.shape == blank
	}
	r.report(grave(r.file, f.line, "check.value_unknown", "Name", f.name, "Value", f.text, "Want", "true, false"))
	return false, false
}

// choice returns one of a few words. What is not one of them is grave where it
// decides who may read the article.
func (r *reader) choice(f field, severe bool, from ...string) string {
	s := strings.ToLower(r.word(f))
	for _, c := range from {
		if s == c {
			return s
		}
	}
	if f.shape == blank {
		return ""
	}
	p := problem(r.file, f.line, "check.value_unknown", "Name", f.name, "Value", s, "Want", strings.Join(from, ", "))
	p.Grave = severe
	r.report(p)
	return ""
}

func (r *reader) number(f field) int {
	if f.shape == blank {
		return 0
	}
	n, err := strconv.ParseInt(f.text, 10, 32)
	if err != nil || f.shape != scalar {
		r.report(problem(r.file, f.line, "check.number", "Name", f.name, "Value", f.text))
		return 0
	}
	return int(n)
}

var dateForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05 -07:00", "2006-01-02 15:04:05", "2006-01-02 15:04", time.DateOnly,
}

// date returns a moment; a day without time is its beginning in UTC.
func (r *reader) date(f field, severe bool) time.Time {
	if f.shape == blank {
		return time.Time{}
	}
	text := strings.TrimSpace(f.text)
	for _, form := range dateForms {
		if t, err := time.Parse(form, text); err == nil && t.Year() >= 1900 && t.Year() <= 2999 {
			return t.UTC()
		}
	}
	p := problem(r.file, f.line, "check.date", "Name", f.name, "Value", text)
	p.Grave = severe
	r.report(p)
	return time.Time{}
}

var spanForm = regexp.MustCompile(`^(\d{1,4})\s*(day|week|month|year)s?$`)

// addSpan adds a span such as "6 months" to a day.
func addSpan(t time.Time, span string) (time.Time, bool) {
	m := spanForm.FindStringSubmatch(strings.ToLower(strings.TrimSpace(span)))
	if m == nil {
		return time.Time{}, false
	}
	n, _ := strconv.Atoi(m[1])
	switch m[2] {
	case "day":
		return t.AddDate(0, 0, n), true
	case "week":
		return t.AddDate(0, 0, 7*n), true
	case "month":
		return t.AddDate(0, n, 0), true
	}
	return t.AddDate(n, 0, 0), true
}
