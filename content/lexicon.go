package content

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A lexicon is a file at the top of the folder about the words of one language:
// glossary.it.md explains them, synonyms.it.yml says which mean the same, and
// pins.it.yml what stands first when they are searched.
type lexicon struct {
	glossary *glossary
	synonyms []Set
	pins     []Pin
}

// A lexiconRecord is what is known of a lexicon's file.
type lexiconRecord struct {
	stamp
	seen     int64
	good     string   // hash of the last good text; empty when there never was one
	lexicon  *lexicon // what it says
	problems []Problem
}

const (
	maxLexicon  = maxArticle // bytes; no more of a file is ever read
	maxWording  = 80         // characters
	maxWordings = 50         // that one entry may have
)

var lexiconForm = regexp.MustCompile(`^(?:(glossary)\.([^/]*)\.md|(synonyms|pins)\.([^/]*)\.yml)$`)

// lexiconOf returns what a file at the top of the folder is about, and in which
// language; the kind of any other file is empty.
func lexiconOf(file string) (kind, lang string) {
	m := lexiconForm.FindStringSubmatch(file)
	if m == nil {
		return "", ""
	}
	return m[1] + m[3], m[2] + m[4]
}

// SynonymsFile is where the synonyms of a language lie below the folder.
func SynonymsFile(lang string) string { return "synonyms." + lang + ".yml" }

// PinsFile is where the pins of a language lie below the folder.
func PinsFile(lang string) string { return "pins." + lang + ".yml" }

// Knows reports whether the library was made with the text of that [Hash] in a
// file of synonyms or pins.
func (l *Library) Knows(file, hash string) bool { return l.texts[file] == hash }

// take takes in what a lexicon says, and returns what is wrong with it among the
// articles.
func (l *Library) take(file string, x *lexicon) (problems []Problem) {
	_, lang := lexiconOf(file)
	switch {
	case x.glossary != nil:
		l.glossaries[lang] = x.glossary
	case x.synonyms != nil:
		for _, s := range x.synonyms {
			l.synonyms[lang], l.setLines[lang] = append(l.synonyms[lang], s.Wordings), append(l.setLines[lang], s.Line)
		}
	case x.pins != nil:
		l.pins[lang] = x.pins
		problems = l.PinProblems(lang, x.pins)
	}
	return problems
}

// readLexicons brings the lexicons up to what was found and reports whether one
// changed.
func (f *Folder) readLexicons(at map[string]stamp) (changed bool) {
	st := &f.state
	if st.lexicons == nil {
		st.lexicons = map[string]*lexiconRecord{}
	}
	for file := range st.lexicons {
		if _, ok := at[file]; !ok {
			delete(st.lexicons, file)
			changed = true
		}
	}
	for file, s := range at {
		old := st.lexicons[file]
		if old != nil && old.stamp == s && s.trusted(old.seen) {
			continue
		}
		r := &lexiconRecord{stamp: s, seen: time.Now().UnixNano()}
		src, err := f.readFile(file)
		if err != nil {
			r.problems = []Problem{grave(file, 0, "check.file_unreadable", "Reason", reason(err))}
		} else {
			r.lexicon, r.problems = parseLexicon(file, src)
		}
		switch {
		case r.lexicon != nil:
			r.good = Hash(src)
			if err := f.good.put(r.good, src); err != nil {
				f.log.Warn("last good text not kept", "file", file, "error", err)
			}
		case old != nil: // the last good one stays
			r.good, r.lexicon = old.good, old.lexicon
			if src, ok := f.good.get(r.good); ok && r.lexicon == nil { // known from the catalog alone
				r.lexicon, _ = parseLexicon(file, src)
			}
		}
		if old == nil || (old.lexicon == nil) != (r.lexicon == nil) || old.good != r.good || !sameProblems(old.problems, r.problems) {
			changed = true
		}
		st.lexicons[file] = r
	}
	return changed
}

