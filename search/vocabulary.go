package search

import (
	"cmp"
	"encoding/binary"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"unicode/utf8"
)

// A vocabulary holds the words of one language as they are written, without
// accents and in lower case, and their stems.
type vocabulary struct {
	words []word // sorted
	masks []uint32
	stems []word // sorted
}

type word struct {
	form  string
	count uint32 // articles
}

type nearWord struct {
	word
	distance int
}

// vocabulary returns the words of a language, which are put together when they are
// first needed.
func (v *view) vocabulary(l *language, lang string) *vocabulary {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.vocab == nil {
		l.vocab = new(vocabulary).changed(lang, v.tables, nil)
	}
	return l.vocab
}

// read returns the vocabulary if it was needed already, else nil. It may be called
// on nil.
func (l *language) read() *vocabulary {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.vocab
}

func newVocabulary(words []word) *vocabulary {
	vocab := &vocabulary{words: words, masks: make([]uint32, len(words))}
	for i, w := range words {
		vocab.masks[i] = mask(w.form)
	}
	return vocab
}

// changed returns the vocabulary with the words of some segments more and of others
// less. Words are counted in articles, those deleted since among them.
func (vocab *vocabulary) changed(lang string, more, less []*table) *vocabulary {
	changed := func(words []word, list func(packedVocabulary) packedWords) []word {
		all := func(tables []*table) (lists [][]word) {
			for _, t := range tables {
				if p := list(t.words[lang]); p.count > 0 {
					lists = append(lists, p.unpack())
				}
			}
			return lists
		}
		return compact(subtract(merge(words, mergeAll(all(more))), mergeAll(all(less))))
	}
	next := newVocabulary(changed(vocab.words, func(p packedVocabulary) packedWords { return p.forms }))
	next.stems = changed(vocab.stems, func(p packedVocabulary) packedWords { return p.stems })
	return next
}

// mergeAll joins sorted lists of words, two and two.
func mergeAll(lists [][]word) []word {
	switch n := len(lists); n {
	case 0:
		return nil
	case 1:
		return lists[0]
	default:
		return merge(mergeAll(lists[:n/2]), mergeAll(lists[n/2:]))
	}
}

// subtract takes the words of one sorted list out of another that has them.
func subtract(from, words []word) []word {
	if len(words) == 0 {
		return from
	}
	out := make([]word, 0, len(from))
	for _, w := range from {
		if len(words) > 0 && words[0].form == w.form {
			w.count -= words[0].count
			words = words[1:]
		}
		if w.count > 0 {
			out = append(out, w)
		}
	}
	return out
}

