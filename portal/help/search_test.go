package help_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// many is a help centre with more answers than fit on a page.
func many(t testing.TB) *site {
	t.Helper()
	files := map[string]string{
		"it/uno/_index.md":   file("title: Primo\nkey: one", ""),
		"it/due/_index.md":   file("title: Secondo\nkey: two", ""),
		"en/one/_index.md":   file("title: First\nkey: one", ""),
		"en/one/zebra.md":    file("title: The zebra\nkey: zebra\nstatus: published", "A zebra has stripes."),
		"it/uno/rimborso.md": file("title: Chiedere un rimborso\nkey: refund\nstatus: published", "Introduzione.\n\n## Quando {#quando}\n\nOttenere il rimborso entro trenta giorni.\n\n## Come\n\nAltro testo."),
	}
	for i := range 23 {
		section := "uno"
		if i%3 == 0 {
			section = "due"
		}
		files[fmt.Sprintf("it/%s/a%02d.md", section, i)] = file(fmt.Sprintf("title: Caffè numero %d\nstatus: published", i), "Una tazza di caffè.")
	}
	return newSite(t, files)
}

func TestResults(t *testing.T) {
	s := many(t)
	s.get(t, "/it/search?q=caff%C3%A8").code(t, 200).has(t,
		"<h1>23 risposte per «<bdi>caffè</bdi>»</h1>", `name="q" type="search" value="caffè"`, "<title>23 risposte per «caffè» · Belvaro</title>",
		`href="/it/search\?q=caff%C3%A8&amp;section=one">Primo <span class="meta">15</span>`, `section=two">Secondo <span class="meta">8</span>`,
		"Pagina 1 di 3", `rel="next" href="/it/search\?page=2&amp;q=caff%C3%A8"`, "<mark>caffè</mark>", `href="/it/contact\?q=caff%C3%A8"`,
		`href="/en/search\?q=caff%C3%A8" lang="en"`).lacks(t, `rel="prev"`)
	s.get(t, "/it/search?q=caff%C3%A8&page=3").has(t, "Pagina 3 di 3", `rel="prev"`).lacks(t, `rel="next"`)
	s.get(t, "/it/search?q=caff%C3%A8&page=99").code(t, 200).has(t, "Pagina 3 di 3", "<mark>")
	for _, page := range []string{"0", "-1", "x", "99999999999999999999"} {
		s.get(t, "/it/search?q=caff%C3%A8&page="+page).code(t, 200).has(t, "Pagina [13] di 3")
	}
	s.get(t, "/it/search?q=caff%C3%A8&section=two").has(t, "8 risposte", `accent">Secondo</span> <a href="/it/search\?q=caff%C3%A8">`, `name="section" value="two"`)
	s.get(t, "/it/search?q=caff%C3%A8&section=no%22such").code(t, 200).has(t, "Nessuna risposta", `accent">no&#34;such</span>`)
	// A result leads to the article, and to the part that answers.
	s.get(t, "/it/search?q=rimborso+trenta+giorni").has(t, `<h2><a href="/it/articles/rimborso">`, `<p><a class="part" href="/it/articles/rimborso#quando">Quando</a> · Ottenere il <mark>rimborso</mark>`)
}

// TestInstead: what was taken for a mistake can be searched as it is, on every page
// of it and in every language, and the way back is offered.
func TestInstead(t *testing.T) {
	s := many(t)
	s.get(t, "/it/search?q=cafffe").code(t, 200).has(t, "<h1>23 risposte per «<bdi>caffe</bdi>»</h1>", `value="cafffe"`, `/it/contact\?q=cafffe`,
		`Risultati per «<bdi>caffe</bdi>»\. <a href="/it/search\?exact=1&amp;q=cafffe" rel="nofollow">Cerca invece «<bdi>cafffe</bdi>»</a>`)
	s.get(t, "/it/search?q=cafffe+numero&exact=1").code(t, 200).has(t, "<h1>23 risposte per «<bdi>cafffe numero</bdi>»</h1>", `<meta name="robots" content="noindex">`,
		`<a href="/it/search\?q=caffe&#43;numero">Forse cercava «<bdi>caffe numero</bdi>»\?</a>`,
		`rel="next" href="/it/search\?exact=1&amp;page=2&amp;q=cafffe&#43;numero"`, `href="/it/search\?exact=1&amp;q=cafffe&#43;numero&amp;section=one">Primo`,
		`href="/en/search\?exact=1&amp;q=cafffe&#43;numero" lang="en"`).lacks(t, "Risultati per")
	s.get(t, "/it/search?q=cafffe+numero&exact=1&section=one").has(t, `accent">Primo</span> <a href="/it/search\?exact=1&amp;q=cafffe&#43;numero">`)
	s.get(t, "/it/search?q=cafffe&exact=1").code(t, 200).has(t, "Nessuna risposta in italiano per «<bdi>cafffe</bdi>»", "Forse cercava «<bdi>caffe</bdi>»")
	s.get(t, "/it/search?q=cafffe&exact=yes").code(t, 200).has(t, "Risultati per")
}

