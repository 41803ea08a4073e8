package search

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// A token is one word of a text: where it stands, how it is written without
// accents and in lower case, and the stem under which the index knows it. A word
// that is too common to look for has no stem.
type token struct {
	start, end int // bytes of the text
	form       string
	stem       string
}

// An analyzer cuts texts of one language into tokens.
//
// The chain is the same everywhere: fold accents, cut at what is neither letter
// nor digit, lower the case, then what the language adds: elisions, words too
// common to count, stems. Offsets always point into the text as it was given,
// so that what matches can be marked with its accents.
type analyzer struct {
	stop    map[string]bool     // too common to look for
	elided  map[string]bool     // what stands before an apostrophe without counting
	english bool                // an apostrophe parts no word, and 's is dropped
	stem    func(string) string // nil: words are their own stems

	mu    sync.RWMutex
	stems map[string]string // of the words met so far, at most maxStems
}

// maxStems bounds what an analyzer remembers; it then starts again.
const maxStems = 1 << 16

// maxWord is the length in bytes beyond which a run of letters is no word that
// anybody types; it is cut there.
const maxWord = 64

var (
	makeItalian = sync.OnceValue(italian)
	makeSpanish = sync.OnceValue(spanish)
	makeEnglish = sync.OnceValue(english)
	makePlain   = sync.OnceValue(func() *analyzer { return &analyzer{} })
)

// analyzerFor returns the analyzer of a language. One that we do not know is
// folded only.
func analyzerFor(lang string) *analyzer {
	switch base, _, _ := strings.Cut(lang, "-"); base {
	case "it":
		return makeItalian()
	case "es":
		return makeSpanish()
	case "en":
		return makeEnglish()
	}
	return makePlain()
}

// tokens returns the words of a text in their order.
func (a *analyzer) tokens(text string) []token {
	out := make([]token, 0, len(text)/6+1)
	a.each(text, nil, new(wordBuffer), func(start, end int, form []byte) {
		word := string(form)
		out = append(out, token{start, end, word, a.stemOf(word)})
	})
	return out
}

// initials are the beginnings of words, without accents and in lower case. Several
// beginnings may share a place: words that are let through are looked at closely
// anyway.
type initials [1 << 15 / 64]uint64

func (s *initials) set(place int)     { s[place>>6] |= 1 << (place & 63) }
func (s *initials) is(place int) bool { return s[place>>6]&(1<<(place&63)) != 0 }

// initial is the place of a word's first three letters. Stemmers change no others
// than y to i (dying, die) and z to c (luz, luces), which share theirs.
func initial(a, b, c byte) int {
	return int(letterPlace[a])<<10 | int(letterPlace[b])<<5 | int(letterPlace[c])
}

var letterPlace = func() (t [256]byte) {
	for c := range t {
		t[c] = byte(c) & 31
	}
	t['y'], t['z'] = t['i'], t['c']
	return t
}()

// add lets words through that begin like a stem.
func (s *initials) add(stem string) {
	switch len(stem) {
	case 0:
	case 1:
		for b := range byte(32) {
			for c := range byte(32) {
				s.set(initial(stem[0], b, c))
			}
		}
	case 2:
		for c := range byte(32) {
			s.set(initial(stem[0], stem[1], c))
		}
	default:
		s.set(initial(stem[0], stem[1], stem[2]))
	}
}

// has reports whether a word may begin like one of the stems.
func (s *initials) has(form []byte) bool {
	switch len(form) {
	case 1:
		return s.is(initial(form[0], 0, 0))
	case 2:
		return s.is(initial(form[0], form[1], 0))
	}
	return s.is(initial(form[0], form[1], form[2]))
}

// skip returns where a plain word ends that begins like none of the stems, or the
// place itself when the word has to be looked at.
func (s *initials) skip(text string, at int) int {
	if at+3 > len(text) {
		return at
	}
	var first [3]byte
	for i := range first {
		c := text[at+i]
		if c >= utf8.RuneSelf || ascii[c] == 0 {
			return at
		}
		first[i] = ascii[c]
	}
	if s.is(initial(first[0], first[1], first[2])) {
		return at
	}
	for i := at + 3; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf || c == '\'' || c == '-':
			return at
		case ascii[c] == 0:
			return i
		}
	}
	return len(text)
}

// A wordBuffer is where words are folded.
type wordBuffer [2 * maxWord]byte

// each calls yield for each word of a text: where it stands, and how it is
// written without accents and in lower case, which is overwritten by the next.
// When only is given, for those alone that begin like one of its, which is quicker
// by as many as it leaves out.
func (a *analyzer) each(text string, only *initials, buf *wordBuffer, yield func(start, end int, form []byte)) {
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf && ascii[text[i]] == 0 {
			i++
			continue
		}
		if only != nil {
			if end := only.skip(text, i); end > i {
				i = end
				continue
			}
		}
		r, n := decode(text[i:])
		if !isWord(r) {
			i += n
			continue
		}
		// A word runs over letters, digits and the marks that belong to them,
		// and over an apostrophe or a hyphen after one letter ("e-mail").
		start, form, letters := i, buf[:0], 0
		mark := -1 // where the last apostrophe stands in form
		from := start
		for i < len(text) {
			if c := text[i]; c < utf8.RuneSelf && ascii[c] != 0 { // most are
				if len(form) < maxWord {
					form = append(form, ascii[c])
				}
				letters++
				i++
				continue
			} else if c == ' ' {
				break
			}
			r, n := decode(text[i:])
			if isWord(r) {
				if ideographic(r) && i > start {
					break
				}
				if len(form) < maxWord {
					form = appendFolded(form, r)
				}
				letters++
				i += n
				if ideographic(r) {
					break
				}
				continue
			}
			if i+n < len(text) {
				if next, _ := decode(text[i+n:]); isWord(next) && !ideographic(next) {
					if isApostrophe(r) {
						if !a.apostrophe(&form, &mark) {
							break
						}
						if mark < 0 { // what stood before does not count
							i += n
							form, letters, from = form[:0], 0, i
							continue
						}
						i += n
						continue
					}
					if r == '-' && letters == 1 && i > from && unicode.IsLetter(firstRune(text[from:])) {
						i += n
						continue
					}
				}
			}
			break
		}
		if len(form) == 0 || only != nil && !only.has(form) {
			continue
		}
		if a.english && mark > 0 && string(form[min(mark, len(form)):]) == "s" {
			form = form[:mark]
		}
		yield(from, i, form)
	}
}

