package content

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Variants of one text, of which a reader needs one, are written as
//
//	:::tabs
//	== Android
//	How it goes there.
//	== iPhone
//	How it goes here.
//	:::
//
// They become radio buttons, each before its part: the browser knows how a
// keyboard moves among them and what a screen reader says, and the part of the
// chosen one shows by style alone. Without styles, and on paper, all parts stand
// below one another under their names.

// A tab is one variant within ":::tabs".
type tab struct {
	ast.BaseBlock
	title string
	start int
	group int // of the page, from 1; set when the page is dressed
	place int // in its group, from 1
}

var kindTab = ast.NewNodeKind("Tab")

func (n *tab) Kind() ast.NodeKind            { return kindTab }
func (n *tab) Dump(source []byte, level int) { ast.DumpHelper(n, source, level, nil, nil) }

var tabForm = regexp.MustCompile(`^ {0,3}==[ \t]+(\S.*?)\s*$`)

// tabParser reads the lines that begin a variant.
type tabParser struct{}

func (tabParser) Trigger() []byte { return []byte{'='} }

func (tabParser) Open(parent ast.Node, reader text.Reader, _ parser.Context) (ast.Node, parser.State) {
	c, ok := parent.(*callout)
	line, segment := reader.PeekLine()
	m := tabForm.FindSubmatch(line)
	if !ok || c.name != "tabs" || m == nil {
		return nil, parser.NoChildren
	}
	reader.AdvanceToEOL()
	return &tab{title: string(m[1]), start: segment.Start}, parser.HasChildren
}

// Continue ends a variant where the next begins, unless that line is code or
// belongs to tabs within.
func (tabParser) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	if line, _ := reader.PeekLine(); !tabForm.Match(line) {
		return parser.Continue | parser.HasChildren
	}
	opened := pc.OpenedBlocks()
	for i := len(opened) - 1; i >= 0; i-- {
		switch inner := opened[i].Node.(type) {
		case *ast.FencedCodeBlock:
			return parser.Continue | parser.HasChildren
		case *tab:
			if inner != node {
				return parser.Continue | parser.HasChildren
			}
			return parser.Close
		case *callout:
			return parser.Continue | parser.HasChildren // a note within the variant is still open
		}
	}
	return parser.Close
}

func (tabParser) Close(ast.Node, text.Reader, parser.Context) {}
func (tabParser) CanInterruptParagraph() bool                 { return true }
func (tabParser) CanAcceptIndentedLine() bool                 { return false }

// dressTabs numbers the variants of ":::tabs" and says what is no variant.
func (s *sheet) dressTabs(c *callout, group int) {
	place := 0
	for n := c.FirstChild(); n != nil; n = n.NextSibling() {
		if t, ok := n.(*tab); ok {
			place++
			t.group, t.place = group, place
		} else {
			s.report(n, "check.tabs_outside")
		}
	}
	if place < 2 {
		s.report(c, "check.tabs_few")
	}
}

func (d *dialect) renderTabs(w util.BufWriter, entering bool) {
	if entering {
		_, _ = w.WriteString(`<fieldset class="variants"><legend class="visually-hidden">` + escape(word(d.lang, "tabs")) + "</legend>\n")
	} else {
		_, _ = w.WriteString("</fieldset>\n")
	}
}

func (d *dialect) renderTab(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if !entering {
		_, _ = w.WriteString("</div>\n")
		return ast.WalkContinue, nil
	}
	n := node.(*tab)
	name := "tabs:" + strconv.Itoa(n.group)
	id, checked := name+":"+strconv.Itoa(n.place), ""
	if n.place == 1 {
		checked = " checked"
	}
	_, _ = w.WriteString(`<input type="radio" name="` + name + `" id="` + id + `"` + checked + `><label for="` + id + `">` +
		escape(strings.TrimSpace(n.title)) + "</label>\n" + `<div class="variant">` + "\n")
	return ast.WalkContinue, nil
}
