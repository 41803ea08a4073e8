package journey

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTally(t *testing.T) {
	made := func(people int) *Tally {
		tally := &Tally{People: people}
		for _, s := range []struct {
			lang, query, visitor string
			times                int
		}{
			{"it", "Batteria  scarica", "a", 2},
			{"it", "batteria scarica", "b", 1},
			{"it", "batteria scarica ", "c", 1},
			{"es", "batteria scarica", "a", 1}, // another language, another search
			{"it", "telefono di [tel]", "a", 9},
			{"it", "schermo", "a", 5},
			{"it", "schermo", "", 5}, // who is unknown is nobody
			{"it", "schermo", "b", 1},
			{"it", "[e-mail]", "a", 1},
			{"it", " ", "a", 1},
		} {
			tally.Add(s.lang, s.query, s.visitor, s.times)
		}
		return tally
	}
	for _, test := range []struct {
		people, limit, left int
		want                []Searched
	}{
		{3, 10, 0, []Searched{{"batteria scarica", "it", 4}}},
		{0, 2, 2, []Searched{{"schermo", "it", 11}, {"telefono di", "it", 9}}},
		{0, 0, 4, nil},
		{4, 10, 0, nil},
	} {
		got, left := made(test.people).Most(test.limit)
		if diff := cmp.Diff(test.want, got); diff != "" && len(test.want)+len(got) > 0 || left != test.left {
			t.Errorf("from %d people, at most %d: %d left, want %d:\n%s", test.people, test.limit, left, test.left, diff)
		}
	}
}