// merge joins two sorted lists of words.
func merge(a, b []word) []word {
	if len(a) == 0 || len(b) == 0 {
		return append(a, b...)[: len(a)+len(b) : len(a)+len(b)]
	}
	out := make([]word, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch c := strings.Compare(a[0].form, b[0].form); {
		case c < 0:
			out, a = append(out, a[0]), a[1:]
		case c > 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, word{a[0].form, a[0].count + b[0].count})
			a, b = a[1:], b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// A packedVocabulary holds the words of a language in a segment, as a table does.
type packedVocabulary struct{ forms, stems packedWords }

// packedWords are a sorted list of words: of each the letters that it shares with
// the one before, by their number, the others, and the count.
type packedWords struct {
	count, letters int // of all words
	data           []byte
}

// add packs the word that follows the last one.
func (p *packedWords) add(last, form string, count uint32) {
	shared := 0
	for shared < min(len(last), len(form)) && last[shared] == form[shared] {
		shared++
	}
	p.count++
	p.letters += len(form)
	p.data = appendString(binary.AppendUvarint(p.data, uint64(shared)), form[shared:])
	p.data = binary.AppendUvarint(p.data, uint64(count))
}

// unpack returns the words.
func (p packedWords) unpack() []word {
	words, letters := make([]word, 0, p.count), make([]byte, 0, p.letters)
	ends := make([]int, 1, p.count+1) // of each word among the letters
	last := 0                         // where the last word begins
	for r := (reader{b: p.data}); len(r.b) > 0; {
		begin := len(letters)
		letters = append(letters, letters[last:last+r.int()]...)
		letters = append(letters, r.bytes(r.size(1))...)
		words, ends, last = append(words, word{count: uint32(r.int())}), append(ends, len(letters)), begin
	}
	all := string(letters)
	for i := range words {
		words[i].form = all[ends[i]:ends[i+1]]
	}
	return words
}

// compact returns words whose letters lie in one piece: else a few could keep those
// of a long list.
func compact(words []word) []word {
	var all strings.Builder
	for _, w := range words {
		all.WriteString(w.form)
	}
	out, letters := make([]word, len(words)), all.String()
	for i, w := range words {
		out[i] = word{letters[:len(w.form)], w.count}
		letters = letters[len(w.form):]
	}
	return out
}

// count returns how many articles have a word of a sorted list.
func count(words []word, form string) int {
	i, ok := slices.BinarySearchFunc(words, form, func(w word, f string) int { return strings.Compare(w.form, f) })
	if !ok {
		return 0
	}
	return int(words[i].count)
}

// beginning yields those of sorted words that begin with a prefix.
func beginning(words []word, prefix string) iter.Seq[word] {
	return func(yield func(word) bool) {
		from, _ := slices.BinarySearchFunc(words, prefix, func(w word, p string) int { return strings.Compare(w.form, p) })
		for _, w := range words[from:] {
			if !strings.HasPrefix(w.form, prefix) || !yield(w) {
				return
			}
		}
	}
}

// mostCommon returns the most common of some words, those first that come first.
func mostCommon(words iter.Seq[word], most int, wanted func(form string) bool) []word {
	found := make([]word, 0, most+1)
	for w := range words {
		if len(found) == most && w.count <= found[most-1].count || !wanted(w.form) {
			continue
		}
		i := len(found)
		for i > 0 && found[i-1].count < w.count {
			i--
		}
		found = slices.Insert(found, i, w)
		found = found[:min(most, len(found))]
	}
	return found
}

// endings returns the most common words that begin with a prefix and are longer
// than it.
func (v *vocabulary) endings(prefix string, most int) []word {
	return mostCommon(beginning(v.words, prefix), most, func(form string) bool { return form != prefix })
}

// family returns the most common stems that may be of one family with another:
// one begins like the other, or they part at the last letter of the shorter.
func (v *vocabulary) family(stem string, most int) []word {
	return mostCommon(beginning(v.stems, stem[:shapeStem]), most, func(form string) bool { return form != stem && related(form, stem) })
}

// related reports whether two stems that begin alike may be of one family.
func related(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	n := 0
	for n < len(a) && a[n] == b[n] {
		n++
	}
	return len(b)-n <= shapeTail && (n == len(a) || n == len(a)-1 && n > shapeStem) && lettersOnly(b)
}

// near returns the words that one mistake in typing makes of a word of at least
// five letters, or two of at least eight: nearest first, then the most common.
// Shorter words are too near to others: fell is not full.
func (v *vocabulary) near(form string) []nearWord {
	switch n := utf8.RuneCountInString(form); {
	case n < 5:
		return nil
	case n < 8:
		return v.within(form, 1, 0, len(v.words))
	}
	return v.within(form, 2, 0, len(v.words))
}

// nearest returns those that one mistake makes of the word, but not of its first
// letter, which people hardly ever mistake.
func (v *vocabulary) nearest(form string) []nearWord {
	if utf8.RuneCountInString(form) < 5 {
		return nil
	}
	from, to := v.beginning(form)
	return v.within(form, 1, from, to)
}

// remote returns words that look like one too, but less than those that near
// returns: one mistake in four letters, or two in six or seven, and never the
// first one.
func (v *vocabulary) remote(form string) []nearWord {
	from, to := v.beginning(form)
	switch utf8.RuneCountInString(form) {
	case 4:
		return v.within(form, 1, from, to)
	case 6, 7:
		return v.within(form, 2, from, to)
	}
	return nil
}

// beginning returns between which places the words are that begin with the same
// letter.
func (v *vocabulary) beginning(form string) (from, to int) {
	_, size := utf8.DecodeRuneInString(form)
	from, _ = slices.BinarySearchFunc(v.words, form[:size], func(w word, p string) int { return strings.Compare(w.form, p) })
	to = from
	for to < len(v.words) && strings.HasPrefix(v.words[to].form, form[:size]) {
		to++
	}
	return from, to
}

// within returns the words between two places that at most so many mistakes make
// of a word.
func (v *vocabulary) within(form string, most, from, to int) []nearWord {
	a := []rune(form)
	if strings.ContainsAny(form, "0123456789") {
		return nil // a number is never meant to be another
	}
	m := mask(form)
	var found []nearWord
	var buf [maxWord]rune
	for i := from; i < to; i++ {
		w := v.words[i]
		// Letters that only one of both has: each mistake explains one on each side.
		if bits.OnesCount32(m&^v.masks[i]) > most || bits.OnesCount32(v.masks[i]&^m) > most {
			continue
		}
		if d := len(w.form) - len(form); d > most*utf8.UTFMax || -d > most*utf8.UTFMax {
			continue
		}
		b := buf[:0]
		for _, r := range w.form {
			b = append(b, r)
		}
		if d := distance(a, b, most); d > 0 && d <= most {
			found = append(found, nearWord{w, d})
		}
	}
	slices.SortFunc(found, func(a, b nearWord) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(b.count, a.count), strings.Compare(a.form, b.form))
	})
	return found
}

// mask tells which letters a word has.
func mask(form string) uint32 {
	var m uint32
	for _, r := range form {
		if r >= 'a' && r <= 'z' {
			m |= 1 << (r - 'a')
		} else {
			m |= 1 << (26 + r%6)
		}
	}
	return m
}

// distance counts the letters to insert, drop, replace or swap with their
// neighbour to make b of a; anything above most is as good as far.
func distance(a, b []rune, most int) int {
	if d := len(a) - len(b); d > most || -d > most {
		return most + 1
	}
	if len(a) > maxWord || len(b) > maxWord {
		return most + 1
	}
	var rows [3][maxWord + 1]int
	before, prev, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(prev[j]+1, row[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > most {
			return most + 1
		}
		before, prev, row = prev, row, before
	}
	return prev[len(b)]
}
