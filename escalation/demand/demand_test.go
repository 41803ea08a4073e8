package demand

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"primalinea/escalation"
	"primalinea/escalation/journey"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func words(_, text string) []string { return strings.Fields(strings.ToLower(text)) }

func TestFromJourney(t *testing.T) {
	search := func(query string, hits int) journey.Event {
		kind := journey.Search
		if hits == 0 {
			kind = journey.Zero
		}
		return journey.Event{Kind: kind, Query: query, Hits: hits, Lang: "it", Visitor: "v", Journey: "j"}
	}
	open := func(article string, seconds int) journey.Event {
		return journey.Event{Kind: journey.ArticleOpen, Article: article, Seconds: seconds}
	}
	at := func(kind journey.Kind, article string) journey.Event {
		return journey.Event{Kind: kind, Article: article}
	}
	for _, test := range []struct {
		name   string
		events []journey.Event
		want   string
	}{
		{"nothing was found", []journey.Event{search("abc", 0)}, "zero abc"},
		{"nothing was opened", []journey.Event{search("abc", 4)}, "no_click abc"},
		{"opened and read", []journey.Event{search("abc", 4), at(journey.ResultClick, "a"), open("a", 60)}, ""},
		{"opened, time unknown, and gone", []journey.Event{search("abc", 4), open("a", 0)}, ""},
		{"left at once and said differently", []journey.Event{search("abc", 4), open("a", 3), search("def", 2), open("b", 60)}, "rephrase abc a"},
		{"left at once, and gone", []journey.Event{search("abc", 4), open("a", 3)}, ""},
		{"a long look before the next search", []journey.Event{search("abc", 4), open("a", 30), search("def", 2), open("b", 60)}, ""},
		{"no", []journey.Event{search("abc", 4), open("a", 60), at(journey.VoteNo, "a")}, "no abc a"},
		{"no without a search", []journey.Event{open("a", 60), at(journey.VoteNo, "a")}, ""},
		{"no here, yes there", []journey.Event{search("abc", 4), open("a", 9), at(journey.VoteNo, "a"), open("b", 60), at(journey.Confirm, "b")}, "no abc a"},
		{"no, then yes after all", []journey.Event{search("abc", 4), open("a", 9), at(journey.VoteNo, "a"), at(journey.VoteYes, "a")}, ""},
		{"opened through a suggestion", []journey.Event{search("abc", 4), at(journey.SuggestionClick, "a")}, ""},
		{"nothing was found here, something in another language", []journey.Event{search("abc", 0), open("a", 60)}, "zero abc a"},
		{"nothing was opened, and said differently", []journey.Event{search("abc", 4), search("def", 2), open("b", 60)}, "no_click abc"},
		{"left at once and asked again", []journey.Event{search("abc", 4), open("a", 3), search("ABC", 4)}, ""},
		{"left at once, then nothing was found", []journey.Event{search("abc", 4), open("a", 3), search("def", 0)}, "rephrase abc a, zero def"},
		{"it ended in the form", []journey.Event{search("abc", 4), open("a", 60), at(journey.FormOpen, "")}, "form abc a"},
		{"a ticket was written", []journey.Event{search("abc", 4), at(journey.FormOpen, ""), at(journey.TicketCreated, "")}, "form abc"},
		{"no, then the form", []journey.Event{search("abc", 4), open("a", 60), at(journey.VoteNo, "a"), at(journey.FormOpen, "")}, "form abc a"},
		{"the form was left", []journey.Event{search("abc", 4), open("a", 60), at(journey.FormOpen, ""), at(journey.FormAbandon, "")}, "abandon abc a"},
		{"the form was left for an article", []journey.Event{search("abc", 4), at(journey.FormOpen, ""), at(journey.SuggestionClick, "a"), open("a", 60), at(journey.FormAbandon, "")}, "form abc"},
		{"the form was left without a search", []journey.Event{at(journey.FormOpen, ""), at(journey.FormAbandon, "")}, ""},
		{"another form was left before", []journey.Event{at(journey.FormOpen, ""), at(journey.FormAbandon, ""), search("abc", 4), at(journey.FormOpen, "")}, "form abc"},
		{"a yes before any search", []journey.Event{open("a", 60), at(journey.VoteYes, "a"), search("abc", 0)}, "zero abc"},
		{"only the last search ended in the form", []journey.Event{search("abc", 0), search("def", 4), at(journey.FormOpen, "")}, "zero abc, form def"},
		{"found in the end", []journey.Event{search("abc", 0), search("def", 4), open("a", 60), at(journey.Confirm, "a")}, "zero abc"},
		{"back at the results, and gone", []journey.Event{search("abc", 4), open("a", 60), search("Abc ", 4)}, ""},
		{"an empty search", []journey.Event{search(" ", 0)}, ""},
	} {
		for i := range test.events {
			test.events[i].ID = fmt.Sprint(i)
			test.events[i].At = noon.Add(time.Duration(i) * time.Second)
		}
		var got []string
		for _, s := range FromJourney(test.events) {
			got = append(got, strings.TrimSpace(fmt.Sprint(s.Kind, " ", s.Text, " ", s.Article)))
			if s.ID == "" || s.Who != "v" || s.Journey != "j" || s.Lang != "it" || s.At.IsZero() {
				t.Errorf("%s: %+v is not whole", test.name, s)
			}
		}
		if g := strings.Join(got, ", "); g != test.want {
			t.Errorf("%s: %q, want %q", test.name, g, test.want)
		}
	}
}

