package content

import (
	"bufio"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEscape wants plain text shown as it was, whatever it looks like.
func TestEscape(t *testing.T) {
	f := open(t, t.TempDir())
	for _, text := range []string{
		"1) first\n2) second", "1. first", "# no heading", "* no *bullet*", "- no bullet\n+ none", "> no quote", "a_b_c and __init__", "`code`", "[a](javascript:x)", "![a](b)",
		"<script>alert(1)</script>", "<!-- hidden -->", "<!--@include: ./x.md-->", "&amp; &lt; AT&T", "a | b\n--|--\nc | d", "Title\n=====\nText", "Title\n-----", "~~~\ncode\n~~~", "term\n: meaning",
		":::note\ntext\n:::", "[^1]: a note[^1]", "[a]: http://example.com", "back\\slash\\", "two\n\nparagraphs\n\n\nand a third", "    indented", "\tindented", "* * *", "___", "http://example.com/a_b_c?d=*", "a@b.example",
		"[ ] no task", "\u202eright to left", "\x00\x1b[31mred", "Ciao\r\nmondo\rancora", "$1 {#id}", "## {#main}", "5 * 3 * 2", "1986\\. A year",
	} {
		d, problems, err := f.RenderSource(context.Background(), "it/a.md", []byte("---\ntitle: a\n---\n"+Escape(text)), "it")
		if err != nil || d == nil {
			t.Errorf("%q: %v %v", text, problems, err)
			continue
		}
		want := strings.Join(strings.Fields(clean(strings.ReplaceAll(text, "\r", "\n"))), " ")
		got := ""
		for _, p := range d.Passages {
			got += p.Heading + p.Text
		}
		got = strings.ReplaceAll(got, " · ", " ") // between paragraphs
		if got != want || len(problems) > 0 {
			t.Errorf("%q became %q (%q): %v", text, got, d.HTML, problems)
		}
		if strings.Count(d.HTML, "<p>")+strings.Count(d.HTML, "<br>") != strings.Count(d.HTML, "\n") || strings.Contains(d.HTML, "<h") || strings.Contains(d.HTML, "<ul") {
			t.Errorf("%q became %q", text, d.HTML)
		}
	}
}

func TestImport(t *testing.T) {
	for _, test := range []struct {
		what, format, in string
		written, bad     int
		file, has        string
	}{
		{"plain", "jsonl", `{"id":"7","question":"Where?","answer":"Here.\n\n1) there","tags":["a","b"]}`, 1, 0, "it/7.md", "---\ntitle: Where?\nkey: \"7\"\nslug: \"7\"\ntags:\n    - a\n    - b\n---\n\nHere.\n\n1\\) there\n"},
		{"number as id", "jsonl", `{"id":7,"question":"Where?","answer":"Here."}`, 1, 0, "it/7.md", "title: Where?"},
		{"own language", "jsonl", `{"id":"7","lang":"es","question":"¿Dónde?","answer":"Aquí."}`, 1, 0, "es/7.md", "¿Dónde?"},
		{"hostile id", "jsonl", `{"id":"../../etc/passwd","question":"a","answer":"b"}`, 1, 0, "it/etc-passwd.md", "slug: etc-passwd"},
		{"hostile language", "jsonl", `{"id":"a","lang":"../x","question":"a","answer":"b"}`, 0, 1, "", ""},
		{"no id", "jsonl", `{"question":"a","answer":"b"}`, 0, 1, "", ""},
		{"null as id", "jsonl", `{"id":null,"question":"a","answer":"b"}`, 0, 1, "", ""},
		{"no question", "jsonl", `{"id":"a","answer":"b"}`, 0, 1, "", ""},
		{"front matter in title", "jsonl", `{"id":"a","question":"x\n---\nstatus: draft","answer":"---\nfoo: bar\n---\n"}`, 1, 0, "it/a.md", "title: 'x --- status: draft'"},
		{"broken line", "jsonl", "{\"id\":\n{\"id\":\"a\",\"question\":\"a\",\"answer\":\"b\"}\n", 1, 1, "it/a.md", "b\n"},
		{"a line without end", "jsonl", `{"id":"b","answer":"` + strings.Repeat("x", 4*maxArticle) + "\"}\n{\"id\":\"a\",\"question\":\"a\",\"answer\":\"b\"}", 1, 1, "it/a.md", "b\n"},
		{"twice", "jsonl", "{\"id\":\"a\",\"question\":\"a\",\"answer\":\"b\"}\n{\"id\":\"A\",\"question\":\"c\",\"answer\":\"d\"}\n", 1, 1, "it/a.md", "b\n"},
		{"CSV", "csv", "id,question,answer,tags\n1,\"What, now?\",\"One\nTwo\",\"a; b\"\n", 1, 0, "it/1.md", "One\\\nTwo\n"},
		{"CSV of spreadsheets on Windows", "csv", "id;question;answer\n1;Perch\xe9 non va?;\x93Citt\xe0\x94 costa 5 \x80.\n", 1, 0, "it/1.md", "“Città” costa 5 €."},
		{"CSV of Italian spreadsheets", "csv", "\ufeffID;Question;Answer\n1;Cosa?;Questo, ecco.\n", 1, 0, "it/1.md", "Questo, ecco."},
		{"empty", "jsonl", "", 0, 0, "", ""},
	} {
		to := t.TempDir()
		report, err := Import(context.Background(), strings.NewReader(test.in), test.format, to, "it")
		if err != nil || report.Written != test.written || len(report.Problems) != test.bad {
			t.Errorf("%s: %+v, %v", test.what, report, err)
			continue
		}
		if test.file == "" {
			continue
		}
		b, err := os.ReadFile(filepath.Join(to, test.file))
		if err != nil || !strings.Contains(string(b), test.has) {
			t.Errorf("%s: %q, %v", test.what, b, err)
		}
		// A second import changes nothing, also where somebody edited.
		again, err := Import(context.Background(), strings.NewReader(test.in), test.format, to, "it")
		if err != nil || again.Written != 0 || again.Unchanged != test.written {
			t.Errorf("%s: again %+v, %v", test.what, again, err)
		}
		put(t, to, test.file, "mine")
		again, err = Import(context.Background(), strings.NewReader(test.in), test.format, to, "it")
		if b, _ := os.ReadFile(filepath.Join(to, test.file)); err != nil || again.Written != 0 || string(b) != "mine" {
			t.Errorf("%s: overwritten: %+v, %v", test.what, again, err)
		}
	}
	for _, bad := range [][3]string{{"xml", "", "it"}, {"csv", "a,b\n", "it"}, {"csv", "", "it"}, {"jsonl", "", "../it"}} {
		if _, err := Import(context.Background(), strings.NewReader(bad[1]), bad[0], t.TempDir(), bad[2]); err == nil {
			t.Errorf("%v was imported", bad)
		}
	}
}

// TestImportReal imports the questions of a water utility and wants each shown
// word by word.
func TestImportReal(t *testing.T) {
	shared := os.Getenv("PRIMALINEA_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	file := filepath.Join(shared, "searchbench", "aqp-it", "docs.jsonl")
	in, err := os.Open(file)
	if err != nil {
		if strings.Contains(os.Getenv("PRIMALINEA_TEST_REQUIRE"), "searchbench") {
			t.Fatal(err)
		}
		t.Skipf("searchbench: %v", err)
	}
	defer in.Close()
	to := t.TempDir()
	report, err := Import(context.Background(), in, "jsonl", to, "it")
	if err != nil || len(report.Problems) > 0 || report.Written != 406 {
		t.Fatalf("%+v, %v", report, err)
	}
	f := open(t, to)
	lib := f.Library()
	if len(lib.All()) != 406 || len(lib.Problems()) != 0 {
		t.Fatalf("%d articles, problems %v", len(lib.All()), lib.Problems())
	}
	if _, err := in.Seek(0, 0); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(in); lines.Scan(); {
		var q struct{ ID, Question, Answer string }
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			t.Fatal(err)
		}
		a := lib.ByKey(q.ID, "it")
		if a == nil || a.Title != strings.Join(strings.Fields(q.Question), " ") {
			t.Fatalf("%s: %v", q.ID, a)
		}
		ps, err := f.Text(a)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, p := range ps {
			got += p.Heading + p.Text
		}
		if want := strings.Join(strings.Fields(clean(q.Answer)), " "); got != want {
			t.Errorf("%s:\n got %q\nwant %q", q.ID, got, want)
		}
	}
	problems, err := f.Check(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		switch p.Key {
		case "check.description_missing", "check.orphan", "check.title_near", "check.title_twice", "check.hard_to_read":
		default:
			t.Error(p)
		}
	}
}
