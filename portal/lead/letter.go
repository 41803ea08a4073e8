package lead

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// letterStates are those of letters that somebody has to look at.
var letterStates = []escalation.LetterState{escalation.LetterHeld, escalation.LetterFailed}

// A lettersPage lists letters that did not go out.
type lettersPage struct {
	web.Page
	State   escalation.LetterState
	States  []escalation.LetterState
	Letters []escalation.Delivery
	Next    string // id to go on from; empty on the last page
	Mail    bool
}

// lettersAtOnce is how many letters a page shows.
const lettersAtOnce = 50

// letters serves GET /lead/letters.
func (r *Overview) letters(c *fiber.Ctx) error {
	p := lettersPage{Page: r.Page(c, "lead", "letters.title"), State: letterStates[0], States: letterStates, Mail: r.Mail}
	if s := escalation.LetterState(c.Query("state")); slices.Contains(letterStates, s) {
		p.State = s
	}
	var err error
	if p.Letters, err = r.Letters.Letters(c.UserContext(), p.State, c.Query("before"), lettersAtOnce+1); err != nil {
		return err
	}
	if len(p.Letters) > lettersAtOnce {
		p.Letters = p.Letters[:lettersAtOnce]
		p.Next = p.Letters[lettersAtOnce-1].ID
	}
	return r.Render(c, fiber.StatusOK, "lead/letters", p)
}

// release serves POST /lead/letters/{id}/release: a letter that was held or
// given up is tried once more.
func (r *Overview) release(c *fiber.Ctx) error {
	if !r.Mail {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "letters.no_mail"}
	}
	if err := r.Letters.ReleaseLetter(c.UserContext(), c.Params("id")); err != nil {
		return err
	}
	return web.Redirect(c, "/lead/letters")
}
