package content

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// The synonyms of a language are the file synonyms.<lang>.yml at the top of the
// folder, a list of sets of wordings that mean the same:
//
//	- [corriere, spedizioniere, servizio di consegna]

// MaxSets is how many sets of synonyms one language may have.
const MaxSets = 1000

// A Set is wordings that mean the same.
type Set struct {
	Wordings []string
	Line     int // of its file
}

// Synonyms returns the sets of wordings that mean the same in a language; several
// words in a wording are possible.
func (l *Library) Synonyms(lang string) [][]string { return l.synonyms[lang] }

// SynonymLines returns the line of its file on which each of the Synonyms stands;
// nothing when they come from no file.
func (l *Library) SynonymLines(lang string) []int { return l.setLines[lang] }

// ParseSynonyms reads a file of synonyms: the sets as they are written, and what
// is wrong with them. They are of no use when one of the problems is grave.
func ParseSynonyms(file string, src []byte) ([]Set, []Problem) {
	written, _, problems := parseSynonyms(file, src)
	return written, problems
}

// parseSynonyms also returns the sets that count. A wording counts in the first
// set that has it.
func parseSynonyms(file string, src []byte) (written, sets []Set, problems []Problem) {
	root, problems := yamlList(file, src)
	if root == nil {
		return nil, nil, problems
	}
	c := collector{file: file, problems: problems, taken: map[string]string{}}
	for _, n := range root.Content {
		all, ok := wordings(n)
		if !ok {
			c.report(n.Line, "check.synonyms_form")
			continue
		}
		written = append(written, Set{all, n.Line})
		if len(written) > MaxSets {
			if len(written) == MaxSets+1 {
				c.report(n.Line, "check.list_many", "Limit", MaxSets)
			}
			continue
		}
		before := len(c.problems)
		if fresh := c.fresh(all, n.Line, 2, "check.synonyms_twice"); fresh != nil {
			sets = append(sets, Set{fresh, n.Line})
		} else if len(c.problems) == before {
			c.report(n.Line, "check.synonyms_few")
		}
	}
	return written, sets, c.problems
}

// SetSynonyms returns a file of synonyms with other sets. What did not change
// stays as it is written, with its comments.
func SetSynonyms(file string, src []byte, sets []Set) ([]byte, error) {
	want := make([]item, len(sets))
	for i, s := range sets {
		want[i] = item{strings.Join(s.Wordings, ","), []string{"- " + flow(s.Wordings)}}
	}
	return setItems(file, src, want, func(n *yaml.Node) (string, bool) {
		all, ok := wordings(n)
		return strings.Join(all, ","), ok
	})
}
