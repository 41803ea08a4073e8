package search

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	"github.com/blevesearch/bleve/v2/index/scorch"
	bquery "github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"
)

// A Paper is a plain document: nobody wrote it to be found, so it is found by all of
// the words that are looked for, and not by how well it answers.
type Paper struct {
	ID    string
	Lang  string
	Text  []string
	Group string    // a search may be for those of one group
	At    time.Time // the latest come first
}

// Papers are an index of plain documents. It is made of what they are given, and holds
// nothing that is not elsewhere: when it is damaged it begins anew, and whoever feeds
// it sees by its mark that all is to be given again.
type Papers struct {
	dir string
	log *slog.Logger

	mu    sync.RWMutex // held for writing by who replaces the store
	store bleve.Index
	path  string // empty: in memory
}

// papersFormat counts what is kept of a paper, and how its words are analysed.
const papersFormat = "papers 1"

// OpenPapers opens the index in a folder, or begins a new one there. Without a folder
// that can be used it is kept in memory.
func OpenPapers(dir string, log *slog.Logger) *Papers {
	p := &Papers{dir: dir, log: log}
	entries, _ := os.ReadDir(dir) // none: it is made
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if p.store == nil {
			store, err := openPapers(path)
			if err == nil {
				p.store, p.path = store, path
				continue
			}
			log.Warn("index of requests is rebuilt", "reason", err)
			if isLocked(err) {
				continue
			}
		}
		if err := os.RemoveAll(path); err != nil {
			log.Warn("old index of requests cannot be removed", "err", err)
		}
	}
	if p.store == nil {
		p.begin()
	}
	return p
}

func openPapers(path string) (store bleve.Index, err error) {
	defer recovered(&err)()
	if err := verify(path); err != nil {
		return nil, err
	}
	store, err = bleve.OpenUsing(path, map[string]any{"bolt_timeout": lockTimeout, "unsafe_batch": true})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if is, err := store.GetInternal([]byte("format")); err != nil || string(is) != papersFormat {
		store.Close()
		return nil, fmt.Errorf("open %s: format %q instead of %q", path, is, papersFormat)
	}
	return store, nil
}

// recovered makes an error of a panic: a damaged file can make the libraries below panic.
func recovered(err *error) func() {
	fault := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(fault)
		if v := recover(); v != nil {
			*err = fmt.Errorf("panic: %v", v)
		}
	}
}

// begin makes an empty index. Callers hold mu, or nobody else knows of it yet.
func (p *Papers) begin() {
	if p.dir != "" {
		path, err := freshFolder(p.dir)
		var store bleve.Index
		if err == nil {
			store, err = bleve.NewUsing(path, newMapping(), scorch.Name, scorch.Name, map[string]any{"unsafe_batch": true})
		}
		if err == nil {
			err = store.SetInternal([]byte("format"), []byte(papersFormat))
		}
		if err == nil {
			p.store, p.path = store, path
			return
		}
		p.log.Error("index of requests is kept in memory", "err", err)
	}
	store, err := bleve.NewUsing("", newMapping(), scorch.Name, scorch.Name, nil)
	if err != nil {
		panic(err) // nothing outside of the program can make this fail
	}
	p.store, p.path = store, ""
}

// Empty begins anew, without a mark.
func (p *Papers) Empty() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.close()
	if p.path != "" {
		if err := os.RemoveAll(p.path); err != nil {
			p.log.Warn("index of requests cannot be removed", "err", err)
		}
	}
	p.begin()
}

// Close ends the use of the index, when all of it lies on the disk.
func (p *Papers) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.path != "" {
		p.persist()
	}
	p.close()
}

// persist waits until what was put lies on the disk, but not for ever: else it is put
// again.
func (p *Papers) persist() {
	var err error
	defer recovered(&err)()
	done := make(chan error, 1)
	batch := p.store.NewBatch()
	batch.SetInternal([]byte("format"), []byte(papersFormat))
	batch.SetPersistedCallback(func(err error) { done <- err })
	if err := p.store.Batch(batch); err != nil {
		return
	}
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
}

func (p *Papers) close() {
	var err error
	func() {
		defer recovered(&err)()
		err = p.store.Close()
	}()
	if err != nil {
		p.log.Error("index of requests not closed", "err", err)
	}
}

// Mark returns what was said with the last papers; nil when there were none.
func (p *Papers) Mark() []byte {
	p.mu.RLock()
	defer p.mu.RUnlock()
	mark, err := p.store.GetInternal([]byte("mark"))
	if err != nil {
		return nil
	}
	return mark
}

// Put replaces papers, and with them, or not at all, the mark.
func (p *Papers) Put(papers []Paper, mark []byte) (err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	defer recovered(&err)()
	batch := p.store.NewBatch()
	for _, paper := range papers {
		if err := batch.IndexAdvanced(paper.document()); err != nil {
			return err
		}
	}
	batch.SetInternal([]byte("mark"), mark)
	return p.store.Batch(batch)
}

// Overwrite writes the index without what was replaced: else a word that was taken out
// of a paper would lie in its files for a while.
func (p *Papers) Overwrite(ctx context.Context) (err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	defer recovered(&err)()
	inner, err := p.store.Advanced()
	if err != nil {
		return err
	}
	if s, ok := inner.(*scorch.Scorch); ok {
		return s.ForceMerge(ctx, nil)
	}
	return nil
}

// Count returns how many papers there are.
func (p *Papers) Count() (n uint64, err error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	defer recovered(&err)()
	return p.store.DocCount()
}

