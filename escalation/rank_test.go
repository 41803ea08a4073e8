package escalation_test

import (
	"testing"
	"time"

	"primalinea/escalation"
)

func TestRank(t *testing.T) {
	for _, test := range []struct {
		took    []time.Duration
		percent int
		want    time.Duration
	}{
		{nil, 50, 0},
		{[]time.Duration{7}, 50, 7},
		{[]time.Duration{7}, 90, 7},
		{[]time.Duration{1, 9}, 50, 1}, // half of them took no longer
		{[]time.Duration{1, 9}, 51, 9},
		{[]time.Duration{1, 2, 3}, 50, 2},
		{[]time.Duration{1, 2, 3, 4, 5}, 80, 4},
		{[]time.Duration{1, 2, 3, 4, 5, 6}, 80, 5},
		{[]time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 90, 9},
		{[]time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 90, 10},
		{[]time.Duration{1, 2, 3}, 100, 3},
	} {
		if got := escalation.Rank(test.took, test.percent); got != test.want {
			t.Errorf("Rank(%d, %d) = %d, want %d", test.took, test.percent, got, test.want)
		}
	}
}
