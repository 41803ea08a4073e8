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
	// A clause with one of these in front asks, whether or not somebody typed its sign:
	// in English always, elsewhere unless somebody thanks in the same breath.
	inverted = wordSet("is")
	upFront  = wordSet("è ha he está quedado funziona funciona")
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
	words := wordsOf(text)
	joined := " " + strings.Join(words, " ") + " "
	if len(words) > maxThanks || slices.ContainsFunc(hedges, func(h string) bool { return strings.Contains(joined, " "+h+" ") }) {
		return false
	}
	thanks := slices.ContainsFunc(words, func(w string) bool { return thanking[w] })
	if asks(text, thanks) {
		return false
	}
	solved, problem := false, false
	for _, w := range words {
		switch {
		case thanking[w]:
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

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// asks says whether a clause of a message has the order of a question.
func asks(text string, thanks bool) bool {
	for _, clause := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(".,;:!\n", r) }) {
		words := wordsOf(clause)
		for i, w := range words {
			switch {
			case inverted[w] && (i == 0 || i+1 < len(words) && words[i+1] == "it"):
				return true
			case i == 0 && upFront[w] && !thanks:
				return true
			}
		}
	}
	return false
}