// findLexicons lists the lexicons without looking at the rest of the folder.
func (f *Folder) findLexicons() map[string]stamp {
	found := map[string]stamp{}
	files, err := os.ReadDir(f.dir)
	if err != nil {
		return found
	}
	for _, d := range files {
		if kind, _ := lexiconOf(d.Name()); kind == "" {
			continue
		}
		if info, err := d.Info(); err == nil && info.Mode().IsRegular() {
			found[d.Name()] = stamp{info.Size(), info.ModTime().UnixNano()}
		}
	}
	return found
}

// parseLexicon reads a lexicon. It is nil when the file cannot be read at all; an
// entry that is not understood is left out, and said.
func parseLexicon(file string, src []byte) (l *lexicon, problems []Problem) {
	l = &lexicon{}
	switch kind, _ := lexiconOf(file); kind {
	case "glossary":
		l.glossary, problems = parseGlossary(file, src)
	case "synonyms":
		_, l.synonyms, problems = parseSynonyms(file, src)
	case "pins":
		_, l.pins, problems = parsePins(file, src)
	}
	if anyGrave(problems) {
		return nil, problems
	}
	return l, problems
}

// legible reports what keeps bytes from being a lexicon at all.
func legible(file string, src []byte) []Problem {
	if len(src) > maxLexicon {
		return []Problem{grave(file, 0, "check.list_large", "Limit", maxLexicon>>10)}
	}
	if _, lang := lexiconOf(file); !langForm.MatchString(lang) {
		return []Problem{grave(file, 0, "check.not_a_language", "Name", lang)}
	}
	return readable(file, src)
}

// plainEnds leaves a line only one end, so that YAML counts lines as everybody else
// does.
var plainEnds = strings.NewReplacer("\r\n", "\r\n", "\r", " ", "\u0085", " ", "\u2028", " ", "\u2029", " ")

// yamlList reads the YAML of a lexicon: the list with the nodes of its entries,
// which is nil when the file says nothing. As in front matter, no alias is ever
// expanded.
func yamlList(file string, src []byte) (root *yaml.Node, problems []Problem) {
	problems = legible(file, src)
	if anyGrave(problems) {
		return nil, problems
	}
	broken := func(line int, reason string) (*yaml.Node, []Problem) {
		line = min(max(line, 1), bytes.Count(src, []byte("\n"))+1)
		return nil, append(problems, grave(file, line, "check.list_broken", "Reason", reason))
	}
	defer func() {
		if r := recover(); r != nil { // yaml panics on a few hostile inputs
			root, problems = broken(1, fmt.Sprint(r))
		}
	}()
	var doc, more yaml.Node
	d := yaml.NewDecoder(strings.NewReader(plainEnds.Replace(string(src))))
	if err := d.Decode(&doc); errors.Is(err, io.EOF) {
		return nil, problems
	} else if err != nil {
		return broken(yamlError(err))
	}
	root = doc.Content[0]
	switch err := d.Decode(&more); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return broken(yamlError(err))
	default:
		return nil, append(problems, grave(file, more.Line, "check.list_form"))
	}
	switch {
	case root.Kind == yaml.ScalarNode && root.Tag == "!!null":
		return nil, problems
	case root.Kind != yaml.SequenceNode:
		return nil, append(problems, grave(file, root.Line, "check.list_form"))
	}
	return root, problems
}

// wordings returns the wordings that a node holds: a text, or a list of texts;
// commas part them everywhere. It is false when the node holds anything else.
func wordings(n *yaml.Node) (out []string, ok bool) {
	texts := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		texts = n.Content
	}
	for _, t := range texts {
		if t.Kind != yaml.ScalarNode || t.Tag == "!!null" {
			return nil, false
		}
		out = append(out, Wordings(t.Value)...)
	}
	return out, true
}

