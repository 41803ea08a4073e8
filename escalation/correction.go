package escalation

import "time"

// MaxCorrection is how much a reader may say about one article, in characters.
const MaxCorrection = 2000

// A CorrectionState says what became of a correction.
type CorrectionState string

// The states of a correction. Who writes the articles decides; nobody else is
// asked.
const (
	CorrectionOpen      CorrectionState = "open"
	CorrectionDone      CorrectionState = "done"
	CorrectionDismissed CorrectionState = "dismissed"
)

// A Correction is what a reader says should be changed in an article. It is no
// request: nobody waits for an answer. Its words stay as they are, for a number
// that is wrong can only be put right by a number.
type Correction struct {
	ID       string
	Article  string // key
	Lang     string
	Revision string // hash of the text that was read
	Text     string
	Email    string // for a question about it; empty once it is decided
	Made     time.Time

	State   CorrectionState
	By      ActorRef // who decided
	Decided time.Time
}

// NewCorrection returns what a reader said, cleaned, or an Invalid error.
func NewCorrection(c Correction, now time.Time) (Correction, error) {
	c.Text = CleanText(c.Text)
	if Blank(c.Text) {
		return c, invalid("text", "error.correction_missing", nil)
	}
	if len([]rune(c.Text)) > MaxCorrection {
		return c, invalid("text", "error.too_long", map[string]any{"Max": MaxCorrection})
	}
	if c.Email = CleanLine(c.Email); c.Email != "" {
		var err error
		if c.Email, err = ParseEmail("email", c.Email); err != nil {
			return c, err
		}
	}
	c.Made, c.State = stamp(now), CorrectionOpen
	return c, nil
}

// Decide returns the correction done or dismissed. The reader's address has served
// its purpose then.
func (c Correction) Decide(to CorrectionState, by ActorRef, now time.Time) (Correction, error) {
	if to != CorrectionDone && to != CorrectionDismissed {
		return c, invalid("do", "error.correction_decision", nil)
	}
	if c.State != CorrectionOpen {
		return c, conflict("error.correction_decided", nil)
	}
	c.State, c.By, c.Decided, c.Email = to, by, stamp(now), ""
	return c, nil
}
