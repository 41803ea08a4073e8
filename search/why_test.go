package search

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"primalinea/content"
)

// TestWhy checks that what is said about a place is true: the parts add up to
// the score by which search ordered, whatever the query.
func TestWhy(t *testing.T) {
	_, x := shipped(t)
	ctx := context.Background()
	for _, lang := range []string{"it", "es", "en"} {
		for i, q := range readShipped(t, lang).queries {
			if i%5 > 0 {
				continue
			}
			r := search(t, x, Query{Text: q.Text, Lang: lang, OneLang: true})
			for i, h := range r.Hits {
				w, err := x.Why(ctx, Query{Text: q.Text, Lang: lang}, h.Article.File)
				if err != nil {
					t.Fatal(err)
				}
				sum := 0.0
				for _, p := range w.Parts {
					sum += p.Worth
				}
				if w.Rank != i+1 || math.Abs(sum-h.Score) > 1e-9 && !h.Pinned {
					t.Errorf("%q: %s is number %d with %v, but parts say %d and %v", q.Text, h.Article.File, i+1, h.Score, w.Rank, sum)
				}
				if i > 0 && (w.First == nil || w.First.Article != r.Hits[0].Article || math.Abs(w.FirstScore-r.Hits[0].Score) > 1e-9 && !r.Hits[0].Pinned) {
					t.Errorf("%q: first is %+v", q.Text, w.First)
				}
			}
		}
	}
}

func told(parts []Part) string {
	var out []string
	for _, p := range parts {
		out = append(out, fmt.Sprintf("%s=%s/%v %s", p.Word, p.Found, p.Rung, strings.Join(p.Fields, "+")))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func TestRungsSaid(t *testing.T) {
	s := &shelf{}
	s.add("it/a/pay", "Pagamento della fattura", "Pagare la fattura con l'autolettura.")
	s.add("it/a/wet", "Telefono bagnato", "Spegnere il telefono.")
	s.add("it/a/staff", "Rimborso segreto", "Solo per noi.").Audience = content.Agents
	x := s.tuned(t, "it", []content.Pin{{Queries: []string{"acqua"}, Articles: []string{"a/pay"}}}, [][]string{{"telefono", "cellulare", "telefonino"}, {"fattura", "conto da saldare"}})
	x.Learn([]Learned{{"a/wet", "it", "piscin", 5}})
	for _, test := range []struct{ query, file, want, missing string }{
		{"pagare fatture", "it/a/pay.md", "=/exact , =/title , =/whole , fatture=fatture/word title+body, pagare=pagare/word title+body", ""},
		{"fattura da pagare", "it/a/pay.md", "=/title , =/whole , fattura=fattura/word title+body, pagare=pagare/word title+body", ""},
		{"auto lettura", "it/a/pay.md", "=/whole , auto=autolettura/joined body, lettura=autolettura/joined body", ""},
		{"telefno", "it/a/wet.md", "=/title , =/whole , telefno=telefono/near title+body", ""},
		{"cellulare", "it/a/wet.md", "=/title , =/whole , cellulare=telefono/synonym title+body", ""},
		{"telefonino", "it/a/wet.md", "=/title , =/whole , telefonino=telefono/synonym title+body", ""}, // and a cousin
		{"conto da saldare", "it/a/pay.md", "=/title , =/whole , conto=fattura/synonym title+body, saldare=fattura/synonym title+body", ""},
		{"autolett", "it/a/pay.md", "=/whole , autolett=autolettura/ending body", ""},
		{"piscina telefono", "it/a/wet.md", "=/title , =/whole , piscina=piscina/word learned, telefono=telefono/word title+body", ""},
		{"telefono rotto", "it/a/wet.md", "=/title , telefono=telefono/word title+body", "rotto"},
		{"pagherò", "it/a/wet.md", "", "pagherò"},
		{"telefonata", "it/a/wet.md", "=/title , =/whole , telefonata=telefono/shape title+body", ""},
		{"segreto", "it/a/staff.md", "", "segreto"}, // not for this reader
	} {
		w, err := x.Why(context.Background(), Query{Text: test.query, Lang: "it"}, test.file)
		if err != nil {
			t.Fatal(err)
		}
		if got := told(w.Parts); got != test.want || strings.Join(w.Missing, " ") != test.missing {
			t.Errorf("%q: %s\n     missing %q\nwant %s\n     missing %q", test.query, got, w.Missing, test.want, test.missing)
		}
	}
	if w, err := x.Why(context.Background(), Query{Text: "acqua", Lang: "it"}, "it/a/pay.md"); err != nil || w.Rank != 1 || !w.Pinned || len(w.Parts) != 0 {
		t.Errorf("pinned: %+v, %v", w, err)
	}
	if w, err := x.Why(context.Background(), Query{Text: "acqua", Lang: "it"}, "gone.md"); err != nil || w.Rank != 0 || w.First == nil {
		t.Errorf("a file that is not there: %+v, %v", w, err)
	}
}
