package web

import "testing"

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
