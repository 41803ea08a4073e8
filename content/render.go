package content

import (
	"bytes"
	"cmp"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/alecthomas/chroma/v2"
	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/alecthomas/chroma/v2/lexers"
	"github.com/alecthomas/chroma/v2/styles"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

const (
	maxDepth         = 32       // how deep blocks nest
	maxHighlight     = 16 << 10 // bytes of one block of code that gets colours
	maxHighlightPage = 64 << 10 // and of all blocks of a page
	maxHighlightLine = 1000
	maxProblems      = 100 // of one text; nobody reads more
)

// A dialect is Markdown as we read it, with the words of one language.
type dialect struct {
	lang string
	md   goldmark.Markdown
}

var dialects sync.Map // language → *dialect

func dialectOf(lang string) *dialect {
	if d, ok := dialects.Load(lang); ok {
		return d.(*dialect)
	}
	d := &dialect{lang: lang}
	d.md = goldmark.New(
		goldmark.WithExtensions(
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough, extension.Linkify, extension.TaskList, extension.DefinitionList,
			extension.NewFootnote(
				extension.WithFootnoteLinkTitle(word(lang, "footnote")+" ^^"),
				extension.WithFootnoteBacklinkHTML(`<span class="visually-hidden">`+word(lang, "back")+`</span><span aria-hidden="true">↩</span>`),
			),
		),
		goldmark.WithParserOptions(
			parser.WithHeadingAttribute(),
			parser.WithBlockParsers(util.Prioritized(colonParser{}, 750), util.Prioritized(tabParser{}, 751)),
		),
		goldmark.WithRendererOptions(
			renderer.WithNodeRenderers(util.Prioritized(d, 100)),
		),
	)
	v, _ := dialects.LoadOrStore(lang, d)
	return v.(*dialect)
}

// RegisterFuncs names what is drawn differently from goldmark.
func (d *dialect) RegisterFuncs(r renderer.NodeRendererFuncRegisterer) {
	r.Register(kindCallout, d.renderCallout)
	r.Register(kindTab, d.renderTab)
	r.Register(kindTerm, d.renderTerm)
	r.Register(kindMeanings, d.renderMeanings)
	r.Register(kindScroll, d.renderScroll)
	r.Register(kindFigure, d.renderFigure)
	r.Register(ast.KindImage, d.renderImage)
	r.Register(ast.KindLink, d.renderLink)
	r.Register(ast.KindAutoLink, d.renderAutoLink)
	r.Register(ast.KindRawHTML, d.renderRawHTML)
	r.Register(ast.KindHTMLBlock, d.renderHTMLBlock)
	r.Register(ast.KindFencedCodeBlock, d.renderCode)
	r.Register(ast.KindCodeBlock, d.renderCode)
	r.Register(extast.KindTaskCheckBox, d.renderCheckBox)
}

// A sheet is one article while it is being rendered or checked.
type sheet struct {
	file  string
	lang  string
	prose *prose
	links *linker
	words *glossary // may be nil

	doc      ast.Node
	heads    []head
	used     map[string]bool // ids on the page
	count    map[string]int  // how often an id was wanted again
	toCheck  []reference
	problems []Problem
	bright   int // bytes of code that got colours so far
	followed map[string]target
	pictured map[string]picture
}

// A head is a heading of the text.
type head struct {
	level int
	id    string
	words string
	node  *ast.Heading
}

// A reference is a link or an image of the text, for the checks.
type reference struct {
	raw   string
	image bool
	at    origin
}

func (s *sheet) report(n ast.Node, key string, args ...any) {
	if len(s.problems) >= maxProblems {
		return
	}
	o := s.prose.origin(offset(n))
	file := o.file
	if file == "" {
		file = s.file
	}
	s.problems = append(s.problems, problem(file, o.line, key, args...))
}

// offset is about where a node begins in the source.
func offset(n ast.Node) int {
	for at := n; at != nil; at = at.FirstChild() {
		if t, ok := at.(*ast.Text); ok {
			return t.Segment.Start
		}
		switch n := at.(type) {
		case *callout:
			return n.start
		case *tab:
			return n.start
		}
		if at.Type() == ast.TypeBlock && at.Lines() != nil && at.Lines().Len() > 0 {
			return at.Lines().At(0).Start
		}
	}
	if raw, ok := n.(*ast.RawHTML); ok && raw.Segments.Len() > 0 {
		return raw.Segments.At(0).Start
	}
	if before := n.PreviousSibling(); before != nil && n.Type() == ast.TypeInline {
		for before.LastChild() != nil {
			before = before.LastChild()
		}
		if t, ok := before.(*ast.Text); ok {
			if t.SoftLineBreak() || t.HardLineBreak() {
				return t.Segment.Stop + 1
			}
			return t.Segment.Stop
		}
		return offset(before)
	}
	for p := n.Parent(); p != nil; p = p.Parent() {
		if p.Type() == ast.TypeBlock && p.Lines() != nil && p.Lines().Len() > 0 {
			return p.Lines().At(0).Start
		}
	}
	return 0
}

// read parses the text and dresses its tree for the page. It fails only on what
// would take too long.
func (s *sheet) read() bool {
	if line, key, limit := intricate(s.prose.src); key != "" {
		o := origin{s.file, line}
		if line-1 < len(s.prose.lines) {
			o = s.prose.lines[line-1]
		}
		s.problems = append(s.problems, grave(o.file, o.line, key, "Limit", limit))
		return false
	}
	s.used, s.count, s.followed, s.pictured = map[string]bool{}, map[string]int{}, map[string]target{}, map[string]picture{}
	d := dialectOf(s.lang)
	s.doc = d.md.Parser().Parse(text.NewReader(s.prose.src))
	s.dress()
	s.explain(s.words)
	return true
}

// html renders the tree and lets nothing pass that the policy does not know.
func (s *sheet) html() (string, error) {
	var b bytes.Buffer
	if err := dialectOf(s.lang).md.Renderer().Render(&b, s.prose.src, s.doc); err != nil {
		return "", err
	}
	return string(policy().SanitizeBytes(b.Bytes())), nil
}

// dress changes the tree: callouts, headings, links, images, scroll regions.
func (s *sheet) dress() {
	src := s.prose.src
	var quotes []*ast.Blockquote
	var tabs []*callout
	var headings []*ast.Heading
	var wide []ast.Node
	var images []*ast.Image
	var links []ast.Node
	_ = ast.Walk(s.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Blockquote:
			quotes = append(quotes, n)
		case *ast.Heading:
			headings = append(headings, n)
		case *extast.Table, *ast.FencedCodeBlock, *ast.CodeBlock:
			wide = append(wide, n)
		case *extast.TableHeader:
			for cell := n.FirstChild(); cell != nil; cell = cell.NextSibling() {
				if plain(cell, src) == "" {
					s.report(n, "check.table_head") // it says nothing about its column
					break
				}
			}
		case *ast.Image:
			images = append(images, n)
		case *ast.Link, *ast.AutoLink:
			links = append(links, n)
		case *callout:
			if !n.shut {
				s.report(n, "check.callout_open")
			}
			if n.name == "tabs" {
				tabs = append(tabs, n)
			}
		case *ast.HTMLBlock:
			if !comment(string(blockText(n, src))) {
				s.report(n, "check.raw_html")
			}
		case *ast.RawHTML:
			if !comment(string(n.Segments.Value(src))) {
				s.report(n, "check.raw_html")
			}
		case *ast.Paragraph:
			if n.Lines().Len() > 0 {
				line := n.Lines().At(0)
				if m := colonForm.FindSubmatch(line.Value(src)); m != nil {
					s.report(n, "check.callout_unknown", "Name", string(m[2]), "Want", calloutNames)
				}
			}
		}
		return ast.WalkContinue, nil
	})
	for _, q := range quotes {
		c, unknown := quoteCallout(q, src)
		if unknown != "" {
			s.report(q, "check.callout_unknown", "Name", unknown, "Want", calloutNames)
		}
		if c != nil {
			q.Parent().ReplaceChild(q.Parent(), q, c)
		}
	}
	for i, c := range tabs {
		s.dressTabs(c, i+1)
	}
	s.dressHeadings(headings)
	for _, l := range links {
		s.dressLink(l)
	}
	for _, i := range images {
		s.dressImage(i)
	}
	count := map[string]int{}
	for _, n := range wide {
		kind := "code"
		if n.Kind() == extast.KindTable {
			kind = "table"
		}
		count[kind]++
		box := &scroll{kind: kind, number: count[kind]}
		parent := n.Parent()
		parent.ReplaceChild(parent, n, box)
		box.AppendChild(box, n)
		if f, ok := n.(*ast.FencedCodeBlock); ok {
			s.color(f)
		}
	}
}