// TestOtherLanguage: who types another language is told before the click what is
// known in it, and is led to the text in the page's own where there is one.
func TestOtherLanguage(t *testing.T) {
	files := map[string]string{
		"en/one/_index.md":  file("title: First\nkey: one", ""),
		"en/one/refund.md":  file("title: Ask for a refund\nkey: refund\nstatus: published", "It takes a week."),
		"it/uno/refund.md":  file("title: Chiedere un rimborso\nkey: refund\nstatus: published", "Intro.\n\n## Quando\n\nIl rimborso arriva in una settimana."),
		"it/uno/solo.md":    file("title: Solo un rimborso\nkey: only\nstatus: published", "Il rimborso di chi legge italiano."),
		"en/one/account.md": file("title: Close your account\nkey: account\nstatus: published", "Your account is closed."),
		"it/uno/account.md": file("title: Un account bloccato\nkey: blocked\nstatus: published", "Quando un account è bloccato."),
	}
	s := newSite(t, files)
	translated := `<h3><a href="/en/articles/refund">Ask for a refund</a></h3>\s<p lang="it" dir="auto">Il <mark>rimborso</mark> arriva[^#]*<span>Your words are in <a href="/it/articles/refund" lang="it" hreflang="it">Chiedere un rimborso</a> <span class="badge" lang="it">Italiano</span></span>`
	s.get(t, "/en/search?q=rimborso").code(t, 200).has(t, "No answers in English", "Found in another language",
		`<a class="button quiet" href="/it/search\?q=rimborso" lang="it" hreflang="it" rel="nofollow">2 risposte in italiano</a>`, translated,
		`<li lang="it" dir="auto">\s<h3><a href="/en/articles/solo">Solo un <mark>rimborso</mark></a> <span class="badge">Italiano</span></h3>`, `/en/contact\?q=rimborso`)
	// Beside answers of its own, one line says so.
	s.get(t, "/en/search?q=account+bloccato").has(t, "1 answer for", `Also found in another language: <a href="/it/search\?q=account&#43;bloccato" lang="it" hreflang="it" rel="nofollow">1 risposta in italiano</a>`)
	// Not when the page's own language knows the words.
	s.get(t, "/en/search?q=account").lacks(t, "another language: ")
	// While typing, the title is one that can be read here.
	s.get(t, "/en/suggest?q=rimborso").code(t, 200).has(t, `data-to="/en/articles/refund" data-article="refund" data-lang="en"><span dir="auto">Ask for a refund</span> <small lang="en">First</small></li>`,
		`data-lang="it" lang="it"><span dir="auto">Solo un <mark>rimborso</mark></span>.*<small class="badge">Italiano</small>`)
	// So does the page of a dead link.
	s.get(t, "/en/articles/rimborso").code(t, 404).has(t, `href="/en/articles/refund">Ask for a refund<`)
}

// TestPinned: what the writers chose for a search comes first, and says so.
func TestPinned(t *testing.T) {
	s := many(t)
	pinned := `<h2><a href="/it/articles/rimborso">.*Risposta consigliata`
	s.get(t, "/it/search?q=numero").lacks(t, "Risposta consigliata")
	s.write(t, "pins.it.yml", "- search: [numero]\n  article: refund\n")
	s.sync(t)
	s.get(t, "/it/search?q=numero").has(t, `<ol class="hits bare">\s<li>\s`+pinned)
	s.get(t, "/it/suggest?q=numero").has(t, `^<li role="option" id="o0" data-to="/it/articles/rimborso"`)
}

