package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"primalinea/content"
)

// helpShelf is a small help centre in three languages.
func helpShelf() *shelf {
	s := &shelf{}
	s.add("it/resi/rimborso", "Come chiedere un rimborso", "Il rimborso arriva in quattordici giorni sulla carta di credito.",
		"Tempi: Se il rimborso non è arrivato dopo quattordici giorni, scriva a noi.")
	s.add("it/resi/reso", "Restituire un prodotto", "Ha quindici giorni per restituire il prodotto. Il costo della spedizione è nostro.",
		"Etichetta: Stampi l'etichetta e la incolli sul pacco.")
	s.add("it/conto/contratto", "Cambiare il contratto", "Il contratto si cambia dalla pagina del conto.")
	s.add("it/conto/password", "Ho dimenticato la password", "Scelga una password nuova. Le password deboli non sono accettate.").
		Phrases = []string{"non riesco a entrare"}
	s.add("it/ordini/dove", "Dov'è il mio ordine", "Lo stato dell'ordine si vede nella pagina degli ordini. La città di partenza è Milano.")
	s.add("en/resi/rimborso", "How to get a refund", "The refund arrives within fourteen days.")
	s.add("en/resi/warranty", "What the warranty covers", "The warranty covers the battery for two years. Don't open the phone.")
	s.add("en/conto/passkey", "Sign in with a passkey", "A passkey replaces the password.")
	s.add("es/resi/rimborso", "Cómo pedir un reembolso", "El reembolso llega en catorce días.")
	s.add("es/conto/passkey", "Entrar con una passkey", "Una passkey sustituye la contraseña.")
	s.add("es/conto/borrar", "Borrar la cuenta", "La cuenta se borra con todos sus datos.")
	return s
}

// TestRungs checks what is found by which words, and what is said about words
// that were replaced.
func TestRungs(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct{ lang, text, first, instead string }{
		{"it", "Come chiedere un rimborso", "resi/rimborso", ""},
		{"it", "rimborsi", "resi/rimborso", ""},  // stem
		{"it", "RIMBORSO!", "resi/rimborso", ""}, // case
		{"it", "citta", "ordini/dove", ""},       // accents
		{"it", "dov'è il mio ordine", "ordini/dove", ""},
		{"it", "dov’e l'ordine", "ordini/dove", ""},
		{"it", "non riesco ad entrare", "conto/password", ""}, // phrase
		{"it", "rimbo", "resi/rimborso", ""},                  // unfinished
		{"it", "rimbroso", "resi/rimborso", "rimborso"},
		{"it", "rimborzo della carta", "resi/rimborso", "rimborso della carta"},
		{"it", "la  Pasword nuova", "conto/password", "la password nuova"},
		{"it", "pasword, la pasword", "conto/password", "password, la password"},
		{"it", "costo", "resi/reso", ""}, // known: not conto
		{"it", "cosso", "resi/reso", "costo"},
		{"it", "cost", "resi/reso", ""},
		{"it", "xosto paga", "resi/reso", "costo paga"},
		{"it", "reto paga", "", ""}, // too short to be taken for reso
		{"it", "xyzzyx", "", ""},
		{"it", "xyzzyx rimborso", "resi/rimborso", ""},
		{"it", "99999", "", ""},
		{"it", "il la lo", "", ""},
		{"en", "refunds", "resi/rimborso", ""},
		{"en", "warrnaty", "resi/warranty", "warranty"},
		{"en", "batteries", "resi/warranty", ""},
		{"es", "contrasena", "conto/passkey", ""},
		{"es", "reembolsos", "resi/rimborso", ""},
		{"es", "reenbolso", "resi/rimborso", "reembolso"},
		{"de", "passwort", "", ""},
	} {
		r := search(t, x, Query{Text: test.text, Lang: test.lang, OneLang: true})
		first := ""
		if len(r.Hits) > 0 {
			first = r.Hits[0].Article.Key
		}
		if first != test.first || r.Instead != test.instead {
			t.Errorf("%s %q: %q, instead %q; want %q, %q", test.lang, test.text, first, r.Instead, test.first, test.instead)
		}
	}
}

