package demand

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation"
)

const (
	maxOffered   = 50     // lines that a line may be joined with
	maxSplit     = 100    // wordings that are shown to choose among
	maxArranged  = 20_000 // signals of a line that are looked at
	maxArranging = 5      // times that an act is tried while others arrange lines too
)

// A Name is a line as others speak of it.
type Name struct{ ID, Title string }

// A Bench is a line with what can be done to it, and what was.
type Bench struct {
	Line
	Given  string    // its title, if a person gave it
	Said   []Wording // of the wordings more than the line has
	Others []Name    // lines it may be joined with or kept apart from, the nearest first
	Joined []Name    // lines that became part of it
	Kept   []Name    // lines it is kept apart from
	Acts   []Act     // what was done, the newest first
	titles map[string]string
}

// TitleOf returns how a line is called that an act names. It is empty for one of
// fewer than [Floor] people.
func (b Bench) TitleOf(line string) string { return b.titles[line] }

// Bench returns a line with what can be done to it. One of fewer than [Floor]
// people is not found.
func (b *Backlog) Bench(ctx context.Context, id string, now time.Time) (Bench, error) {
	bench, err := b.bench(ctx, id, now)
	if err != nil {
		return Bench{}, fmt.Errorf("arrange demand %s: %w", id, err)
	}
	return bench, nil
}

func (b *Backlog) bench(ctx context.Context, id string, now time.Time) (Bench, error) {
	l, err := b.Line(ctx, id, now)
	if err != nil {
		return Bench{}, err
	}
	a, err := b.arrangement(ctx)
	if err != nil {
		return Bench{}, err
	}
	lines, err := b.lines(ctx, now)
	if err != nil {
		return Bench{}, err
	}
	signals, err := b.Store.SignalsOf(ctx, l.ID, now.Add(-Span), maxArranged)
	if err != nil {
		return Bench{}, err
	}
	slices.SortFunc(signals, oldestFirst)
	person := samePeople(signals)
	said := wordingsOf(signals, person)
	bench := Bench{
		Line: l, Given: a.Title(l.ID), Said: said[:min(len(said), maxSplit)], Acts: a.Of(l.ID), titles: map[string]string{},
	}
	kept := a.Kept(l.ID)
	own := b.Terms(l.Lang, l.Title)
	shared := map[string]int{}
	for i := range lines {
		o := &lines[i]
		if o.People < Floor {
			continue
		}
		bench.titles[o.ID] = o.Title
		if o.ID == l.ID || slices.Contains(kept, o.ID) {
			continue
		}
		for _, t := range b.Terms(o.Lang, o.Title) {
			if slices.Contains(own, t) {
				shared[o.ID]++
			}
		}
		bench.Others = append(bench.Others, Name{o.ID, o.Title})
	}
	slices.SortStableFunc(bench.Others, func(a, b Name) int { return shared[b.ID] - shared[a.ID] })
	bench.Others = bench.Others[:min(len(bench.Others), maxOffered)]
	for _, id := range a.Joined(l.ID) {
		// What it was called before; of its own words, the most common.
		title := a.Title(id)
		if title == "" {
			i := slices.IndexFunc(signals, func(s Signal) bool { return s.Strand == id })
			if i < 0 {
				continue // too old
			}
			title = wordingsOf(slices.DeleteFunc(slices.Clone(signals), func(s Signal) bool { return s.Strand != id }), person)[0].Text
		}
		bench.titles[id] = title
		bench.Joined = append(bench.Joined, Name{id, title})
	}
	for _, id := range kept {
		bench.Kept = append(bench.Kept, Name{id, bench.titles[id]})
	}
	return bench, nil
}

// Arrange does something to a line that is shown, and remembers it. The wordings
// are those that leave the line in a [Split]. It returns the act as it was done.
// When others did something to the line in the meantime that leaves nothing to do
// it is a [escalation.Conflict].
func (b *Backlog) Arrange(ctx context.Context, act Act, leave []Query, now time.Time) (done Act, err error) {
	act.At = now
	for range maxArranging {
		done, err = b.arrange(ctx, act, leave, now)
		if e, ok := errors.AsType[*escalation.Error](err); !ok || e.Reason != "error.arrange_again" {
			break
		}
	}
	b.forget()
	if err != nil {
		return done, fmt.Errorf("arrange demand %s: %w", act.Line, err)
	}
	return done, nil
}

func (b *Backlog) arrange(ctx context.Context, act Act, leave []Query, now time.Time) (Act, error) {
	lines, err := b.lines(ctx, now)
	if err != nil {
		return act, err
	}
	a, err := b.arrangement(ctx)
	if err != nil {
		return act, err
	}
	act, err = a.next(act, func(line string) bool {
		return slices.ContainsFunc(lines, func(l Line) bool { return l.ID == line && l.People >= Floor })
	})
	if err != nil {
		return act, err
	}
	var signals []Signal
	for _, line := range []string{act.Line, act.Other} {
		if act.Kind != Rename && line != "" {
			of, err := b.Store.SignalsOf(ctx, line, now.Add(-Span), maxArranged)
			if err != nil {
				return act, err
			}
			signals = append(signals, of...)
		}
	}
	slices.SortFunc(signals, oldestFirst)
	var ids, strands []string
	switch act.Kind {
	case Split:
		ids, act.Pins, err = b.split(signals, act.Other, leave)
	case Join:
		act.Pins, strands = b.pins(signals), a.Strands(act.Other)
	case Part:
		act.Pins, strands = b.pins(signals), a.parted(act.Line, act.Other)
	case Apart:
		act.Pins = b.pins(signals)
	}
	if err != nil {
		return act, err
	}
	return act, b.Store.SaveLineAct(ctx, act, ids, strands)
}

// split returns the signals that say one of the wordings, in its letters or in its
// words, and pins the wordings to a new strand. Some have to stay.
func (b *Backlog) split(signals []Signal, to string, leave []Query) (ids []string, pins []Pin, err error) {
	invalid := func(reason string) error {
		return &escalation.Error{Kind: escalation.Invalid, Field: "wording", Reason: reason}
	}
	leaves := map[string]bool{}
	for _, q := range leave[:min(len(leave), maxPinned)] {
		for _, key := range pinKeys(q.Lang, q.Text, b.wordsOf) {
			leaves[key] = true
			pins = append(pins, Pin{key, to})
		}
	}
	for _, s := range signals {
		if keys := pinKeys(s.Lang, s.Text, b.wordsOf); leaves[keys[0]] || leaves[keys[1]] {
			ids = append(ids, s.ID)
		}
	}
	switch len(ids) {
	case 0:
		return nil, nil, invalid("error.arrange_none")
	case len(signals):
		return nil, nil, invalid("error.arrange_all")
	}
	return ids, pins, nil
}

// pins holds the wordings of signals where they are, those of most people.
func (b *Backlog) pins(signals []Signal) (pins []Pin) {
	strand := map[Query]string{}
	for _, s := range signals {
		strand[Query{s.Lang, fold(s.Text)}] = s.Strand
	}
	said := wordingsOf(signals, func(who string) string { return who })
	for _, w := range said[:min(len(said), maxPinned)] {
		for _, key := range pinKeys(w.Lang, w.Text, b.wordsOf) {
			pins = append(pins, Pin{key, strand[Query{w.Lang, fold(w.Text)}]})
		}
	}
	return pins
}

// wordsOf returns the words of a text as a [Placer] does.
func (b *Backlog) wordsOf(lang, text string) []string { return termsOf(b.Terms, lang, text) }
