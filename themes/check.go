package themes

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template/parse"
)

// folders are what a theme consists of. Files beside them, such as a README, are
// left alone.
var folders = []string{"layout", "pages", "letters", "catalog", "css", "js", "img"}

// checkPlace refuses a file in a folder that no theme has: whoever mistyped its
// name would wait for it to show.
func checkPlace(name string) error {
	folder, _, inside := strings.Cut(name, "/")
	if !inside || strings.HasPrefix(folder, ".") || slices.Contains(folders, folder) {
		return nil
	}
	return fmt.Errorf("theme: %s: a theme has no folder %q, only %s", name, folder, strings.Join(folders, ", "))
}

// maxRange is how often a template may repeat something by numbers it holds.
const maxRange = 10_000

// checkTrees refuses templates that could only fail when somebody looks at them:
// that call one that is not there, call themselves for ever, or count too far.
// trees are all that can be called, by name.
func checkTrees(trees map[string]*parse.Tree) error {
	calls := map[string][]*parse.TemplateNode{}
	var problems []error
	for _, tree := range trees {
		walk(tree.Root, false, func(n parse.Node, moved bool) {
			switch n := n.(type) {
			case *parse.TemplateNode:
				if trees[n.Name] == nil {
					problems = append(problems, problemAt(tree, n, fmt.Sprintf("there is no template %q", n.Name)))
					return
				}
				if same(n.Pipe, moved) {
					calls[tree.Name] = append(calls[tree.Name], n)
				}
			case *parse.ActionNode:
				if number := kept(n.Pipe); number != nil && (!number.IsInt || number.Int64 > maxRange) {
					problems = append(problems, problemAt(tree, n, "it keeps the number "+number.Text+", by which something could be repeated; at most "+strconv.Itoa(maxRange)+" is allowed"))
				}
			}
		})
		repeats(tree.Root, 1, func(n *parse.RangeNode, times string) {
			problems = append(problems, problemAt(tree, n, "it repeats something "+times+" times; at most "+strconv.Itoa(maxRange)+" are allowed"))
		})
	}
	if len(problems) == 0 {
		problems = rounds(trees, calls)
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(problems...)
}

// reached returns the names of those trees that these call, and of these.
func reached(trees map[string]*parse.Tree, names []string) []string {
	seen := map[string]bool{}
	for i := 0; i < len(names); i++ { // it grows on the way
		if seen[names[i]] {
			continue
		}
		seen[names[i]] = true
		walk(trees[names[i]].Root, false, func(n parse.Node, _ bool) {
			if call, ok := n.(*parse.TemplateNode); ok {
				names = append(names, call.Name)
			}
		})
	}
	return slices.Collect(maps.Keys(seen))
}

// kept returns the number that a pipe puts into a variable, or nil.
func kept(pipe *parse.PipeNode) *parse.NumberNode {
	if len(pipe.Decl) == 0 || len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return nil
	}
	number, _ := pipe.Cmds[0].Args[0].(*parse.NumberNode)
	return number
}

// repeats reports what below n is repeated too often, where it stands within what
// is repeated so many times already.
func repeats(n parse.Node, times int64, report func(n *parse.RangeNode, times string)) {
	if r, ok := n.(*parse.RangeNode); ok && len(r.Pipe.Cmds) == 1 && len(r.Pipe.Cmds[0].Args) == 1 {
		if number, ok := r.Pipe.Cmds[0].Args[0].(*parse.NumberNode); ok {
			said := number.Text
			if times > 1 {
				said = strconv.FormatInt(times, 10) + " × " + said
			}
			if !number.IsInt || number.Int64 > maxRange/times {
				report(r, said)
				return
			}
			times *= max(number.Int64, 1)
		}
	}
	for _, part := range within(n) {
		repeats(part, times, report)
	}
}

// within returns the lists of nodes that a node holds, or the nodes of a list.
func within(n parse.Node) (parts []parse.Node) {
	var lists []*parse.ListNode
	switch n := n.(type) {
	case *parse.ListNode:
		return n.Nodes
	case *parse.IfNode:
		lists = []*parse.ListNode{n.List, n.ElseList}
	case *parse.WithNode:
		lists = []*parse.ListNode{n.List, n.ElseList}
	case *parse.RangeNode:
		lists = []*parse.ListNode{n.List, n.ElseList}
	}
	for _, l := range lists {
		if l != nil {
			parts = append(parts, l)
		}
	}
	return parts
}

// rounds returns a problem for each call that leads back to where it stands.
func rounds(trees map[string]*parse.Tree, calls map[string][]*parse.TemplateNode) []error {
	var problems []error
	const begun, done = 1, 2
	state := map[string]int{}
	var visit func(name string)
	visit = func(name string) {
		state[name] = begun
		for _, call := range calls[name] {
			switch state[call.Name] {
			case begun:
				problems = append(problems, problemAt(trees[name], call, fmt.Sprintf("template %q calls itself without end", call.Name)))
			case 0:
				visit(call.Name)
			}
		}
		state[name] = done
	}
	for name := range trees {
		if state[name] == 0 {
			visit(name)
		}
	}
	return problems
}

func problemAt(tree *parse.Tree, n parse.Node, what string) error {
	at, _ := tree.ErrorContext(n)
	return fmt.Errorf("theme: %s: %s", at, what)
}

// same reports whether a call hands on just what its template was given; with
// something else, such as the items below an item, it may come to an end.
func same(pipe *parse.PipeNode, moved bool) bool {
	if pipe == nil {
		return true
	}
	if len(pipe.Cmds) != 1 || len(pipe.Cmds[0].Args) != 1 {
		return false
	}
	switch arg := pipe.Cmds[0].Args[0].(type) {
	case *parse.DotNode:
		return !moved
	case *parse.VariableNode:
		return len(arg.Ident) == 1 && arg.Ident[0] == "$"
	}
	return false
}

// walk calls do for each node below n that can hold others or call. moved says
// whether the dot there is another than at the beginning.
func walk(n parse.Node, moved bool, do func(n parse.Node, moved bool)) {
	list := func(l *parse.ListNode, moved bool) {
		if l != nil {
			for _, n := range l.Nodes {
				walk(n, moved, do)
			}
		}
	}
	switch n := n.(type) {
	case *parse.ListNode:
		list(n, moved)
		return
	case *parse.IfNode:
		list(n.List, moved)
		list(n.ElseList, moved)
	case *parse.WithNode:
		list(n.List, true)
		list(n.ElseList, moved)
	case *parse.RangeNode:
		list(n.List, true)
		list(n.ElseList, moved)
	}
	do(n, moved)
}

// maxPage is how many bytes a page or a letter may become. A theme that writes
// more does not know an end.
const maxPage = 16 << 20

// A page is what a template writes to. It ends one that writes without end.
type page struct{ bytes.Buffer }

// pages are used again: one grows to many times what a template writes at once.
var pages = sync.Pool{New: func() any { return new(page) }}

// newPage returns an empty one.
func newPage() *page {
	p := pages.Get().(*page)
	p.Reset()
	return p
}

// Write implements io.Writer.
func (p *page) Write(b []byte) (int, error) {
	if p.Len()+len(b) > maxPage {
		return 0, fmt.Errorf("larger than %d MB", maxPage>>20)
	}
	return p.Buffer.Write(b)
}