// TestExact searches what was typed though it looks like a mistake.
func TestExact(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct{ text, want string }{
		{"rimbroso", ""},
		{"rimborzo della carta", "it:resi/rimborso"}, // for its other word
		{"rimbo", "it:resi/rimborso"},                // an unfinished word is no mistake
		{"rimborso", "it:resi/rimborso"},
	} {
		for range 2 { // the second time from the cache
			r := search(t, x, Query{Text: test.text, Lang: "it", OneLang: true, Exact: true})
			if got := keys(r.Hits); got != test.want || r.Instead != "" {
				t.Errorf("%q: %q instead %q, want %q", test.text, got, r.Instead, test.want)
			}
			search(t, x, Query{Text: test.text, Lang: "it", OneLang: true})
		}
	}
}

// TestElsewhere checks what comes from other languages, and how many answers there
// are said to be.
func TestElsewhere(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct{ lang, text, want, languages string }{
		{"it", "passkey", "en:conto/passkey es:conto/passkey", "[{en 1} {es 1}]"},
		{"en", "passkey", "", "[]"},
		{"it", "warranty", "en:resi/warranty", "[{en 1}]"},
		{"it", "borrar la cuenta", "es:conto/borrar", "[{es 1}]"},
		{"it", "password dimenticata del contratto", "", "[]"}, // one word of three is not an answer
		{"it", "refund", "en:resi/rimborso", "[{en 1}]"},       // to be read in Italian, but found in English
		{"es", "il prodotto", "it:resi/reso", "[{it 1}]"},
		{"it", "rimborso", "", "[]"},                                   // the page's own language answers
		{"it", "rimborso: the refund arrives in days", "", "[{en 1}]"}, // badly, but what is found is the same
		{"de", "passkey", "en:conto/passkey es:conto/passkey", "[{en 1} {es 1}]"},
		{"de", "password", "it:conto/password en:conto/passkey", "[{it 1} {en 1}]"},
	} {
		r := search(t, x, Query{Text: test.text, Lang: test.lang})
		if got, languages := keys(r.Elsewhere), fmt.Sprint(r.Languages); got != test.want || languages != test.languages {
			t.Errorf("%s %q: elsewhere %q, %s, want %q, %s", test.lang, test.text, got, languages, test.want, test.languages)
		}
		for _, h := range r.Hits {
			if h.Article.Lang != test.lang {
				t.Errorf("%s %q: %s among the page's own", test.lang, test.text, h.Article.File)
			}
		}
		for _, f := range r.Languages {
			if there := search(t, x, Query{Text: test.text, Lang: f.Key}); there.Total != f.Count {
				t.Errorf("%s %q: %d hits in %s, said to be %d", test.lang, test.text, there.Total, f.Key, f.Count)
			}
		}
		if r := search(t, x, Query{Text: test.text, Lang: test.lang, OneLang: true}); r.Elsewhere != nil || r.Languages != nil {
			t.Errorf("%s %q: other languages though they were left out", test.lang, test.text)
		}
	}

	// A translation that nobody may read yet is none.
	s := helpShelf()
	s.articles[0].Status = content.Draft
	if got := keys(search(t, s.index(t), Query{Text: "refund", Lang: "it"}).Elsewhere); got != "en:resi/rimborso" {
		t.Errorf("with a draft as translation: %q", got)
	}
}