func TestFromTicket(t *testing.T) {
	s := FromTicket(&escalation.Ticket{
		ID: "t", Lang: "es", Subject: " llamadme al  612345678 ", Journey: "j", Opened: noon,
		Solution: &escalation.Solution{Article: "a", At: noon.Add(time.Hour)},
	}, "r")
	want := Signal{ID: "ticket-t", Kind: Ticket, Lang: "es", Text: "llamadme al [tel]", Who: "r", At: noon.Add(time.Hour), Journey: "j", Ticket: "t", Article: "a"}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("signal %+v, want %+v", s, want)
	}
}

// said makes a signal of "lang who text", in the order of time.
func said(lines ...string) []Signal {
	var signals []Signal
	for i, line := range lines {
		part := strings.SplitN(line, " ", 3)
		signals = append(signals, Signal{
			ID: fmt.Sprintf("s%03d", i), Kind: Zero, Lang: part[0], Who: part[1], Text: part[2], At: noon.Add(time.Duration(i) * time.Minute),
		})
	}
	return signals
}

// placed puts signals on lines by their words alone.
func placed(t testing.TB, signals []Signal) []Signal {
	placed, err := NewPlacer(words, nil).Place(context.Background(), signals, nil)
	if err != nil {
		t.Fatal(err)
	}
	return placed
}

