package content

import (
	"path"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// The glossary of a language is the file glossary.<lang>.md at the top of the
// folder, a list of definitions as Markdown writes it:
//
//	IMEI, IMEI code
//	: The 15 digits that name one phone.
//
// The first time that an article uses a term, the word links to its meaning at
// the end of the article, and the meaning links back, as footnotes do. It is no
// card that appears under a pointer: a link works without scripts, by keyboard,
// by touch and in a screen reader, says what it is, can be printed, and covers
// nothing (WCAG 1.4.13).

const (
	maxTerms   = 1000
	maxTerm    = 80  // characters
	maxMeaning = 600 // characters
)

// A glossary is what the words of one language mean.
type glossary struct {
	entries []entry
	forms   map[string]form // by the term, folded
	longest map[string]int  // by a term's first word, folded: how many words it has at most
}

// An entry is a term with its meaning.
type entry struct {
	term    string // as the glossary writes it first
	meaning string
	line    int
}

// A form is one way of writing a term.
type form struct {
	exact string // what must be written exactly, an abbreviation: "PEC" is not "pec"; else empty
	entry int
}

// parseGlossary reads a glossary. It is nil when the file cannot be read at all;
// a line that is not understood is left out, and said.
func parseGlossary(file string, src []byte) (*glossary, []Problem) {
	problems := legible(file, src)
	if anyGrave(problems) {
		return nil, problems
	}
	m, bad := split(file, src)
	if problems = append(problems, bad...); anyGrave(bad) {
		return nil, problems
	}
	g := &glossary{forms: map[string]form{}, longest: map[string]int{}}
	report := func(line int, key string, args ...any) {
		if len(problems) < maxProblems {
			problems = append(problems, problem(file, line, key, args...))
		}
	}
	var waiting []string // forms of the term whose meaning comes next
	begun := 0           // the line on which they stand
	var open *entry
	add := func() {
		if open == nil {
			return
		}
		if utf8.RuneCountInString(open.meaning) > maxMeaning {
			report(open.line, "check.glossary_long", "Term", open.term, "Limit", maxMeaning)
		}
		g.add(*open, waiting, func(term string, line int) {
			report(open.line, "check.glossary_twice", "Term", term, "Line", line)
		})
		open, waiting = nil, nil
	}
	comment, number := false, m.first-1
	for whole := range strings.Lines(string(m.body)) {
		number++
		line := strings.TrimRight(whole, " \t\r\n")
		word := strings.TrimSpace(line)
		switch {
		case comment || strings.HasPrefix(word, "<!--"):
			comment = !strings.Contains(line, "-->")
		case word == "":
			add()
		case strings.HasPrefix(line, ":"):
			meaning := strings.Join(strings.Fields(clean(line[1:])), " ")
			switch {
			case waiting == nil || open != nil || meaning == "":
				report(number, "check.glossary_syntax")
			case len(g.entries) == maxTerms:
				report(number, "check.glossary_many", "Limit", maxTerms)
				return g, problems
			default:
				open = &entry{term: waiting[0], meaning: meaning, line: begun}
			}
		case open != nil && line != strings.TrimLeft(line, " \t"):
			open.meaning += " " + word
		default:
			add()
			if waiting != nil {
				report(begun, "check.glossary_syntax")
			}
			waiting, begun = nil, number
			for form := range strings.SplitSeq(word, ",") {
				if form = strings.Join(strings.Fields(clean(form)), " "); form == "" {
					continue
				}
				if !termForm(form) {
					waiting = nil
					break
				}
				waiting = append(waiting, form)
			}
			if waiting == nil {
				report(number, "check.glossary_syntax")
			}
		}
	}
	add()
	if waiting != nil {
		report(begun, "check.glossary_syntax")
	}
	return g, problems
}

// termForm reports whether words can be a term: no marks of Markdown, and a letter
// or digit at both ends, which is where a text is searched for it.
func termForm(s string) bool {
	words := wordsIn(s)
	return len(words) > 0 && words[0].from == 0 && words[len(words)-1].to == len(s) && utf8.RuneCountInString(s) <= maxTerm &&
		!strings.ContainsAny(s, "#*[]<>`|")
}

// add takes in an entry with its forms; a form that another entry has is told.
func (g *glossary) add(e entry, forms []string, twice func(term string, line int)) {
	e.meaning = strings.Join(strings.Fields(clean(e.meaning)), " ")
	n, fresh := len(g.entries), false
	for _, text := range forms {
		key := fold(text)
		if other, ok := g.forms[key]; ok {
			if other.entry != n {
				twice(text, g.entries[other.entry].line)
			}
			continue
		}
		f := form{entry: n}
		if exactly(text) {
			f.exact = text
		}
		g.forms[key], fresh = f, true
		words := wordsIn(text)
		first := fold(words[0].text)
		g.longest[first] = max(g.longest[first], len(words))
	}
	if fresh {
		g.entries = append(g.entries, e)
	}
}

// exactly reports whether a term is an abbreviation, which small letters do not
// make.
func exactly(term string) bool {
	capitals := 0
	for _, r := range term {
		if unicode.IsUpper(r) {
			capitals++
		}
	}
	return capitals > 1
}

// A token is a word of a text and where it stands.
type token struct {
	text     string
	from, to int
}

// wordsIn returns the runs of letters and digits.
func wordsIn(s string) (out []token) {
	from := -1
	for i, r := range s {
		in := unicode.IsLetter(r) || unicode.IsDigit(r) || from >= 0 && unicode.Is(unicode.Mn, r)
		switch {
		case in && from < 0:
			from = i
		case !in && from >= 0:
			out = append(out, token{s[from:i], from, i})
			from = -1
		}
	}
	if from >= 0 {
		out = append(out, token{s[from:], from, len(s)})
	}
	return out
}

// A match is a term in a text.
type match struct{ entry, from, to int }

// find returns the terms in a text that were not used before, and notes that they
// are. Of two that begin with the same word the longer one is meant.
func (g *glossary) find(text string, used map[int]bool) (out []match) {
	words := wordsIn(text)
	for i := 0; i < len(words); i++ {
		for n := min(g.longest[fold(words[i].text)], len(words)-i); n > 0; n-- {
			from, to := words[i].from, words[i+n-1].to
			f, ok := g.forms[fold(text[from:to])]
			if !ok || f.exact != "" && f.exact != text[from:to] {
				continue
			}
			if !used[f.entry] {
				used[f.entry] = true
				out = append(out, match{f.entry, from, to})
			}
			i += n - 1 // a shorter term within a longer one is not meant
			break
		}
	}
	return out
}

var kindTerm = ast.NewNodeKind("Term")

// A term is the first use of a word that the glossary explains.
type term struct {
	ast.BaseInline
	id string
}

func (n *term) Kind() ast.NodeKind            { return kindTerm }
func (n *term) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

var kindMeanings = ast.NewNodeKind("Meanings")

// meanings is the list at the end of an article.
type meanings struct {
	ast.BaseBlock
	entries []entry
	ids     []string
}

func (n *meanings) Kind() ast.NodeKind            { return kindMeanings }
func (n *meanings) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// explain marks the first use of each term that the glossary has, but for code,
// links, headings and the like, and puts the meanings at the end.
func (s *sheet) explain(g *glossary) {
	if g == nil || len(g.entries) == 0 {
		return
	}
	var texts []*ast.Text
	_ = ast.Walk(s.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading, *ast.Link, *ast.AutoLink, *ast.Image, *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.HTMLBlock, *ast.RawHTML:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			texts = append(texts, n)
		}
		return ast.WalkContinue, nil
	})
	used, list := map[int]bool{}, &meanings{}
	for _, t := range texts {
		if t.Segment.Padding > 0 {
			continue // never seen within a paragraph; its offsets would be wrong
		}
		start := t.Segment.Start
		for _, m := range g.find(string(t.Segment.Value(s.prose.src)), used) {
			id := "term:" + strconv.Itoa(len(list.entries)+1)
			list.entries, list.ids = append(list.entries, g.entries[m.entry]), append(list.ids, id)
			t = markTerm(t, start+m.from, start+m.to, id)
		}
	}
	if len(list.entries) > 0 {
		s.doc.AppendChild(s.doc, list)
	}
}