func (s *sheet) dressHeadings(headings []*ast.Heading) {
	for _, id := range PageIDs {
		s.used[id] = true
	}
	chosen := make([]string, len(headings))
	for i, h := range headings {
		if h.Level == 1 {
			s.report(h, "check.heading_one")
			h.Level = 2
		}
		if v, ok := h.AttributeString("id"); ok {
			if b, ok := v.([]byte); ok {
				chosen[i] = string(b)
			}
			if id := chosen[i]; !idForm.MatchString(id) || s.used[id] || strings.HasPrefix(id, "fn") {
				s.report(h, "check.heading_id", "ID", id)
				chosen[i] = ""
			} else {
				s.used[id] = true
			}
		}
	}
	level := 1
	for i, h := range headings {
		words := plain(h, s.prose.src)
		if words == "" {
			s.report(h, "check.heading_empty")
		}
		if h.Level > level+1 {
			s.report(h, "check.heading_jump", "Heading", words)
		}
		level = h.Level
		id := chosen[i]
		if id == "" {
			id = s.newID(words)
		}
		h.RemoveAttributes()
		h.SetAttributeString("id", []byte(id))
		s.heads = append(s.heads, head{h.Level, id, words, h})
	}
}

// idForm is what a writer may choose; footnotes own the ids that begin with fn.
var idForm = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,99}$`)

// PageIDs are ids that pages use around an article; no heading gets one.
var PageIDs = []string{
	"main", "content", "article", "search", "q", "top", "nav", "menu", "toc", "header", "footer", "title", "suggestions", "suggestion",
	"results", "status", "skip", "lang", "language", "languages", "theme", "contact", "feedback", "vote", "helpful", "related", "dialog",
	"problem", "problems", "form", "body", "html", "head", "sections", "breadcrumb", "account", "live", "preview", "checks", "k", "page",
}

func (s *sheet) newID(words string) string {
	id := Slug(words)
	if len(id) > 80 {
		id = strings.TrimRight(id[:80], "-")
	}
	if id == "" {
		id = "section"
	}
	if strings.HasPrefix(id, "fn") {
		id = "h-" + id
	}
	free := id
	for s.used[free] {
		s.count[id]++
		free = id + "-" + strconv.Itoa(s.count[id]+1)
	}
	s.used[free] = true
	return free
}

func (s *sheet) follow(raw string) target {
	t, ok := s.followed[raw]
	if !ok {
		t = s.links.follow(raw)
		s.followed[raw] = t
	}
	return t
}

func (s *sheet) dressLink(n ast.Node) {
	var raw string
	switch n := n.(type) {
	case *ast.Link:
		raw = unescape(n.Destination)
		n.Title = nil // a tooltip that neither touch nor keyboard reaches
	case *ast.AutoLink:
		raw = string(n.URL(s.prose.src))
		if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(raw), "mailto:") {
			raw = "mailto:" + raw
		}
	}
	to := s.follow(raw)
	s.toCheck = append(s.toCheck, reference{raw, false, s.prose.origin(offset(n))})
	if to.wrong != "" {
		s.report(n, to.wrong, "Link", raw)
	}
	n.SetAttributeString("target", to)
}

func (s *sheet) dressImage(n *ast.Image) {
	raw := unescape(n.Destination)
	s.toCheck = append(s.toCheck, reference{raw, true, s.prose.origin(offset(n))})
	if plain(n, s.prose.src) == "" {
		s.report(n, "check.image_alt", "Link", raw)
	}
	p, err := s.links.image(raw)
	switch {
	case err == nil:
	case parseLink(raw).scheme != "" || strings.HasPrefix(raw, "//"):
		s.report(n, "check.image_remote", "Link", raw)
	case err == errImage:
		s.report(n, "check.image_invalid", "Link", raw)
	default:
		s.report(n, "check.image_missing", "Link", raw)
	}
	s.pictured[raw] = p
	n.SetAttributeString("picture", p)
	parent, ok := n.Parent().(*ast.Paragraph)
	if ok && len(n.Title) > 0 && parent.ChildCount() == 1 && parent.Parent() != nil {
		f := &figure{caption: unescape(n.Title)}
		parent.Parent().ReplaceChild(parent.Parent(), parent, f)
		f.AppendChild(f, n)
	}
}

// color marks code for colours while the page's budget lasts.
func (s *sheet) color(f *ast.FencedCodeBlock) {
	name := string(f.Language(s.prose.src))
	code := blockText(f, s.prose.src)
	if name == "" || len(code) > maxHighlight || s.bright+len(code) > maxHighlightPage || !lexerNames()[strings.ToLower(name)] {
		return
	}
	for line := range bytes.Lines(code) {
		if len(line) > maxHighlightLine {
			return
		}
	}
	s.bright += len(code) + 500 // small blocks cost too
	f.SetAttributeString("color", true)
}

// blockText returns the lines of a block as they are written.
func blockText(n ast.Node, src []byte) []byte {
	var b []byte
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		b = append(b, line.Value(src)...)
	}
	if h, ok := n.(*ast.HTMLBlock); ok && h.HasClosure() {
		b = append(b, h.ClosureLine.Value(src)...)
	}
	return b
}

func comment(s string) bool {
	s = strings.TrimSpace(s)
	return strings.HasPrefix(s, "<!--") && strings.HasSuffix(s, "-->")
}

func escape(s string) string { return html.EscapeString(s) }

var writtenForm = regexp.MustCompile(`\\[!-/:-@\[-` + "`" + `{-~]|&#?[A-Za-z0-9]+;`)

// unescape returns what Markdown stands for: characters after a backslash, and
// entities.
func unescape(b []byte) string {
	if !bytes.ContainsAny(b, `\&`) {
		return string(b)
	}
	return writtenForm.ReplaceAllStringFunc(string(b), func(s string) string {
		if s[0] == '\\' {
			return s[1:]
		}
		return html.UnescapeString(s)
	})
}

// plain returns the words of a node, on one line.
func plain(n ast.Node, src []byte) string {
	var b strings.Builder
	addPlain(&b, n, src)
	return strings.Join(strings.Fields(b.String()), " ")
}

func addPlain(b *strings.Builder, n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.Text:
		if n.IsRaw() {
			b.Write(n.Segment.Value(src))
		} else {
			b.WriteString(unescape(n.Segment.Value(src)))
		}
		if n.SoftLineBreak() || n.HardLineBreak() {
			b.WriteByte(' ')
		}
	case *ast.String:
		b.Write(n.Value)
	case *ast.AutoLink:
		b.Write(n.Label(src))
	case *ast.CodeSpan:
		for c := n.FirstChild(); c != nil; c = c.NextSibling() {
			if t, ok := c.(*ast.Text); ok {
				b.Write(t.Segment.Value(src))
			}
		}
		return
	case *ast.RawHTML:
		if raw := string(n.Segments.Value(src)); !comment(raw) {
			b.WriteString(raw)
		}
	case *extast.FootnoteLink, *extast.FootnoteBacklink:
		return
	}
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		addPlain(b, c, src)
	}
}

