//go:build !race

package content

// slower is 1: nothing watches, and a figure is what it says.
const slower = 1
