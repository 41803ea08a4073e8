package content

// A Pin puts chosen articles before all others when somebody searches for one of
// its queries.
type Pin struct {
	Queries  []string
	Articles []string // keys, best first
	Line     int      // of its file
}

// Pins returns the pins of a language, in the order of their file.
func (l *Library) Pins(lang string) []Pin { return l.pins[lang] }

// Tuned returns a copy of the library with other pins and synonyms, by language:
// how searches would be answered with them.
func (l *Library) Tuned(pins map[string][]Pin, synonyms map[string][][]string) *Library {
	tuned := *l
	tuned.pins, tuned.synonyms = pins, synonyms
	return &tuned
}
