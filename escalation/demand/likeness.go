package demand

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
)

// How alike wordings are. The figures were chosen on judged questions in three
// languages together (TestSearchbench), once with the articles that answer them
// and once with half of those taken away; each is near the middle of a range in
// which little changes.
const (
	// alike is how alike a wording has to be to those of a strand on average.
	alike = 0.35
	// farthest is how alike it has to be to each of them.
	farthest = 0.17
	// trust is what articles say, against what words say, about wordings that
	// articles know wholly.
	trust = 0.6
	// oneWord is what a single common word counts that wordings share.
	oneWord = 0.5
	// unheard is how many wordings without a word are taken for granted: of the first
	// few most words are in none but these.
	unheard = 20

	maxAbout     = 5  // articles that a text is about
	manyWordings = 20 // from here on a word can be called rare
)

// About says which articles a text is about, and how much of it they know. Of
// what no article says they know little, and are worth little as evidence.
type About struct {
	Held     float64 // share of the text that the best of them knows
	Articles []Share // the best first
}

// A Share is how much a text is about one article, 1 for the best.
type Share struct {
	Article string // key
	Weight  float64
}

// newAbout returns what a search for the nearest articles says. It is rounded,
// so that what is kept is what was reckoned with.
func newAbout(near []Near) About {
	var a About
	for _, n := range near[:min(len(near), maxAbout)] {
		if near[0].Score <= 0 {
			break
		}
		share := n.Score / near[0].Score
		a.Held = max(a.Held, math.Round(n.Held*1000)/1000)
		a.Articles = append(a.Articles, Share{n.Key, math.Round(share*share*1000) / 1000})
	}
	return a
}

// A wording is what was said, as a set of words and a set of articles.
type wording struct {
	words []int32 // sorted
	about []share // sorted; of length 1 together
	held  float64

	norm float64 // of the words, as they weighed
	then int     // when that was
}

type share struct {
	article int32
	weight  float64
}

// A word is one of a language, with what makes it weigh: few wordings have it.
type word struct {
	lang   int32
	count  int32 // wordings that have it
	code   bool
	weight float64
}

// A lexicon knows the words of wordings, by number, and the articles too.
type lexicon struct {
	numbers  map[string]int32
	words    []word
	codes    map[string][]int32 // words of several languages
	articles map[string]int32
	langs    map[string]int32
	total    []int // wordings of each language
	weighed  int   // how often words were
}

func newLexicon() lexicon {
	return lexicon{numbers: map[string]int32{}, codes: map[string][]int32{}, articles: map[string]int32{}, langs: map[string]int32{}}
}

func (x *lexicon) lang(name string) int32 {
	n, ok := x.langs[name]
	if !ok {
		n = int32(len(x.total))
		x.langs[strings.Clone(name)] = n
		x.total = append(x.total, 0)
	}
	return n
}

// wording returns terms and what they are about as sets.
func (x *lexicon) wording(lang string, terms []string, about About) *wording {
	l := x.lang(lang)
	w := &wording{held: about.Held}
	for _, t := range terms {
		key := lang + "\x00" + t
		n, ok := x.numbers[key]
		if !ok {
			n = int32(len(x.words))
			x.numbers[key] = n
			x.words = append(x.words, word{lang: l})
			if isCode(t) {
				x.words[n].code = true
				x.codes[t] = append(x.codes[t], n)
			}
		}
		w.words = append(w.words, n)
	}
	slices.Sort(w.words)
	w.words = slices.Compact(w.words)
	length := 0.0
	for _, s := range about.Articles {
		n, ok := x.articles[s.Article]
		if !ok {
			n = int32(len(x.articles))
			x.articles[strings.Clone(s.Article)] = n
		}
		w.about = append(w.about, share{n, s.Weight})
		length += s.Weight * s.Weight
	}
	for i := range w.about {
		w.about[i].weight /= math.Sqrt(length)
	}
	slices.SortFunc(w.about, func(a, b share) int { return cmp.Compare(a.article, b.article) })
	return w
}

// count takes note of a wording that nobody used before.
func (x *lexicon) count(lang string, w *wording) {
	x.total[x.lang(lang)]++
	for _, n := range w.words {
		x.words[n].count++
	}
}

// weigh finds out what words count now.
func (x *lexicon) weigh() {
	x.weighed++
	for i := range x.words {
		w := &x.words[i]
		w.weight = math.Log(1 + (float64(x.total[w.lang])+unheard)/float64(w.count+1))
	}
}

// rare reports whether a word alone says enough: it is one of hardly anybody
// else.
func (x *lexicon) rare(n int32) bool {
	w := &x.words[n]
	total := x.total[w.lang]
	return w.code || total >= manyWordings && int(w.count) <= max(2, total/100)
}

func (x *lexicon) length(w *wording) float64 {
	if w.then != x.weighed {
		sum := 0.0
		for _, n := range w.words {
			sum += x.words[n].weight * x.words[n].weight
		}
		w.norm, w.then = math.Sqrt(sum), x.weighed
	}
	return w.norm
}

// like returns how alike two wordings are, from 0 to 1: by their words, the rare
// ones most, and by the articles that they are about, as far as those know them.
func (x *lexicon) like(a, b *wording) float64 {
	if slices.Equal(a.words, b.words) {
		return 1
	}
	trusted := trust * min(a.held, b.held)
	return (1-trusted)*x.wordsLike(a, b) + trusted*aboutLike(a, b)
}

// wordsLike is the cosine of the words' weights.
func (x *lexicon) wordsLike(a, b *wording) float64 {
	sum, shared, last := 0.0, 0, int32(0)
	for i, j := 0, 0; i < len(a.words) && j < len(b.words); {
		switch n := a.words[i]; {
		case n < b.words[j]:
			i++
		case n > b.words[j]:
			j++
		default:
			sum += x.words[n].weight * x.words[n].weight
			shared++
			last = n
			i++
			j++
		}
	}
	if shared == 0 {
		return 0
	}
	if shared == 1 && min(len(a.words), len(b.words)) > 1 && !x.rare(last) {
		sum *= oneWord
	}
	return sum / (x.length(a) * x.length(b))
}

// aboutLike is the cosine of the articles' shares.
func aboutLike(a, b *wording) float64 {
	sum := 0.0
	for i, j := 0, 0; i < len(a.about) && j < len(b.about); {
		switch n := a.about[i].article; {
		case n < b.about[j].article:
			i++
		case n > b.about[j].article:
			j++
		default:
			sum += a.about[i].weight * b.about[j].weight
			i++
			j++
		}
	}
	return sum
}

// isCode reports whether a term is a code, as of an error: letters and digits.
func isCode(t string) bool {
	return len(t) >= 3 && strings.ContainsFunc(t, unicode.IsDigit) && strings.ContainsFunc(t, unicode.IsLetter)
}
