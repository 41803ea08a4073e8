package search

import "strings"

// Alike returns what two queries have in common that differ in nothing but case,
// accents, spaces and punctuation. It is empty when nothing of a query counts.
func Alike(query string) string {
	var b strings.Builder
	for _, t := range makePlain().tokens(query) {
		b.WriteString(t.form)
	}
	return b.String()
}
