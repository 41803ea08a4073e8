package demand

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"primalinea/escalation"
	"primalinea/escalation/scrub"
)

var english = Words{
	Untitled: "Untitled question", Problem: "Problem", Environment: "Where", Cause: "Why", Solution: "Solution",
	NoProblem: "What happens, and when?", NoEnvironment: "With which product?", NoCause: "Why does it happen?",
	NoSolution: []string{"What solved it?", "In which steps?", "How does one see it?"}, Other: "Another answer, of request",
	Facts: map[string]string{"model": "Model", "version": "Version", "error_message": "Message"},
}

// split analyses words for tests.
func split(_, text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func parse(t *testing.T, src []byte) (frontMatter, string) {
	t.Helper()
	head, body, ok := bytes.Cut(bytes.TrimPrefix(src, []byte("---\n")), []byte("\n---\n"))
	if !ok {
		t.Fatalf("no end of the front matter in:\n%s", src)
	}
	var f frontMatter
	dec := yaml.NewDecoder(bytes.NewReader(head))
	dec.KnownFields(true)
	if err := dec.Decode(&f); err != nil {
		t.Fatalf("front matter: %v\n%s", err, src)
	}
	return f, string(body)
}

func TestDraft(t *testing.T) {
	draft, err := NewDraft(Source{
		Lang:     "en",
		Title:    "my phone does not charge after the update!",
		Wordings: []string{"My phone does not charge after the update!", "phone: won't charge", "charge me@example.com", "phone: won't  charge"},
		Searches: []string{"phone won't charge: \"battery\" #help"},
		Problem:  "Since Monday it does not charge.\nCall me: +39 333 1234567",
		Solution: "1. Switch it off.\n2. Clean the socket.\n\n# Then\nwrite to info@example.com <script>",
		Facts:    map[string][]string{"version": {"4.1"}, "model": {"B2", "of me@example.com"}},
		Others:   []Answer{{"7K2M9QXA", "Wait --> a day ---\n<!--@include: ../secret.md-->\nand write to info@example.com"}},
		Tickets:  []string{"7K2M9QXA", "0123ABCD"},
		Owner:    "Anna Conti",
		Folder:   "devices",
	}, english, func(slug string) bool { return slug == "my-phone-does-not-charge-after-the-update" })
	if err != nil {
		t.Fatal(err)
	}
	const want = `---
title: My phone does not charge after the update
key: my-phone-does-not-charge-after-the-update-2
slug: my-phone-does-not-charge-after-the-update-2
status: draft
phrases:
  - My phone does not charge after the update!
  - 'phone: won''t charge'
expect:
  - 'phone won''t charge: "battery" #help'
owner: Anna Conti
review_in: 6 months
sources:
  - 7K2M9QXA
  - 0123ABCD
---

## Problem

Since Monday it does not charge.
Call me: [tel]

## Where

- Model: B2, of [e-mail]
- Version: 4.1

## Why

Why does it happen?

## Solution

1. Switch it off.
2. Clean the socket.

\# Then
write to [e-mail] \<script>

<!-- Another answer, of request 7K2M9QXA

Wait -\-> a day -\-\-
\<!-\-@include: ../secret.md-\->
and write to [e-mail]
-->
`
	if string(draft.Src) != want {
		t.Errorf("draft is\n%s\nwant\n%s", draft.Src, want)
	}
	if draft.File != "en/devices/my-phone-does-not-charge-after-the-update-2.md" {
		t.Errorf("file %q", draft.File)
	}
	if len(draft.Found) != 4 || draft.Found[0].Kind != scrub.Phone || draft.Found[0].Line != 21 || draft.Found[1].Kind != scrub.Email {
		t.Errorf("found %+v", draft.Found)
	}
}

func TestDraftOfTicket(t *testing.T) {
	ticket := &escalation.Ticket{
		Lang: "it", Subject: "non si carica",
		Solution: &escalation.Solution{Entry: "c"},
		Entries: []escalation.Entry{
			{ID: "a", Kind: escalation.Public, By: escalation.ActorRef{Kind: escalation.ByRequester}, Text: "Da ieri non si carica."},
			{ID: "b", Kind: escalation.Internal, Text: "CANARY: he always complains"},
			{ID: "c", Kind: escalation.Public, By: escalation.ActorRef{Kind: escalation.ByStaff}, Text: "Pulisca la presa con uno stuzzicadenti di legno, poi riavvii il telefono."},
		},
		Trail: &escalation.Trail{Moments: []escalation.Moment{
			{Kind: "search", Query: "orari dei negozi", Lang: "it"}, // another matter
			{Kind: "search", Query: "carica lenta", Lang: "it"},
			{Kind: "search", Query: "telefono scarico", Lang: "it"},
			{Kind: "search", Query: "phone not charging", Lang: "en"},
			{Kind: "open", Article: "batteria"},
		}},
	}
	src := OfTicket(ticket, split)
	draft, err := NewDraft(src, english, nil)
	if err != nil {
		t.Fatal(err)
	}
	head, body := parse(t, draft.Src)
	if head.Title != "Non si carica" || !slices.Equal(head.Expect, []string{"carica lenta", "telefono scarico"}) {
		t.Errorf("head %+v", head)
	}
	if !strings.Contains(body, "Da ieri") || !strings.Contains(body, "Pulisca") || strings.Contains(body, "CANARY") {
		t.Errorf("body %q", body)
	}
}

func TestDraftOfNothing(t *testing.T) {
	draft, err := NewDraft(Source{Lang: "it", Title: "mario@example.it"}, english, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, body := parse(t, draft.Src); draft.Title != "Untitled question" || !strings.Contains(body, "- What solved it?\n- In which steps?\n- How does one see it?\n") {
		t.Errorf("draft of nothing is\n%s", draft.Src)
	}
}

func TestCleanTitle(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"  dov'è   il mio\n ordine? ", "Dov'è il mio ordine?"},
		{"ñoño no funciona...", "Ñoño no funciona"},
		{"aiuto mario@example.it subito", "Aiuto subito"},
		{"# **pedido**", "Pedido**"},
		{"\x00\u202e\u200b", ""},
		{strings.Repeat("parola ", 20), "Parola parola parola parola parola parola parola parola parola…"},
		{strings.Repeat("a", 80), "A" + strings.Repeat("a", 68) + "…"},
	} {
		if got := cleanTitle(test.text); got != test.want {
			t.Errorf("cleanTitle(%q) = %q, want %q", test.text, got, test.want)
		}
	}
}

