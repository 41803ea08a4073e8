package content

import "bytes"

const (
	maxMarks     = 3000     // characters with a meaning in one paragraph
	maxParagraph = 64 << 10 // bytes of one paragraph
	maxBrackets  = 100      // how deep brackets nest
	maxLines     = 8000     // of one article
	maxAllMarks  = 20_000   // characters with a meaning in one article
)

// intricate finds what would keep the Markdown parser busy for long: quotes and
// lists nested without end, and paragraphs that are nearly all brackets and
// asterisks. Code counts like text, because what is code is known only after
// parsing. It returns the line (from 1), the catalog key, and the limit.
func intricate(src []byte) (line int, key string, limit int) {
	number := 0
	size, marks, depth, begin, all := 0, 0, 0, 1, 0
	for text := range bytes.Lines(src) {
		number++
		content := bytes.TrimRight(text, "\r\n")
		if number > maxLines {
			return number, "check.too_many", maxLines
		}
		if markers(content) > maxDepth {
			return number, "check.nesting", maxDepth
		}
		if len(bytes.TrimSpace(content)) == 0 {
			size, marks, depth, begin = 0, 0, 0, number+1
			continue
		}
		size += len(text)
		before := marks
		marks += bytes.Count(content, []byte("www."))
		for _, c := range content {
			switch c {
			case '[', '(', '{':
				marks++
				depth++
			case ']', ')', '}':
				depth = max(0, depth-1)
			case '*', '_', '`', '<', '~', '!', '&', '^', '\\', '@':
				marks++
			}
		}
		if depth > maxBrackets {
			return number, "check.nesting", maxBrackets
		}
		all += marks - before + bytes.Count(content, []byte("|")) // a long table is one paragraph
		if all > maxAllMarks {
			return number, "check.too_many_marks", maxAllMarks
		}
		if marks > maxMarks || size > maxParagraph {
			return begin, "check.too_intricate", maxMarks
		}
	}
	return 0, "", 0
}

// markers counts the quotes and list items that a line opens, and those that it
// is in by its indentation.
func markers(line []byte) int {
	n, indent := 0, 0
	for i := 0; i < len(line); i++ {
		next := byte(' ')
		if i+1 < len(line) {
			next = line[i+1]
		}
		switch c := line[i]; {
		case c == ' ' || c == '\t':
			if n == 0 {
				indent++
			}
		case c == '>':
			n++
		case (c == '-' || c == '*' || c == '+' || c == ':') && (next == ' ' || next == '\t'):
			n++
		case '0' <= c && c <= '9' && ('0' <= next && next <= '9' || next == '.' || next == ')'):
		case (c == '.' || c == ')') && i > 0 && '0' <= line[i-1] && line[i-1] <= '9' && (next == ' ' || next == '\t'):
			n++
		default:
			i = len(line)
		}
	}
	if n > 0 {
		n += indent / 2
	}
	return n
}
