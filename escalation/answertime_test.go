package escalation

import (
	"testing"
	"time"
)

func TestAnswerTime(t *testing.T) {
	h := func(hours ...int) (out []time.Duration) {
		for _, n := range hours {
			out = append(out, time.Duration(n)*time.Hour)
		}
		return out
	}
	for _, test := range []struct {
		name    string
		replies []time.Duration
		waiting int
		want    AnswerTime
		few     bool
	}{
		{"nothing", nil, 0, AnswerTime{}, true},
		{"three of three", h(9, 1, 2), 0, AnswerTime{3, 3, 2 * time.Hour}, true},
		{"four of four: by the second", h(4, 3, 2, 1), 0, AnswerTime{4, 4, 2 * time.Hour}, true},
		{"those who wait are the slowest", h(1, 2, 3), 2, AnswerTime{5, 3, 3 * time.Hour}, false},
		{"most still wait", h(1, 2), 4, AnswerTime{6, 2, 0}, false},
		{"all wait", nil, 9, AnswerTime{9, 0, 0}, false},
	} {
		if got := NewAnswerTime(test.replies, test.waiting); got != test.want || got.TooFew() != test.few {
			t.Errorf("%s: %+v, too few %t; want %+v, %t", test.name, got, got.TooFew(), test.want, test.few)
		}
	}
}
