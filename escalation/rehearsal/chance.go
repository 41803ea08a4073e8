package rehearsal

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

// A Chance is where one visitor, or one ticket, takes its luck from. Each has its
// own, so that it does not matter in which order they act.
type Chance struct{ *rand.Rand }

// NewChance returns the luck of somebody, from the seed of all.
func NewChance(seed, of uint64) Chance { return Chance{rand.New(rand.NewPCG(seed, of))} }

// is says yes with a probability.
func (c Chance) is(p float64) bool { return c.Float64() < p }

// between returns a time within bounds, evenly.
func (c Chance) between(least, most time.Duration) time.Duration {
	return least + time.Duration(c.Float64()*float64(most-least))
}

// around returns a time that is mostly short and seldom long, with a mean, and at
// most six times it.
func (c Chance) around(mean time.Duration) time.Duration {
	return time.Duration(min(-math.Log(1-c.Float64()), 6) * float64(mean))
}

func pick[T any](c Chance, list []T) T { return list[c.IntN(len(list))] }

// weighted returns the place of one of several weights.
func (c Chance) weighted(n int, weight func(int) float64) int {
	sum := 0.0
	for i := range n {
		sum += weight(i)
	}
	left := c.Float64() * sum
	for i := range n {
		if left -= weight(i); left < 0 {
			return i
		}
	}
	return n - 1
}

const letters = "abcdefghijklmnopqrstuvwxyz234567"

// id returns a name as long as those of [escalation.NewID], but from the seed.
func (c Chance) id() string {
	var b strings.Builder
	for range 26 {
		b.WriteByte(letters[c.IntN(len(letters))])
	}
	return b.String()
}

// number returns a ticket's number such as [escalation.NewNumber] makes.
func (c Chance) number() string {
	const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	b := make([]byte, 8)
	for i := range b {
		b[i] = digits[c.IntN(len(digits))]
	}
	return string(b)
}

// visitor returns a key such as [journey.Salts] makes of a cookie.
func (c Chance) visitor() string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], c.Uint64())
	binary.BigEndian.PutUint64(b[8:], c.Uint64())
	return base64.RawURLEncoding.EncodeToString(b[:])
}
