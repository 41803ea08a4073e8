package content

import (
	"fmt"
	"strings"
)

// sentences holds what each problem says in English, by catalog key. The
// catalogs of a theme hold the same in every language; {{.Name}} is filled in.
var sentences = map[string]string{
	// the folder and its files
	"check.folder":           "The content folder cannot be read: {{.Reason}}.",
	"check.file_unreadable":  "The file cannot be read: {{.Reason}}.",
	"check.too_large":        "The file is larger than {{.Limit}} KiB. Split it into several articles.",
	"check.not_text":         "This is not a text file in UTF-8.",
	"check.encoding":         "The file is not in UTF-8. Save it again with that encoding.",
	"check.bom":              "The file begins with a byte order mark. It was ignored; save the file without it.",
	"check.directory_name":   "This is a folder, but its name ends in .md. Rename it.",
	"check.symlink":          "This link leads elsewhere or to a folder. Put the file itself here.",
	"check.not_a_language":   "{{.Name}} is not a language code. Articles lie in folders such as it, es or en.",
	"check.outside_language": "This file lies outside a language folder. Move it to one, such as en.",
	"check.too_deep":         "Sections nest at most one deep. Move this file up.",

	// front matter
	"check.front_matter_missing": "The file has no front matter. Begin it with ---, title: and ---.",
	"check.front_matter_open":    "The front matter is not closed. Add a line with {{.Fence}} after it.",
	"check.front_matter_broken":  "The front matter cannot be read: {{.Reason}}.",
	"check.front_matter_large":   "The front matter is larger than {{.Limit}} KiB.",
	"check.title_missing":        "The article has no title.",
	"check.title_long":           "The title is longer than {{.Limit}} characters.",
	"check.description_missing":  "The article has no description. Search results show it.",
	"check.description_long":     "The description is longer than {{.Limit}} characters. Search results cut it.",
	"check.key_unknown":          "{{.Name}} is not a known key.",
	"check.key_unknown_near":     "{{.Name}} is not a known key. Did you mean {{.Near}}?",
	"check.key_twice":            "{{.Name}} is given twice. The first one counts.",
	"check.value_type":           "{{.Name}} does not have the right form. Expected: {{.Want}}.",
	"check.value_unknown":        "{{.Value}} is not a possible value of {{.Name}}. Possible: {{.Want}}.",
	"check.date":                 "{{.Value}} is not a date. Write {{.Name}} as 2026-11-30.",
	"check.review_in":            "{{.Value}} is not a span of time. Write review_in as 6 months.",
	"check.number":               "{{.Value}} is not a number that {{.Name}} can have.",
	"check.slug_invalid":         "{{.Value}} cannot be an address. Use a to z, digits and hyphens.",
	"check.key_invalid":          "{{.Value}} cannot be a key. Use a to z, digits, hyphens and slashes.",
	"check.language_differs":     "The file says {{.Value}}, but it lies in the folder {{.Lang}}. The folder counts.",
	"check.source_invalid":       "{{.Value}} is not a source. Write it as language@hash.",

	// among articles
	"check.slug_twice":          "{{.Other}} already has the address {{.Slug}}. This article is not shown.",
	"check.key_taken":           "{{.Other}} already has the key {{.Name}} in this language. This article is not shown.",
	"check.section_slug_twice":  "Another section already has the address {{.Slug}}: {{.Other}}.",
	"check.section_key_twice":   "Another section already has the key {{.Name}}: {{.Other}}.",
	"check.section_title":       "This section has no title. Add an _index.md with one.",
	"check.alias_taken":         "The alias {{.Alias}} is the address of {{.Other}}. It leads there.",
	"check.alias_twice":         "{{.Other}} already has the alias {{.Alias}}.",
	"check.alias_self":          "The alias {{.Alias}} is the article's own address.",
	"check.related_missing":     "There is no article with the key {{.Name}}, which is named as related.",
	"check.title_twice":         "{{.Other}} has the same title.",
	"check.title_near":          "{{.Other}} has nearly the same title: {{.Title}}.",
	"check.translation_missing": "This article is missing in: {{.Langs}}.",
	"check.translation_behind":  "{{.Other}} has changed a lot since this translation. Translate it again, then write source: {{.Source}}",
	"check.translation_near":    "{{.Other}} has changed a little since this translation. Look at it, then write source: {{.Source}}",
	"check.source_missing":      "There is no article of this key in {{.Lang}}, from which this one was translated.",
	"check.orphan":              "This article is in no section and no other article links to it.",
	"check.expired":             "This article expired on {{.Date}}.",
	"check.review_overdue":      "This article was to be reviewed by {{.Date}}.",

	// the text
	"check.include_missing": "The included file {{.Name}} cannot be read.",
	"check.include_loop":    "{{.Name}} includes itself.",
	"check.include_deep":    "Included files nest more than {{.Limit}} deep.",
	"check.include_many":    "The article includes more than {{.Limit}} files.",
	"check.include_large":   "With its included files the article is larger than {{.Limit}} KiB.",
	"check.nesting":         "Lists, quotes or brackets nest more than {{.Limit}} deep.",
	"check.too_intricate":   "This paragraph has too many brackets, asterisks or underscores. Divide it.",
	"check.too_many":        "The article has more than {{.Limit}} lines. Split it.",
	"check.too_many_marks":  "The article has more than {{.Limit}} brackets, asterisks and the like. Split it.",
	"check.link_dead":       "The link {{.Link}} leads nowhere.",
	"check.anchor_dead":     "The link {{.Link}} leads to a heading that does not exist.",
	"check.link_draft":      "The link {{.Link}} leads to an article that is not published.",
	"check.link_audience":   "The link {{.Link}} leads to an article that not all readers of this one may read.",
	"check.link_scheme":     "The link {{.Link}} was left out. Links begin with https, http, mailto or tel.",
	"check.image_missing":   "The image {{.Link}} does not exist.",
	"check.image_invalid":   "{{.Link}} is not an image that can be shown. Use PNG, JPEG, GIF, WebP or AVIF.",
	"check.image_remote":    "The image {{.Link}} lies on another site. Put it beside the article.",
	"check.image_alt":       "The image {{.Link}} has no description for people who cannot see it.",
	"check.heading_one":     "The page's title is the only heading of level 1. Write ## instead of #.",
	"check.table_head":      "A column of this table has no name. Write one above it.",
	"check.heading_jump":    "The heading {{.Heading}} skips a level.",
	"check.heading_id":      "The id {{.ID}} cannot be used here. The heading has another one.",
	"check.heading_empty":   "A heading has no text.",
	"check.raw_html":        "HTML is shown as text. Write it in Markdown.",
	"check.callout_unknown": "{{.Name}} is not a kind of note. Possible: {{.Want}}.",
	"check.callout_open":    "This note is not closed. Add a line with ::: after it.",
	"check.body_empty":      "The article has no text.",
	"check.file_name":       "Articles are named language/section/name.md, in small letters, digits and hyphens.",

	"check.tabs_outside": "This text is in :::tabs, but in none of them. Put a line such as == Android above it.",
	"check.tabs_few":     "These tabs have fewer than two variants. Begin each with a line such as == Android.",
	"check.hard_to_read": "This text is hard to read: {{.Scale}} {{.Score}}, below {{.Limit}}. Write shorter sentences and plainer words.",

	// the glossary
	"check.glossary_syntax": "This is not a glossary entry. Write the term on one line, and its meaning on the next after a colon.",
	"check.glossary_twice":  "{{.Term}} was already explained on line {{.Line}}. The first one counts.",
	"check.glossary_long":   "The meaning of {{.Term}} is longer than {{.Limit}} characters. Write an article about it.",
	"check.glossary_many":   "The glossary has more than {{.Limit}} terms. The rest is left out.",

	// the lists of synonyms and pins
	"check.list_large":          "The file is larger than {{.Limit}} KiB.",
	"check.list_broken":         "The file cannot be read as YAML: {{.Reason}}.",
	"check.list_form":           "The file must be one list. Begin each entry with a hyphen.",
	"check.list_many":           "The file has more than {{.Limit}} entries. The rest is left out.",
	"check.list_wordings":       "The entry has more than {{.Limit}} wordings. The rest is left out.",
	"check.list_wording_long":   "{{.Wording}} is longer than {{.Limit}} characters. It is left out.",
	"check.synonyms_form":       "This is not a set of synonyms. Write wordings that mean the same in brackets, with commas between them.",
	"check.synonyms_few":        "A set of synonyms needs at least two wordings.",
	"check.synonyms_twice":      "{{.Wording}} is already in another set, where it counts: {{.Other}}",
	"check.pin_form":            "This is not a pin. Write search: with what people type and, below it, article: with the key of the article.",
	"check.pin_search_missing":  "This pin does not say for which searches it is.",
	"check.pin_article_missing": "This pin names no article.",
	"check.pin_articles":        "A pin has at most {{.Limit}} articles. The rest is left out.",
	"check.pin_twice":           "{{.Wording}} is already in another pin, where it counts: {{.Other}}",
	"check.pin_missing":         "There is no article with the key {{.Name}} in this language.",
	"check.pin_unpublished":     "Searches do not find the pinned article {{.Name}}, as it is not published or not listed.",
	"check.pin_audience":        "The pinned article {{.Name}} is not for everybody. Customers do not see it.",

	// what only a search can tell of them
	"check.synonym_empty": "{{.Wording}} has no word that searches look for.",
	"check.pin_empty":     "{{.Wording}} has no word that searches look for. Nobody is led by it.",

	// import
	"check.import_record": "This record cannot be read: {{.Reason}}.",
	"check.import_twice":  "There was already a record with the id {{.ID}}.",
	"check.import_exists": "There is already another file of this name. It was left as it is.",
}