// TestMeant checks when other words are offered.
func TestMeant(t *testing.T) {
	s := helpShelf()
	for i := range 12 {
		s.add(fmt.Sprintf("it/pagare/%02d", i), "Pagare con la carta", "Il bonifico, il conto. "+strings.Repeat("Anche un bando. ", i/9))
		s.add(fmt.Sprintf("it/segreto/%02d", i), "Segreto", "La vetrina.").Audience = content.Agents
	}
	s.add("it/pagare/nota", "Nota", "Un articolo con errori: la carta e il bonofico. Il banco. I bonifici di allora.")
	s.add("it/segreto/nota", "Nota", "La vitrina.")
	x := s.index(t)
	for _, test := range []struct{ text, meant string }{
		{"conto bonofico", "conto bonifico"}, // with it an article holds both
		{"BONOFICO sul conto", "bonifico sul conto"},
		{"bonofico", "bonifico"},         // alone, by far more common
		{"carta e bonofico", ""},         // an article says just that
		{"bonifico", ""}, {"allora", ""}, // nothing like it
		{"il banco", ""},                 // the other is in few more
		{"password bonofico", ""},        // nothing holds both
		{"bonifici", ""},                 // another form, which is found anyway
		{"rimbroso", ""}, {"xyzzyx", ""}, // in no article
		{"vitrina", ""},            // the other may not be seen
		{"bonofico 12345", ""},     // the number is in no article
		{"il la lo", ""}, {"", ""}, // no words
	} {
		r := search(t, x, Query{Text: test.text, Lang: "it"})
		if r.Meant != test.meant {
			t.Errorf("%q: meant %q, want %q", test.text, r.Meant, test.meant)
		}
		if r.Meant != "" && search(t, x, Query{Text: r.Meant, Lang: "it", Exact: true}).Total == 0 {
			t.Errorf("%q leads to nothing", r.Meant)
		}
	}
	// A word so common that the search asks no article for it alone still tells.
	for i := range 200 {
		s.add(fmt.Sprintf("it/comune/%03d", i), "Comune", "La pagina.")
	}
	s.add("it/comune/nota", "Nota", "La bateria.")
	for i := range 16 {
		s.add(fmt.Sprintf("it/pila/%02d", i), "Batteria", "La batteria. "+strings.Repeat("La pagina.", i/15))
	}
	s.sync(t, x)
	if r := search(t, x, Query{Text: "pagina bateria", Lang: "it"}); r.Meant != "pagina batteria" {
		t.Errorf("beside a common word: %q", r.Meant)
	}
	// Before a page stays empty, what looks only remotely like it is offered too.
	for _, test := range []struct{ text, meant string }{
		{"ntoa", "nota"}, {"goirmi", "giorni"}, {"tra ntoa e Goirmi", "tra nota e giorni"},
		{"rxyz goirmi", "rxyz giorni"},
		{"nta", ""}, {"xota", ""}, // too short, or begins otherwise
		{"ntoa 2", "nota 2"}, {"not0", ""},
		{"ntoa warranty battery phone", ""}, // another language answers
	} {
		if r := search(t, x, Query{Text: test.text, Lang: "it"}); r.Meant != test.meant {
			t.Errorf("%q: meant %q, want %q", test.text, r.Meant, test.meant)
		}
	}
	if r := search(t, x, Query{Text: "vitrina", Lang: "it", Reader: content.Agents}); r.Meant != "vetrina" {
		t.Errorf("who may see it is offered %q", r.Meant)
	}
	// Who insisted on a mistake finds the way back.
	if r := search(t, x, Query{Text: "rimbroso della carta", Lang: "it", Exact: true}); r.Meant != "rimborso della carta" || r.Instead != "" {
		t.Errorf("exactly: meant %q, instead %q", r.Meant, r.Instead)
	}
	if r := search(t, x, Query{Text: "bonofico sul conto", Lang: "it", Offset: 10}); r.Meant != "" {
		t.Errorf("offered again on the second page: %q", r.Meant)
	}
}

func TestSuggest(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct{ text, first string }{
		{"r", ""}, // too short to mean anything
		{"ri", "resi/rimborso"},
		{"rimb", "resi/rimborso"},
		{"come chiedere un rim", "resi/rimborso"},
		{"pass", "conto/password"},
		{"passw", "conto/password"},
		{"contr", "conto/contratto"},
		{"ordin", "ordini/dove"},
		{"", ""},
	} {
		hits, err := x.Suggest(context.Background(), Query{Text: test.text, Lang: "it", Limit: 6})
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		if len(hits) > 0 {
			first = hits[0].Article.Key
		}
		if first != test.first {
			t.Errorf("%q: %q, want %q", test.text, first, test.first)
		}
	}
}

// TestSuggestAsFound holds what is suggested to what a search for the same words
// finds, in the same order: in the page's language, and when there is nothing,
// elsewhere.
func TestSuggestAsFound(t *testing.T) {
	s := helpShelf()
	x := s.index(t)
	for _, a := range s.articles {
		for _, text := range []string{a.Title, a.Title + " ", strings.Fields(a.Title)[0], mistakes(1)(a.Title), cutWord(4)(a.Title), s.passages[a.File][0].Text} {
			for _, lang := range []string{"it", "en", "es"} {
				hits, err := x.Suggest(context.Background(), Query{Text: text, Lang: lang, Limit: 6})
				if err != nil {
					t.Fatal(err)
				}
				r := search(t, x, Query{Text: text, Lang: lang, Limit: 6})
				if len(r.Hits) == 0 {
					r.Hits = r.Elsewhere
				}
				if keys(r.Hits) != keys(hits) {
					t.Errorf("%s %q: suggested %s, found %s", lang, text, keys(hits), keys(r.Hits))
				}
			}
		}
	}
}

