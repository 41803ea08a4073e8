//go:build race

package content

// slower is how many times as much processor time the race detector may cost.
const slower = 10