var (
	kindScroll = ast.NewNodeKind("Scroll")
	kindFigure = ast.NewNodeKind("Figure")
)

// A scroll is a region that scrolls by itself, so that wide tables and code do
// not widen the page. The keyboard reaches it.
type scroll struct {
	ast.BaseBlock
	kind   string
	number int
}

func (n *scroll) Kind() ast.NodeKind            { return kindScroll }
func (n *scroll) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

// A figure is an image with a caption.
type figure struct {
	ast.BaseBlock
	caption string
}

func (n *figure) Kind() ast.NodeKind            { return kindFigure }
func (n *figure) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

func (d *dialect) renderScroll(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	n := node.(*scroll)
	if entering {
		_, _ = w.WriteString(`<div class="scroll scroll-` + n.kind + `" role="region" aria-label="` + escape(word(d.lang, n.kind)) + " " + strconv.Itoa(n.number) + `" tabindex="0">` + "\n")
	} else {
		_, _ = w.WriteString("</div>\n")
	}
	return ast.WalkContinue, nil
}

func (d *dialect) renderFigure(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString("<figure>\n")
	} else {
		_, _ = w.WriteString("\n<figcaption>" + escape(node.(*figure).caption) + "</figcaption>\n</figure>\n")
	}
	return ast.WalkContinue, nil
}

