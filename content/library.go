package content

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A Library is a snapshot of all articles and sections. It never changes, so
// everybody may read it at once.
type Library struct {
	articles []*Article
	sections []*Section
	problems []Problem
	now      func() time.Time

	byFile     map[string]*Article
	bySlug     map[name]*Article
	byKey      map[string][]*Article
	byAlias    map[name]*Article
	inSection  map[name][]*Article
	sectBySlug map[name]*Section
	sectByKey  map[name]*Section
	sectByDir  map[string]*Section // "it/resi"; only for what a Folder loaded
	languages  []string
	timed      []*Article // those with a publish_at or expires_at

	revisions  map[name][]Revision  // of texts that were translated
	glossaries map[string]*glossary // by language
	synonyms   map[string][][]string
	setLines   map[string][]int // where each of them stands in its file
	pins       map[string][]Pin
	texts      map[string]string // hashes of what was read of the lists of words, by file

	assets map[string]stamp // images, by path below the folder
	shows  map[string][]*Article
}

// A name is a word that is unique within a language.
type name struct{ lang, word string }

// NewLibrary returns a library of these articles and sections, in the order in
// which they are to be listed. Of two with the same slug or key the first counts.
func NewLibrary(articles []*Article, sections []*Section) *Library {
	return newLibrary(articles, sections, time.Now)
}

func newLibrary(articles []*Article, sections []*Section, now func() time.Time) *Library {
	n := len(articles)
	l := &Library{
		articles: articles, sections: sections, now: now,
		byFile: make(map[string]*Article, n), bySlug: make(map[name]*Article, n), byKey: make(map[string][]*Article, n),
		byAlias: map[name]*Article{}, inSection: map[name][]*Article{},
		sectBySlug: map[name]*Section{}, sectByKey: map[name]*Section{}, sectByDir: map[string]*Section{},
	}
	for _, s := range sections {
		if k := (name{s.Lang, s.Slug}); l.sectBySlug[k] == nil {
			l.sectBySlug[k] = s
		}
		if k := (name{s.Lang, s.Key}); l.sectByKey[k] == nil {
			l.sectByKey[k] = s
		}
	}
	moment, offered := now(), map[string]bool{}
	for _, a := range articles {
		l.byFile[a.File] = a
		if k := (name{a.Lang, a.Slug}); l.bySlug[k] == nil {
			l.bySlug[k] = a
		}
		l.byKey[a.Key] = append(l.byKey[a.Key], a)
		k := name{a.Lang, a.Section}
		l.inSection[k] = append(l.inSection[k], a)
		if a.Audience == Public && !a.Unlisted && a.Live(moment) {
			offered[a.Lang] = true
		}
		if !a.PublishAt.IsZero() || !a.ExpiresAt.IsZero() {
			l.timed = append(l.timed, a)
		}
	}
	for _, a := range articles {
		for _, old := range a.Aliases {
			k := name{a.Lang, old}
			if l.bySlug[k] == nil && l.byAlias[k] == nil {
				l.byAlias[k] = a
			}
		}
	}
	for lang := range offered {
		l.languages = append(l.languages, lang)
	}
	slices.Sort(l.languages)
	return l
}

// All returns every article, whatever its language and status.
func (l *Library) All() []*Article { return l.articles }

// Sections returns every section of every language.
func (l *Library) Sections() []*Section { return l.sections }

// Languages returns the languages that have a published article for everybody,
// sorted.
func (l *Library) Languages() []string { return l.languages }

// Problems returns what is wrong with files and among articles, by path and
// line. [Folder.Check] finds more, but reads every file.
func (l *Library) Problems() []Problem { return l.problems }

// Article returns the article at an address, whatever its status, or nil.
func (l *Library) Article(lang, slug string) *Article { return l.bySlug[name{lang, slug}] }

// ByFile returns the article that was read from a path below the folder, or nil.
func (l *Library) ByFile(file string) *Article { return l.byFile[file] }

// ByKey returns the article of that key in that language, or nil.
func (l *Library) ByKey(key, lang string) *Article {
	for _, a := range l.byKey[key] {
		if a.Lang == lang {
			return a
		}
	}
	return nil
}

// Translations returns the articles of one key in all languages.
func (l *Library) Translations(key string) []*Article { return l.byKey[key] }

// Alias returns the article that once had that address, or nil.
func (l *Library) Alias(lang, slug string) *Article { return l.byAlias[name{lang, slug}] }

