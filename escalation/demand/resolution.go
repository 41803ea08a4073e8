package demand

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"primalinea/escalation"
)

// An Answer is a public answer that settled a ticket.
type Answer struct {
	Number string // of the ticket
	Text   string
}

const (
	// carries is how many words an answer has to have that neither the question nor
	// mere courtesy has.
	carries   = 2
	maxOthers = 5 // answers beside the best
)

// courtesy are words that answers have in common, whatever they are about: greetings,
// that it is done, and that it was settled by other means.
var courtesy = map[string]string{
	"it": `buongiorno buonasera salve ciao gentile cliente signora signore grazie mille prego cordiali saluti distinti cordialmente staff
		assistenza restiamo rimaniamo disposizione piacere giornata scusi scusate disagio spero aiuto utile ricevuto fatto risolto sistemato
		chiuso chiudo chiudiamo completato evaso inoltrato verificato controllato richiesta ticket segnalazione problema caso pratica
		chiamato chiamata sentito telefono telefonata telefonicamente contattato colloquio insieme accordi intesi allegato vedi sopra come da
		abbiamo avete tutto bene ora adesso oggi ieri dovrebbe funziona funzionare posto tornato`,
	"es": `buenos buenas días tardes noches hola estimado estimada cliente señor señora gracias muchas saludos cordiales atentamente equipo
		soporte quedamos disposición encantado día disculpe disculpen molestia espero ayuda útil recibido hecho resuelto solucionado arreglado
		cerrado cerramos completado tramitado enviado verificado comprobado solicitud ticket incidencia problema caso
		llamado llamada hablado teléfono telefónicamente contactado conversación juntos acordado adjunto ver arriba como según
		hemos han todo bien ahora hoy ayer debería funciona funcionar vuelve`,
	"en": `good morning afternoon evening hello hi hey dear customer sir madam thank thanks many welcome kind best regards sincerely team
		support remain disposal happy glad day sorry apologies inconvenience hope help helps useful received done fixed solved resolved sorted
		closed closing completed processed forwarded sent verified checked request ticket issue problem case
		called call spoke spoken phone telephone contacted talked conversation agreed together attached attachment see above as per
		have you your everything all well fine now today yesterday should work works working again back`,
}

// closing begins what stands above a name.
var closing = regexp.MustCompile(`(?i)\b((cordiali |distinti )?saluti|un saludo|saludos|atentamente|(kind|best|warm) regards|regards|sincerely|yours)\b`)

// Carries reports whether an answer tells more than that the question was settled:
// whether it has words, before it closes, that neither the question nor mere courtesy
// has. terms analyses words.
func Carries(lang, answer, question string, terms func(lang, text string) []string) bool {
	known := map[string]bool{}
	for _, word := range append(strings.Fields(courtesy[lang]), question) { // what is long is cut
		for _, t := range terms(lang, word) {
			known[t] = true
		}
	}
	if at := closing.FindStringIndex(answer); at != nil {
		answer = answer[:at[0]]
	}
	fresh := 0
	for _, t := range terms(lang, answer) {
		if utf8.RuneCountInString(t) > 1 && !known[t] {
			known[t] = true
			fresh++
		}
	}
	return fresh >= carries
}

// Answers returns what settled tickets, in public, the best first: of those that
// were not opened again, one whose requester said that it solved the question before
// one of which nothing is known, and the longest of those. What tells nothing, see
// [Carries], and what was told before is left out.
func Answers(tickets []escalation.Ticket, terms func(lang, text string) []string) []Answer {
	type answer struct {
		Answer
		reopened, confirmed int
	}
	var list []answer
	for i := range tickets {
		t := &tickets[i]
		text := solution(t)
		if text == "" || !t.Erased.IsZero() || !Carries(t.Lang, text, t.Subject+" "+problem(t), terms) {
			continue
		}
		a := answer{Answer{t.Number, text}, 0, 0}
		if t.Reopened > 0 {
			a.reopened = 1
		}
		if slices.ContainsFunc(t.Entries, func(e escalation.Entry) bool { return e.Event != nil && e.Event.Kind == escalation.EventConfirmed }) {
			a.confirmed = 1
		}
		list = append(list, a)
	}
	slices.SortStableFunc(list, func(a, b answer) int {
		return cmp.Or(a.reopened-b.reopened, b.confirmed-a.confirmed, utf8.RuneCountInString(b.Text)-utf8.RuneCountInString(a.Text))
	})
	var out []Answer
	seen := map[string]bool{}
	for _, a := range list {
		if said := fold(a.Text); !seen[said] && len(out) <= maxOthers {
			seen[said] = true
			out = append(out, a.Answer)
		}
	}
	return out
}

// solution is the public entry that settled a ticket; empty when there is none.
func solution(t *escalation.Ticket) string {
	if t.Solution == nil {
		return ""
	}
	for _, e := range t.Entries {
		if e.Kind == escalation.Public && e.ID == t.Solution.Entry {
			return strings.TrimSpace(e.Text)
		}
	}
	return ""
}

// problem is the first thing that a requester wrote.
func problem(t *escalation.Ticket) string {
	for _, e := range t.Entries {
		if e.Kind == escalation.Public && e.By.Kind == escalation.ByRequester {
			return e.Text
		}
	}
	return ""
}

// Environment are the names of facts that say where a problem occurs. All others may
// say whose it is.
var Environment = []string{"model", "version", "error_message"}

// maxFacts is how many different things a draft says of each.
const maxFacts = 4

// environment returns what several tickets say in public about where the problem
// occurs, by name, what most of them say first.
func environment(tickets []escalation.Ticket) map[string][]string {
	count := map[string]map[string]int{}
	for i := range tickets {
		t := &tickets[i]
		public := map[string]bool{}
		for _, e := range t.Entries {
			public[e.ID] = e.Kind == escalation.Public
		}
		for _, f := range t.Facts {
			value := tidy(f.Value)
			if !public[f.Source] || value == "" || !slices.Contains(Environment, f.Key) {
				continue
			}
			if count[f.Key] == nil {
				count[f.Key] = map[string]int{}
			}
			count[f.Key][value]++
		}
	}
	facts := map[string][]string{}
	for name, values := range count {
		for v := range values {
			facts[name] = append(facts[name], v)
		}
		slices.SortFunc(facts[name], func(a, b string) int { return cmp.Or(values[b]-values[a], strings.Compare(a, b)) })
		facts[name] = facts[name][:min(len(facts[name]), maxFacts)]
	}
	return facts
}