func (d *dialect) renderImage(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	n := node.(*ast.Image)
	alt := plain(n, source)
	v, _ := n.AttributeString("picture")
	p, _ := v.(picture)
	if p.url == "" {
		if alt != "" {
			_, _ = w.WriteString(`<span class="missing-image">` + escape(alt) + `</span>`)
		}
		return ast.WalkSkipChildren, nil
	}
	_, _ = w.WriteString(`<img src="` + escape(p.url) + `" alt="` + escape(alt) + `"`)
	if p.width > 0 {
		_, _ = w.WriteString(` width="` + strconv.Itoa(p.width) + `" height="` + strconv.Itoa(p.height) + `"`)
	}
	_, inFigure := n.Parent().(*figure)
	if len(n.Title) > 0 && !inFigure {
		_, _ = w.WriteString(` title="` + escape(unescape(n.Title)) + `"`)
	}
	_, _ = w.WriteString(` loading="lazy" decoding="async">`)
	return ast.WalkSkipChildren, nil
}

// openLink writes the beginning of a link, or nothing when it leads nowhere.
func openLink(w util.BufWriter, to target) {
	if to.href == "" {
		return
	}
	href := to.href
	if u, err := url.Parse(href); err == nil {
		href = u.String()
	}
	_, _ = w.WriteString(`<a href="` + escape(href) + `"`)
	if to.lang != "" {
		_, _ = w.WriteString(` hreflang="` + escape(to.lang) + `"`)
	}
	if to.away {
		_, _ = w.WriteString(` rel="noopener"`)
	}
	_ = w.WriteByte('>')
}

