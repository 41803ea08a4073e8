package learning

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation/journey"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// words are terms without small words, for tests.
func words(_, text string) []string {
	var terms []string
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		if small := word == "the" || word == "a"; !small && !slices.Contains(terms, word) {
			terms = append(terms, word)
		}
	}
	return terms
}

// went makes events of "seconds kind what", where what is a query, an article or a
// ticket. Articles are open until the next event.
func went(lines ...string) []journey.Event {
	var events []journey.Event
	for i, line := range lines {
		var seconds int
		var kind string
		if _, err := fmt.Sscan(line, &seconds, &kind); err != nil {
			panic(err)
		}
		what := strings.Join(strings.Fields(line)[2:], " ")
		e := journey.Event{ID: fmt.Sprint(i), At: noon.Add(time.Duration(seconds) * time.Second), Visitor: "v", Journey: "j", Kind: journey.Kind(kind), Lang: "en"}
		switch {
		case e.Kind.IsSearch():
			e.Query = what
		case e.Kind == journey.TicketCreated:
			e.Ticket = what
		default:
			e.Article = what
		}
		if e.Kind.Answers() {
			e.Network = "n"
		}
		if n := len(events); n > 0 && events[n-1].Kind == journey.ArticleOpen {
			events[n-1].Seconds = int(e.At.Sub(events[n-1].At) / time.Second)
		}
		events = append(events, e)
	}
	return events
}

func TestFromJourney(t *testing.T) {
	for _, test := range []struct {
		name   string
		events []journey.Event
		want   string // "article: query, query", the last search first
	}{
		{"nothing was said", went("0 search dead phone", "5 article_open battery"), ""},
		{"solved", went("0 search dead phone", "5 result_click battery", "5 article_open battery", "60 vote_yes battery"), "battery: dead phone"},
		{"solved by what the form offers", went("0 search dead phone", "9 form_open", "60 suggestion_click battery", "90 confirm battery"), "battery: dead phone"},
		{"said twice", went("0 search dead phone", "5 article_open battery", "60 vote_yes battery", "61 vote_yes battery"), "battery: dead phone"},
		{"found without a search", went("5 article_open battery", "60 vote_yes battery"), ""},
		{"searched afterwards", went("5 article_open battery", "20 search dead phone", "60 vote_yes battery"), ""},
		{"said of what was never opened", went("0 search dead phone", "60 vote_yes battery"), ""},
		{"nothing but small words", went("0 search the", "5 article_open battery", "60 vote_yes battery"), ""},
		{"personal data", went("0 search phone of ada@example.it", "5 article_open battery", "60 vote_yes battery"), "battery: phone of [e-mail]"},

		{"taken back", went("0 search dead phone", "5 article_open battery", "60 vote_yes battery", "70 vote_no battery"), ""},
		{"taken back, and said again", went("0 search dead phone", "5 article_open battery", "60 vote_yes battery", "70 vote_no battery", "80 vote_yes battery"), "battery: dead phone"},
		{"no to another article", went("0 search dead phone", "5 article_open battery", "60 vote_yes battery", "70 vote_no screen"), "battery: dead phone"},
		{"a ticket all the same", went("0 search dead phone", "5 article_open battery", "60 vote_yes battery", "200 ticket_created open"), ""},

		{"said differently at once", went("0 zero gadget croaked", "30 search dead phone", "40 article_open battery", "90 vote_yes battery"), "battery: dead phone, gadget croaked"},
		{"and once more", went("0 zero kaput", "40 zero gadget croaked", "90 search dead phone", "95 article_open battery", "120 vote_yes battery"), "battery: dead phone, gadget croaked, kaput"},
		{"looked into in vain", went("0 search gadget croaked", "5 article_open screen", "12 search dead phone", "20 article_open battery", "90 vote_yes battery"), "battery: dead phone, gadget croaked"},
		{"another matter, much earlier", went("0 search invoice", "600 search dead phone", "605 article_open battery", "660 vote_yes battery"), "battery: dead phone"},
		{"another matter, read before", went("0 search invoice", "5 article_open bills", "60 search dead phone", "65 article_open battery", "90 vote_yes battery"), "battery: dead phone"},
		{"the same word, much earlier", went("0 search phone", "600 search dead phone", "605 article_open battery", "660 vote_yes battery"), "battery: dead phone, phone"},
		{"a matter between", went("0 search phone", "600 search invoice", "900 search dead phone", "905 article_open battery", "960 vote_yes battery"), "battery: dead phone, phone"},
		{"two matters", went("0 search invoice", "5 article_open bills", "60 vote_yes bills", "70 search dead phone", "75 article_open battery", "99 vote_yes battery"), "bills: invoice; battery: dead phone"},
		{"two matters of one word", went("0 search phone invoice", "5 article_open bills", "60 vote_yes bills", "70 search dead phone", "75 article_open battery", "99 vote_yes battery"), "bills: phone invoice; battery: dead phone"},
		{"opened before the last search", went("0 search dead phone", "5 article_open battery", "60 search invoice", "70 vote_yes battery"), "battery: dead phone"},
		{"found by going around", went("0 zero dead phone", "5 article_open screen", "60 article_open battery", "90 vote_yes battery"), "battery: dead phone"},

		{"a ticket that was solved", went("0 search gadget croaked", "30 form_open", "90 ticket_created solved"), "battery: gadget croaked"},
		{"a ticket that was not", went("0 search gadget croaked", "30 form_open", "90 ticket_created open"), ""},
		{"a ticket without its journey", went("0 search gadget croaked", "30 form_open", "90 ticket_created"), ""},
		{"a ticket of nobody who searched", went("30 form_open", "90 ticket_created solved"), ""},
		{"a ticket after an answer that was none", went("0 search dead phone", "5 article_open screen", "9 vote_no screen", "90 ticket_created solved"), "battery: dead phone"},
	} {
		var got []string
		for _, a := range FromJourney(test.events, map[string]Solved{"solved": {"battery", "ada", noon.Add(time.Hour)}}, words) {
			got = append(got, a.Article+": "+strings.Join(a.Queries, ", "))
			if a.Visitor != "v" || a.Journey != "j" || a.Network != "n" || a.Lang != "en" || a.ID == "" {
				t.Errorf("%s: answer %+v", test.name, a)
			}
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestWhoAnswers counts a ticket as its requester's, and nobody whom nothing tells
// from others.
func TestWhoAnswers(t *testing.T) {
	events := went("0 search dead phone", "5 article_open screen", "90 ticket_created solved")
	solved := map[string]Solved{"solved": {"battery", "ada", noon.Add(time.Hour)}}
	if got := FromJourney(events, solved, words); len(got) != 1 || got[0].Person != "ada" || got[0].Visitor != "v" || !got[0].At.Equal(noon.Add(time.Hour)) {
		t.Errorf("answers %+v", got)
	}
	for what, spoil := range map[string]func(*journey.Event){
		"a visitor": func(e *journey.Event) { e.Visitor = "" },
		"a network": func(e *journey.Event) { e.Network = "" },
	} {
		events := slices.Clone(events)
		spoil(&events[len(events)-1])
		if got := FromJourney(events, solved, words); len(got) != 0 {
			t.Errorf("without %s: %+v", what, got)
		}
	}
	events = went("0 search dead phone", "5 search téléphone mort", "9 article_open battery", "60 vote_yes battery")
	events[1].Lang = "fr"
	if got := FromJourney(events, nil, words); len(got) != 1 || got[0].Lang != "fr" || len(got[0].Queries) != 1 {
		t.Errorf("two languages in one answer: %+v", got)
	}
}
