package themes

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// A sentence is a message of a catalog without plural forms and with nothing in it but
// words and names of arguments, as nearly all are: a page says hundreds, and these
// need no template to be said.
type sentence struct {
	words []string // what stands before, between and after the arguments
	names []string // of the arguments
}

var argument = regexp.MustCompile(`{{\.(\w+)}}`)

// plainly returns a message as a sentence, if it is one.
func plainly(m *i18n.Message) (sentence, bool) {
	if m.Zero+m.One+m.Two+m.Few+m.Many+m.LeftDelim+m.RightDelim != "" || m.Other == "" {
		return sentence{}, false
	}
	s := sentence{words: argument.Split(m.Other, -1)}
	for _, found := range argument.FindAllStringSubmatch(m.Other, -1) {
		s.names = append(s.names, found[1])
	}
	return s, !strings.Contains(strings.Join(s.words, ""), "{{")
}

// say fills in the arguments, alternating names and values.
func (s sentence) say(args []any) string {
	if len(s.names) == 0 {
		return s.words[0]
	}
	var b strings.Builder
	for i, name := range s.names {
		b.WriteString(s.words[i])
		var value any = "<no value>" // as a template says it
		for a := 0; a+1 < len(args); a += 2 {
			if args[a] == name {
				value = args[a+1]
			}
		}
		if text, ok := value.(string); ok {
			b.WriteString(text)
		} else {
			fmt.Fprint(&b, value)
		}
	}
	b.WriteString(s.words[len(s.words)-1])
	return b.String()
}
