package escalation

import (
	"slices"
	"strings"
	"unicode"
)

// maxThanks is how many words pure thanks have at most: who writes more has more to say.
const maxThanks = 15

// Words of pure thanks, in all languages of the site: at least one that thanks or says
// that it is solved, and beside these only what is said along with it. Any other word,
// a "not" among them, is for a person to read.
var (
	thanking  = wordSet("grazie ringrazio gracias agradezco thanks thank thx")
	solving   = wordSet("risolto risolta sistemato funziona resuelto resuelta solucionado arreglado funciona solved fixed works working")
	alongside = wordSet(`mille tante molte infinite a lei voi tutti tutto ora adesso ok okay perfetto bene benissimo ottimo gentile gentilissimi
		davvero molto di cuore buona giornata serata ciao saluti cordiali ho è e per l il la vostro suo aiuto
		muchas mil muchísimas todo ya ahora bien muy amable genial perfecto está he ha quedado y por el su ayuda un saludo saludos buen día
		you very much so many lot all it is s now great good perfect the your for help and kind best regards bye hi hello`)
	problems = wordSet("problema problem issue") // of which only who says that it is solved speaks gladly
	hedges   = []string{"per ora", "por ahora", "for now", "per adesso"}
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// pureThanks says whether a message says nothing but that its writer is content.
func pureThanks(text string) bool {
	if strings.ContainsAny(text, "?¿") {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	joined := " " + strings.Join(words, " ") + " "
	if len(words) > maxThanks || slices.ContainsFunc(hedges, func(h string) bool { return strings.Contains(joined, " "+h+" ") }) {
		return false
	}
	thanks, solved, problem := false, false, false
	for _, w := range words {
		switch {
		case thanking[w]:
			thanks = true
		case solving[w]:
			solved = true
		case problems[w]:
			problem = true
		case !alongside[w]:
			return false
		}
	}
	return solved || thanks && !problem
}
