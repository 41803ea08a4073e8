package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"primalinea/content"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/search"
)

// findable are the articles as verdicts on lines of demand ask for them.
type findable struct {
	*house
	now func() time.Time

	mu      sync.Mutex
	edition uint64
	names   map[string][]string // title, phrases and headings, by file
	counted time.Time           // when worth was
	worth   journey.CreditReport
}

// Edition changes whenever a search may find something else.
func (f *findable) Edition() uint64 { return f.index.Version() }

// Shown returns the first articles that a search shows to visitors, with the share of
// its words that they are named by.
func (f *findable) Shown(ctx context.Context, lang, text string) ([]demand.Shown, error) {
	found, err := f.index.Search(ctx, search.Query{Text: text, Lang: lang, Reader: content.Public, Limit: demand.First, OneLang: true})
	if errors.Is(err, search.ErrNotReady) {
		return nil, nil // a line is shown all the same
	}
	if err != nil {
		return nil, err
	}
	shown := make([]demand.Shown, len(found.Hits))
	for i, h := range found.Hits {
		a := h.Article
		shown[i] = demand.Shown{Key: a.Key, Lang: a.Lang, Title: a.Title, Held: f.index.Named(lang, text, f.named(a)...)}
	}
	return shown, nil
}

// named returns the title, the phrases and the headings of an article.
func (f *findable) named(a *content.Article) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if edition := f.index.Version(); f.names == nil || f.edition != edition {
		f.names, f.edition = map[string][]string{}, edition
	}
	if names, ok := f.names[a.File]; ok {
		return names
	}
	names := append([]string{a.Title}, a.Phrases...)
	passages, err := f.folder.Text(a)
	if err != nil {
		return names // it is being changed
	}
	for _, p := range passages {
		names = append(names, p.Heading)
	}
	f.names[a.File] = names
	return names
}

// Titles returns the titles under which visitors can read an article, by language.
func (f *findable) Titles(key string) map[string]string {
	titles := map[string]string{}
	for _, a := range f.folder.Library().Translations(key) {
		if a.Live(f.now()) && content.Public.MayRead(a.Audience) {
			titles[a.Lang] = a.Title
		}
	}
	return titles
}

// title returns the one in a language.
func (f *findable) title(key, lang string) (string, bool) {
	title, ok := f.Titles(key)[lang]
	return title, ok
}

// debitDays is how many days a debit looks back, and debitAge how long what was counted
// is used.
const (
	debitDays = 90
	debitAge  = time.Hour
)

// Debit says how often a request followed when an article was read.
func (f *findable) Debit(ctx context.Context, key, lang string, now time.Time) (*demand.Debit, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if age := now.Sub(f.counted); age < 0 || age >= debitAge {
		counted, err := f.db.Credits(ctx, journey.LastDays(debitDays, "", now))
		if err != nil {
			return nil, err
		}
		f.counted, f.worth = now, counted.Report()
	}
	s := f.worth.Of(journey.Text{Article: key, Lang: lang})
	if s.Contacted.N == 0 {
		return nil, nil
	}
	return &demand.Debit{Contacted: s.Contacted, High: s.Contacted.Low > f.worth.Mean.Rate}, nil
}
