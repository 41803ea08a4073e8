package help

import (
	"cmp"
	"crypto/rand"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A requestsPage lists what somebody asked us, and leads back to what they asked
// from elsewhere.
type requestsPage struct {
	page
	Requests []request
	Email    string
	Mail     bool // letters are sent
	Sent     bool // one may be on its way
}

// A request is a ticket as a list of its requester shows it.
type request struct {
	Number, Subject string
	State           escalation.State
	Turn            escalation.Turn
	Updated         time.Time
	Doubt           escalation.Doubt
}

// maxRequests is how many requests are shown: the latest.
const maxRequests = 100

func (r *Room) requestsPage(c *fiber.Ctx) (*requestsPage, error) {
	p := &requestsPage{page: r.page(c, false, "requests.find_title"), Mail: r.Mail}
	p.NoIndex = true
	mine := r.Session(c).Tickets
	known, err := r.merged(c.UserContext(), slices.Collect(maps.Keys(mine)))
	if err != nil {
		return nil, err
	}
	for number, grant := range mine {
		t := known[number]
		if t == nil || !holds(grant, t) {
			continue // its link is revoked
		}
		if r.goesOn(c, t, known) != "" {
			continue // it is in the list as that one
		}
		p.Requests = append(p.Requests, request{t.Number, t.Subject, t.State, t.Turn(), t.Updated, t.Doubt})
	}
	slices.SortFunc(p.Requests, func(a, b request) int {
		return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.Number, b.Number))
	})
	p.Requests = p.Requests[:min(len(p.Requests), maxRequests)]
	if len(p.Requests) > 0 || !p.Mail {
		p.Title = p.T("requests.title")
	}
	return p, nil
}

// requests serves GET /{lang}/requests: what this browser can open, and a way to
// the rest.
func (r *Room) requests(c *fiber.Ctx) error {
	p, err := r.requestsPage(c)
	if err != nil {
		return err
	}
	p.Sent = c.Query("said") == "sent" && p.Mail
	return r.Render(c, fiber.StatusOK, "help/requests", p)
}

// sendLinks serves POST /{lang}/requests. What it answers, and what it does, does
// not depend on whether there is anything of that address: nobody learns here who
// wrote to us.
func (r *Room) sendLinks(c *fiber.Ctx) error {
	p, err := r.requestsPage(c)
	if err != nil {
		return err
	}
	p.Email = typed(c, "email")
	refuse := func(err error) error {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "help/requests", p)
	}
	email, err := escalation.ParseEmail("email", p.Email)
	if err != nil {
		return refuse(err)
	}
	if !p.Mail {
		return r.Render(c, fiber.StatusOK, "help/requests", p) // it says what to do instead
	}
	if err := r.Forms.AskLinks(c.UserContext(), r.Address(c), email, r.Now()); err != nil {
		return refuse(err)
	}
	nonce := rand.Text()
	l := escalation.Letter{
		ID: escalation.NewID(), Kind: escalation.LinksLetter, To: email, Lang: p.Lang, NotBefore: r.Now(),
		Args: escalation.LetterArgs{Recipient: email, Path: "/requests/", Nonce: nonce},
	}
	if err := r.Tickets.PostLinks(c.UserContext(), l, staff.Hash(escalation.Code(r.LinkKey, nonce))); err != nil {
		return err
	}
	return web.Redirect(c, "/"+p.Lang+"/requests?said=sent")
}

// A comeBackPage asks whether to open all requests of an address here.
type comeBackPage struct {
	page
	Action string
}

// comeBack serves GET /requests/{code}, the link in that letter. It shows what would
// happen, and does nothing: programs follow links before people do.
func (r *Room) comeBack(c *fiber.Ctx) error {
	if err := r.Tickets.LinksGood(c.UserContext(), staff.Hash(unescaped(c.Params("code")))); err != nil {
		return r.cameBack(c, err)
	}
	p := comeBackPage{page: r.page(c, false, "comeback.title"), Action: c.Path()}
	p.NoIndex = true
	return r.Render(c, fiber.StatusOK, "help/comeback", p)
}

