package demand

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
)

// settled is a ticket with an answer: reopened or confirmed.
func settled(number, answer string, reopened int, confirmed bool) escalation.Ticket {
	t := escalation.Ticket{
		Number: number, Lang: "en", Subject: "won't charge", Reopened: reopened, Solution: &escalation.Solution{Entry: "s"},
		Entries: []escalation.Entry{
			{ID: "q", Kind: escalation.Public, By: escalation.ActorRef{Kind: escalation.ByRequester}, Text: "It won't charge."},
			{ID: "n", Kind: escalation.Internal, Text: "CANARY note about this customer and a long story of it"},
			{ID: "s", Kind: escalation.Public, By: escalation.ActorRef{Kind: escalation.ByStaff}, Text: answer},
		},
	}
	if confirmed {
		t.Entries = append(t.Entries, escalation.Entry{ID: "c", Event: &escalation.Event{Kind: escalation.EventConfirmed}})
	}
	return t
}

func TestAnswers(t *testing.T) {
	const (
		short = "Clean socket with wooden toothpick, then restart."
		long  = "Clean the socket with a wooden toothpick, then restart it and wait for some minutes beside the charger."
		other = "Replace the cable by one that came in the box and press the side button."
	)
	erased := settled("E", long+" erased", 0, true)
	erased.Erased = time.Unix(1, 0)
	inside := settled("I", "", 0, true)
	inside.Solution.Entry = "n"
	for _, test := range []struct {
		name    string
		tickets []escalation.Ticket
		want    []string
	}{
		{"none", nil, nil},
		{"the longest of equals", []escalation.Ticket{settled("1", short, 0, false), settled("2", long, 0, false)}, []string{"2", "1"}},
		{"a confirmed one is better", []escalation.Ticket{settled("1", long, 0, false), settled("2", short, 0, true)}, []string{"2", "1"}},
		{"one that was opened again is worse", []escalation.Ticket{settled("1", long, 1, true), settled("2", short, 0, false)}, []string{"2", "1"}},
		{"what tells nothing is left out", []escalation.Ticket{settled("1", "Done, thanks.", 0, true), settled("2", short, 0, false)}, []string{"2"}},
		{"what was told before too", []escalation.Ticket{settled("1", short, 0, false), settled("2", "clean SOCKET with  wooden toothpick, then restart.", 0, true), settled("3", other, 0, false)}, []string{"2", "3"}},
		{"an internal note never", []escalation.Ticket{inside}, nil},
		{"what was erased never", []escalation.Ticket{erased}, nil},
		{"without a solution", []escalation.Ticket{{Number: "N", Lang: "en"}}, nil},
	} {
		var got []string
		for _, a := range Answers(test.tickets, split) {
			got = append(got, a.Number)
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	var many []escalation.Ticket
	for i := range 20 {
		many = append(many, settled(fmt.Sprint(i), fmt.Sprintf("%s and so on, number %d", long, i), 0, false))
	}
	if got := Answers(many, split); len(got) != 1+maxOthers {
		t.Errorf("%d answers of 20", len(got))
	}
}

func TestEnvironment(t *testing.T) {
	ticket := settled("1", "", 0, false)
	ticket.Facts = []escalation.Fact{
		{Key: "model", Value: " B2  Pro", Source: "q"}, {Key: "version", Value: "4.1", Source: "n"}, {Key: "serial", Value: "123456", Source: "q"},
	}
	other := ticket
	other.Facts = []escalation.Fact{{Key: "model", Value: "A1", Source: "q"}}
	got := environment([]escalation.Ticket{other, ticket, ticket})
	// Whose it is, and what only staff know, is left out.
	if fmt.Sprint(got) != "map[model:[B2 Pro A1]]" {
		t.Errorf("environment %v", got)
	}
}

func TestDraftOfLine(t *testing.T) {
	l := Line{Lang: "en", Langs: []string{"en", "it"}, Wordings: []Wording{
		{Lang: "en", Text: "won't charge", Searched: true}, {Lang: "it", Text: "non si carica", Searched: true}, {Lang: "en", Text: "phone does not charge"},
	}}
	italian := settled("IT", "Pulisca la presa con uno stuzzicadenti di legno e riavvii.", 0, true)
	italian.Lang = "it"
	src := OfLine(l, []escalation.Ticket{
		settled("1", "Done.", 0, true), settled("2", "Clean the socket with a wooden toothpick, then restart.", 0, false), italian,
	}, split)
	if src.Title != "won't charge" || src.Solution[:5] != "Clean" || len(src.Others) != 0 || !slices.Equal(src.Tickets, []string{"1", "2"}) {
		t.Errorf("source %+v", src)
	}
	stub := InLang(l, "it")
	stub.Key = "charge"
	d, err := NewDraft(stub, english, nil)
	if err != nil || d.Title != "Non si carica" || d.Key != "charge" || d.File != "it/non-si-carica.md" {
		t.Errorf("stub %+v, %v", d, err)
	}
}