func TestNothingFound(t *testing.T) {
	s := many(t)
	s.get(t, "/it/search?q=zebra").code(t, 200).has(t, "Nessuna risposta in italiano per «<bdi>zebra</bdi>»", `value="zebra"`,
		"Trovato in un&#39;altra lingua", `<li lang="en" dir="auto">.*href="/it/articles/zebra".*<span class="badge">English</span>`,
		"Argomenti da consultare.*Primo.*Secondo", `href="/it/contact\?q=zebra"`)
	s.get(t, "/it/search?q=zzzqqq").code(t, 200).has(t, "Nessuna risposta", "Argomenti da consultare", `href="/it/contact\?q=zzzqqq"`).lacks(t, "altra lingua")
	s.get(t, "/es/search?q=rimborso").code(t, 200).has(t, "Encontrado en otro idioma")
}

// TestHostileQueries: whatever is typed is words, and the page is whole.
func TestHostileQueries(t *testing.T) {
	s := many(t)
	for name, q := range map[string]string{
		"empty":      "",
		"blanks":     " \t\n ",
		"long":       strings.Repeat("caffè latte ", 900),
		"long word":  strings.Repeat("x", 10_000),
		"controls":   "caf\x00fè\x1b[31m\x7f",
		"no text":    "\xff\xfe\xc3(",
		"right":      "مرحبا caffè \u202egnirts",
		"markup":     `<script>alert("1")</script><bdi>`,
		"syntax":     `+title:caffè^9 "a b"~2 /.*/ * ? (`,
		"percent":    "100% & a=b;c",
		"emoji":      "☕👩‍👩‍👧‍👦",
		"quotes":     "“caffè” 'l'acqua'",
		"mark":       "\x01\x01",
		"templates":  "{{.Query}}",
		"just marks": "?!…",
	} {
		t.Run(name, func(t *testing.T) {
			a := s.get(t, "/it/search?q="+url.QueryEscape(q)).code(t, 200)
			if !strings.HasSuffix(strings.TrimSpace(a.Text), "</html>") || !utf8.ValidString(a.Text) {
				t.Errorf("the page is not whole:\n%s", a.Text)
			}
			a.lacks(t, "<script>", "\x00", "\x01", "\u202e", "<no value>")
			if cut := strings.Contains(a.Text, "primi 512 caratteri"); cut != strings.HasPrefix(name, "long") {
				t.Errorf("says that it was cut: %t", cut)
			}
			if m := regexp.MustCompile(`type="search" value="([^"]*)"`).FindStringSubmatch(a.Text); m == nil || utf8.RuneCountInString(m[1]) > 5*512 {
				t.Errorf("the field holds %q", m)
			}
			if code := s.get(t, "/it/suggest?q="+url.QueryEscape(q)).StatusCode; code != 200 && code != 204 {
				t.Errorf("suggest: %d", code)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	s := many(t)
	a := s.get(t, "/it/suggest?q=caf").code(t, 200).has(t,
		`<li role="option" id="o0" data-to="/it/articles/a\d\d" data-article="[^"]+" data-lang="it"><span dir="auto"><mark>Caffè</mark> numero`,
		`class="all" data-to="/it/search\?q=caf" data-say="6 suggerimenti">Cerca «<bdi>caf</bdi>»</li>`)
	if n := strings.Count(a.Text, `role="option"`); n != 7 {
		t.Errorf("%d options, want 6 and the search for all", n)
	}
	if strings.Contains(a.Text, "<a ") {
		t.Error("an option holds a link")
	}
	s.get(t, "/it/suggest?q=ca").code(t, 204)
	s.get(t, "/it/suggest?q=zzzqqq").code(t, 200).has(t, `id="o0" class="all"`, "Nessun suggerimento")
	s.get(t, "/xx/suggest?q=caffe").code(t, 404)
	// The dialog asks for the field alone.
	s.get(t, "/it/search", "X-Fragment", "find").code(t, 200).has(t, `<form class="find-form"`, `for="find-q"`, "data-close", "data-key").lacks(t, "<html")
}

// TestIndexNotReady: reading does not depend on the index.
func TestIndexNotReady(t *testing.T) {
	s := many(t)
	if err := s.index.Close(); err != nil {
		t.Fatal(err)
	}
	s.get(t, "/it/search?q=caff%C3%A8").code(t, 503).has(t, "non può rispondere", "Primo", `value="caffè"`, "/it/contact")
	s.get(t, "/it/suggest?q=caff%C3%A8").code(t, 204)
	s.get(t, "/it/articles/rimborso").code(t, 200).has(t, "Risposte collegate")
	s.get(t, "/it/").code(t, 200)
}
