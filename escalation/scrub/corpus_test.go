package scrub

import (
	"bufio"
	"os"
	"regexp"
	"strings"
	"testing"
)

var struck = regexp.MustCompile(`\[\[([a-z-]+)\|([^\]]*)\]\]`)

// TestCorpus strikes out what testdata/corpus.txt marks, and nothing else, and says
// how much of it: recall is the share of what is personal that is struck out,
// precision the share of what is struck out that is personal. Run it with -v to see
// them by kind.
func TestCorpus(t *testing.T) {
	f, err := os.Open("testdata/corpus.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	type count struct{ right, wrong, missed int }
	counts := map[Kind]*count{}
	of := func(k Kind) *count {
		if counts[k] == nil {
			counts[k] = &count{}
		}
		return counts[k]
	}
	plain := 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		text := struck.ReplaceAllString(line, "$2")
		want := struck.ReplaceAllString(line, "[$1]")
		got, _ := Text(text)
		if want == text {
			plain++
		}
		if got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
		wanted := map[Kind]int{}
		for _, m := range Marks(want) {
			wanted[m.Kind]++
		}
		for _, m := range Marks(got) {
			if wanted[m.Kind] > 0 {
				wanted[m.Kind]--
				of(m.Kind).right++
			} else {
				of(m.Kind).wrong++
			}
		}
		for k, n := range wanted {
			of(k).missed += n
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	var all count
	for _, k := range kinds {
		c := of(k)
		t.Logf("%-7s %3d  precision %.3f  recall %.3f", k, c.right+c.missed, share(c.right, c.wrong), share(c.right, c.missed))
		all.right, all.wrong, all.missed = all.right+c.right, all.wrong+c.wrong, all.missed+c.missed
		if c.right == 0 {
			t.Errorf("nothing of kind %s is in the corpus", k)
		}
	}
	t.Logf("all     %3d  precision %.3f  recall %.3f; %d lines without", all.right+all.missed, share(all.right, all.wrong), share(all.right, all.missed), plain)
}

func share(n, rest int) float64 { return float64(n) / float64(max(n+rest, 1)) }

// FuzzAround holds that what stands beside personal data does not hide it: it is
// struck out whatever words come before and after.
func FuzzAround(f *testing.F) {
	f.Add("ordine 123456", "grazie", uint8(0))
	f.Add("CAP 20121 tel", "ordine 12345678", uint8(3))
	f.Add("(", ").", uint8(5))
	secrets := []string{
		"mario.rossi@example.it", "+39 333 1234567", "IT60X0542811101000000123456", "4111 1111 1111 1111", "490154203237518",
		"RSSMRA85T10A562S", "12345678Z", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
	}
	f.Fuzz(func(t *testing.T, before, after string, n uint8) {
		// A word may run into it: who writes x4111 means no card.
		before = strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || strings.ContainsRune("[]+/", r) {
				return -1
			}
			return r
		}, before)
		secret := secrets[int(n)%len(secrets)]
		text := before + "\n" + secret + "\n" + after
		if clean, _ := Text(text); strings.Contains(clean, secret) {
			t.Errorf("Text(%q) = %q", text, clean)
		}
	})
}