// document is a paper as the index keeps it: its words as they were written, and what
// is left of them in its language.
func (p *Paper) document() *document.Document {
	an, base := analyzerFor(p.Lang), baseOf(p.Lang)
	seen := map[string]bool{}
	var said words
	add := func(term string) {
		if !seen[term] {
			seen[term] = true
			said = append(said, &analysis.Token{Term: []byte(term), Position: 1})
		}
	}
	for _, text := range p.Text {
		for _, t := range makePlain().tokens(text) {
			add(t.form)
		}
		for _, t := range an.tokens(text) {
			if add(t.form); t.stem != "" {
				add(stemTerm(base, t.stem))
			}
		}
	}
	d := document.NewDocument(p.ID)
	d.AddField(document.NewTextFieldCustom("words", nil, nil, index.IndexField|index.SkipFreqNorm, said))
	d.AddField(document.NewTextFieldCustom("group", nil, nil, index.IndexField|index.SkipFreqNorm, words{{Term: []byte(p.Group), Position: 1}}))
	at := fmt.Sprintf("%016d", max(0, p.At.UnixMilli()))
	d.AddField(document.NewTextFieldCustom("at", nil, []byte(at), index.IndexField|index.DocValues|index.SkipFreqNorm, words{{Term: []byte(at), Position: 1}}))
	return d
}

// stemTerm is how a stem of a language is written among words, none of which has a colon.
func stemTerm(lang, stem string) string { return lang + ":" + stem }

func baseOf(lang string) string {
	base, _, _ := strings.Cut(lang, "-")
	return base
}

// What counts of what is looked for among papers.
const (
	maxPaperTerms = 12 // words; the longest say most
	minPrefix     = 3  // letters of a last word that may go on
)

// inflected are the languages of which we know the forms of words.
var inflected = []string{"it", "es", "en"}

// Find returns the ids of the papers that have all words of a text, the latest first:
// as they were typed, or another form of them in a language that we know. The last word
// may be the beginning of one. An empty group means all.
func (p *Papers) Find(ctx context.Context, text, group string, limit, offset int) (ids []string, total int, err error) {
	forms := paperForms(text)
	if len(forms) == 0 {
		return nil, 0, nil
	}
	var all []bquery.Query
	term := func(field, word string) bquery.Query {
		q := bquery.NewTermQuery(word)
		q.SetField(field)
		return q
	}
	for i, form := range forms {
		any := []bquery.Query{term("words", form)}
		for _, lang := range inflected {
			an, base := analyzerFor(lang), lang
			if stem := an.stemOf(form); stem != "" {
				any = append(any, term("words", stemTerm(base, stem)))
			}
		}
		if i == len(forms)-1 && utf8.RuneCountInString(form) >= minPrefix {
			q := bquery.NewPrefixQuery(form)
			q.SetField("words")
			any = append(any, q)
		}
		all = append(all, bquery.NewDisjunctionQuery(any))
	}
	if group != "" {
		all = append(all, term("group", group))
	}
	ask := bleve.NewSearchRequestOptions(bquery.NewConjunctionQuery(all), min(limit, maxPapers), min(offset, maxOffset), false)
	ask.SortBy([]string{"-at", "_id"})
	ask.Score = "none"
	p.mu.RLock()
	defer p.mu.RUnlock()
	defer recovered(&err)()
	found, err := p.store.SearchInContext(ctx, ask)
	if err != nil {
		return nil, 0, err
	}
	for _, hit := range found.Hits {
		ids = append(ids, hit.ID)
	}
	return ids, int(found.Total), nil
}

// maxPapers is how many papers a search returns at most.
const maxPapers = 500

// paperForms returns the words that are looked for, the last one typed last.
func paperForms(text string) []string {
	text, _ = clean(text, maxText)
	seen := map[string]bool{}
	var forms []string
	for _, t := range makePlain().tokens(text) {
		if !seen[t.form] {
			seen[t.form] = true
			forms = append(forms, t.form)
		}
	}
	single := func(form string) bool { return utf8.RuneCountInString(form) < 2 }
	if slices.ContainsFunc(forms, func(form string) bool { return !single(form) }) {
		forms = slices.DeleteFunc(forms, single) // such as an article before an apostrophe
	}
	for len(forms) > maxPaperTerms {
		short := 0
		for i, f := range forms[:len(forms)-1] {
			if len(f) < len(forms[short]) {
				short = i
			}
		}
		forms = append(forms[:short], forms[short+1:]...)
	}
	return forms
}

// Around returns the part of a text that has most of the words that were looked for,
// with these marked; nil when it has none.
func Around(lang, text, sought string) []Piece {
	an := analyzerFor(lang)
	forms := paperForms(sought)
	var found []match
	for _, t := range an.tokens(text) {
		for i, f := range forms {
			if t.form == f || t.stem != "" && t.stem == an.stemOf(f) || i == len(forms)-1 && len(f) >= minPrefix && strings.HasPrefix(t.form, f) {
				found = append(found, match{start: t.start, end: t.end})
				break
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	best, most := 0, 0
	for i := range found {
		n := 0
		for _, m := range found[i:] {
			if m.end-found[i].start <= snippetRunes {
				n++
			}
		}
		if n > most {
			best, most = i, n
		}
	}
	from := back(text, found[best].start, snippetRunes/4)
	return cut(text, from, forth(text, from, snippetRunes), found)
}