// markTerm makes a term of a part of a text, and returns what stands after it.
func markTerm(t *ast.Text, from, to int, id string) *ast.Text {
	parent := t.Parent()
	after := ast.NewTextSegment(text.NewSegment(to, t.Segment.Stop))
	after.SetSoftLineBreak(t.SoftLineBreak())
	after.SetHardLineBreak(t.HardLineBreak())
	mark := &term{id: id}
	mark.AppendChild(mark, ast.NewTextSegment(text.NewSegment(from, to)))
	t.Segment = text.NewSegment(t.Segment.Start, from)
	t.SetSoftLineBreak(false)
	t.SetHardLineBreak(false)
	parent.InsertAfter(parent, t, mark)
	parent.InsertAfter(parent, mark, after)
	return after
}

func (d *dialect) renderTerm(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*term)
	if entering {
		_, _ = w.WriteString(`<a class="term" id="` + n.id + `" href="#` + n.id + `:" role="doc-glossref">`)
	} else {
		_, _ = w.WriteString("</a>")
	}
	return ast.WalkContinue, nil
}

func (d *dialect) renderMeanings(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*meanings)
	title := escape(word(d.lang, "glossary"))
	_, _ = w.WriteString(`<div class="glossary" role="doc-glossary" aria-label="` + title + `">` + "\n<h2>" + title + "</h2>\n<dl>\n")
	for i, e := range n.entries {
		_, _ = w.WriteString(`<dt id="` + n.ids[i] + `:">` + escape(e.term) + "</dt>\n<dd>" + escape(e.meaning) +
			` <a href="#` + n.ids[i] + `" role="doc-backlink"><span class="visually-hidden">` + escape(word(d.lang, "back")+": "+e.term) + `</span><span aria-hidden="true">↩</span></a></dd>` + "\n")
	}
	_, _ = w.WriteString("</dl>\n</div>\n")
	return ast.WalkSkipChildren, nil
}

// glossaryOf returns the glossary for an article's language, or nil.
func (l *Library) glossaryOf(file string) *glossary {
	lang, _, _ := strings.Cut(path.Clean(file), "/")
	return l.glossaries[lang]
}
