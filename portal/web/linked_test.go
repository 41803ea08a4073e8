package web

import (
	"html/template"
	"regexp"
	"slices"
	"testing"
)

func TestLinked(t *testing.T) {
	link := func(to string) string {
		return `<a href="` + to + `" rel="noreferrer nofollow ugc">` + to + `</a>`
	}
	for _, test := range []struct{ text, want string }{
		{"", ""},
		{"no address <b>", "no address &lt;b&gt;"},
		{"See https://example.com/a?b=1&c=2.", "See " + link("https://example.com/a?b=1&amp;c=2") + "."},
		{"(http://example.com/x_(y)), then", "(" + link("http://example.com/x_(y)") + "), then"},
		{"javascript:alert(1) ftp://x xhttp://y", "javascript:alert(1) ftp://x xhttp://y"},
		{`https://a.example/"onclick="x`, link("https://a.example/") + "&#34;onclick=&#34;x"},
		{"https://a.example\nhttps://b.example", link("https://a.example") + "\n" + link("https://b.example")},
	} {
		if got := string(Linked(test.text)); got != test.want {
			t.Errorf("Linked(%q)\n got %s\nwant %s", test.text, got, test.want)
		}
	}
}

// FuzzLinked finds the addresses that an expression finds.
func FuzzLinked(f *testing.F) {
	f.Add("(https://a.example/b), http://c.example«x» xhttp://d _https://e http:// https://https://f. https://«")
	address := regexp.MustCompile(`\bhttps?://[^\s<>"«»“”]+`)
	link := regexp.MustCompile(`<a href="([^"]*)"`)
	f.Fuzz(func(t *testing.T, text string) {
		var want, got []string
		for _, found := range address.FindAllString(text, -1) {
			want = append(want, template.HTMLEscapeString(whole(found)))
		}
		for _, found := range link.FindAllStringSubmatch(string(Linked(text)), -1) {
			got = append(got, found[1])
		}
		if !slices.Equal(got, want) {
			t.Errorf("Linked(%q) has the links %q, want %q", text, got, want)
		}
	})
}
