package content

import (
	"math"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// A scale says how easy a text is to read, from about 0, hard, to 100, easy.
type scale struct {
	name  string
	score func(counts) float64
	// hard is below what the scale's authors call its hardest band: what is warned
	// of is clearly hard, not merely for adults.
	hard float64
}

// scales by language:
//
// Gulpease, 89 + (300·sentences − 10·letters) / words: P. Lucisano, M. E.
// Piemontese, "GULPEASE: una formula per la predizione della difficoltà dei testi
// in lingua italiana", Scuola e città 3 (1988) 110–124. Below 40 it is hard for
// who left school at 18.
//
// INFLESZ, 206.835 − 62.3·syllables/words − words/sentences: F. Szigriszt Pazos,
// "Sistemas predictivos de legibilidad del mensaje escrito: fórmula de
// perspicuidad" (Madrid 1993), with the bands of I. M. Barrio-Cantalejo et al.,
// Anales del Sistema Sanitario de Navarra 31 (2008) 135–152: below 40 "muy
// difícil".
//
// Flesch reading ease, 206.835 − 1.015·words/sentences − 84.6·syllables/words: R.
// Flesch, "A new readability yardstick", Journal of Applied Psychology 32 (1948)
// 221–233. Below 30 "very difficult".
var scales = map[string]scale{
	"it": {"Gulpease", func(c counts) float64 { return 89 + (300*c.sentences-10*c.letters)/c.words }, 40},
	"es": {"INFLESZ", func(c counts) float64 { return 206.835 - 62.3*c.syllables/c.words - c.words/c.sentences }, 40},
	"en": {"Flesch", func(c counts) float64 { return 206.835 - 1.015*c.words/c.sentences - 84.6*c.syllables/c.words }, 30},
}

// minWords is the sample for which the formulas were made; of less text they say
// nothing.
const minWords = 100

// counts are what the formulas are made of.
type counts struct{ letters, syllables, words, sentences float64 }

// count takes in a paragraph, an item of a list or the like. Its end is the end of
// a sentence, with or without a full stop, and so are colons and semicolons, as
// Flesch counts them.
func (c *counts) count(lang, text string) {
	open := false // words since the last sentence ended
	for _, w := range strings.Fields(text) {
		letters := 0
		for _, r := range w {
			if unicode.IsLetter(r) || unicode.IsDigit(r) {
				letters++
			}
		}
		if letters > 0 {
			c.words++
			c.letters += float64(letters)
			c.syllables += float64(syllables(lang, w))
			open = true
		}
		if end := strings.TrimRight(w, `"'”’»)]`); open && end != "" && strings.ContainsRune(".!?…:;", rune(end[len(end)-1])) || strings.HasSuffix(end, "…") {
			c.sentences++
			open = false
		}
	}
	if open {
		c.sentences++
	}
}

// syllables returns how many syllables a word has, at least one: exactly in
// Spanish, whose spelling says it; about right in other languages, where an e at
// the end of an English word is mute.
func syllables(lang, word string) int {
	r := []rune(strings.ToLower(word))
	n, before := 0, rune(0) // before is the vowel just before, or 0
	for i, c := range r {
		at := func(j int) rune {
			if j < 0 || j >= len(r) {
				return 0
			}
			return r[j]
		}
		vowel := strings.ContainsRune("aeiouáéíóúàèìòùü", c)
		switch {
		case c == 'y':
			// In Spanish a vowel at the end of a word alone, in English but at the beginning.
			vowel = lang == "en" && i > 0 || lang != "en" && i == len(r)-1
		case lang == "es" && c == 'u' && (at(i-1) == 'q' || at(i-1) == 'g' && strings.ContainsRune("eiéí", at(i+1))):
			vowel = false // written, not said
		}
		switch {
		case !vowel:
			before = 0
			continue
		case before == 0, lang == "es" && apart(before, c):
			n++
		}
		before = c
	}
	if lang == "en" && n > 1 && len(r) > 2 {
		tail := strings.TrimRightFunc(string(r), func(c rune) bool { return !unicode.IsLetter(c) })
		if strings.HasSuffix(tail, "e") && !strings.HasSuffix(tail, "le") && !strings.HasSuffix(tail, "ee") ||
			strings.HasSuffix(tail, "es") && len(tail) > 3 && !strings.ContainsRune("szxhcg", rune(tail[len(tail)-3])) ||
			strings.HasSuffix(tail, "ed") && !strings.HasSuffix(tail, "ted") && !strings.HasSuffix(tail, "ded") {
			n--
		}
	}
	return max(n, 1)
}

// apart reports whether two Spanish vowels belong to two syllables: two strong
// ones do, and a weak one with an accent beside a strong one.
func apart(a, b rune) bool {
	strong := func(c rune) bool { return strings.ContainsRune("aeoáéó", c) }
	accent := func(c rune) bool { return c == 'í' || c == 'ú' }
	return strong(a) && strong(b) || accent(a) && strong(b) || strong(a) && accent(b)
}

// hardness returns the scale of the text's language and how the text scores on
// it; ok is false where it is too short to tell, or nobody has a scale.
func (s *sheet) hardness() (of scale, score float64, ok bool) {
	lang, _, _ := strings.Cut(s.lang, "-")
	of, known := scales[lang]
	if !known {
		return of, 0, false
	}
	var c counts
	_ = ast.Walk(s.doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n.(type) {
		case *ast.Paragraph, *ast.TextBlock:
			c.count(lang, plain(n, s.prose.src))
			return ast.WalkSkipChildren, nil
		case *ast.Heading, *scroll, *figure:
			return ast.WalkSkipChildren, nil // names, tables and code are no sentences
		}
		return ast.WalkContinue, nil
	})
	if c.words < minWords {
		return of, 0, false
	}
	return of, of.score(c), true
}

// checkReading warns of a text that is clearly hard to read.
func (s *sheet) checkReading() {
	if of, score, ok := s.hardness(); ok && score < of.hard {
		s.problems = append(s.problems, problem(s.file, 0, "check.hard_to_read", "Scale", of.name, "Score", math.Floor(score), "Limit", of.hard))
	}
}