// BestFor returns the live article of that key in the first of these languages
// that has one, else in any language, else nil. It may be one that not everybody
// may read; [Library.BestReadable] minds that.
func (l *Library) BestFor(key string, langs ...string) *Article {
	return l.BestReadable(key, Agents, langs...)
}

// BestReadable is BestFor among what a reader of that audience may read.
func (l *Library) BestReadable(key string, reader Audience, langs ...string) *Article {
	now := l.now()
	var found *Article
	rank := len(langs)
	for _, a := range l.byKey[key] {
		if !a.Live(now) || !reader.MayRead(a.Audience) {
			continue
		}
		if i := slices.Index(langs, a.Lang); i >= 0 && i < rank {
			found, rank = a, i
		} else if found == nil {
			found = a
		}
	}
	return found
}

// Section returns the section at an address, or nil.
func (l *Library) Section(lang, slug string) *Section { return l.sectBySlug[name{lang, slug}] }

// SectionByKey returns the section of that key in that language, or nil.
func (l *Library) SectionByKey(lang, key string) *Section { return l.sectByKey[name{lang, key}] }

// Places returns the sections of what a [Folder] loaded, by the path below the
// folder where each lies.
func (l *Library) Places() map[string]*Section { return l.sectByDir }

// InSection returns the articles that lie directly in a section, in their order.
// The empty key is the top of the language.
func (l *Library) InSection(lang, key string) []*Article { return l.inSection[name{lang, key}] }

// Subsections returns the sections below one, in their order; those of the empty
// key are the sections at the top of the language.
func (l *Library) Subsections(lang, key string) []*Section {
	var below []*Section
	for _, s := range l.sections {
		if s.Lang == lang && s.Parent == key {
			below = append(below, s)
		}
	}
	return below
}

// Readable returns those of the articles that are live, listed, and meant for
// such a reader.
func (l *Library) Readable(articles []*Article, reader Audience) []*Article {
	now := l.now()
	var out []*Article
	for _, a := range articles {
		if a.Live(now) && !a.Unlisted && reader.MayRead(a.Audience) {
			out = append(out, a)
		}
	}
	return out
}

// A Topic is a section with what a reader finds in it.
type Topic struct {
	*Section
	Count    int        // articles that the reader may read, in it and below
	Articles []*Article // those that lie directly in it
	Below    []Topic
}

// Topics returns the sections of a language that hold something for such a
// reader, nested, in their order.
func (l *Library) Topics(lang string, reader Audience) []Topic { return l.topics(lang, "", reader) }

func (l *Library) topics(lang, parent string, reader Audience) []Topic {
	var out []Topic
	for _, s := range l.Subsections(lang, parent) {
		t := Topic{Section: s, Articles: l.Readable(l.InSection(lang, s.Key), reader)}
		t.Count = len(t.Articles)
		if parent == "" {
			t.Below = l.topics(lang, s.Key, reader)
		}
		for _, b := range t.Below {
			t.Count += b.Count
		}
		if t.Count > 0 {
			out = append(out, t)
		}
	}
	return out
}

// Related returns what to read next: the articles that the article names, then
// others of its section with the most tags in common; live and readable ones in
// its language, at most n.
func (l *Library) Related(a *Article, reader Audience, n int) []*Article {
	var named []*Article
	for _, key := range a.Related {
		if b := l.ByKey(key, a.Lang); b != nil {
			named = append(named, b)
		}
	}
	common := func(b *Article) (n int) {
		for _, tag := range b.Tags {
			if slices.Contains(a.Tags, tag) {
				n++
			}
		}
		return n
	}
	var near []*Article
	if a.Section != "" {
		near = slices.Clone(l.InSection(a.Lang, a.Section))
		slices.SortStableFunc(near, func(x, y *Article) int { return common(y) - common(x) })
	}
	var out []*Article
	for _, b := range l.Readable(append(named, near...), reader) {
		if b.Key != a.Key && !slices.Contains(out, b) && len(out) < n {
			out = append(out, b)
		}
	}
	return out
}

// byWeight orders small before great, and what has no weight last, as Hugo does.
func byWeight(a, b int) int {
	switch {
	case a == b:
		return 0
	case a == 0:
		return 1
	case b == 0:
		return -1
	}
	return cmp.Compare(a, b)
}

// listed orders articles of one section as pages list them.
func listed(a, b *Article) int {
	return cmp.Or(byWeight(a.Weight, b.Weight), strings.Compare(a.Title, b.Title), strings.Compare(a.File, b.File))
}
