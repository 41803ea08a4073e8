package escalation

import (
	"slices"
	"strings"
	"time"
	"unicode"
)

// A Mention calls somebody of the staff to a note that names them as @name. It gives
// no rights.
type Mention struct {
	Entry  string   // id of the note
	Ticket Ticket   // without its entries: what says whether somebody may read it, and its subject
	By     ActorRef // who wrote the note
	At     time.Time
	Done   time.Time // when whoever it calls was done with it; zero: not yet
}

// mentioned returns the colleagues that a text calls, in the order of their list. A
// first name is enough where only one has it; else it is Invalid, and says whom to
// choose from. What is no colleague's name is mere words.
func mentioned(text string, colleagues []ActorRef) ([]ActorRef, error) {
	letters := []rune(strings.ToLower(text))
	called := map[string]bool{}
	for i, r := range letters {
		if r != '@' || i > 0 && wordly(letters[i-1]) {
			continue
		}
		var longest int
		var who []ActorRef
		whole := false // it is their whole name
		for _, c := range colleagues {
			name := strings.ToLower(c.Name)
			first, _, _ := strings.Cut(name, " ")
			for _, form := range slices.Compact([]string{name, first}) {
				n := len([]rune(form))
				if n < longest || n == 0 || !begins(letters[i+1:], []rune(form)) {
					continue
				}
				if n > longest {
					longest, who, whole = n, nil, form == name
				}
				who, whole = append(who, c), whole || form == name
				break
			}
		}
		if len(who) > 1 && !whole {
			var names []string
			for _, c := range who {
				names = append(names, "@"+c.Name)
			}
			return nil, invalid("text", "error.mention", map[string]any{
				"Name": "@" + string([]rune(text)[i+1:i+1+longest]), "Names": strings.Join(names, ", "),
			})
		}
		for _, c := range who {
			if !whole || strings.ToLower(c.Name) == string(letters[i+1:i+1+longest]) {
				called[c.ID] = true
			}
		}
	}
	var list []ActorRef
	for _, c := range colleagues {
		if called[c.ID] {
			list = append(list, c)
		}
	}
	return list, nil
}

// wordly says whether r belongs to a word, such as that before the @ of an address.
func wordly(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// begins says whether a text begins with a name, and the name ends there.
func begins(text, name []rune) bool {
	return len(text) >= len(name) && slices.Equal(text[:len(name)], name) && (len(text) == len(name) || !wordly(text[len(name)]))
}