// NewProblem is what another package found in a file of the folder, said with the
// sentence of one of the keys here. args are pairs of name and value.
func NewProblem(file string, line int, key string, args ...any) Problem {
	return problem(file, line, key, args...)
}

// problem makes a Problem with the English sentence of its key. args are pairs
// of name and value.
func problem(file string, line int, key string, args ...any) Problem {
	text, ok := sentences[key]
	if !ok {
		panic("content: no sentence for " + key)
	}
	p := Problem{File: file, Line: line, Key: key}
	for i := 0; i+1 < len(args); i += 2 {
		if p.Args == nil {
			p.Args = make(map[string]any, len(args)/2)
		}
		name, value := args[i].(string), args[i+1]
		p.Args[name] = value
		text = strings.ReplaceAll(text, "{{."+name+"}}", oneLine(fmt.Sprint(value)))
	}
	p.English = text
	return p
}

// grave is a problem that keeps a file from being shown.
func grave(file string, line int, key string, args ...any) Problem {
	p := problem(file, line, key, args...)
	p.Grave = true
	return p
}

// anyGrave reports whether one of the problems keeps its file from being shown.
func anyGrave(problems []Problem) bool {
	for _, p := range problems {
		if p.Grave {
			return true
		}
	}
	return false
}

// oneLine keeps what a stranger wrote from breaking a log line, or flooding it.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 200 {
		return string(r[:199]) + "…"
	}
	return s
}
