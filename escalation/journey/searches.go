package journey

import (
	"encoding/base64"
	"encoding/binary"
	"hash/fnv"
	"iter"
	"slices"
	"strings"
	"time"

	"primalinea/escalation/scrub"
)

// A Finding is what came of a search.
type Finding byte

// What can come of a search.
const (
	FoundNothing Finding = 'n'
	Opened       Finding = 'o' // an article was, from the results or otherwise
	OpenedNone   Finding = 'u' // though something was found
	Undecided    Finding = '?' // the visitor may still open something, or cannot be followed
)

// A Sought is one search, and what came of it.
type Sought struct {
	At      time.Time
	Visitor string // key; empty when nobody can be joined
	Lang    string
	Query   string // as typed, scrubbed
	Alike   string // the same for wordings that count as one
	Finding Finding
}

// Searches returns the searches among events, which are in their order, as of
// now. What a search found was of use when an article is opened within [Pause]
// and before the visitor searches for something else. A search that is repeated
// within that time, as by the browser's way back, is still the same. So is one
// that was typed further: [Journey.Add] has made one event of it.
//
// fold takes away what makes no other wording.
func Searches(events []Event, fold func(query string) string, now time.Time) []Sought {
	var all []Sought
	last := map[string]int{} // the last search of each journey
	for _, e := range events {
		i, ok := last[e.Journey]
		open := ok && e.At.Sub(all[i].At) <= Pause
		switch e.Kind {
		case Search, Zero:
			query := scrub.Without(e.Query) // nobody else searched for what was struck out
			s := Sought{At: e.At, Visitor: e.Visitor, Lang: e.Lang, Query: query, Alike: fold(query), Finding: Undecided}
			if open && s.Alike == all[i].Alike && s.Lang == all[i].Lang {
				continue
			}
			if ok && all[i].Finding == Undecided {
				all[i].Finding = OpenedNone
			}
			if e.Kind == Zero {
				s.Finding = FoundNothing
			}
			if e.Journey != "" {
				last[e.Journey] = len(all)
			}
			all = append(all, s)
		case ResultClick, SuggestionClick, ArticleOpen:
			if open && all[i].Finding == Undecided {
				all[i].Finding = Opened
			}
		}
	}
	for _, i := range last {
		if all[i].Finding == Undecided && now.Sub(all[i].At) > Pause {
			all[i].Finding = OpenedNone
		}
	}
	return all
}

// A SearchLog is what was searched on one day, in a form that is kept: a line for
// each wording, with its language, what makes it alike to others, how it was
// typed and, for each search, a code of the visitor and the [Finding]. A report of
// months is made of logs in a fraction of the time that their events would take.
type SearchLog string

const (
	// codeLen is the length of what stands for a visitor in a log: 48 bits are
	// enough to tell apart who searches.
	codeLen = 8
	// nobody stands for all visitors that cannot be told apart.
	nobody = "--------"
)

func codeOf(visitor string) string {
	if visitor == "" {
		return nobody
	}
	h := fnv.New64a()
	h.Write([]byte(visitor))
	var sum [8]byte
	binary.BigEndian.PutUint64(sum[:], h.Sum64())
	return base64.StdEncoding.EncodeToString(sum[:6])
}

// NewSearchLog writes down searches.
func NewSearchLog(searches []Sought) SearchLog {
	type wording struct{ lang, alike, typed string }
	codes := map[wording][]byte{}
	for _, s := range searches {
		w := wording{inLine(s.Lang), inLine(s.Alike), inLine(s.Query)}
		codes[w] = append(append(codes[w], codeOf(s.Visitor)...), byte(s.Finding))
	}
	lines := make([]string, 0, len(codes))
	for w, c := range codes {
		lines = append(lines, w.lang+"\t"+w.alike+"\t"+w.typed+"\t"+string(c)+"\n")
	}
	slices.Sort(lines)
	return SearchLog(strings.Join(lines, ""))
}

// inLine returns a text that ends no line and no field of one.
func inLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// A logged is a line of a [SearchLog].
type logged struct {
	lang  string
	key   string // language and what makes it alike
	typed string
	codes string
}

// lines returns the lines of a log, and passes over what is none.
func (t SearchLog) lines() iter.Seq[logged] {
	return func(yield func(logged) bool) {
		for line := range strings.Lines(string(t)) {
			line = strings.TrimSuffix(line, "\n")
			lang := strings.IndexByte(line, '\t')
			if lang < 0 {
				continue
			}
			alike := strings.IndexByte(line[lang+1:], '\t')
			if alike < 0 {
				continue
			}
			key := line[:lang+1+alike]
			typed, codes, ok := strings.Cut(line[len(key)+1:], "\t")
			if !ok || len(codes) == 0 || len(codes)%(codeLen+1) != 0 {
				continue
			}
			if !yield(logged{lang: line[:lang], key: key, typed: typed, codes: codes}) {
				return
			}
		}
	}
}

// A sum counts searches.
type sum struct{ searches, apart, nothing, none, undecided int }

func (s *sum) add(o sum) {
	s.searches += o.searches
	s.apart += o.apart
	s.nothing += o.nothing
	s.none += o.none
	s.undecided += o.undecided
}

// sumOf counts the searches of a line.
func sumOf(codes string) (s sum) {
	for ; codes != ""; codes = codes[codeLen+1:] {
		if codes[:codeLen] == nobody {
			s.apart++
			continue
		}
		s.searches++
		switch Finding(codes[codeLen]) {
		case FoundNothing:
			s.nothing++
		case OpenedNone:
			s.none++
		case Undecided:
			s.undecided++
		}
	}
	return s
}

// appendPeople appends a number for each visitor of a line that can be told apart.
func appendPeople(people []uint64, codes string) []uint64 {
	for ; codes != ""; codes = codes[codeLen+1:] {
		if codes[:codeLen] != nobody {
			people = append(people, binary.LittleEndian.Uint64([]byte(codes[:codeLen])))
		}
	}
	return people
}

// different returns how many different ones there are. It sorts them.
func different(people []uint64) int {
	slices.Sort(people)
	return len(slices.Compact(people))
}
