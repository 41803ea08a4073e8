package web

import (
	"html/template"
	"regexp"
	"strings"
)

var address = regexp.MustCompile(`\bhttps?://[^\s<>"«»“”]+`)

// Linked is plain text with its web addresses made clickable. What closes a
// sentence or a bracket around an address is not part of it.
func Linked(text string) template.HTML {
	var b strings.Builder
	at := 0
	for _, found := range address.FindAllStringIndex(text, -1) {
		begin, end := found[0], found[0]+len(whole(text[found[0]:found[1]]))
		b.WriteString(template.HTMLEscapeString(text[at:begin]))
		link := template.HTMLEscapeString(text[begin:end])
		b.WriteString(`<a href="` + link + `" rel="noreferrer nofollow ugc">` + link + `</a>`)
		at = end
	}
	b.WriteString(template.HTMLEscapeString(text[at:]))
	return template.HTML(b.String())
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
