package search

import "slices"

// Named returns the share of the words of a text that names have: titles, phrases,
// headings. Words that stand for the same count as one, wherever they are. Unlike a
// score it can be compared with that of another text. Without words to look for it
// is 0.
func (x *Index) Named(lang, text string, names ...string) float64 {
	words := x.Terms(lang, text)
	if len(words) == 0 {
		return 0
	}
	var known []string
	for _, name := range names {
		known = append(known, x.Terms(lang, name)...)
	}
	n := 0
	for _, w := range words {
		if slices.Contains(known, w) {
			n++
		}
	}
	return float64(n) / float64(len(words))
}