// Wordings parts what was typed at its commas.
func Wordings(typed string) (out []string) {
	for w := range strings.SplitSeq(typed, ",") {
		if w = strings.Join(strings.Fields(clean(w)), " "); w != "" {
			out = append(out, w)
		}
	}
	return out
}

// A collector reads entries and collects what is wrong with them.
type collector struct {
	file     string
	problems []Problem
	taken    map[string]string // wordings of the entry that has a wording, folded
}

func (c *collector) report(line int, key string, args ...any) {
	if len(c.problems) < maxProblems {
		c.problems = append(c.problems, problem(c.file, line, key, args...))
	}
}

// fresh returns those of an entry's wordings that count: short enough, not too
// many, and of no entry before, which is said with the sentence of a key. With
// fewer than least, none do.
func (c *collector) fresh(wordings []string, line, least int, twice string) (out []string) {
	if len(wordings) > maxWordings {
		c.report(line, "check.list_wordings", "Limit", maxWordings)
		wordings = wordings[:maxWordings]
	}
	var own []string
	for _, w := range wordings {
		key := fold(w)
		switch other, taken := c.taken[key]; {
		case slices.Contains(own, key):
		case utf8.RuneCountInString(w) > maxWording:
			c.report(line, "check.list_wording_long", "Wording", w, "Limit", maxWording)
		case taken:
			c.report(line, twice, "Wording", w, "Other", other)
		default:
			own, out = append(own, key), append(out, w)
		}
	}
	if len(out) < least {
		return nil
	}
	for _, key := range own {
		c.taken[key] = strings.Join(wordings, ", ")
	}
	return out
}

// An item is an entry as it is to stand in a file.
type item struct {
	says  string   // what it says, to compare it with others
	lines []string // how it is written
}

// flow writes one wording, or a list of them on one line.
func flow(words []string) string {
	n := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, w := range words {
		n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: w})
	}
	if len(words) == 1 {
		n = n.Content[0]
	}
	b, err := yaml.Marshal(n)
	if err != nil {
		panic(err) // texts are always written
	}
	return strings.TrimSuffix(string(b), "\n")
}

// errRows says that a list cannot be changed entry by entry.
var errRows = errors.New("the file is not one entry below the other")

// setItems returns a list whose items are these, in their order. Those that were
// there stay as they are written, and so do comments, and entries that are no
// items, of which says knows nothing.
func setItems(file string, src []byte, want []item, says func(*yaml.Node) (string, bool)) ([]byte, error) {
	root, problems := yamlList(file, src)
	if anyGrave(problems) {
		return nil, &InvalidError{problems}
	}
	end := "\n"
	if line, n := nextLine(src); n > len(line) && bytes.HasSuffix(line, []byte("\r")) {
		end = "\r\n"
	}
	lines := slices.Collect(strings.Lines(string(src)))
	indent := ""
	var was []span
	var have []string // what the items say
	var places []int  // where they are among the entries
	if root != nil {
		if root.Style&yaml.FlowStyle != 0 {
			return nil, errRows
		}
		indent = strings.Repeat(" ", root.Column-1)
		was = spans(root, lines)
		for i, n := range root.Content {
			if s, ok := says(n); ok {
				have, places = append(have, s), append(places, i)
			}
		}
	}
	first, next := len(lines), 0 // where a new first item goes; the line that is copied next
	if len(was) > 0 {
		first = was[0].from
	}
	var out []string
	copyTo := func(line int) {
		if line > next {
			out, next = append(out, lines[next:line]...), line
		}
	}
	write := func(line string) {
		if n := len(out); n > 0 && !strings.HasSuffix(out[n-1], "\n") {
			out[n-1] += end
		}
		out = append(out, indent+line+end)
	}
	for _, s := range align(have, want) {
		if s.was < 0 {
			if next == 0 {
				copyTo(first)
			}
		} else {
			at := was[places[s.was]]
			if s.is >= 0 && have[s.was] == want[s.is].says {
				copyTo(at.to)
				continue
			}
			copyTo(at.from)
			next = at.to
			if s.is >= 0 {
				for _, comment := range at.comments {
					write(comment)
				}
			}
		}
		if s.is >= 0 {
			for _, line := range want[s.is].lines {
				write(line)
			}
		}
	}
	text := []byte(strings.Join(append(out, lines[min(next, len(lines)):]...), ""))
	// What would be read as anything else is never written.
	root, problems = yamlList(file, text)
	var got []string
	if root != nil {
		for _, n := range root.Content {
			if s, ok := says(n); ok {
				got = append(got, s)
			}
		}
	}
	if anyGrave(problems) || !slices.EqualFunc(got, want, func(s string, it item) bool { return s == it.says }) {
		return nil, errRows
	}
	return text, nil
}