func closeLink(w util.BufWriter, to target) {
	if to.href != "" {
		_, _ = w.WriteString("</a>")
	}
}

func targetOf(n ast.Node) target {
	v, _ := n.AttributeString("target")
	to, _ := v.(target)
	return to
}

func (d *dialect) renderLink(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		openLink(w, targetOf(n))
	} else {
		closeLink(w, targetOf(n))
	}
	return ast.WalkContinue, nil
}

func (d *dialect) renderAutoLink(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		openLink(w, targetOf(node))
		_, _ = w.WriteString(escape(string(node.(*ast.AutoLink).Label(source))))
		closeLink(w, targetOf(node))
	}
	return ast.WalkContinue, nil
}

// HTML is shown as it was written, except for comments, which nobody sees.

func (d *dialect) renderRawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		if raw := string(node.(*ast.RawHTML).Segments.Value(source)); !comment(raw) {
			_, _ = w.WriteString(escape(raw))
		}
	}
	return ast.WalkSkipChildren, nil
}

func (d *dialect) renderHTMLBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		if raw := strings.TrimSpace(string(blockText(node, source))); !comment(raw) {
			_, _ = w.WriteString("<p>" + escape(raw) + "</p>\n")
		}
	}
	return ast.WalkContinue, nil
}

var paint = chromahtml.New(chromahtml.WithClasses(true), chromahtml.PreventSurroundingPre(true))

func (d *dialect) renderCode(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		return ast.WalkContinue, nil
	}
	code := string(blockText(node, source))
	language, colored := "", false
	if f, ok := node.(*ast.FencedCodeBlock); ok {
		language = string(f.Language(source))
		_, colored = f.AttributeString("color")
	}
	_, _ = w.WriteString(`<pre class="chroma"><code`)
	if languageForm.MatchString(language) {
		_, _ = w.WriteString(` class="language-` + language + `"`)
	}
	_ = w.WriteByte('>')
	bright := ""
	if colored {
		bright = highlight(code, language)
	}
	_, _ = w.WriteString(cmp.Or(bright, escape(code)))
	_, _ = w.WriteString("</code></pre>\n")
	return ast.WalkSkipChildren, nil
}

