package content

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// The pins of a language are the file pins.<lang>.yml at the top of the folder, a
// list of searches with what is to stand first when somebody makes them:
//
//	- search: [rimborso, voglio i soldi indietro]
//	  article: returns/refund

const (
	// MaxPins is how many pins one language may have.
	MaxPins = 500
	// MaxPinned is how many articles one pin may have.
	MaxPinned = 3
)

// A Pin puts chosen articles before all others when somebody searches for one of
// its queries.
type Pin struct {
	Queries  []string
	Articles []string // keys, best first
	Line     int      // of its file
}

// Pins returns the pins of a language, in the order of their file.
func (l *Library) Pins(lang string) []Pin { return l.pins[lang] }

// Tuned returns a copy of the library with other pins and synonyms, by language:
// how searches would be answered with them.
func (l *Library) Tuned(pins map[string][]Pin, synonyms map[string][][]string) *Library {
	tuned := *l
	tuned.pins, tuned.synonyms, tuned.setLines = pins, synonyms, nil
	return &tuned
}

// ParsePins reads a file of pins: the pins as they are written, and what is wrong
// with them. They are of no use when one of the problems is grave.
func ParsePins(file string, src []byte) ([]Pin, []Problem) {
	written, _, problems := parsePins(file, src)
	return written, problems
}

// parsePins also returns the pins that count. A search counts in the first pin
// that has it.
func parsePins(file string, src []byte) (written, pins []Pin, problems []Problem) {
	root, problems := yamlList(file, src)
	if root == nil {
		return nil, nil, problems
	}
	c := collector{file: file, problems: problems, taken: map[string]string{}}
	for _, n := range root.Content {
		p, ok := c.pin(n)
		if !ok {
			continue
		}
		written = append(written, p)
		if len(written) > MaxPins {
			if len(written) == MaxPins+1 {
				c.report(n.Line, "check.list_many", "Limit", MaxPins)
			}
			continue
		}
		if len(p.Queries) == 0 {
			c.report(p.Line, "check.pin_search_missing")
		}
		if len(p.Articles) == 0 {
			c.report(p.Line, "check.pin_article_missing")
		}
		if len(p.Articles) > MaxPinned {
			c.report(p.Line, "check.pin_articles", "Limit", MaxPinned)
			p.Articles = p.Articles[:MaxPinned]
		}
		var keys []string
		for _, key := range p.Articles {
			if !keyForm.MatchString(key) {
				c.report(p.Line, "check.key_invalid", "Value", key)
				continue
			}
			keys = append(keys, key)
		}
		if p.Articles = keys; len(keys) == 0 {
			continue // its searches are free for another pin
		}
		if p.Queries = c.fresh(p.Queries, p.Line, 1, "check.pin_twice"); p.Queries != nil {
			pins = append(pins, p)
		}
	}
	return written, pins, c.problems
}

// pin reads an entry; what it lacks is empty.
func (c *collector) pin(n *yaml.Node) (p Pin, ok bool) {
	p, ok, strange := pinOf(n)
	if !ok {
		c.report(n.Line, "check.pin_form")
	}
	for _, key := range strange {
		switch near := nearest(strings.ToLower(key.Value), "search", "article"); {
		case key.Value == "search" || key.Value == "article":
			c.report(key.Line, "check.key_twice", "Name", key.Value)
		case near != "":
			c.report(key.Line, "check.key_unknown_near", "Name", key.Value, "Near", near)
		default:
			c.report(key.Line, "check.key_unknown", "Name", key.Value)
		}
	}
	return p, ok
}

// pinOf returns what an entry says, and the keys that no pin has, or not twice.
func pinOf(n *yaml.Node) (p Pin, ok bool, strange []*yaml.Node) {
	if n.Kind != yaml.MappingNode {
		return p, false, nil
	}
	p.Line, ok = n.Line, true
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if seen[key.Value] || key.Value != "search" && key.Value != "article" {
			strange = append(strange, key)
			continue
		}
		seen[key.Value] = true
		said, good := wordings(value)
		ok = ok && (good || value.Tag == "!!null")
		if key.Value == "search" {
			p.Queries = said
		} else {
			p.Articles = said
		}
	}
	return p, ok, strange
}

// SetPins returns a file of pins with other pins. What did not change stays as it
// is written, with its comments.
func SetPins(file string, src []byte, pins []Pin) ([]byte, error) {
	want := make([]item, len(pins))
	for i, p := range pins {
		want[i] = item{p.says(), []string{"- search: " + flow(p.Queries), "  article: " + flow(p.Articles)}}
	}
	return setItems(file, src, want, func(n *yaml.Node) (string, bool) {
		p, ok, _ := pinOf(n)
		return p.says(), ok
	})
}

func (p Pin) says() string {
	return strings.Join(p.Queries, ",") + "\n" + strings.Join(p.Articles, ",")
}

// PinProblems says which pins of a language lead to what customers cannot find.
func (l *Library) PinProblems(lang string, pins []Pin) (problems []Problem) {
	now := l.now()
	for _, p := range pins {
		for _, key := range p.Articles {
			report := func(sentence string) {
				problems = append(problems, problem(PinsFile(lang), p.Line, sentence, "Name", key))
			}
			switch a := l.ByKey(key, lang); {
			case a == nil:
				report("check.pin_missing")
			case !a.Live(now) || a.Unlisted:
				report("check.pin_unpublished")
			case a.Audience != Public:
				report("check.pin_audience")
			}
		}
	}
	return problems
}