// A span is where an entry stands, in lines from 0, and the comments within.
type span struct {
	from, to int
	comments []string
}

// spans returns where the entries of a block list stand. Blank lines and comments
// before the next entry belong to that one.
func spans(root *yaml.Node, lines []string) []span {
	out := make([]span, len(root.Content))
	dash := strings.Repeat(" ", root.Column-1) + "-"
	above := 0
	for i, n := range root.Content {
		from := min(n.Line, len(lines)) - 1
		for from > above && !strings.HasPrefix(strings.TrimPrefix(lines[from], "\ufeff"), dash) {
			from--
		}
		out[i].from, above = from, from+1
	}
	for i := range out {
		to := len(lines)
		if i+1 < len(out) {
			to = out[i+1].from
		}
		for to > out[i].from+1 {
			if s := strings.TrimSpace(lines[to-1]); s != "" && s != "..." && !strings.HasPrefix(s, "#") {
				break
			}
			to--
		}
		out[i].to = to
		text := strings.Join(lines[out[i].from:to], "")
		for comment := range strings.Lines(commentsOf(root.Content[i])) {
			if comment = strings.TrimSpace(comment); comment != "" && strings.Contains(text, comment) {
				out[i].comments = append(out[i].comments, comment)
			}
		}
	}
	return out
}

func commentsOf(n *yaml.Node) string {
	all := n.HeadComment + "\n" + n.LineComment + "\n"
	for _, below := range n.Content {
		all += commentsOf(below)
	}
	return all + n.FootComment + "\n"
}

// A step leads from an item that was to one that is; -1 for none.
type step struct{ was, is int }

// maxAlign is how many pairs of items are compared: more than two full lists have.
const maxAlign = 4_000_000

// align pairs the items that stay, as many as can keep their order, and those
// between them one by one; of more than can be compared, those of the same place.
func align(have []string, want []item) (steps []step) {
	n, m := len(have), len(want)
	if n*m > maxAlign {
		for i := range max(n, m) {
			s := step{i, i}
			if i >= n {
				s.was = -1
			}
			if i >= m {
				s.is = -1
			}
			steps = append(steps, s)
		}
		return steps
	}
	stay := make([][]int, n+1) // how many can, from here on
	for i := range stay {
		stay[i] = make([]int, m+1)
	}
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if stay[i][j] = max(stay[i+1][j], stay[i][j+1]); have[i] == want[j].says {
				stay[i][j] = max(stay[i][j], stay[i+1][j+1]+1)
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		// Up to the next one that stays, both sides are changed, removed, or new.
		p, q := i, j
		for p < n && q < m && !(have[p] == want[q].says && stay[p][q] == stay[p+1][q+1]+1) {
			if stay[p+1][q] >= stay[p][q+1] {
				p++
			} else {
				q++
			}
		}
		if p == n || q == m {
			p, q = n, m
		}
		for i < p || j < q {
			s := step{-1, -1}
			if i < p {
				s.was, i = i, i+1
			}
			if j < q {
				s.is, j = j, j+1
			}
			steps = append(steps, s)
		}
		if i < n && j < m {
			steps = append(steps, step{i, j})
			i, j = i+1, j+1
		}
	}
	return steps
}
