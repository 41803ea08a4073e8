package demand_test

import (
	"strings"
	"testing"

	"primalinea/content"
	"primalinea/escalation/demand"
)

// TestDraftIsAnArticle holds that a draft of hostile words is an article with
// the same title and four sections, in which the words say what they said.
func TestDraftIsAnArticle(t *testing.T) {
	folder, err := content.Open(t.TempDir(), content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, words := range []string{
		"plain words",
		"---\ntitle: x\n---\n# Heading\nText\n===\nText\n---\n",
		"<script>alert(1)</script> <img src=x onerror=y> <!--@include: ../../secret.md-->",
		"![x](https://example.com/x.png) [link](javascript:alert(1)) [x]: http://y [[toc]] [^1]",
		":::tier2 secret\ninside\n:::\n> [!NOTE]\n> x",
		"```\ncode\n~~~\n    # indented",
		"{{ product }} {#id} &lt;b&gt; \\# *",
		"- one\n- two\n\n1. three\n2. four",
		"| a | b |\n| c | d |",
		"term\n: definition\n***\n___\n+++",
		"yes", "null", "0x10", "2026-01-01", "\"quoted\" 'words' `code`: # & * ! | > % @",
	} {
		draft, err := demand.NewDraft(demand.Source{
			Lang: "en", Title: words, Wordings: []string{words, "other " + words}, Searches: []string{words}, Problem: words, Solution: words,
			Others: []demand.Answer{{Number: "7K2M9QXA", Text: words + "\nCANARY\n" + words}},
		}, demand.NewWords(func(key string) string { return key }), nil)
		if err != nil {
			t.Fatal(err)
		}
		a, problems := content.Parse(draft.File, draft.Src)
		for _, p := range problems {
			if p.Grave {
				t.Errorf("%q: %v\n%s", words, p, draft.Src)
			}
		}
		if a == nil || a.Title != draft.Title || a.Status != content.Draft || a.Key != draft.Key || a.Slug != draft.Key {
			t.Errorf("%q became %+v\n%s", words, a, draft.Src)
			continue
		}
		doc, problems, err := folder.RenderSource(t.Context(), draft.File, draft.Src, "en")
		if err != nil || doc == nil {
			t.Errorf("%q cannot be shown: %v, %v\n%s", words, problems, err, draft.Src)
			continue
		}
		for _, tag := range []string{"<script", "<img", "<pre", "<aside", "<hr", "<h1", "<h3", `="javascript:`, "<dl", "<table"} {
			if strings.Contains(doc.HTML, tag) {
				t.Errorf("%q has %s in\n%s", words, tag, doc.HTML)
			}
		}
		// Another answer is for those who edit it, alone.
		if strings.Contains(doc.HTML, "CANARY") || !strings.Contains(string(draft.Src), "CANARY") {
			t.Errorf("%q shows its comment in\n%s", words, doc.HTML)
		}
		for _, p := range doc.Passages {
			if strings.Contains(p.Text, "CANARY") {
				t.Errorf("%q is found by its comment: %q", words, p.Text)
			}
		}
		if n := strings.Count(doc.HTML, "<h2"); n != 4 {
			t.Errorf("%q has %d sections in\n%s", words, n, doc.HTML)
		}
	}
}
