package demand

import (
	"context"
	"fmt"
	"hash/fnv"
	"maps"
	"slices"
	"time"
)

const (
	maxTried  = 5    // wordings that a verdict looks at
	maxJudged = 1000 // verdicts that are remembered
)

// judged is a verdict, and what it was made of.
type judged struct {
	of      uint64
	verdict Verdict
}

// judge returns what is the matter with a line, in its own language, or nil when there
// is nobody to ask. It is worked out anew when articles changed, or the line did.
func (b *Backlog) judge(ctx context.Context, l *Line, now time.Time) (*Verdict, error) {
	if b.Articles == nil || l.People < Floor {
		return nil, nil
	}
	tried := tries(l, l.Lang)
	of := fnv.New64a()
	fmt.Fprintln(of, b.Articles.Edition(), l.People, l.Last.UnixMilli(), now.Truncate(time.Hour).Unix(), tried)
	b.judging.Lock()
	known, ok := b.judged[l.ID]
	b.judging.Unlock()
	if ok && known.of == of.Sum64() {
		v := known.verdict
		return &v, nil
	}
	f, err := b.facts(ctx, l, tried, now)
	if err != nil {
		return nil, err
	}
	v := Judge(f)
	if v.Article != "" && v.Matter != Missing {
		if v.Debit, err = b.Articles.Debit(ctx, v.Article, v.Lang, now); err != nil {
			return nil, err
		}
	}
	b.judging.Lock()
	if b.judged == nil || len(b.judged) >= maxJudged {
		b.judged = map[string]judged{}
	}
	b.judged[l.ID] = judged{of.Sum64(), v}
	b.judging.Unlock()
	return &v, nil
}

// tries returns the wordings of a line in a language that most people use: searches,
// if there are any, for the subject of a letter is none.
func tries(l *Line, lang string) (tried []Tried) {
	searched := slices.ContainsFunc(l.Wordings, func(w Wording) bool { return w.Lang == lang && w.Searched })
	for _, w := range l.Wordings {
		if w.Lang == lang && w.Searched == searched && len(tried) < maxTried {
			tried = append(tried, Tried{Text: w.Text, People: w.People})
		}
	}
	return tried
}

// facts finds out what a verdict is made of.
func (b *Backlog) facts(ctx context.Context, l *Line, tried []Tried, now time.Time) (Facts, error) {
	f := Facts{Lang: l.Lang, Tried: tried, People: l.People, Tickets: len(l.Tickets), Vain: l.vain, Idle: l.idle}
	var err error
	for i := range tried {
		if tried[i].Shown, err = b.Articles.Shown(ctx, l.Lang, tried[i].Text); err != nil {
			return f, err
		}
	}
	answered, err := b.Store.Confirmed(ctx, l.ID, now.Add(-Span))
	if err != nil {
		return f, err
	}
	keys := map[string]bool{}
	for key := range l.solved {
		keys[key] = true
	}
	for key := range answered {
		keys[key] = true
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		f.Linked = append(f.Linked, Linked{key, b.Articles.Titles(key), l.solved[key], answered[key]})
	}
	for _, lang := range l.Langs {
		if lang == l.Lang {
			continue
		}
		other := Facts{Lang: lang, Tried: tries(l, lang)}
		for i := range other.Tried {
			if other.Tried[i].Shown, err = b.Articles.Shown(ctx, lang, other.Tried[i].Text); err != nil {
				return f, err
			}
		}
		if best, covers := other.best(); covers {
			if _, here := b.Articles.Titles(best.Key)[l.Lang]; !here {
				f.Elsewhere = append(f.Elsewhere, best)
			}
		}
	}
	return f, nil
}