var languageForm = regexp.MustCompile(`^[A-Za-z0-9_+-]{1,30}$`)

// lexerNames are the languages that code can be in. Asking the library for one
// that it does not know costs it milliseconds.
var lexerNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, n := range lexers.Names(true) {
		names[strings.ToLower(n)] = true
	}
	return names
})

// highlight returns code with a class around each word of its language, or
// nothing when it cannot.
func highlight(code, language string) string {
	lexer := lexers.Get(language)
	if lexer == nil {
		return ""
	}
	tokens, err := chroma.Coalesce(lexer).Tokenise(nil, code)
	if err != nil {
		return ""
	}
	var b strings.Builder
	if err := paint.Format(&b, styles.Fallback, tokens); err != nil {
		return ""
	}
	return b.String()
}

func (d *dialect) renderCheckBox(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		if node.(*extast.TaskCheckBox).IsChecked {
			_, _ = w.WriteString(`<input type="checkbox" disabled checked aria-label="` + escape(word(d.lang, "done")) + `"> `)
		} else {
			_, _ = w.WriteString(`<input type="checkbox" disabled aria-label="` + escape(word(d.lang, "open")) + `"> `)
		}
	}
	return ast.WalkContinue, nil
}

// toc nests the headings of level 2 and 3.
func (s *sheet) toc() []Heading {
	var out []Heading
	for _, h := range s.heads {
		entry := Heading{Level: h.level, ID: h.id, Text: h.words}
		switch {
		case h.words == "" || h.level > 3:
		case h.level == 3 && len(out) > 0 && out[len(out)-1].Level == 2:
			out[len(out)-1].Nested = append(out[len(out)-1].Nested, entry)
		default:
			out = append(out, entry)
		}
	}
	return out
}

// passages cuts the text at its headings.
func (s *sheet) passages() []Passage {
	heads := map[ast.Node]head{}
	for _, h := range s.heads {
		heads[h.node] = h
	}
	var out []Passage
	var b strings.Builder
	current := Passage{}
	flush := func() {
		current.Text = strings.TrimSuffix(strings.Join(strings.Fields(b.String()), " "), " ·")
		if current.Text != "" || current.Heading != "" {
			out = append(out, current)
		}
		b.Reset()
	}
	src := s.prose.src
	_ = ast.Walk(s.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				divide(&b)
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			flush()
			h := heads[n]
			current = Passage{ID: h.id, Heading: h.words}
			return ast.WalkSkipChildren, nil
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			b.Write(blockText(n, src))
			b.WriteByte(' ')
			return ast.WalkSkipChildren, nil
		case *ast.HTMLBlock:
			if raw := string(blockText(n, src)); !comment(raw) {
				b.WriteString(raw)
			}
			return ast.WalkSkipChildren, nil
		case *callout:
			b.WriteString(n.title)
			divide(&b)
		case *tab:
			b.WriteString(n.title)
			divide(&b)
		case *figure:
			b.WriteString(n.caption)
			divide(&b)
		}
		if n.Type() == ast.TypeInline {
			addPlain(&b, n, src)
			return ast.WalkSkipChildren, nil
		}
		return ast.WalkContinue, nil
	})
	flush()
	return out
}

// divide parts what stands by itself on the page, such as the cells of a table, where no
// punctuation does: quoted in one line it would read as one sentence.
func divide(b *strings.Builder) {
	text := strings.TrimRight(b.String(), " \n")
	if text == "" {
		return
	}
	if r, _ := utf8.DecodeLastRuneInString(text); unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune(")]»”\"%€$°+", r) {
		b.WriteString(" ·")
	}
	b.WriteByte(' ')
}

// document renders the sheet.
func (s *sheet) document() (*Document, error) {
	out, err := s.html()
	if err != nil {
		return nil, err
	}
	d := &Document{HTML: out, TOC: s.toc(), Passages: s.passages()}
	n := 0
	for _, p := range d.Passages {
		n += len(strings.Fields(p.Heading)) + len(strings.Fields(p.Text))
	}
	d.Minutes = max(1, (n+199)/200)
	return d, nil
}
