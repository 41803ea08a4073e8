package main

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/store"
	"primalinea/search"
)

// fedAtOnce is how many acts of the record are followed before what they changed can
// be found.
const fedAtOnce = 500

// foundTickets are the tickets as people look for them: by what was said, by facts, and by
// who said it. They are fed from the record of acts, and a look at them first takes in
// what was done since.
type foundTickets struct {
	papers *search.Papers
	db     *store.DB

	mu sync.Mutex // held by who feeds
}

// feed takes in what was changed since, and reports whether that was all.
func (f *foundTickets) feed(ctx context.Context) (all bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var since []audit.Mark
	if mark := f.papers.Mark(); mark != nil {
		if err := json.Unmarshal(mark, &since); err != nil {
			f.papers.Empty()
			since = nil
		}
	}
	numbers, reached, more, known, err := f.db.ChangedTickets(ctx, since, fedAtOnce)
	if err != nil {
		return false, err
	}
	if !known {
		f.papers.Empty()
		return false, nil
	}
	mark, err := json.Marshal(reached)
	if err != nil || string(mark) == string(f.papers.Mark()) {
		return true, err
	}
	var papers []search.Paper
	erased := false
	for _, number := range numbers {
		t, err := f.db.Ticket(ctx, number)
		if escalation.KindOf(err) == escalation.NotFound {
			continue
		}
		if err != nil {
			return false, err
		}
		papers = append(papers, paper(&t))
		erased = erased || !t.Erased.IsZero() || slices.ContainsFunc(t.Entries, func(e escalation.Entry) bool {
			return e.Event != nil && e.Event.Kind == escalation.EventForgotten
		})
	}
	if err := f.papers.Put(papers, mark); err != nil {
		f.papers.Empty() // it is damaged: next time it is fed from the beginning
		return false, err
	}
	if erased {
		err = f.papers.Overwrite(ctx)
	}
	return !more, err
}

// paper is a ticket as it can be found.
func paper(t *escalation.Ticket) search.Paper {
	p := search.Paper{ID: t.Number, Lang: t.Lang, Group: "open", At: t.Updated}
	if t.State == escalation.Closed {
		p.Group = "closed"
	}
	if !t.Erased.IsZero() {
		return p
	}
	p.Text = []string{t.Number, t.Subject, t.Requester.Name, t.Requester.Email, t.Requester.Phone, t.Party}
	for _, n := range t.Tenures() { // whose it was is asked for too
		if !n.Now {
			p.Text = append(p.Text, n.Name, n.Email, n.Phone)
		}
	}
	for _, e := range t.Entries {
		p.Text = append(p.Text, e.Text)
		if e.By.Kind == escalation.ByStaff {
			p.Text = append(p.Text, e.By.Name)
		}
		for _, file := range e.Files {
			p.Text = append(p.Text, file.Name)
		}
		if e.Event != nil && e.Event.Handoff != nil {
			p.Text = append(p.Text, e.Event.Handoff.Problem, e.Event.Handoff.Asked)
		}
	}
	for _, fact := range slices.Concat(t.Facts, t.Earlier) {
		p.Text = append(p.Text, fact.Value)
	}
	for _, s := range t.Steps {
		p.Text = append(p.Text, s.What, s.Result)
	}
	return p
}

// follow feeds until the work ends: others write too.
func (f *foundTickets) follow(ctx context.Context, failed func(error)) {
	for {
		all, err := f.feed(ctx)
		if err != nil && ctx.Err() == nil {
			failed(err)
		}
		wait := 2 * time.Second
		if !all && err == nil {
			wait = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// Find returns the numbers of the tickets with all words of a text, the latest first;
// whole is false while older ones are still taken in.
func (f *foundTickets) Find(ctx context.Context, text, group string, limit, offset int) (numbers []string, total int, whole bool, err error) {
	if whole, err = f.feed(ctx); err != nil {
		return nil, 0, false, err
	}
	numbers, total, err = f.papers.Find(ctx, text, group, limit, offset)
	return numbers, total, whole, err
}
