package learning

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
)

// answered makes answers of "visitor network person day article query, query".
func answered(lines ...string) []Answer {
	var answers []Answer
	for i, line := range lines {
		f := strings.Fields(line)
		var day int
		fmt.Sscan(f[3], &day)
		answers = append(answers, Answer{
			ID: fmt.Sprintf("%04d", i), Visitor: f[0], Network: f[1], Person: f[2], At: noon.AddDate(0, 0, day), Article: f[4], Lang: "en",
			Queries: strings.Split(strings.Join(f[5:], " "), ", "),
		})
	}
	return answers
}

func TestWords(t *testing.T) {
	for _, test := range []struct {
		name    string
		answers []Answer
		want    string // "article word people"
	}{
		{"two people", answered("a 1 a 0 battery dead", "b 2 b 0 battery dead"), ""},
		{"three", answered("a 1 a 0 battery Dead phone", "b 2 b 0 battery the dead one", "c 3 c 1 battery dead"), "battery dead 3"},
		{"of an article each", answered("a 1 a 0 battery dead", "b 2 b 0 battery dead", "c 3 c 0 screen dead"), ""},
		{"in any of their searches", answered("a 1 a 0 battery croaked, dead", "b 2 b 0 battery dead", "c 3 c 0 battery kaput, dead"), "battery dead 3"},
		{"one browser", answered("a 1 a 0 battery dead", "a 2 a 1 battery dead", "a 3 a 2 battery dead"), ""},
		{"one network", answered("a 1 a 0 battery dead", "b 1 b 1 battery dead", "c 1 c 2 battery dead"), ""},
		{"one requester", answered("a 1 ada 0 battery dead", "b 2 ada 1 battery dead", "c 3 ada 2 battery dead"), ""},
		{"one browser, many requesters", answered("a 1 ada 0 battery dead", "a 2 eva 1 battery dead", "a 3 leo 2 battery dead"), ""},
		{"two networks of many browsers", answered("a 1 a 0 battery dead", "b 2 b 0 battery dead", "c 1 c 0 battery dead", "d 2 d 0 battery dead"), ""},
		{"one browser in many networks, and many browsers in one", answered("a 1 a 0 battery dead", "a 2 a 1 battery dead", "a 3 a 2 battery dead", "b 9 b 0 battery dead", "c 9 c 0 battery dead", "d 9 d 0 battery dead"), ""},
		{"three, who also met", answered("a 1 a 0 battery dead", "b 1 b 0 battery dead", "b 2 b 1 battery dead", "c 3 c 0 battery dead"), "battery dead 3"},
		{"one of three too long ago", answered("a 1 a -366 battery dead", "b 2 b 0 battery dead", "c 3 c 0 battery dead"), ""},
		{"long ago, and again", answered("a 1 a -366 battery dead", "a 1 a 0 battery dead", "b 2 b 0 battery dead", "c 3 c 0 battery dead"), "battery dead 3"},
		{"personal data", answered("a 1 a 0 battery [e-mail]", "b 2 b 0 battery [e-mail]", "c 3 c 0 battery [e-mail]"), ""},
		{"numbers", answered("a 1 a 0 battery 3310 12345 x 7", "b 2 b 0 battery 3310 12345 x 7", "c 3 c 0 battery 3310 12345 x 7"), "battery 3310 3"},
		{"codes", answered("a 1 a 0 battery ab12345 e05", "b 2 b 0 battery ab12345 e05", "c 3 c 0 battery ab12345 e05"), "battery e05 3"},
		{"texts that were pasted", answered("a 1 a 0 battery b1 b2 b3 b4 b5 b6 b7 b8 b9 c1 c2 c3 c4", "b 2 b 0 battery b1 b2 b3 b4 b5 b6 b7 b8 b9 c1 c2 c3 c4", "c 3 c 0 battery b1 b2 b3 b4 b5 b6 b7 b8 b9 c1 c2 c3 c4"), ""},
		{"the sixth answer of a day", answered(
			"a 1 a 0 m1 dead", "a 1 a 0 m2 dead", "a 1 a 0 m3 dead", "a 1 a 0 m4 dead", "a 1 a 0 m5 dead", "a 1 a 0 m6 dead",
			"b 2 b 0 m5 dead", "b 2 b 0 m6 dead", "c 3 c 0 m5 dead", "c 3 c 0 m6 dead"), "m5 dead 3"},
	} {
		var got []string
		for _, w := range Words(test.answers, words, noon.AddDate(0, 0, 2)) {
			got = append(got, fmt.Sprint(w.Article, " ", w.Stem, " ", w.People))
		}
		if got := strings.Join(got, "; "); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
}

// TestAge lets what people say count less and less, by what each said last.
func TestAge(t *testing.T) {
	half := int(HalfLife / (24 * time.Hour))
	answers := answered("a 1 a 0 battery dead", "b 2 b 1 battery dead", "c 3 c 2 battery dead", "d 4 d 10 battery dead", fmt.Sprintf("a 1 a %d battery dead", half))
	got := Words(answers, words, noon.AddDate(0, 0, half))
	if len(got) != 1 {
		t.Fatalf("words %+v", got)
	}
	w := got[0]
	want := 1 + 3*math.Exp2(-1)
	if w.People != 4 || w.Weight < want || w.Weight > want*1.05 {
		t.Errorf("%d people weigh %v, want about %v", w.People, w.Weight, want)
	}
	if !w.Last.Equal(noon.AddDate(0, 0, half)) {
		t.Errorf("said last %v", w.Last)
	}
	if got := Words(answers, words, noon.Add(-time.Hour)); len(got) != 1 || got[0].Weight > float64(got[0].People) {
		t.Errorf("what is said in the future: %+v", got)
	}
	if Memory > journey.NetworkTurn {
		t.Error("one network can count three times, by waiting")
	}
}

// TestForm shows a word as most people write it, without what stands around it.
func TestForm(t *testing.T) {
	stem := func(_, text string) []string {
		var terms []string
		for _, w := range strings.FieldsFunc(strings.ToLower(text), isSign) {
			if w != "dell" {
				terms = append(terms, strings.TrimRight(w, "ie"))
			}
		}
		return terms
	}
	answers := answered("a 1 a 0 batteria «Batterie»", "b 2 b 0 batteria batterie?", "c 3 c 0 batteria dell'batteri", "c 3 c 1 batteria batteri", "d 4 d 0 batteria wi-fi batterie")
	got := Words(answers, stem, noon.AddDate(0, 0, 2))
	if len(got) != 1 || got[0].Text != "batterie" || got[0].Stem != "batter" {
		t.Errorf("words %+v", got)
	}
}

// TestMost keeps an article from learning a whole dictionary.
func TestMost(t *testing.T) {
	var answers []Answer
	for i := range 200 {
		for _, who := range []string{"a 1 a", "b 2 b", "c 3 c"} {
			answers = append(answers, answered(fmt.Sprintf("%s %d battery w%d", who, -i, i))...)
		}
	}
	got := Words(answers, words, noon)
	if len(got) != MaxWords || got[0].Stem != "w0" {
		t.Errorf("%d words, first %v", len(got), got[0])
	}
}

// FuzzWordsOf learns nothing that looks like personal data, whatever is typed, and
// nothing but words of what was typed.
func FuzzWordsOf(f *testing.F) {
	f.Add("batteria dell'iPhone di ada@example.it, tel. 02 1234567")
	f.Add("x 1 12345 ＡＢ１２３４５ [e-mail]")
	f.Fuzz(func(t *testing.T, query string) {
		clean, _ := scrub.Text(query)
		of := words("en", scrub.Without(clean))
		for stem, form := range wordsOf("en", clean, words) {
			if _, found := scrub.Text(stem); len(found) > 0 {
				t.Errorf("%q is learned from %q", stem, query)
			}
			if !slices.Contains(of, stem) || form == "" {
				t.Errorf("%q, written %q, is learned from %q", stem, form, query)
			}
		}
	})
}

func BenchmarkWords(b *testing.B) {
	var answers []Answer
	for i := range 20_000 {
		answers = append(answers, Answer{
			ID: fmt.Sprint(i), Article: fmt.Sprint("article", i%400), Lang: "en", Queries: []string{fmt.Sprintf("how do I return the phone w%d w%d", i%31, i%97)},
			Visitor: fmt.Sprint(i), Person: fmt.Sprint(i), Network: fmt.Sprint(i % 4096), At: noon.Add(-time.Duration(i) * time.Minute),
		})
	}
	for b.Loop() {
		Words(answers, words, noon)
	}
}
