package search

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
)

func somePapers(t *testing.T, dir string) *Papers {
	t.Helper()
	p := OpenPapers(dir, slog.New(slog.DiscardHandler))
	t.Cleanup(p.Close)
	return p
}

// TestPapers finds papers by all words, in their other forms, by a beginning, of one
// group, the latest first; what was replaced is not found any more.
func TestPapers(t *testing.T) {
	dir := t.TempDir()
	p := OpenPapers(dir, slog.New(slog.DiscardHandler))
	day := func(n int) time.Time { return time.Date(2026, 3, n, 9, 0, 0, 0, time.UTC) }
	if p.Mark() != nil {
		t.Fatalf("a mark at first: %q", p.Mark())
	}
	put := func(mark string, papers ...Paper) {
		t.Helper()
		if err := p.Put(papers, []byte(mark)); err != nil {
			t.Fatal(err)
		}
	}
	put("1",
		Paper{"A", "it", []string{"Rimborso mai arrivato", "Anna Rossi anna@example.com", "356938035643809"}, "open", day(1)},
		Paper{"B", "it", []string{"Due rimborsi sull'estratto conto", "Città di Lucca"}, "open", day(3)},
		Paper{"C", "es", []string{"El reembolso no llega", "Ana Rossini"}, "closed", day(2)})
	finds := func(text, group string, want ...string) {
		t.Helper()
		got, total, err := p.Find(t.Context(), text, group, 10, 0)
		if err != nil || !slices.Equal(got, want) || total != len(want) {
			t.Errorf("%q in %q: %v of %d, %v; want %v", text, group, got, total, err, want)
		}
	}
	finds("rimborso", "", "B", "A")
	finds("RIMBORSI citta", "", "B")
	finds("ross", "", "C", "A")
	finds("estra rimborsi", "") // only the last word may be a beginning
	finds("rossi", "open", "A")
	finds("reembolsos", "", "C")
	finds("anna@example.com", "", "A")
	finds("356938035643809", "", "A")
	finds("l'estratto", "", "B")
	finds("", "")
	finds(`words:rimborso* "x" ~1`, "")
	finds(strings.Repeat("rimborso ", 1000), "", "B", "A")
	if got, total, err := p.Find(t.Context(), "rimborso", "", 1, 1); err != nil || total != 2 || !slices.Equal(got, []string{"A"}) {
		t.Errorf("second page: %v of %d, %v", got, total, err)
	}

	put("2", Paper{"A", "it", nil, "closed", day(4)})
	finds("rimborso", "", "B")
	if err := p.Overwrite(t.Context()); err != nil {
		t.Error(err)
	}
	finds("rimborso", "", "B")

	// What is opened again is as it was, with its mark.
	p.Close()
	p = somePapers(t, dir)
	if string(p.Mark()) != "2" {
		t.Errorf("mark %q", p.Mark())
	}
	finds("rimborso", "", "B")
	p.Empty()
	if n, err := p.Count(); err != nil || n != 0 || p.Mark() != nil {
		t.Errorf("emptied: %d, %v, mark %q", n, err, p.Mark())
	}
}

// TestAround quotes what was looked for, with its accents.
func TestAround(t *testing.T) {
	long := strings.Repeat("parole che non servono a nulla, ", 20)
	for _, test := range []struct{ lang, text, sought, want string }{
		{"it", "La città è bella", "citta", "La [città] è bella"},
		{"it", "Due rimborsi", "il rimborso", "Due [rimborsi]"},
		{"es", "Ana Rossini", "ross", "Ana [Rossini]"},
		{"en", "Nothing of it", "refund", ""},
	} {
		var b strings.Builder
		for _, piece := range Around(test.lang, test.text, test.sought) {
			if piece.Mark {
				fmt.Fprintf(&b, "[%s]", piece.Text)
			} else {
				b.WriteString(piece.Text)
			}
		}
		if b.String() != test.want {
			t.Errorf("%q in %q: %q, want %q", test.sought, test.text, b.String(), test.want)
		}
	}
	if got := Around("it", long+"il rimborso "+long, "rimborso"); len(got) < 2 || len(got[0].Text) > 100 {
		t.Errorf("of a long text %+v", got)
	}
}

// BenchmarkPapers looks for words among 100,000 papers: rare ones, and some that are in
// every third.
func BenchmarkPapers(b *testing.B) {
	p := OpenPapers("", slog.New(slog.DiscardHandler))
	defer p.Close()
	var papers []Paper
	nouns := strings.Fields("telefono rimborso schermo batteria ordine pagamento spedizione garanzia accesso fattura cavo suono")
	for i := range 100_000 {
		var text []string
		for k := range 20 {
			text = append(text, nouns[(i*7+k*k)%len(nouns)], fmt.Sprint("parola", (i*31+k*17)%5000))
		}
		papers = append(papers, Paper{fmt.Sprint("t", i), "it", []string{strings.Join(text, " ")}, "open", time.UnixMilli(int64(i))})
		if len(papers) == 1000 {
			if err := p.Put(papers, nil); err != nil {
				b.Fatal(err)
			}
			papers = papers[:0]
		}
	}
	for _, q := range []string{"parola77 rimborso", "telefono rimborso", "rimbors"} {
		b.Run(q, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := p.Find(b.Context(), q, "open", 50, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
