package write

import "strings"

// A diffLine is one line of two texts beside each other.
type diffLine struct {
	Side string // "both", "theirs" or "mine"; "skip" for equal lines left out
	Text string
	Left int // lines left out
}

const (
	// maxDiff is how many pairs of lines are compared; beyond, what lies between
	// the common beginning and end counts as different.
	maxDiff = 4_000_000
	around  = 2 // equal lines shown around a difference
)

// diff tells which lines one text has and the other has not.
func diff(theirs, mine string) []diffLine {
	a, b := lines(theirs), lines(mine)
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out []diffLine
	add := func(side string, all []string) {
		for _, s := range all {
			out = append(out, diffLine{Side: side, Text: s})
		}
	}
	add("both", a[:head])
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	add("both", a[len(a)-tail:])
	return folded(out)
}

func lines(s string) []string {
	return strings.Split(strings.TrimSuffix(strings.ReplaceAll(s, "\r\n", "\n"), "\n"), "\n")
}

// middle compares by the longest common subsequence.
func middle(a, b []string) (out []diffLine) {
	n, m := len(a), len(b)
	if n*m > maxDiff || n == 0 || m == 0 {
		for _, s := range a {
			out = append(out, diffLine{Side: "theirs", Text: s})
		}
		for _, s := range b {
			out = append(out, diffLine{Side: "mine", Text: s})
		}
		return out
	}
	longest := make([]int32, (n+1)*(m+1)) // of a[i:] and b[j:]
	at := func(i, j int) *int32 { return &longest[i*(m+1)+j] }
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if a[i] == b[j] {
				*at(i, j) = *at(i+1, j+1) + 1
			} else {
				*at(i, j) = max(*at(i+1, j), *at(i, j+1))
			}
		}
	}
	i, j := 0, 0
	for i < n || j < m {
		switch {
		case i < n && j < m && a[i] == b[j]:
			out = append(out, diffLine{Side: "both", Text: a[i]})
			i, j = i+1, j+1
		case j == m || i < n && *at(i+1, j) >= *at(i, j+1):
			out = append(out, diffLine{Side: "theirs", Text: a[i]})
			i++
		default:
			out = append(out, diffLine{Side: "mine", Text: b[j]})
			j++
		}
	}
	return out
}

// folded leaves out equal lines that are far from every difference.
func folded(all []diffLine) []diffLine {
	near := make([]bool, len(all))
	for i, l := range all {
		if l.Side != "both" {
			for k := max(0, i-around); k <= min(len(all)-1, i+around); k++ {
				near[k] = true
			}
		}
	}
	var out []diffLine
	for i, l := range all {
		switch {
		case near[i]:
			out = append(out, l)
		case len(out) > 0 && out[len(out)-1].Side == "skip":
			out[len(out)-1].Left++
		default:
			out = append(out, diffLine{Side: "skip", Left: 1})
		}
	}
	return out
}
