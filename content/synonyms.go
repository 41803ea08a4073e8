package content

// Synonyms returns the sets of wordings that mean the same in a language; several
// words in a wording are possible.
func (l *Library) Synonyms(lang string) [][]string { return l.synonyms[lang] }