func TestSlug(t *testing.T) {
	for _, test := range []struct{ title, want string }{
		{"Dov'è il mio ordine?", "dov-e-il-mio-ordine"},
		{"¿Cuánto cuesta la reparación?", "cuanto-cuesta-la-reparacion"},
		{"C++ & Go", "c-go"},
		{"???", ""}, // the caller makes one of the hash
		{"../../etc/passwd", "etc-passwd"},
	} {
		if got := Slug(test.title); got != test.want {
			t.Errorf("Slug(%q) = %q, want %q", test.title, got, test.want)
		}
	}
}

func FuzzDraft(f *testing.F) {
	for _, s := range []string{"a: b", "--- \n---\n", "yes", "0x1F", "'\"\\", "{{ x }}", "- [ ] x", "# ::: note", "\u2028&*!|>%@`", "~", "[[toc]]", "<!--@include: x-->"} {
		f.Add(s, s, s)
	}
	const mail, phone = "canary@example.it", "+39 333 7654321"
	f.Fuzz(func(t *testing.T, title, wording, text string) {
		draft, err := NewDraft(Source{
			Lang: "en", Title: title + " " + mail, Wordings: []string{wording, wording + " " + phone},
			Searches: []string{wording, mail}, Problem: text + "\n" + mail, Solution: text + " \n" + phone,
			Facts: map[string][]string{"model": {wording, mail}}, Others: []Answer{{"7K2M9QXA", text + "\n" + phone}},
		}, english, nil)
		if err != nil {
			t.Fatal(err)
		}
		head, body := parse(t, draft.Src)
		if head.Title != draft.Title || head.Title == "" || utf8.RuneCountInString(head.Title) > maxTitle {
			t.Errorf("title %q, parsed %q", draft.Title, head.Title)
		}
		if head.Status != "draft" || head.Key != draft.Key || !utf8.Valid(draft.Src) {
			t.Errorf("head %+v", head)
		}
		if strings.Contains(string(draft.Src), "canary@example") || strings.Contains(string(draft.Src), "333 7654321") {
			t.Errorf("personal data in\n%s", draft.Src)
		}
		before, comment, _ := strings.Cut(body, "<!--")
		if strings.Count(comment, "--") != 1 || strings.Contains(comment, "<!--") || !strings.HasSuffix(comment, "\n-->\n") || !strings.HasSuffix(before, "\n\n") {
			t.Errorf("the comment ends early in\n%s", body)
		}
		if n := strings.Count("\n"+body, "\n## "); n != 4 {
			t.Errorf("%d sections in\n%s", n, draft.Src)
		}
		if len(draft.Found) < 2 {
			t.Errorf("found %v in\n%s", draft.Found, draft.Src)
		}
	})
}
