package search

import "primalinea/content"

// A Draft is an article as it would be if it were published: searches may ask
// for it in place of the file of the same name. It is analysed once, for as many
// searches as there are.
type Draft struct {
	Article  *content.Article
	row      row
	stems    map[string]bool
	passages []content.Passage
}

// NewDraft analyses an article with a text.
func NewDraft(a *content.Article, text []content.Passage) *Draft {
	what := analyse(a, text)
	stems := make(map[string]bool, len(what.counts))
	for s := range what.counts {
		stems[s] = true
	}
	return &Draft{a, newTable(what.doc(a)).row(0, noSegment), stems, text}
}

// drafts are those of a query. All methods may be called on nil.
type drafts struct {
	list  []*Draft
	files map[string]bool
}

// newDrafts leaves out those that a reader may not see.
func newDrafts(list []*Draft, reader content.Audience) *drafts {
	if len(list) == 0 {
		return nil
	}
	d := &drafts{files: map[string]bool{}}
	for _, one := range list {
		a := one.Article
		d.files[a.File] = true
		if !a.Unlisted && reader.MayRead(a.Audience) {
			d.list = append(d.list, one)
		}
	}
	return d
}

// replace reports whether there is a draft of an article.
func (d *drafts) replace(a *content.Article) bool { return d != nil && a != nil && d.files[a.File] }

// named returns the draft of an article that has a key, or nil.
func (d *drafts) named(lang, key string) *Draft {
	if d == nil {
		return nil
	}
	for _, one := range d.list {
		if one.Article.Lang == lang && one.Article.Key == key {
			return one
		}
	}
	return nil
}

// hold reports whether a draft has a stem.
func (d *drafts) hold(lang, stem string) bool {
	if d == nil {
		return false
	}
	for _, one := range d.list {
		if one.Article.Lang == lang && one.stems[stem] {
			return true
		}
	}
	return false
}

// A gradedDraft is one that answers a query.
type gradedDraft struct {
	grade
	draft *Draft
}

// graded returns the drafts that hold something of a query.
func (d *drafts) graded(v *view, p *plan) (out []gradedDraft) {
	if d == nil || v.langs[p.lang] == nil {
		return nil
	}
	for _, one := range d.list {
		if one.Article.Lang != p.lang {
			continue
		}
		if g := v.grade(p, one.row, v.learnedAbout(one.Article), nil); g.matched > 0 {
			out = append(out, gradedDraft{g, one})
		}
	}
	return out
}

// learnedAbout returns what was learned about an article, or nil.
func (v *view) learnedAbout(a *content.Article) *learnedDoc {
	if v.learned == nil {
		return nil
	}
	return v.learned.of[articleName{a.Lang, a.Key}]
}