func TestNearest(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct{ lang, text, first string }{
		{"it", "Buongiorno, ho rispedito il telefono tre settimane fa e il rimborso sulla mia carta di credito non è ancora arrivato. Potete aiutarmi?", "resi/rimborso"},
		{"it", "Vorrei sapere se domani a Roma piove oppure no", ""},
		{"en", "My battery lasts two hours only, is it covered by the warranty?", "resi/warranty"},
		{"it", "", ""},
	} {
		hits, err := x.Nearest(context.Background(), test.lang, test.text, 3, content.Public)
		if err != nil {
			t.Fatal(err)
		}
		first := ""
		if len(hits) > 0 {
			first = hits[0].Article.Key
			if len(hits[0].Snippet) == 0 {
				t.Errorf("%q: no passage", test.text)
			}
		}
		if first != test.first {
			t.Errorf("%q: %q, want %q", test.text, first, test.first)
		}
	}
	if hits, err := x.Nearest(context.Background(), "it", "rimborso", 0, content.Public); err != nil || len(hits) != 0 {
		t.Errorf("none wanted: %s, %v", keys(hits), err)
	}
}

// TestAbout holds that what a text is about is what is nearest to it, and that the
// share of it that an article holds shrinks with words that the article lacks.
func TestAbout(t *testing.T) {
	x := helpShelf().index(t)
	held := 2.0
	for _, text := range []string{"rimborso", "rimborso carta xylofon", "rimborso carta xylofon glockenspiel marimba"} {
		near, err := x.Nearest(t.Context(), "it", text, 3, content.Public)
		if err != nil {
			t.Fatal(err)
		}
		about, err := x.About(t.Context(), "it", text, 3, content.Public)
		if err != nil || keys(about) != keys(near) || len(about) == 0 {
			t.Fatalf("%q is about %s, nearest is %s, %v", text, keys(about), keys(near), err)
		}
		if len(about[0].Snippet) > 0 {
			t.Errorf("%q: passages were made", text)
		}
		if h := about[0].Held; h <= 0 || h > 1 || h >= held {
			t.Errorf("%q: the article holds %.2f of it, %.2f before words that it lacks", text, h, held)
		}
		held = about[0].Held
	}
}

func TestTerms(t *testing.T) {
	x := helpShelf().index(t)
	if got := strings.Join(x.Terms("it", "Il rimborso: dov'è il RIMBORSO dell'ordine?"), " "); got != "rimbors ordin" {
		t.Errorf("got %q", got)
	}
}

// TestSnippet checks which passage is quoted, and its marks.
func TestSnippet(t *testing.T) {
	s := &shelf{}
	long := strings.Repeat("Parole che non c'entrano con niente di niente. ", 30)
	s.add("it/a/lungo", "Gli ordini e la Città", "Introduzione: "+long, "Pagamento: "+long+"Qui si paga l’ordine nella città di Roma con due carte. "+long, "Fine: "+long)
	s.add("it/a/titolo", "Girasole", "Un testo: senza la parola.", "Altro: ancora senza.")
	s.add("it/a/vuoto", "Tulipano")
	s.add("it/a/infinito", "Rosa", strings.Repeat("a", 5000)+" rosa "+strings.Repeat("b", 5000))
	x := s.index(t)
	for _, test := range []struct{ text, title, marks, anchor, heading string }{
		{"pagare ordini citta", "Gli [ordini] e la [Città]", "paga ordine città", "pagamento", "Pagamento"},
		{"girasole", "[Girasole]", "", "un testo", "Un testo"},
		{"tulipani", "[Tulipano]", "", "", ""},
		{"rosa", "[Rosa]", "rosa", "", ""},
	} {
		r := search(t, x, Query{Text: test.text, Lang: "it"})
		if len(r.Hits) != 1 {
			t.Fatalf("%q: %d hits", test.text, len(r.Hits))
		}
		h := r.Hits[0]
		var marks []string
		runes := 0
		for _, p := range h.Snippet {
			if p.Mark {
				marks = append(marks, p.Text)
			}
			runes += utf8.RuneCountInString(p.Text)
		}
		if text(h.Title) != test.title || strings.Join(marks, " ") != test.marks || h.Anchor != test.anchor || h.Heading != test.heading {
			t.Errorf("%q: %s · %s · #%s %s", test.text, text(h.Title), text(h.Snippet), h.Anchor, h.Heading)
		}
		if runes > snippetRunes+40 {
			t.Errorf("%q: the snippet has %d runes", test.text, runes)
		}
	}
	quoted := text(search(t, x, Query{Text: "pagare ordini citta", Lang: "it"}).Hits[0].Snippet)
	inner := strings.TrimSuffix(strings.TrimPrefix(quoted, "… "), " …")
	if inner == quoted || !strings.Contains(" "+long+"Qui si paga l’ordine nella città di Roma con due carte. "+long, " "+strings.NewReplacer("[", "", "]", "").Replace(inner)+" ") {
		t.Errorf("not cut at words: %q", quoted)
	}
}

