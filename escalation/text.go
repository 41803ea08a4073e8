package escalation

import (
	"maps"
	"slices"
)

// A Text is something that is said in several languages.
type Text map[string]string

// In returns it in the first of these languages that has it, else in any.
func (t Text) In(langs ...string) string {
	for _, l := range langs {
		if t[l] != "" {
			return t[l]
		}
	}
	for _, l := range []string{"en", "it", "es"} {
		if t[l] != "" {
			return t[l]
		}
	}
	return ""
}

// Texts among the arguments of a sentence are said one after the other.
type Texts []Text

// NewText cleans what was typed in several languages: at most so many characters
// each, on one line or on several. Fields are called field.lang.
func NewText(field string, typed Text, most int, lines bool) (Text, error) {
	out := Text{}
	for _, lang := range slices.Sorted(maps.Keys(typed)) { // of several mistakes it names the same each time
		s := typed[lang]
		if lines {
			s = CleanText(s)
		} else {
			s = CleanLine(s)
		}
		if len([]rune(s)) > most {
			return nil, invalid(field+"."+lang, "error.too_long", map[string]any{"Max": most})
		}
		if !Blank(s) {
			out[lang] = s
		}
	}
	return out, nil
}
