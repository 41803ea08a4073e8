package escalation

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Macro is a text that agents put into what they write, and may still change.
type Macro struct {
	ID   string `json:"id"`
	Name Text   `json:"name"` // agents look for it
	Body Text   `json:"body"` // in the languages of customers
}

// What a macro leaves open, to be filled in from the ticket. It stands in the text in
// braces: {customer}. The catalog says what each is as "macro.<placeholder>".
const (
	MacroCustomer = "customer" // name
	MacroNumber   = "number"
	MacroSubject  = "subject"
	MacroAgent    = "agent" // who writes, as customers read it
	MacroTeam     = "team"  // the ticket is with it
)

// Placeholders are all of them. Another one is refused when a macro is saved: it would
// reach a customer as it stands.
var Placeholders = []string{MacroCustomer, MacroNumber, MacroSubject, MacroAgent, MacroTeam}

// What a desk may hold.
const (
	MaxMacros    = 200
	MaxMacroName = 80
	MaxMacro     = 4000 // characters in one language
)

// Whoever is called nothing leaves no gap: the space before goes too.
var placeholder = regexp.MustCompile(`[ \t]?\{[^{}\n]*\}`)

// open returns what stands between the braces of a match.
func open(match string) string { return strings.Trim(match, " \t{}") }

// Macro returns the macro with an id, nil when there is none.
func (d *Desk) Macro(id string) *Macro {
	if i := slices.IndexFunc(d.Macros, func(m Macro) bool { return m.ID == id }); i >= 0 {
		return &d.Macros[i]
	}
	return nil
}

// Spoken returns the language in which a macro is put into a ticket: the customer's,
// if it is written in that.
func (m *Macro) Spoken(lang string) string {
	for _, l := range append([]string{lang, "en", "it", "es"}, slices.Sorted(maps.Keys(m.Body))...) {
		if m.Body[l] != "" {
			return l
		}
	}
	return lang
}

// For returns the text of a macro for a ticket, filled in: by whom it is written, and
// by what the desk calls things. What is filled in is not looked at again, whatever a
// customer is called.
func (m *Macro) For(t *Ticket, by ActorRef, d *Desk) string {
	lang := m.Spoken(t.Lang)
	values := map[string]string{
		MacroCustomer: t.Requester.Name,
		MacroNumber:   t.Number,
		MacroSubject:  t.Subject,
		MacroAgent:    publicName(by),
		MacroTeam:     d.TeamName(t.Team, lang),
	}
	return placeholder.ReplaceAllStringFunc(m.Body[lang], func(match string) string {
		name := open(match)
		if !slices.Contains(Placeholders, name) {
			return match // of a version that knew more
		}
		value := values[name]
		if value == "" {
			return ""
		}
		return match[:strings.IndexByte(match, '{')] + value
	})
}

// onlyPlaceholders returns an error if a text leaves something open that nothing fills in.
func onlyPlaceholders(field, text string) error {
	for _, match := range placeholder.FindAllString(text, -1) {
		if name := open(match); !slices.Contains(Placeholders, name) {
			return invalid(field, "error.macro_placeholder", map[string]any{
				"Name": "{" + name + "}", "Known": "{" + strings.Join(Placeholders, "}, {") + "}",
			})
		}
	}
	return nil
}

func cleanMacros(macros []Macro) ([]Macro, error) {
	if len(macros) > MaxMacros {
		return nil, invalid("macros", "error.macros_many", map[string]any{"Max": MaxMacros})
	}
	out := slices.Clone(macros)
	seen := map[string]bool{}
	for i := range out {
		m := &out[i]
		field := "macros." + m.ID
		switch {
		case m.ID == "" || !typeKey.MatchString(m.ID):
			return nil, invalid("macros.id", "error.id", nil)
		case seen[m.ID]:
			return nil, invalid("macros.id", "error.id_twice", map[string]any{"ID": m.ID})
		}
		seen[m.ID] = true
		var err error
		if m.Name, err = named(field+".name", m.Name, MaxMacroName); err != nil {
			return nil, err
		}
		if m.Body, err = NewText(field+".body", m.Body, MaxMacro, true); err != nil {
			return nil, err
		}
		if len(m.Body) == 0 {
			return nil, invalid(field+".body", "error.macro_body", nil)
		}
		for _, lang := range slices.Sorted(maps.Keys(m.Body)) {
			if err := onlyPlaceholders(field+".body."+lang, m.Body[lang]); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

// shippedMacros are those that this program ships.
func shippedMacros() []Macro {
	return []Macro{
		{
			ID:   "working",
			Name: Text{"it": "Ce ne stiamo occupando", "es": "Nos estamos ocupando", "en": "We are working on it"},
			Body: Text{
				"it": "Buongiorno {customer},\n\ngrazie per averci scritto. Ce ne stiamo occupando e daremo notizie appena sapremo di più.\n\n{agent}\n{team}",
				"es": "Hola {customer}:\n\nGracias por escribirnos. Nos estamos ocupando y le daremos noticias en cuanto sepamos más.\n\n{agent}\n{team}",
				"en": "Hello {customer},\n\nthank you for writing to us. We are working on it and will tell you more as soon as we know it.\n\n{agent}\n{team}",
			},
		},
		{
			ID:   "thanks",
			Name: Text{"it": "Grazie per le informazioni", "es": "Gracias por la información", "en": "Thanks for the details"},
			Body: Text{
				"it": "Buongiorno {customer},\n\ngrazie: ora abbiamo tutto ciò che serve per la richiesta {number}.\n\n{agent}\n{team}",
				"es": "Hola {customer}:\n\nGracias: ya tenemos todo lo necesario para la solicitud {number}.\n\n{agent}\n{team}",
				"en": "Hello {customer},\n\nthank you: now we have all that we need for request {number}.\n\n{agent}\n{team}",
			},
		},
		{
			ID:   "settled",
			Name: Text{"it": "È tutto a posto?", "es": "¿Está todo resuelto?", "en": "Is it all settled?"},
			Body: Text{
				"it": "Buongiorno {customer},\n\nsecondo noi è tutto a posto. Se qualcosa non va ancora, basta rispondere qui: la richiesta si riapre.\n\n{agent}\n{team}",
				"es": "Hola {customer}:\n\nCreemos que está todo resuelto. Si algo sigue sin funcionar, responda aquí y la solicitud se abre de nuevo.\n\n{agent}\n{team}",
				"en": "Hello {customer},\n\nwe believe that all is settled. If anything is still wrong, answer here and the request opens again.\n\n{agent}\n{team}",
			},
		},
	}
}
