package web

import (
	"html/template"
	"strings"
)

// Linked is plain text with its web addresses made clickable. What closes a
// sentence or a bracket around an address is not part of it.
func Linked(text string) template.HTML {
	begin, end := address(text)
	if begin == len(text) {
		return template.HTML(template.HTMLEscapeString(text))
	}
	var b strings.Builder
	for text != "" {
		b.WriteString(template.HTMLEscapeString(text[:begin]))
		if begin < end {
			link := template.HTMLEscapeString(text[begin:end])
			b.WriteString(`<a href="` + link + `" rel="noreferrer nofollow ugc">` + link + `</a>`)
		}
		text = text[end:]
		begin, end = address(text)
	}
	return template.HTML(b.String())
}

// address returns where the first web address of a text is: at its end, if there is
// none. It is read by hand, for a conversation has hundreds of texts.
func address(text string) (begin, end int) {
	for at := 0; ; {
		found := strings.Index(text[at:], "http")
		if found < 0 {
			return len(text), len(text)
		}
		begin, at = at+found, at+found+len("http")
		rest, ok := strings.CutPrefix(strings.TrimPrefix(text[at:], "s"), "://")
		if !ok || begin > 0 && wordly(text[begin-1]) {
			continue
		}
		length := strings.IndexAny(rest, "\t\n\f\r <>\"«»“”")
		if length < 0 {
			length = len(rest)
		}
		if length > 0 {
			return begin, begin + len(whole(text[begin:len(text)-len(rest)+length]))
		}
	}
}

// wordly reports whether a byte can end a word, so that none begins after it.
func wordly(b byte) bool {
	return b == '_' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z'
}

// whole returns an address without what only follows it.
func whole(s string) string {
	for {
		t := strings.TrimRight(s, ".,;:!?'")
		if strings.HasSuffix(t, ")") && strings.Count(t, "(") < strings.Count(t, ")") {
			t = t[:len(t)-1]
		}
		if t == s {
			return s
		}
		s = t
	}
}
