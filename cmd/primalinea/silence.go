package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/mail"
	"primalinea/portal/door"
)

// inbox says what is known of the mail that comes to us. None does yet: whoever answered
// a letter by mail would not be heard, and silence would prove nothing. Of a demo no
// letter leaves, so nobody can answer one otherwise than here.
func (h *house) inbox() escalation.Inbox {
	if h.own {
		return escalation.Inbox{Since: time.Unix(0, 0)}
	}
	return escalation.Inbox{}
}

// hushAtOnce is how many tickets the rules about silence look at before they ask anew
// which want it.
const hushAtOnce = 50

// hush lets the rules about silence look at the tickets that want it.
func (h *house) hush(ctx context.Context) error {
	in := h.inbox()
	if in.Since.IsZero() {
		return nil
	}
	look := func() (int, error) {
		return h.db.Hush(ctx, hushAtOnce, func(q escalation.Quiet, promised *escalation.Desk) (escalation.Change, time.Time, error) {
			c, now := escalation.SilenceCommand{Desk: promised, Letters: q.Letters, Joined: q.Joined, Inbox: in}, h.clock.Now()
			plan, ok := q.Ticket.Silence(c, now)
			if !ok {
				return escalation.Change{}, time.Time{}, nil
			}
			done, err := q.Ticket.Hush(c, escalation.NewID, now)
			return done, plan.Look(now), err
		})
	}
	for {
		if n, err := look(); n == 0 || err != nil {
			return err
		}
	}
}

// mails says whether letters are delivered, and not only kept.
func (h *house) mails() bool { return h.sender != nil || h.own }

// handOut delivers the letters of a demo to where they are: readers find them there.
func (h *house) handOut(ctx context.Context) error {
	for {
		if err := h.takeLetters(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("letters not handed out", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-h.db.Woken():
		case <-time.After(5 * time.Second):
		}
	}
}

// takeLetters is a mail server that takes every letter.
func (h *house) takeLetters(ctx context.Context) error {
	for {
		letters, err := h.db.LeaseLetters(ctx, 100, time.Minute)
		if err != nil || len(letters) == 0 {
			return err
		}
		errs := make([]error, len(letters))
		var wg sync.WaitGroup
		for i, l := range letters {
			wg.Go(func() { errs[i] = h.db.LetterSent(ctx, l.ID) })
		}
		wg.Wait()
		if err := errors.Join(errs...); err != nil {
			return err
		}
	}
}

// handedOut returns who reads the letters of a demo; nil elsewhere.
func (h *house) handedOut() func(ctx context.Context, to string) ([]door.Letter, error) {
	if !h.own {
		return nil
	}
	return func(ctx context.Context, to string) ([]door.Letter, error) {
		const latest = 50
		sent, err := h.db.SentLetters(ctx, to, latest)
		var list []door.Letter
		for _, d := range sent {
			subject, text, wrong := h.letters.Letter(string(d.Kind), d.Lang, mail.Link(h.base, h.linkKey, d.Letter), d.Args)
			if wrong != nil {
				return nil, wrong
			}
			list = append(list, door.Letter{ID: d.ID, To: d.To, Lang: d.Lang, Sent: d.Settled, Subject: subject, Text: text})
		}
		return list, err
	}
}
