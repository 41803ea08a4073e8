package help_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"primalinea/escalation"
)

// TestAnswerTimes wants how long customers waited asked for once by many readers,
// and shown to whoever comes after the answer, not what was shown meanwhile.
func TestAnswerTimes(t *testing.T) {
	s := newSite(t, map[string]string{"en/a.md": "---\ntitle: A\n---\nText.\n"})
	var asked atomic.Int32
	begun, answer := make(chan struct{}), make(chan struct{})
	s.room.Times = func(context.Context, time.Time) (map[escalation.Channel]escalation.AnswerTime, error) {
		if asked.Add(1) == 1 {
			close(begun)
		}
		<-answer
		return map[escalation.Channel]escalation.AnswerTime{escalation.Web: {N: 12, Answered: 12, Median: 2 * time.Hour}}, nil
	}
	const times = `a first reply within .*n = 12`
	var first sync.WaitGroup
	first.Go(func() { s.get(t, "/en/channels").code(t, 200).has(t, times) })
	<-begun
	s.get(t, "/en/channels").code(t, 200).lacks(t, "n = 12") // it does not wait
	close(answer)
	first.Wait()
	s.get(t, "/en/channels").code(t, 200).has(t, times)
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times", n)
	}
}