// together shows lines as their wordings.
func together(signals []Signal) string {
	var lines []string
	for _, l := range Lines(signals, nil) {
		var texts []string
		for _, w := range l.Wordings {
			texts = append(texts, w.Text)
		}
		slices.Sort(texts)
		lines = append(lines, strings.Join(texts, "|"))
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func TestPlace(t *testing.T) {
	for _, test := range []struct {
		name string
		said []string
		want string
	}{
		{"the same words", []string{"it a batteria scarica", "it b Scarica  batteria"}, "Scarica  batteria|batteria scarica"},
		{"two words shared", []string{"it a batteria scarica presto", "it b batteria scarica subito male"}, "batteria scarica presto|batteria scarica subito male"},
		{"one word shared", []string{"it a batteria scarica", "it b batteria originale"}, "batteria originale; batteria scarica"},
		{"a code shared", []string{"it a errore e104", "it b e104 stampante"}, "e104 stampante|errore e104"},
		{"a number is no code", []string{"it a ordine 2026", "it b 2026 garanzia"}, "2026 garanzia; ordine 2026"},
		{"another language", []string{"it a batteria scarica", "es b batteria scarica"}, "batteria scarica; batteria scarica"},
		{"no chain", []string{"it a a1a b c", "it b b c d", "it c c d e", "it d d e f"}, "a1a b c|b c d; c d e|d e f"},
		{"only signs", []string{"it a ???", "it b ???", "it c !!!"}, "!!!; ???"},
	} {
		if got := together(placed(t, said(test.said...))); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// TestPlaceIsStable holds that lines depend on what was said and not on the
// order in which it is read, and that what was placed stays, whether it was
// placed before or is placed again.
func TestPlaceIsStable(t *testing.T) {
	vocabulary := strings.Fields("batteria scarica schermo rotto ordine reso garanzia e104 telefono nuovo vecchio subito")
	rapid.Check(t, func(rt *rapid.T) {
		var lines []string
		for i := range rapid.IntRange(1, 40).Draw(rt, "signals") {
			n := rapid.IntRange(1, 4).Draw(rt, "words")
			var text []string
			for range n {
				text = append(text, rapid.SampledFrom(vocabulary).Draw(rt, "word"))
			}
			lines = append(lines, fmt.Sprintf("it v%d %s", i, strings.Join(text, " ")))
		}
		signals := said(lines...)
		lineOf := map[string]string{}
		all := placed(t, signals)
		for _, s := range all {
			lineOf[s.ID] = s.Line
		}
		if len(lineOf) != len(signals) {
			rt.Fatalf("%d of %d signals are placed", len(lineOf), len(signals))
		}
		shuffled := slices.Clone(signals)
		seed := rapid.Uint64().Draw(rt, "seed")
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		for _, s := range placed(t, shuffled) {
			if lineOf[s.ID] != s.Line {
				rt.Fatalf("%s lies on %s, shuffled on %s", s.ID, lineOf[s.ID], s.Line)
			}
		}
		// Some were placed before, and the oldest were forgotten.
		forgotten := rapid.IntRange(0, len(signals)-1).Draw(rt, "forgotten")
		p := NewPlacer(words, nil)
		p.Add(all[forgotten:])
		p.Add(all[forgotten:])
		again, err := p.Place(context.Background(), signals[forgotten:], nil)
		if err != nil {
			rt.Fatal(err)
		}
		for _, s := range again {
			if s.Line != lineOf[s.ID] {
				rt.Fatalf("%s lay on %s, then on %s", s.ID, lineOf[s.ID], s.Line)
			}
		}
	})
}

func TestLines(t *testing.T) {
	signals := said(
		"it a batteria scarica",     // 0
		"it b batteria  SCARICA",    // 1
		"it b batteria scarica ora", // 2
		"it c batteria scarica ora", // 3
		"it d batteria scarica ora", // 4
		"it a schermo rotto",        // 5
		"it a schermo rotto",        // 6
	)
	signals[3].Article, signals[4].Article, signals[2].Article = "x", "x", "y"
	signals = append(signals, Signal{
		ID: "ticket-1", Kind: Ticket, Lang: "it", Text: "Si scarica la batteria scarica", Who: "requester", At: noon.Add(time.Hour), Journey: "j1", Ticket: "t1",
	})
	signals[0].Journey = "j1" // the requester is visitor a
	signals = placed(t, signals)
	lines := Lines(signals, nil)
	if len(lines) != 2 {
		t.Fatalf("%d lines: %s", len(lines), together(signals))
	}
	l := lines[0]
	if l.People != 4 || l.Searches != 5 || !slices.Equal(l.Tickets, []string{"t1"}) || l.Title != "batteria scarica ora" || l.Lang != "it" {
		t.Errorf("line %+v", l)
	}
	if w := l.Wordings[1]; fold(w.Text) != "batteria scarica" || w.Count != 2 || w.People != 2 || !w.Searched {
		t.Errorf("second wording %+v", w)
	}
	if w := l.Wordings[2]; w.Searched {
		t.Errorf("a subject was never searched: %+v", w)
	}
	if !slices.Equal(l.Articles, []string{"x", "y"}) || len(l.Examples) != maxExamples || l.Examples[0].ID != "ticket-1" {
		t.Errorf("articles %v, %d examples", l.Articles, len(l.Examples))
	}
	if !l.First.Equal(noon) || !l.Last.Equal(noon.Add(time.Hour)) {
		t.Errorf("from %v to %v", l.First, l.Last)
	}
	if lines[1].People != 1 || lines[1].Searches != 2 {
		t.Errorf("one person twice is %+v", lines[1])
	}
}

// TestLangs holds that a line speaks the language of most people, however often
// few of them ask in another.
func TestLangs(t *testing.T) {
	signals := said("es a pantalla negra", "es a pantalla negra", "es a pantalla negra", "it b schermo nero", "it c schermo nero")
	for i := range signals {
		signals[i].Line = "l"
	}
	l := Lines(signals, nil)[0]
	if l.Lang != "it" || !slices.Equal(l.Langs, []string{"it", "es"}) || l.Title != "schermo nero" || l.Wordings[1].Lang != "es" {
		t.Errorf("line %+v", l)
	}
	if src := OfLine(l, nil, nil); src.Lang != "it" || !slices.Equal(src.Wordings, []string{"schermo nero"}) {
		t.Errorf("its draft says %v", src.Wordings)
	}
}
