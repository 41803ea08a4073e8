package search

import (
	"strings"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/lang/es"
	"github.com/blevesearch/bleve/v2/analysis/lang/it"
	"github.com/blevesearch/bleve/v2/registry"
)

// stopWords reads a list of words too common to count, without accents, and
// with the pieces that apostrophes cut off.
func stopWords(list []byte, more ...string) map[string]bool {
	words := analysis.NewTokenMap()
	if err := words.LoadBytes(list); err != nil {
		panic(err) // the list is compiled in
	}
	stop := make(map[string]bool, len(words)+len(more))
	for w := range words {
		stop[strings.NewReplacer("'", "", "’", "").Replace(fold(w))] = true
	}
	for _, w := range more {
		stop[w] = true
	}
	return stop
}

// snowball returns one of bleve's stemmers as a function of words.
func snowball(name string) func(string) string {
	filter, err := registry.NewCache().TokenFilterNamed(name)
	if err != nil {
		panic(err) // it is compiled in
	}
	return func(w string) string {
		return string(filter.Filter(analysis.TokenStream{{Term: []byte(w), Position: 1}})[0].Term)
	}
}

// italian joins singular and plural of short words too, which bleve's own chain
// does not, and knows the elisions of questions: dov'è, com'è, quell'ordine.
func italian() *analyzer {
	a := &analyzer{
		stop:   stopWords(it.ItalianStopWords, "e", "po", "dov", "com", "cosa", "cos", "qual", "quale", "quali", "quando", "dopo", "se", "puo"),
		elided: map[string]bool{},
	}
	delete(a.stop, "non") // what does not work is another matter than what does
	for w := range strings.FieldsSeq(`l un d c m t s v n gl ch all dall dell nell sull coll pell agl dagl degl negl sugl
		quell quest dov com cos qual senz anch bell buon sant nessun ciascun qualcun alcun tutt mezz quant neanch
		quand ognun dev po`) {
		a.elided[w] = true
	}
	a.stem = stemItalian(snowball(it.SnowballStemmerName))
	return a
}

// irregular are words whose endings look like those of verbs, and what they are
// forms of.
var irregular = map[string]string{
	"certi": "certo", "concerti": "concerto", "inserti": "inserto", "diversi": "diverso", "inversi": "inverso", "versi": "verso",
	"immersi": "immerso", "sommersi": "sommerso", "persi": "perso", "dispersi": "disperso",
	"lettere": "lettera", "libere": "libera", "opere": "opera", "tessere": "tessera", "intere": "intera", "vere": "vera",
	"chiare": "chiara", "rare": "rara", "care": "cara", "gare": "gara",
}

// nounEndings are plural endings that no verb has, and their singulars.
var nounEndings = [...][2]string{{"perti", "perto"}, {"fferti", "fferto"}, {"iere", "iera"}, {"camere", "camera"}}

// stemItalian lets Snowball join the forms of verbs: rimborso, rimborsare,
// rimborsato. It mends where Snowball parts singular and plural: telefoni and
// chiavi are no verbs.
func stemItalian(verbs func(string) string) func(string) string {
	return func(w string) string {
		if len(w) < 4 || !lettersOnly(w) {
			return w
		}
		if strings.HasSuffix(w, "ani") || strings.HasSuffix(w, "oni") && !strings.HasSuffix(w, "ioni") {
			w = w[:len(w)-1] + "o"
		} else if strings.HasSuffix(w, "avi") {
			w = w[:len(w)-1] + "e"
		} else if is, ok := irregular[w]; ok {
			w = is
		}
		for _, e := range nounEndings {
			if begin, ok := strings.CutSuffix(w, e[0]); ok {
				w = begin + e[1]
			}
		}
		s := fold(verbs(w))
		for len(s) > 3 && isVowel(s[len(s)-1]) {
			s = s[:len(s)-1]
		}
		if strings.HasSuffix(s, "ch") || strings.HasSuffix(s, "gh") { // amico, amiche
			s = s[:len(s)-1]
		}
		return s
	}
}

// spanish folds accents before it cuts endings, so that who types none finds
// the same.
func spanish() *analyzer {
	return &analyzer{
		stop: stopWords(es.SpanishStopWords, "que", "cual", "cuales", "como", "donde", "cuando", "quien", "quienes", "si", "del", "al"),
		stem: stemSpanish(snowball(es.SnowballStemmerName)),
	}
}

// stemSpanish makes a plural singular and gives Snowball back the accents that
// its endings ask for.
func stemSpanish(verbs func(string) string) func(string) string {
	return func(w string) string {
		if len(w) < 3 || !lettersOnly(w) {
			return w
		}
		s := w
		if n := len(s); n > 5 && strings.HasSuffix(s, "es") && !isVowel(s[n-3]) {
			s = s[:n-2]
			if strings.HasSuffix(s, "bl") { // responsable, responsables
				s += "e"
			}
		} else if n > 3 && strings.HasSuffix(s, "s") && s != "pais" && (isVowel(s[n-2]) || n > 4) { // routers too
			s = s[:n-1]
		}
		if strings.HasSuffix(s, "ion") {
			s = s[:len(s)-2] + "ón"
		}
		if len(s) > 3 {
			s = fold(verbs(s))
		}
		if n := len(s); n > 3 && isVowel(s[n-1]) {
			s = s[:n-1]
		}
		if strings.HasSuffix(s, "z") { // luz, luces
			s = s[:len(s)-1] + "c"
		}
		return s
	}
}

// english keeps "don't" whole and drops the 's of "Anna's".
func english() *analyzer {
	return &analyzer{
		stop:    stopWords(en.EnglishStopWords),
		english: true,
		stem:    snowball(en.SnowballStemmerName),
	}
}

func lettersOnly(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

func isVowel(c byte) bool {
	switch c {
	case 'a', 'e', 'i', 'o', 'u':
		return true
	}
	return false
}
