package audit

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"primalinea/escalation"
)

// TestChain follows a chain that is whole, and chains that are not, each wrong in one
// place.
func TestChain(t *testing.T) {
	whole := func() []Act {
		var acts []Act
		hash := ""
		for i := range int64(5) {
			a := Act{Seq: i + 1, At: time.UnixMilli(i), By: escalation.ActorRef{Kind: escalation.ByStaff, ID: "lea"}, Kind: Setting, Object: "brand", What: Changed, Last: i}
			a.Hash = a.Sum(hash)
			hash = a.Hash
			acts = append(acts, a)
		}
		return acts
	}
	head := Mark{Seq: 5, Hash: whole()[4].Hash}
	marks := []Mark{{Seq: 2, Hash: whole()[1].Hash}, {Seq: 5, Hash: whole()[4].Hash}}
	const changed = "is not what was written, or does not follow the act that stands before it"
	for _, test := range []struct {
		name   string
		tamper func(acts []Act) []Act
		want   []string
	}{
		{"nothing", func(acts []Act) []Act { return acts }, nil},
		{"an edit", func(acts []Act) []Act { acts[2].Object = "hours"; return acts }, []string{"3: " + changed}},
		{"an edit with its hash", func(acts []Act) []Act {
			acts[1].Object = "hours"
			acts[1].Hash = acts[1].Sum(acts[0].Hash)
			return acts
		}, []string{"2: had another hash when it was marked at 1970-01-01T00:00:00Z", "3: " + changed}},
		{"a deletion", func(acts []Act) []Act { return slices.Delete(acts, 2, 3) }, []string{"4: act 0.3 is missing before it", "4: " + changed}},
		{"a truncation", func(acts []Act) []Act { return acts[:3] }, []string{"0: acts 0.4 to 0.5 are missing at the end", "0: acts 0.4 to 0.5 are missing at the end: act 0.5 was marked at 1970-01-01T00:00:00Z"}},
		{"a reorder", func(acts []Act) []Act {
			acts[2], acts[3] = acts[3], acts[2]
			acts[2].Seq, acts[3].Seq = 3, 4
			return acts
		}, []string{"3: " + changed, "4: " + changed, "5: " + changed}},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Chain{Marks: slices.Clone(marks)}
			for i := range c.Marks {
				c.Marks[i].At = time.UnixMilli(0)
			}
			var found []Finding
			for _, a := range test.tamper(whole()) {
				found = append(found, c.Next(a)...)
			}
			found = append(found, c.End(head, true)...)
			var got []string
			for _, f := range found {
				var seq int64
				if f.Act != nil {
					seq = f.Act.Seq
				}
				got = append(got, fmt.Sprintf("%d: %s", seq, f.Text))
			}
			if !slices.Equal(got, test.want) {
				t.Errorf("found %q, want %q", got, test.want)
			}
		})
	}
}

// TestCovers lets an erasure answer for what it wrote anew, and finds what nobody
// wrote, and what is not there any more.
func TestCovers(t *testing.T) {
	for _, test := range []struct {
		name      string
		acts      [][2]int64
		entries   int64
		want      [][2]int64
		unwritten int64
	}{
		{"each its own", [][2]int64{{1, 2}, {3, 3}}, 3, [][2]int64{{1, 2}, {3, 3}}, 0},
		{"in any order", [][2]int64{{3, 3}, {1, 2}}, 3, [][2]int64{{1, 2}, {3, 3}}, 0},
		{"erased", [][2]int64{{1, 2}, {3, 3}, {1, 4}}, 4, [][2]int64{{1, 4}}, 0},
		{"one too many", [][2]int64{{1, 2}}, 3, [][2]int64{{1, 2}}, 3},
		{"one too few", [][2]int64{{1, 2}, {3, 4}}, 3, [][2]int64{{1, 2}, {3, 4}}, 3},
		{"nothing there", [][2]int64{{1, 2}}, 0, [][2]int64{{1, 2}}, 0},
		{"in the middle none", [][2]int64{{1, 2}, {5, 6}, {3, 3}}, 6, [][2]int64{{1, 2}, {3, 3}, {5, 6}}, 4},
		{"an entry from nowhere", [][2]int64{{1, 2}}, 1 << 60, [][2]int64{{1, 2}}, 3},
		{"out of its bounds", [][2]int64{{0, 2}, {2, 1}, {9, 8}}, 1, nil, 1},
	} {
		var acts []Act
		for _, a := range test.acts {
			acts = append(acts, Act{First: a[0], Last: a[1]})
		}
		answering, unwritten := Covers(acts, test.entries)
		var got [][2]int64
		for _, a := range answering {
			got = append(got, [2]int64{a.First, a.Last})
		}
		if !slices.Equal(got, test.want) || unwritten != test.unwritten {
			t.Errorf("%s: %v, unwritten %d; want %v, %d", test.name, got, unwritten, test.want, test.unwritten)
		}
	}
}
