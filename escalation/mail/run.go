package mail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	gomail "github.com/wneessen/go-mail"

	"primalinea/escalation"
)

// gaps are the times between attempts. They grow, and add up to a day.
var gaps = []time.Duration{
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute,
	time.Hour, 2 * time.Hour, 4 * time.Hour, 8 * time.Hour, 8 * time.Hour,
}

const (
	batch = 4                // letters on their way at once
	look  = 5 * time.Second  // how often the outbox is looked at
	mark  = 10 * time.Second // to tell the outbox what became of a letter
)

// Run sends letters as they become due, until ctx ends. What is on its way then
// is finished.
func (s *Sender) Run(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.log.Error("mail: the outbox cannot be read", "error", err)
		}
		if n == batch {
			continue // there may be more
		}
		select {
		case <-ctx.Done():
		case <-s.outbox.Woken():
		case <-time.After(look):
		}
	}
}

// Round sends the letters that are due, as many as go at once, and returns how
// many those were.
func (s *Sender) Round(ctx context.Context) (int, error) {
	// The lease outlasts the attempt, so nobody else sends what we send.
	letters, err := s.outbox.LeaseLetters(ctx, batch, 2*s.timeout+3*mark)
	if err != nil {
		return 0, err
	}
	// A letter that is half way out is not called back.
	ctx = context.WithoutCancel(ctx)
	var wg sync.WaitGroup
	for _, l := range letters {
		wg.Go(func() { s.send(ctx, l) })
	}
	wg.Wait()
	return len(letters), nil
}

// send makes one attempt, and tells the outbox how it went.
func (s *Sender) send(ctx context.Context, l escalation.Delivery) {
	if !s.wasSent(l.ID) {
		if !s.waits(ctx, l.ID) {
			return
		}
		again, err := s.attempt(ctx, l)
		if err != nil {
			s.log.Warn("mail: a letter was not sent", "letter", l.ID, "attempt", l.Attempts, "again", again, "error", redact(err))
			ctx, cancel := context.WithTimeout(ctx, mark)
			defer cancel()
			if err := s.outbox.LetterFailed(ctx, l.ID, problem(err), again); err != nil {
				s.log.Error("mail: the outbox cannot be told", "letter", l.ID, "error", err)
			}
			return
		}
		s.setSent(l.ID, true)
	}
	ctx, cancel := context.WithTimeout(ctx, mark)
	defer cancel()
	if err := s.outbox.LetterSent(ctx, l.ID); err != nil {
		// It is remembered here, so that the next lease repeats this step alone.
		s.log.Error("mail: the outbox cannot be told", "letter", l.ID, "error", err)
		return
	}
	s.setSent(l.ID, false)
}

// waits says whether a letter is still to be sent: somebody may have replaced it, or erased
// what it is about, since it was leased. While nobody knows, it is not.
func (s *Sender) waits(ctx context.Context, id string) bool {
	ctx, cancel := context.WithTimeout(ctx, mark)
	defer cancel()
	waits, err := s.outbox.LetterWaits(ctx, id)
	if err != nil {
		s.log.Error("mail: the outbox cannot be read", "letter", id, "error", err)
	}
	return waits && err == nil
}

func (s *Sender) wasSent(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[id]
}

func (s *Sender) setSent(id string, sent bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sent {
		s.sent[id] = true
	} else {
		delete(s.sent, id)
	}
}

// attempt tries to send a letter. With an error it returns when to try again;
// zero when that is of no use.
func (s *Sender) attempt(ctx context.Context, l escalation.Delivery) (again time.Time, err error) {
	if l.Attempts <= len(gaps) {
		again = s.clock().Add(gaps[max(l.Attempts, 1)-1])
	}
	if l.Attempts > len(gaps)+1 {
		// Its senders died of it, or the clock ran on without them.
		return time.Time{}, fmt.Errorf("given up after %d attempts", l.Attempts-1)
	}
	m, err := s.compose(l.Letter)
	if err != nil {
		return time.Time{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	if err := s.deliver(ctx, m); err != nil {
		if refused(err) {
			again = time.Time{}
		}
		return again, err
	}
	return time.Time{}, nil
}

// refused says whether the server will never take this letter. What it says
// about us (who signs in, who sends) is not about the letter: the operator can
// mend that.
func refused(err error) bool {
	e, ok := errors.AsType[*gomail.SendError](err)
	if !ok || e.ErrorCode() < 500 || e.ErrorCode() > 599 {
		return false
	}
	switch e.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		return true
	}
	return false
}

// problem is what staff read about a failure.
func problem(err error) string {
	return cut(oneLine(err.Error()), 500)
}

// redact is what the log says about a failure: servers repeat addresses.
func redact(err error) string {
	if e, ok := errors.AsType[*gomail.SendError](err); ok {
		return fmt.Sprintf("refused with code %d %s", e.ErrorCode(), e.EnhancedStatusCode())
	}
	return cut(oneLine(err.Error()), 200)
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
