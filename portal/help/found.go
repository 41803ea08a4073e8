package help

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"primalinea/content"
)

// A version is a page in one of the languages in which search engines may find
// it. Every version of a page lists the same versions, itself among them.
type version struct {
	Lang string // "x-default" for whoever speaks none of the others
	Link string // absolute
}

// otherwise is the language of whoever speaks none of ours.
const otherwise = "x-default"

// findable reports whether search engines may know an article: everybody may
// read it now, it is listed, and its language is one that is offered.
func (r *Room) findable(a *content.Article) bool {
	return a.Audience == content.Public && !a.Unlisted && a.Live(r.Now()) && slices.Contains(r.Offered(), a.Lang)
}

// versions returns the pages of these paths by language, in the order in which
// the languages are offered. Who speaks none of them is best served by the first.
func (r *Room) versions(path func(lang string) string) []version {
	var out []version
	for _, lang := range r.Offered() {
		if p := path(lang); p != "" {
			out = append(out, version{lang, r.Link(p)})
		}
	}
	if len(out) > 0 {
		out = append(out, version{otherwise, out[0].Link})
	}
	return out
}

// everywhere returns the versions of a page that every language has.
func (r *Room) everywhere(rest string) []version {
	return r.versions(func(lang string) string { return "/" + lang + rest })
}

// articleVersions returns the versions of an article. Of two files of one
// language that claim the same key, each stands for itself alone.
func (r *Room) articleVersions(lib *content.Library, a *content.Article) []version {
	first := map[string]*content.Article{}
	for _, t := range lib.Translations(a.Key) {
		if first[t.Lang] == nil && r.findable(t) {
			first[t.Lang] = t
		}
	}
	if first[a.Lang] != a {
		first = map[string]*content.Article{a.Lang: a}
	}
	return r.versions(func(lang string) string {
		if t := first[lang]; t != nil {
			return t.Path()
		}
		return ""
	})
}

// sectionVersions returns the versions of a section: where it holds something
// for everybody.
func (r *Room) sectionVersions(lib *content.Library, key string) []version {
	return r.versions(func(lang string) string {
		if t, _ := topicOf(lib, lang, key, content.Public); t != nil {
			return t.Path()
		}
		return ""
	})
}

// changed returns when readers could see last that an article is new or another:
// what is published at a set time is as new as that.
func changed(a *content.Article) time.Time {
	if a.PublishAt.After(a.Updated) {
		return a.PublishAt.UTC()
	}
	return a.Updated.UTC()
}

// An object is a piece of data for programs, as schema.org names it.
type object = map[string]any

// A crumb is one step of the way from home to a page, with absolute address.
type crumb struct{ Name, Link string }

// way returns the way from home to a page.
func (p page) way(home string, above []link, link func(path string) string, name string) []crumb {
	out := []crumb{{p.T("crumb.home"), home}}
	for _, l := range above {
		out = append(out, crumb{l.Title, link(l.Path)})
	}
	return append(out, crumb{name, p.Canonical})
}

func breadcrumbs(way []crumb) object {
	var items []object
	for i, c := range way {
		items = append(items, object{"@type": "ListItem", "position": i + 1, "name": c.Name, "item": c.Link})
	}
	return object{"@type": "BreadcrumbList", "itemListElement": items}
}

// techArticle describes an article to programs, by what its page shows.
func techArticle(a *content.Article, address, description, site, home string) object {
	house := object{"@type": "Organization", "name": site, "url": home}
	o := object{
		"@type": "TechArticle", "headline": a.Title, "inLanguage": a.Lang, "url": address, "mainEntityOfPage": address,
		"author": house, "publisher": house,
	}
	if description != "" {
		o["description"] = description
	}
	if at := changed(a); !at.IsZero() {
		o["dateModified"] = at.Format(time.RFC3339)
	}
	return o
}

// graph puts objects together as one document.
func graph(objects ...object) object {
	return object{"@context": "https://schema.org", "@graph": objects}
}

// maxSummary is how much of a text describes it, in characters.
const maxSummary = 160

// summary returns what describes an article: the writer's words, else its first
// ones, cut between words.
func summary(a *content.Article, doc *content.Document) string {
	if a.Description != "" {
		return a.Description
	}
	for _, passage := range doc.Passages {
		if text, _ := tidy(passage.Text, 4*maxSummary); text != "" {
			return shortened(text, maxSummary)
		}
	}
	return ""
}

func shortened(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	text = string([]rune(text)[:most])
	if i := strings.LastIndexByte(text, ' '); i > most/2 {
		text = text[:i]
	}
	return strings.TrimRight(text, " ,;:.") + "…"
}
