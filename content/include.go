package content

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"strings"
)

const (
	maxIncludes   = 8   // how deep included files nest
	maxIncludings = 200 // lines that include something, in all
)

var includeForm = regexp.MustCompile(`<!--\s*@include:\s*([^\s>]+?)\s*-->`)

// A prose is the body of an article with what it includes, and where each line
// came from.
type prose struct {
	src   []byte
	lines []origin
	parts []string // files included, in order of appearance, each once

	starts []int // offsets of lines, made when first needed
}

// An origin is where a line was written.
type origin struct {
	file string
	line int
}

// origin returns where the byte at an offset was written.
func (t *prose) origin(offset int) origin {
	if t.starts == nil {
		t.starts = append(t.starts, 0)
		for i, c := range t.src {
			if c == '\n' {
				t.starts = append(t.starts, i+1)
			}
		}
	}
	n, exact := slices.BinarySearch(t.starts, offset)
	if !exact {
		n--
	}
	if n < len(t.lines) {
		return t.lines[n]
	}
	if len(t.lines) > 0 {
		return t.lines[len(t.lines)-1]
	}
	return origin{line: 1}
}

// An includer puts included files in the place of the lines that ask for them.
// Links and images in an included file count from the article, as if they had
// been written there.
type includer struct {
	read     func(file string) ([]byte, error)
	out      prose
	problems []Problem
	count    int
	full     bool
}

// expand returns an article's body with what it includes.
func expand(file string, body []byte, first int, read func(string) ([]byte, error)) (*prose, []Problem) {
	in := &includer{read: read}
	in.add(file, body, first, []string{file})
	return &in.out, in.problems
}

func (in *includer) add(file string, body []byte, line int, chain []string) {
	fence := ""
	for len(body) > 0 && !in.full {
		content, n := nextLine(body)
		whole := body[:n]
		body = body[n:]
		if mark := fenceOf(content); mark != "" {
			if fence == "" {
				fence = mark
			} else if mark[0] == fence[0] && len(mark) >= len(fence) {
				fence = ""
			}
		}
		var at []int
		if fence == "" {
			at = includeForm.FindSubmatchIndex(content)
		}
		if at == nil {
			in.write(whole, origin{file, line})
		} else {
			in.write(content[:at[0]], origin{file, line})
			in.include(file, string(content[at[2]:at[3]]), line, chain)
			in.write(whole[at[1]:], origin{file, line})
		}
		line++
	}
}

func (in *includer) include(file, wanted string, line int, chain []string) {
	target := path.Join(path.Dir(file), wanted)
	report := func(key string, args ...any) {
		in.problems = append(in.problems, grave(file, line, key, args...))
	}
	if strings.HasPrefix(wanted, "/") || strings.HasPrefix(target, "../") || !strings.HasSuffix(target, ".md") {
		report("check.include_missing", "Name", wanted)
		return
	}
	for _, before := range chain {
		if before == target {
			report("check.include_loop", "Name", target)
			return
		}
	}
	if len(chain) > maxIncludes {
		report("check.include_deep", "Limit", maxIncludes)
		return
	}
	if in.count++; in.count > maxIncludings {
		report("check.include_many", "Limit", maxIncludings)
		in.full = true
		return
	}
	known := false
	for _, p := range in.out.parts {
		known = known || p == target
	}
	if !known {
		in.out.parts = append(in.out.parts, target)
	}
	src, err := in.read(target)
	if err != nil {
		report("check.include_missing", "Name", wanted)
		return
	}
	if bad := readable(target, src); anyGrave(bad) {
		in.problems = append(in.problems, bad...)
		return
	}
	m, bad := split(target, src)
	if anyGrave(bad) {
		in.problems = append(in.problems, bad...)
		return
	}
	if len(in.out.src)+len(m.body) > maxArticle {
		report("check.include_large", "Limit", maxArticle>>10)
		in.full = true
		return
	}
	in.add(target, bytes.TrimRight(m.body, "\r\n"), m.first, append(chain[:len(chain):len(chain)], target))
}

func (in *includer) write(b []byte, o origin) {
	if len(b) == 0 {
		return
	}
	if n := len(in.out.src); n == 0 || in.out.src[n-1] == '\n' {
		in.out.lines = append(in.out.lines, o)
	}
	in.out.src = append(in.out.src, b...)
}

// fenceOf returns the run of ` or ~ that opens or closes a block of code.
func fenceOf(line []byte) string {
	s := strings.TrimLeft(string(line), " ")
	if len(line)-len(s) > 3 || len(s) < 3 || s[0] != '`' && s[0] != '~' {
		return ""
	}
	n := 0
	for n < len(s) && s[n] == s[0] {
		n++
	}
	if n < 3 || s[0] == '`' && strings.Contains(s[n:], "`") {
		return ""
	}
	return s[:n]
}
