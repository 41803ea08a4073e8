package write

import (
	"strings"
	"testing"

	"primalinea/portal/web"
	"primalinea/search"
	"primalinea/themes"
)

// TestReasons says in words what an article is worth for a search, for each way in
// which words can meet, in every language.
func TestReasons(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	p := whyPage{Page: web.Page{Speaker: theme.Words.Speaker("en")}}
	for _, test := range []struct {
		part  search.Part
		share int
		want  string
	}{
		{search.Part{Word: "refund", Found: "refund", Fields: []string{"title"}, Worth: 4.1}, 41, "“refund” stands in the title"},
		{search.Part{Word: "refunded", Found: "refund", Fields: []string{"title", "body"}, Worth: 2}, 20, "“refunded” was found as “refund” in the title and in the text"},
		{search.Part{Word: "money", Found: "refund", Rung: search.RungSynonym, Fields: []string{"phrases", "tags", "learned"}, Worth: .04}, 1,
			"“money” was found as “refund”, which means the same here, in the phrases, in the tags and in what was learned from answers"},
		{search.Part{Rung: search.RungWhole, Worth: 10}, 100, "The article holds every word of the search"},
	} {
		got := p.reasons([]search.Part{test.part}, 10)
		if len(got) != 1 || got[0].Share != test.share || got[0].Text != test.want {
			t.Errorf("%+v: %+v, want %d, %q", test.part, got, test.share, test.want)
		}
	}
	for _, lang := range theme.Words.Languages() {
		p := whyPage{Page: web.Page{Speaker: theme.Words.Speaker(lang)}}
		for rung := search.RungWord; rung <= search.RungExact; rung++ {
			part := search.Part{Word: "a", Found: "b", Rung: rung, Fields: []string{"title", "phrases", "tags", "body", "learned"}, Worth: 1}
			if got := p.reasons([]search.Part{part}, 1)[0].Text; strings.Contains(got, "why.") || strings.Contains(got, "{{") {
				t.Errorf("%s: %v says %q", lang, rung, got)
			}
		}
	}
}

func TestPercent(t *testing.T) {
	for _, test := range []struct {
		part, whole float64
		want        int
	}{{1, 2, 50}, {2, 3, 67}, {1, 1000, 1}, {0, 1, 0}, {1, 0, 0}, {3, 3, 100}} {
		if got := percent(test.part, test.whole); got != test.want {
			t.Errorf("%v of %v: %d %%, want %d", test.part, test.whole, got, test.want)
		}
	}
}
