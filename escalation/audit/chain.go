package audit

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// A Finding is one thing that is not as it was written.
type Finding struct {
	Act  *Act   // the first act that shows it; nil when none does
	Text string // in English, as the command line speaks
}

// String says it in one line.
func (f Finding) String() string {
	if f.Act == nil {
		return f.Text
	}
	return fmt.Sprintf("act %d.%d (%s, %s %s: %s): %s", f.Act.Lane, f.Act.Seq, f.Act.At.UTC().Format(time.RFC3339), f.Act.Kind, f.Act.Object, f.Act.What, f.Text)
}

// A Chain follows one lane from its first act.
type Chain struct {
	Lane  int
	Marks []Mark // of this lane, in their order
	seq   int64
	hash  string
}

// Next looks at the act that comes next, and returns what is wrong with it. It goes
// on from what the act itself says, so one lie is found once.
func (c *Chain) Next(a Act) []Finding {
	var found []Finding
	if a.Seq != c.seq+1 {
		found = append(found, Finding{&a, fmt.Sprintf("%s before it", missing(c.Lane, c.seq+1, a.Seq-1))})
	}
	if a.Sum(c.hash) != a.Hash {
		found = append(found, Finding{&a, "is not what was written, or does not follow the act that stands before it"})
	}
	for len(c.Marks) > 0 && c.Marks[0].Seq <= a.Seq {
		if m := c.Marks[0]; m.Seq == a.Seq && m.Hash != a.Hash {
			found = append(found, Finding{&a, fmt.Sprintf("had another hash when it was marked at %s", m.At.UTC().Format(time.RFC3339))})
		}
		c.Marks = c.Marks[1:]
	}
	c.seq, c.hash = a.Seq, a.Hash
	return found
}

// End compares where the chain ends with its head and with the marks that are left.
func (c *Chain) End(head Mark, ok bool) []Finding {
	var found []Finding
	switch {
	case !ok:
		found = append(found, Finding{nil, fmt.Sprintf("lane %d: its head is missing", c.Lane)})
	case head.Seq > c.seq:
		found = append(found, Finding{nil, missing(c.Lane, c.seq+1, head.Seq) + " at the end"})
	case head.Seq != c.seq || head.Hash != c.hash:
		found = append(found, Finding{nil, fmt.Sprintf("lane %d ends with act %d.%d, its head says %d.%d or has another hash", c.Lane, c.Lane, c.seq, c.Lane, head.Seq)})
	}
	if n := len(c.Marks); n > 0 {
		m := c.Marks[n-1]
		found = append(found, Finding{nil, fmt.Sprintf("%s at the end: act %d.%d was marked at %s", missing(c.Lane, c.seq+1, m.Seq), c.Lane, m.Seq, m.At.UTC().Format(time.RFC3339))})
	}
	return found
}

func missing(lane int, from, to int64) string {
	if from == to {
		return fmt.Sprintf("act %d.%d is missing", lane, from)
	}
	return fmt.Sprintf("acts %d.%d to %d.%d are missing", lane, from, lane, to)
}

// Covers returns, for the entries of a ticket, which act answers for which: of
// several that wrote an entry, the last, for an erasure writes again what others
// had written. acts are those of the ticket, in any order. It returns the acts that
// answer for something, and after them those that wrote what is not there, and the
// first entry that nobody wrote, 0 for none.
func Covers(acts []Act, entries int64) (answering []Act, unwritten int64) {
	var late []Act
	acts = slices.DeleteFunc(slices.Clone(acts), func(a Act) bool {
		if a.First < 1 || a.Last < a.First {
			return true
		}
		if a.Last > entries {
			late = append(late, a)
		}
		return a.Last > entries
	})
	slices.SortFunc(acts, func(a, b Act) int { return cmp.Or(cmp.Compare(b.Last, a.Last), cmp.Compare(a.First, b.First)) })
	left := entries // from the first to this one, no act was found yet
	for _, a := range acts {
		if a.First > left {
			continue
		}
		if a.Last < left {
			unwritten = a.Last + 1
		}
		answering, left = append(answering, a), a.First-1
	}
	if left > 0 {
		unwritten = 1
	}
	slices.Reverse(answering)
	return append(answering, late...), unwritten
}
