package content

import (
	"bytes"
	"strings"
)

// Markdown returns the article's text as it is shown, before it is rendered:
// its last good version, with what it includes, and without its front matter and
// its comments, which speak to writers.
func (f *Folder) Markdown(a *Article) ([]byte, error) {
	p, err := f.text(a)
	if err != nil {
		return nil, err
	}
	return withoutComments(p.src), nil
}

// withoutComments leaves out what stands in comments of their own: no page shows
// them either.
func withoutComments(src []byte) []byte {
	if !bytes.Contains(src, []byte("<!--")) {
		return src
	}
	var out []byte
	fence, inside := "", false
	for line := range bytes.Lines(src) {
		text := strings.TrimLeft(string(line), " ")
		begins := fence == "" && len(line)-len(text) <= 3 && strings.HasPrefix(text, "<!--")
		if begins || inside {
			if begins && !inside {
				text = strings.TrimPrefix(text, "<!--")
			}
			inside = !strings.Contains(text, "-->")
			continue
		}
		if mark := fenceOf(bytes.TrimRight(line, "\r\n")); mark != "" {
			if fence == "" {
				fence = mark
			} else if mark[0] == fence[0] && len(mark) >= len(fence) {
				fence = ""
			}
		}
		out = append(out, line...)
	}
	return out
}
