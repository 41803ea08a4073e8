package escalation

import "time"

// Rank is the time that so many in a hundred of some took at most: of those times
// themselves, shortest first, the nearest. It is zero of none.
func Rank(took []time.Duration, percent int) time.Duration {
	if len(took) == 0 {
		return 0
	}
	return took[(len(took)*percent+99)/100-1]
}
