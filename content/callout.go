package content

import (
	"bytes"
	"regexp"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// calloutKinds maps what writers type to the kinds that themes draw.
var calloutKinds = map[string]string{
	"note": "note", "info": "note", "tip": "tip", "success": "tip", "important": "important",
	"warning": "warning", "caution": "caution", "danger": "caution", "details": "details", "tabs": "tabs",
}

const maxCallouts = 8 // how deep they nest

const calloutNames = "note, tip, important, warning, caution, details, tabs"

var kindCallout = ast.NewNodeKind("Callout")

// A callout is a boxed note: "> [!NOTE]" or ":::note Title".
type callout struct {
	ast.BaseBlock
	name  string // one of the values of calloutKinds
	title string // as written, may be empty
	colon int    // length of the opening run; 0 for a quote
	start int    // offset in the source
	shut  bool   // its closing line was found
}

func (c *callout) Kind() ast.NodeKind            { return kindCallout }
func (c *callout) Dump(source []byte, level int) { ast.DumpHelper(c, source, level, nil, nil) }

var (
	colonForm = regexp.MustCompile(`^ {0,3}(:{3,})\s*([A-Za-z]+)[ \t]*(.*?)\s*$`)
	colonEnd  = regexp.MustCompile(`^ {0,3}(:{3,})\s*$`)
	quoteForm = regexp.MustCompile(`^\[!([A-Za-z]+)\][+-]?[ \t]*(.*?)\s*$`)
)

// colonParser reads the ":::note" dialect.
type colonParser struct{}

func (colonParser) Trigger() []byte { return []byte{':'} }

func (colonParser) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	m := colonForm.FindSubmatch(line)
	open := 0
	for _, b := range pc.OpenedBlocks() {
		if b.Node.Kind() == kindCallout {
			open++
		}
	}
	if m == nil || open >= maxCallouts {
		return nil, parser.NoChildren
	}
	name, ok := calloutKinds[strings.ToLower(string(m[2]))]
	if !ok {
		return nil, parser.NoChildren
	}
	title := strings.Trim(string(m[3]), "[]{} \t")
	reader.AdvanceToEOL()
	return &callout{name: name, title: title, colon: len(m[1]), start: segment.Start}, parser.HasChildren
}

func (colonParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	c := node.(*callout)
	line, _ := reader.PeekLine()
	m := colonEnd.FindSubmatch(line)
	if m == nil || len(m[1]) < c.colon {
		return parser.Continue | parser.HasChildren
	}
	// The line ends the innermost note that is open, and none when it is part
	// of a block of code.
	opened := pc.OpenedBlocks()
	for i := len(opened) - 1; i >= 0; i-- {
		switch inner := opened[i].Node.(type) {
		case *ast.FencedCodeBlock:
			return parser.Continue | parser.HasChildren
		case *callout:
			if inner != c {
				return parser.Continue | parser.HasChildren
			}
			c.shut = true
			reader.AdvanceToEOL()
			return parser.Close
		}
	}
	return parser.Close
}

func (colonParser) Close(ast.Node, text.Reader, parser.Context) {}
func (colonParser) CanInterruptParagraph() bool                 { return true }
func (colonParser) CanAcceptIndentedLine() bool                 { return false }

// quoteCallout turns a quote that begins with [!KIND] into a callout. It returns
// nil for any other quote; unknown is the kind that nobody knows.
func quoteCallout(quote *ast.Blockquote, source []byte) (c *callout, unknown string) {
	first, ok := quote.FirstChild().(*ast.Paragraph)
	if !ok || first.Lines().Len() == 0 {
		return nil, ""
	}
	line := first.Lines().At(0)
	m := quoteForm.FindSubmatch(bytes.TrimLeft(line.Value(source), " \t"))
	if m == nil {
		return nil, ""
	}
	name, ok := calloutKinds[strings.ToLower(string(m[1]))]
	if !ok || name == "tabs" {
		return nil, string(m[1])
	}
	c = &callout{name: name, title: string(m[2]), start: line.Start, shut: true}
	for child := first.FirstChild(); child != nil; {
		next := child.NextSibling()
		last := false
		if t, ok := child.(*ast.Text); ok {
			last = t.SoftLineBreak() || t.HardLineBreak()
		}
		first.RemoveChild(first, child)
		if last {
			break
		}
		child = next
	}
	if first.FirstChild() == nil {
		quote.RemoveChild(quote, first)
	}
	for child := quote.FirstChild(); child != nil; {
		next := child.NextSibling()
		c.AppendChild(c, child)
		child = next
	}
	return c, ""
}

// label returns the words that name a callout.
func (c *callout) label(lang string) string {
	if c.name == "details" && c.title != "" {
		return c.title
	}
	return word(lang, c.name)
}

func (d *dialect) renderCallout(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	c := node.(*callout)
	if c.name == "tabs" {
		d.renderTabs(w, entering)
		return ast.WalkContinue, nil
	}
	if c.name == "details" {
		if entering {
			_, _ = w.WriteString(`<details class="callout callout-details"><summary>` + escape(c.label(d.lang)) + "</summary>\n")
		} else {
			_, _ = w.WriteString("</details>\n")
		}
		return ast.WalkContinue, nil
	}
	if !entering {
		_, _ = w.WriteString("</aside>\n")
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`<aside class="callout callout-` + c.name + `" role="note">` + "\n" + `<p class="callout-label">`)
	if c.title == "" {
		_, _ = w.WriteString(escape(c.label(d.lang)))
	} else {
		_, _ = w.WriteString(escape(c.label(d.lang)) + `: <span class="callout-title">` + escape(c.title) + "</span>")
	}
	_, _ = w.WriteString("</p>\n")
	return ast.WalkContinue, nil
}

var _ renderer.NodeRenderer = (*dialect)(nil)