// apostrophe decides about an apostrophe between letters. It returns false when
// the word ends there; otherwise mark is where it stood, or -1 when what stood
// before it is an article that does not count.
func (a *analyzer) apostrophe(form *[]byte, mark *int) bool {
	switch {
	case a.english:
		*mark = len(*form)
		return true
	case a.elided != nil && a.elided[string(*form)]:
		*mark = -1
		return true
	}
	return false
}

// stemOf returns the stem of a folded word, empty for one that does not count.
func (a *analyzer) stemOf(form string) string {
	if a.stem == nil {
		return form
	}
	a.mu.RLock()
	s, ok := a.stems[form]
	a.mu.RUnlock()
	if ok {
		return s
	}
	return a.stemNow(form)
}

// stemOfBytes is stemOf, and makes no string of a word that was met before.
func (a *analyzer) stemOfBytes(form []byte) string {
	if a.stem == nil {
		return string(form)
	}
	a.mu.RLock()
	s, ok := a.stems[string(form)]
	a.mu.RUnlock()
	if ok {
		return s
	}
	return a.stemNow(string(form))
}

func (a *analyzer) stemNow(form string) (s string) {
	if !a.stop[form] {
		if s = a.stem(form); s == "" {
			s = form
		}
	}
	a.mu.Lock()
	if a.stems == nil || len(a.stems) >= maxStems {
		a.stems = make(map[string]string, 1024)
	}
	a.stems[form] = s
	a.mu.Unlock()
	return s
}

// Terms returns the analysed words of a text, each once, in their order: what
// two texts of one language share when they speak of the same thing.
func (x *Index) Terms(lang, text string) []string {
	seen := map[string]bool{}
	var out []string
	text, _ = clean(text, maxText)
	for _, t := range analyzerFor(lang).tokens(text) {
		if t.stem != "" && !seen[t.stem] {
			seen[t.stem] = true
			out = append(out, t.stem)
		}
	}
	return out
}

func firstRune(s string) rune {
	r, _ := utf8.DecodeRuneInString(s)
	return r
}

func decode(s string) (rune, int) {
	if c := s[0]; c < utf8.RuneSelf {
		return rune(c), 1
	}
	return utf8.DecodeRuneInString(s)
}

// ascii holds letters in lower case and digits, and 0 for what ends a word.
var ascii = func() (t [utf8.RuneSelf]byte) {
	for c := range byte(utf8.RuneSelf) {
		switch {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z':
			t[c] = c
		case 'A' <= c && c <= 'Z':
			t[c] = c + 'a' - 'A'
		}
	}
	return t
}()

func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return ascii[r] != 0
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r))
}

func isApostrophe(r rune) bool { return r == '\'' || r == '’' || r == 'ʼ' || r == '＇' }

// ideographic reports whether a rune is a word by itself, because its script
// puts no spaces between words.
func ideographic(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// folds holds what the accented letters of the Latin scripts become.
var folds = func() map[rune]string {
	m := map[rune]string{
		'ß': "ss", 'ẞ': "ss", 'æ': "ae", 'Æ': "ae", 'œ': "oe", 'Œ': "oe", 'ø': "o", 'Ø': "o",
		'ł': "l", 'Ł': "l", 'đ': "d", 'Đ': "d", 'ð': "d", 'Ð': "d", 'þ': "th", 'Þ': "th", 'ı': "i", 'ª': "a", 'º': "o",
	}
	add := func(from, to rune) {
		for r := from; r <= to; r++ {
			if _, done := m[r]; done || !unicode.IsLetter(r) {
				continue
			}
			var b strings.Builder
			for _, d := range norm.NFKD.String(string(r)) {
				if !unicode.IsMark(d) {
					b.WriteRune(unicode.ToLower(d))
				}
			}
			m[r] = b.String()
		}
	}
	add(0xAA, 0x24F)
	add(0x1E00, 0x1EFF)
	add(0xFB00, 0xFB06)
	add(0xFF21, 0xFF5A)
	return m
}()

// appendFolded appends a rune in lower case and without accents.
func appendFolded(b []byte, r rune) []byte {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(b, byte(r))
	}
	if s, ok := folds[r]; ok {
		return append(b, s...)
	}
	if r >= 0x300 && r <= 0x36F { // an accent written after its letter
		return b
	}
	return utf8.AppendRune(b, unicode.ToLower(r))
}

// fold returns a text in lower case and without accents.
func fold(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = appendFolded(b, r)
	}
	return string(b)
}
