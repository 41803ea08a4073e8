package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/search"
)

// serve answers until ctx ends, then finishes what is in progress.
func (h *house) serve(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		cancel()
		h.running.Wait()
	}()
	h.folder.OnChange(func(lib *content.Library) { h.sync(work, lib) })
	h.run("index", func() error { h.sync(work, h.folder.Library()); return nil })
	h.run("tickets", func() error {
		h.sought.follow(work, func(err error) { h.log.Error("requests not indexed", "error", err) })
		return nil
	})
	h.run("health", func() error { return h.health.run(work) })
	h.run("settings", func() error { return h.follow(work) })
	h.run("learned words", func() error { return h.remember(work) })
	h.run("live", func() error { h.web.Live.Run(work); return nil })
	h.run("watch", func() error { return h.folder.Watch(work) })
	h.run("journeys", func() error {
		h.recorder.Run(work, func(err error) { h.log.Error("journeys not kept", "error", err) })
		return nil
	})
	if h.sender != nil {
		h.run("letters", func() error { h.sender.Run(work); return nil })
	}
	if h.own {
		h.run("letters", func() error { return h.handOut(work) })
	}
	h.run("forgotten passwords", func() error { return h.answerResets(work) })
	h.jobs(work)
	return h.site.Serve(ctx, h.listener, grace)
}

// follow reads again and again what leads decided: on another replica, or beside
// the server.
func (h *house) follow(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(5 * time.Second):
		}
		if err := errors.Join(h.settings.Refresh(ctx), h.desks.Refresh(ctx)); err != nil && ctx.Err() == nil {
			h.log.Error("settings not read", "error", err)
		}
	}
}

// remember tells the index again and again what articles learned: one process works it
// out, and writers take words away.
func (h *house) remember(ctx context.Context) error {
	for {
		if err := h.recall(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("learned words not read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(15 * time.Second):
		}
	}
}

// recall tells the index what articles learned.
func (h *house) recall(ctx context.Context) error {
	learned, err := learnedWords(ctx, h.db)
	if err == nil {
		h.index.Learn(learned)
	}
	return err
}

// learnedWords returns what articles learned.
func learnedWords(ctx context.Context, db *store.DB) ([]search.Learned, error) {
	words, err := db.LearnedWords(ctx)
	learned := make([]search.Learned, len(words))
	for i, w := range words {
		learned[i] = search.Learned{Key: w.Article, Lang: w.Lang, Stem: w.Stem, People: w.Weight}
	}
	return learned, err
}

// answerResets writes to those who forgot their passwords, soon after they say so.
func (h *house) answerResets(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.db.ResetAsked():
		case <-time.After(5 * time.Second):
		}
		if _, err := h.db.AnswerResets(ctx, h.reset); err != nil && ctx.Err() == nil {
			h.log.Error("forgotten passwords not answered", "error", err)
		}
	}
}

// reset makes the link with which somebody sets a new password, and its letter.
func (h *house) reset(p staff.Person, lang string) (staff.Invitation, escalation.Letter) {
	return staff.InviteByLetter(p, escalation.ResetLetter, h.linkKey, lang, escalation.LetterArgs{}, escalation.NewID, h.clock.Now())
}

// sync brings the index up to date with the articles.
func (h *house) sync(ctx context.Context, lib *content.Library) {
	start := time.Now()
	changes, err := h.index.Sync(ctx, lib, h.folder.Text)
	if err != nil && ctx.Err() == nil {
		h.log.Error("index not brought up to date", "error", err)
		return
	}
	if changes != (search.Changes{}) {
		h.log.Info("index brought up to date", "changes", changes, "took", time.Since(start).Round(time.Millisecond))
	}
}

// run starts a goroutine of the program. What it panics with is logged and
// counted; it does not end the others, and begins anew after a moment.
func (h *house) run(name string, do func() error) {
	h.running.Go(func() {
		for h.panics(name, do) {
			time.Sleep(time.Second)
		}
	})
}

func (h *house) panics(name string, do func() error) (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			h.log.Error("panic", "in", name, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			h.web.Metrics.Fault()
		}
	}()
	if err := do(); err != nil && !errors.Is(err, context.Canceled) {
		h.log.Error("stopped", "what", name, "error", err)
	}
	return false
}
