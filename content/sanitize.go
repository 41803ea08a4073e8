package content

import (
	"regexp"
	"sync"

	"github.com/microcosm-cc/bluemonday"
)

// policy is all that an article may become. The renderer writes no more than
// this; the policy holds even where the renderer should be wrong.
var policy = sync.OnceValue(func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	class := regexp.MustCompile(`^[a-zA-Z0-9 _+-]{1,120}$`)
	id := regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:_-]{0,120}$`)
	number := regexp.MustCompile(`^[0-9]{1,6}$`)
	p.AllowElements("p", "br", "hr", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "dl", "dt", "dd", "blockquote", "em", "strong", "del",
		"code", "pre", "span", "div", "aside", "sup", "section", "figure", "figcaption", "table", "thead", "tbody", "tr", "th", "td",
		"details", "summary", "a", "img", "input", "fieldset", "legend", "label")
	p.AllowAttrs("id").Matching(id).OnElements("h2", "h3", "h4", "h5", "h6", "li", "sup", "dt", "a")
	p.AllowAttrs("class").Matching(class).OnElements("span", "div", "aside", "p", "pre", "code", "details", "a", "fieldset", "legend")
	p.AllowAttrs("role").Matching(regexp.MustCompile(`^(note|region|doc-endnotes|doc-noteref|doc-backlink|doc-glossary|doc-glossref)$`)).OnElements("aside", "div", "a")
	p.AllowAttrs("aria-label").OnElements("div", "input")
	p.AllowAttrs("aria-hidden").Matching(regexp.MustCompile(`^true$`)).OnElements("span")
	p.AllowAttrs("tabindex").Matching(regexp.MustCompile(`^0$`)).OnElements("div")
	p.AllowAttrs("start").Matching(number).OnElements("ol")
	p.AllowAttrs("align").Matching(regexp.MustCompile(`^(left|right|center)$`)).OnElements("th", "td")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("hreflang").Matching(langForm).OnElements("a")
	p.AllowAttrs("rel").Matching(regexp.MustCompile(`^noopener$`)).OnElements("a")
	p.AllowAttrs("title").OnElements("a", "img")
	p.AllowAttrs("src").Matching(regexp.MustCompile(`^/assets/content/`)).OnElements("img")
	p.AllowAttrs("alt").OnElements("img")
	p.AllowAttrs("width", "height").Matching(number).OnElements("img")
	p.AllowAttrs("loading").Matching(regexp.MustCompile(`^lazy$`)).OnElements("img")
	p.AllowAttrs("decoding").Matching(regexp.MustCompile(`^async$`)).OnElements("img")
	p.AllowAttrs("type").Matching(regexp.MustCompile(`^(checkbox|radio)$`)).OnElements("input")
	variant := regexp.MustCompile(`^tabs:[0-9]{1,4}(:[0-9]{1,4})?$`)
	p.AllowAttrs("name", "id").Matching(variant).OnElements("input")
	p.AllowAttrs("for").Matching(variant).OnElements("label")
	p.AllowAttrs("disabled", "checked").Matching(regexp.MustCompile(`^$`)).OnElements("input")
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	p.AllowNoAttrs().OnElements("span", "a")
	return p
})