// openRequests serves POST /requests/{code}: who has it reads the mail of the address,
// and this browser may follow its tickets from now on. It works once.
func (r *Room) openRequests(c *fiber.Ctx) error {
	tickets, err := r.Tickets.UseLinks(c.UserContext(), staff.Hash(unescaped(c.Params("code"))))
	if err != nil {
		return r.cameBack(c, err)
	}
	s, lang := r.Session(c), r.Lang(c)
	for i := range tickets {
		t := &tickets[i]
		s.Tickets[t.Number] = grantOf(t)
		r.followed(c, t)
		if i == 0 && r.Speaks(t.Lang) {
			lang = t.Lang
		}
	}
	if err := r.SaveSession(c, s); err != nil {
		return err
	}
	return web.Redirect(c, "/"+lang+"/requests")
}

// cameBack leads who used a link in this browser, and comes again, to what it opened.
func (r *Room) cameBack(c *fiber.Ctx, err error) error {
	if escalation.KindOf(err) == escalation.NotFound && len(r.Session(c).Tickets) > 0 {
		return web.Redirect(c, "/"+r.Lang(c)+"/requests")
	}
	return err
}

// An addressPage asks whether an address is the requester's.
type addressPage struct {
	page
	Number, Email string
	Action        string
}

// proposed returns the ticket whose new address is confirmed by the code in the
// address of the page.
func (r *Room) proposed(c *fiber.Ctx) (escalation.Ticket, error) {
	number, ok := escalation.ParseNumber(unescaped(c.Params("number")))
	var t escalation.Ticket
	err := escalation.NoTicket()
	if ok {
		t, err = r.Tickets.Ticket(c.UserContext(), number)
	}
	if err != nil && escalation.KindOf(err) == escalation.Fault {
		return t, err
	}
	// Of a ticket that does not exist the answer is the same.
	if !t.Confirms(r.LinkKey, unescaped(c.Params("code")), r.Now()) || err != nil {
		return t, &escalation.Error{Kind: escalation.NotFound, Reason: "error.address_gone"}
	}
	return t, nil
}

// newAddress serves GET /tickets/{number}/address/{code}, the link in the letter to a
// new address. It shows what would happen, and does nothing.
func (r *Room) newAddress(c *fiber.Ctx) error {
	t, err := r.proposed(c)
	if err != nil {
		return r.confirmedBefore(c, err)
	}
	p := addressPage{page: r.page(c, false, "address.title"), Number: t.Number, Email: t.Correction.Email, Action: c.Path()}
	if lang := c.Query("lang"); !r.Speaks(lang) && r.Speaks(t.Lang) {
		p.Speaker = r.Theme.Words.Speaker(t.Lang)
		p.Title = p.T("address.title")
	}
	p.NoIndex = true
	return r.Render(c, fiber.StatusOK, "help/address", p)
}

// confirmAddress serves POST /tickets/{number}/address/{code}.
func (r *Room) confirmAddress(c *fiber.Ctx) error {
	t, err := r.proposed(c)
	if err != nil {
		return r.confirmedBefore(c, err)
	}
	now, code := r.Now(), unescaped(c.Params("code"))
	t, err = r.Tickets.Change(c.UserContext(), t.Number, func(t escalation.Ticket) (escalation.Change, error) {
		if !t.Confirms(r.LinkKey, code, now) { // taken back, or confirmed, meanwhile
			return escalation.Change{}, &escalation.Error{Kind: escalation.NotFound, Reason: "error.address_gone"}
		}
		return t.ConfirmAddress(requester(&t), escalation.NewID, now)
	})
	if err != nil {
		return r.confirmedBefore(c, err)
	}
	if err := r.grant(c, &t); err != nil {
		return err
	}
	return web.Redirect(c, "/tickets/"+t.Number+"?said=address")
}

// confirmedBefore leads who confirmed an address in this browser, and comes again,
// to the ticket.
func (r *Room) confirmedBefore(c *fiber.Ctx, err error) error {
	number, _ := escalation.ParseNumber(unescaped(c.Params("number")))
	if escalation.KindOf(err) == escalation.NotFound {
		if _, err := r.granted(c, number); err == nil {
			return web.Redirect(c, "/tickets/"+number)
		}
	}
	return err
}