func TestPaging(t *testing.T) {
	s := &shelf{}
	for i := range 230 {
		s.add(fmt.Sprintf("it/s%d/%03d", i%3, i), "Rimborso", "uguale")
	}
	x := s.index(t)
	var got []string
	for offset := 0; offset < 240; offset += 10 {
		r := search(t, x, Query{Text: "rimborso", Lang: "it", Offset: offset})
		if r.Total != 230 {
			t.Fatalf("offset %d: total %d", offset, r.Total)
		}
		for _, h := range r.Hits {
			got = append(got, h.Article.Key)
		}
	}
	if len(got) != 230 || !slices.IsSorted(got) {
		t.Errorf("%d hits, sorted %v: %q", len(got), slices.IsSorted(got), got)
	}
	r := search(t, x, Query{Text: "rimborso", Lang: "it", Section: "s1"})
	if r.Total != 77 || fmt.Sprint(r.Sections) != "[{s0 77} {s1 77} {s2 76}]" {
		t.Errorf("section: %d of %v", r.Total, r.Sections)
	}
	for _, h := range r.Hits {
		if h.Article.Section != "s1" {
			t.Errorf("%s is in another section", h.Article.File)
		}
	}
	for _, test := range []struct{ limit, offset, want int }{
		{0, 0, 10}, {-5, -5, 10}, {1000, 0, 50}, {math.MaxInt, math.MaxInt, 0}, {math.MinInt, math.MinInt, 10}, {10, 225, 5},
		{50, 1 << 31, 0}, {7, 0, 7},
	} {
		if r := search(t, x, Query{Text: "rimborso", Lang: "it", Limit: test.limit, Offset: test.offset}); len(r.Hits) != test.want || r.Total != 230 {
			t.Errorf("%+v: %d of %d", test, len(r.Hits), r.Total)
		}
	}
}

// hostile are queries that broke, or may break, somebody's search.
func hostile() []string {
	long := func(s string) string { return strings.Repeat(s, 100_000/len(s)) }
	return []string{
		"", " ", "\x00", "\xff\xfe\xfd", "\u202e\u2066", "\ufeff", "\n\r\t", long(" "), long("\x00"), long("\xff"),
		"*", "?", "**", "*a*", long("*a* "), "a*", "*?*?*", "[a-z]*", "/.*/", "/(a+)+$/", "(((((((((((", "a~", "a~2", "rimborso~10", long("a~2 "),
		`"`, `""`, `"""`, `"rimborso`, `"a b c"~1000`, long(`"`), `\`, `\\\\`, `\u0000`, "title:rimborso", "stems_it:*", "_id:it", "+a -b", "-rimborso", "a^1000", "^", "a AND b OR NOT c",
		"rimborso AND", "&&", "||", "!", ">=1", "[1 TO 9]", "{a TO b}", long("a"), long("è"), long("a "), long("ab cd ef gh "), long("rimborso "), long("'"), long("l'"), long("-"), long("a-"),
		"<script>alert(1)</script>", "'; DROP TABLE articles; --", "../../etc/passwd", "%00%2e%2e", "${jndi:ldap://x}", "{{.}}", "%s%n%d", "🙂🙂🙂", long("🙂"), "\u0301\u0301\u0301", long("a\u0301"), "ﷺ", long("漢字"),
		"Ǆǅǆ", "İstanbul", "ẞ", "NaN", "1e309", "-1", "0x7fffffff", strings.Join(strings.Split(long("abcdefghij "), " ")[:40], " "), wordsUpTo(600),
	}
}

func wordsUpTo(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "w%c%c ", 'a'+i%26, 'a'+i/26)
	}
	return b.String()
}

// TestHostile checks that no query is dear. The processor's time depends on the
// machine, so the bound is wide; the number of words is bounded exactly.
func TestHostile(t *testing.T) {
	m := makeWorld(2_000)
	x := indexed(t, "", m.tuned(), m.passages)
	all := slices.AppendSeq(hostile(), maps.Values(m.dear()))
	if len(all) < 60 {
		t.Fatalf("only %d queries", len(all))
	}
	ctx := context.Background()
	for _, q := range all {
		for _, lang := range []string{"en", "it", "", "\x00", strings.Repeat("x", 9999)} {
			start := cpu()
			r, err := x.Search(ctx, Query{Text: q, Lang: lang, Section: "", Offset: -5})
			if err == nil {
				_, err = x.Suggest(ctx, Query{Text: q, Lang: lang})
			}
			if err == nil {
				_, err = x.Nearest(ctx, lang, q, 5, content.Public)
			}
			if err != nil {
				t.Errorf("%.30q: %v", q, err)
			}
			if took := cpu() - start; took > time.Second {
				t.Errorf("%.30q in %.5q took %v", q, lang, took)
			}
			if utf8.RuneCountInString(q) > maxText*16 && strings.TrimSpace(q) != "" && !r.Cut {
				t.Errorf("%.30q: not said that it was cut", q)
			}
			v, _, now, err := x.acquire()
			if err != nil {
				t.Fatal(err)
			}
			cleaned, _ := clean(q, maxText)
			p, err := v.plan(ctx, lang, cleaned, content.Public, now, manner{endings: true, near: true})
			v.release()
			if err != nil || len(p.groups) > maxTerms {
				t.Errorf("%.30q: %d words, %v", q, len(p.groups), err)
			}
			terms := 0
			for _, g := range p.groups {
				terms += len(g.terms)
			}
			if most := maxTerms*(3+maxShapes) + 2*maxEndings + maxMistaken*maxNear + maxOthers; terms > most {
				t.Errorf("%.30q: %d words of the index, at most %d", q, terms, most)
			}
		}
	}
}

// TestRarest checks that of too many words the rarest count.
func TestRarest(t *testing.T) {
	s := &shelf{}
	common := wordsUpTo(60)
	for i := range 20 {
		s.add(fmt.Sprintf("en/a/%02d", i), "Common", common)
	}
	s.add("en/a/rare", "Rare", common+" needle")
	x := s.index(t)
	if r := search(t, x, Query{Text: common + " needle", Lang: "en"}); r.Hits[0].Article.Key != "a/rare" {
		t.Errorf("first is %s", r.Hits[0].Article.Key)
	}
}

// TestWaiting checks that a search that waits for its turn ends with its
// context.
func TestWaiting(t *testing.T) {
	x := helpShelf().index(t)
	for range cap(x.slot) {
		x.slot <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := x.Search(ctx, Query{Text: "rimborso", Lang: "it"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	<-x.slot
	if _, err := x.Search(context.Background(), Query{Text: "rimborso", Lang: "it"}); err != nil {
		t.Errorf("with a free place: %v", err)
	}
	for range cap(x.slot) - 1 {
		<-x.slot
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := x.Suggest(done, Query{Text: "rimborso", Lang: "it"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before: %v", err)
	}
}

// TestCache checks that answers are kept, within bounds, until something
// changes.
func TestCache(t *testing.T) {
	s := helpShelf()
	x := s.index(t)
	q := Query{Text: "rimborso", Lang: "it"}
	first := search(t, x, q)
	for range cap(x.slot) { // nobody may search: what is answered now was kept
		x.slot <- struct{}{}
	}
	again := search(t, x, q)
	for range cap(x.slot) {
		<-x.slot
	}
	if keys(first.Hits) != keys(again.Hits) {
		t.Errorf("kept %s, was %s", keys(again.Hits), keys(first.Hits))
	}
	s.add("it/resi/nuovo", "Rimborso rimborso rimborso")
	s.sync(t, x)
	if r := search(t, x, q); r.Total != first.Total+1 {
		t.Errorf("after a change: %d", r.Total)
	}
	for i := range 20_000 {
		x.cache.put(x.Version(), cacheKey{text: fmt.Sprint(i)}, Result{Instead: strings.Repeat("x", 1000)})
	}
	if x.cache.bytes > cacheBytes || len(x.cache.byKey) != x.cache.used.Len() || len(x.cache.byKey) == 0 {
		t.Errorf("%d bytes in %d and %d answers", x.cache.bytes, len(x.cache.byKey), x.cache.used.Len())
	}
}

// FuzzQuery searches for anything. Whatever is typed: no panic, the pieces of a
// title are the title, the pieces of a snippet are in a passage, and all that is
// found may be seen.
func FuzzQuery(f *testing.F) {
	s := helpShelf()
	s.add("it/a/segreto", "Rimborso segreto zanzibar", "zanzibar").Audience = content.Agents
	s.add("it/a/bozza", "Rimborso bozza", "tombuctu").Status = content.Draft
	x := s.index(f)
	for _, q := range hostile() {
		if len(q) < 1000 {
			f.Add(q, "it")
		}
	}
	f.Add("rimbroso della cart", "en")
	f.Fuzz(func(t *testing.T, q, lang string) {
		r, err := x.Search(context.Background(), Query{Text: q, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		suggested, err := x.Suggest(context.Background(), Query{Text: q, Lang: lang})
		if err != nil {
			t.Fatal(err)
		}
		near, err := x.Nearest(context.Background(), lang, q, 10, content.Public)
		if err != nil {
			t.Fatal(err)
		}
		if !utf8.ValidString(r.Instead + r.Meant) {
			t.Errorf("%q: instead %q, meant %q", q, r.Instead, r.Meant)
		}
		for _, h := range slices.Concat(r.Hits, r.Elsewhere, suggested, near) {
			if !visible(h.Article, content.Public, noon) {
				t.Errorf("%q: %s is seen", q, h.Article.File)
			}
			if got := joined(h.Title); got != h.Article.Title {
				t.Errorf("%q: title %q instead of %q", q, got, h.Article.Title)
			}
			got := strings.TrimSuffix(strings.TrimPrefix(joined(h.Snippet), "… "), " …")
			if !slices.ContainsFunc(s.passages[h.Article.File], func(p content.Passage) bool {
				return strings.Contains(p.Text, got) && (got == "" || p.ID == h.Anchor)
			}) && got != "" {
				t.Errorf("%q: snippet %q is in no passage of %s", q, got, h.Article.File)
			}
		}
	})
}

func joined(pieces []Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// TestClosed checks that leaving common words out where they can change nothing
// changes nothing: neither what is found nor how much, nor in which order.
func TestClosed(t *testing.T) {
	m := makeWorld(2_000)
	x := indexed(t, "", m.lib, m.passages)
	v, _, now, err := x.acquire()
	if err != nil {
		t.Fatal(err)
	}
	defer v.release()
	ctx, saved := context.Background(), 0
	for _, text := range m.queries(300) {
		p, err := v.plan(ctx, "it", text, content.Public, now, manner{endings: true, near: true})
		if err != nil {
			t.Fatal(err)
		}
		find := func(c choice, collect choice) (out []string, total, touched int) {
			b := x.board(v.size())
			defer x.wipe(b)
			if err := v.collect(ctx, b, p, collect, content.Public, now); err != nil {
				t.Fatal(err)
			}
			top, total := v.order(b, p, c)
			for _, s := range top {
				out = append(out, s.article.Key)
			}
			return out, total, len(b.touched)
		}
		for _, c := range []choice{{wanted: 10, near: alikeShare}, {least: elsewhereShare}, {wanted: 3, near: alikeShare, pairs: true}} {
			want, all, most := find(c, choice{})
			got, some, touched := find(c, c)
			if !slices.Equal(got, want) || some != all {
				t.Errorf("%q, %+v: %d of %d %v, want %v", text, c, some, all, got[:min(5, len(got))], want[:min(5, len(want))])
			}
			saved += most - touched
		}
	}
	if saved == 0 {
		t.Error("nothing was ever left out")
	}
}
