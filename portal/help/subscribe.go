package help

import (
	"context"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
)

// Subscribers are told when there is an answer to what they searched in vain.
type Subscribers interface {
	// Ask writes to an address whether it wants to be told. What it answers does not
	// depend on whether the address is known.
	Ask(ctx context.Context, s demand.Subscription) error
	// Find returns a subscription by the code in its letter, or a NotFound error.
	Find(ctx context.Context, code string) (demand.Subscription, error)
	Confirm(ctx context.Context, code string) error
	Stop(ctx context.Context, code string) error
}

// A tellForm is where a searcher leaves an address to be told when there is an answer.
type tellForm struct {
	trap
	Text  string // what they searched
	Email string
}

// tell returns an empty form, or nil where it cannot be offered: without letters nobody
// could be told.
func (r *Room) tell(text string) *tellForm {
	if !r.Mail || text == "" {
		return nil
	}
	return &tellForm{trap: trap{Key: r.formKey(r.Now())}, Text: text}
}

// tellPath is the address of the form.
func tellPath(lang, text string) string {
	return "/" + lang + "/subscribe?" + url.Values{"q": {text}}.Encode()
}

// A subscribePage is the form by itself.
type subscribePage struct {
	page
	Tell *tellForm
	Sent bool
	Days int // for which an address is kept
}

func (r *Room) subscribePage(c *fiber.Ctx, text string) (*subscribePage, error) {
	p := &subscribePage{page: r.page(c, false, "subscribe.title"), Days: r.Site().Retention.Of("signals")}
	p.NoIndex = true
	p.Path = "/" + p.Lang + "/subscribe"
	for i, alt := range p.Languages {
		p.Languages[i].Path = tellPath(alt.Lang, text)
	}
	if !r.Mail {
		return p, missing()
	}
	p.Tell = r.tell(text)
	return p, nil
}

// subscribe serves GET /{lang}/subscribe.
func (r *Room) subscribe(c *fiber.Ctx) error {
	text, _ := tidy(c.Query("q"), maxQuery)
	p, err := r.subscribePage(c, text)
	if err != nil {
		return err
	}
	p.Sent = c.Query("said") == "sent"
	if p.Tell == nil && !p.Sent { // there is nothing to be told of yet
		return web.Redirect(c, inquiry{Lang: p.Lang}.path())
	}
	return r.show(c, fiber.StatusOK, "help/subscribe", p)
}

// wait serves POST /{lang}/subscribe. What it answers does not depend on the address:
// nobody learns here who waits for what.
func (r *Room) wait(c *fiber.Ctx) error {
	text, _ := tidy(c.FormValue("q"), maxQuery)
	p, err := r.subscribePage(c, text)
	if err != nil {
		return err
	}
	p.Tell = &tellForm{trap: trap{Key: c.FormValue("key"), Trap: c.FormValue("homepage")}, Text: text, Email: typed(c, "email")}
	refuse := func(err error) error {
		if !p.Refuse(err) {
			return err
		}
		return r.show(c, web.Status(escalation.KindOf(err)), "help/subscribe", p)
	}
	now := r.Now()
	sub, err := demand.NewSubscription(demand.Subscription{Email: p.Tell.Email, Lang: p.Lang, Query: text}, now)
	if err != nil {
		return refuse(err)
	}
	at, ours := r.drawn(p.Tell.Key)
	if !ours || now.Sub(at) > formLife {
		p.Tell.Key = r.formKey(now.Add(-time.Minute))
		return refuse(errLate)
	}
	if err := r.Forms.AskToBeTold(c.UserContext(), r.Address(c), now); err != nil {
		return refuse(err)
	}
	cookie := r.meet(c)
	// What looks like a program's is let pass, and nobody is written to.
	if p.Tell.Trap == "" {
		_, sub.Journey, err = r.Trails.Trail(c.UserContext(), r.visitorKey(c, cookie), now)
		if err != nil {
			r.Log.WarnContext(c.UserContext(), "trail not read", "error", err, "request", web.RequestID(c))
		}
		if err := r.Waiting.Ask(c.UserContext(), sub); err != nil {
			return refuse(err)
		}
		r.record(c, cookie, journey.Event{Kind: journey.Subscribe, Lang: p.Lang})
	}
	return web.Redirect(c, "/"+p.Lang+"/subscribe?said=sent")
}

// A subscriptionPage says what somebody waits for, and lets them begin or stop to.
type subscriptionPage struct {
	page
	Wait   demand.Subscription
	Action string
	Done   string // what they did a moment ago: "confirm" or "stop"
	Days   int    // for which they are waited for
}

// subscription serves GET /subscriptions/{code}, the link in the letter. It shows what
// would happen, and does nothing: programs follow links before people do.
func (r *Room) subscription(c *fiber.Ctx) error {
	p, err := r.subscriptionPage(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "help/subscription", p)
}

func (r *Room) subscriptionPage(c *fiber.Ctx) (*subscriptionPage, error) {
	s, err := r.Waiting.Find(c.UserContext(), unescaped(c.Params("code")))
	if err != nil {
		return nil, err
	}
	p := &subscriptionPage{page: r.page(c, false, "subscription.title"), Wait: s, Action: c.Path(), Days: r.Site().Retention.Of("signals")}
	if lang := c.Query("lang"); !r.Speaks(lang) && r.Speaks(s.Lang) {
		p.Speaker = r.Theme.Words.Speaker(s.Lang)
	}
	p.Title, p.NoIndex = p.T("subscription.title"), true
	return p, nil
}

// subscribed serves POST /subscriptions/{code}.
func (r *Room) subscribed(c *fiber.Ctx) error {
	p, err := r.subscriptionPage(c)
	if err != nil {
		return err
	}
	ctx, code := c.UserContext(), unescaped(c.Params("code"))
	if p.Done = "confirm"; c.FormValue("do") == "stop" {
		p.Done = "stop"
		err = r.Waiting.Stop(ctx, code)
	} else {
		err = r.Waiting.Confirm(ctx, code)
	}
	if err != nil {
		return err
	}
	p.Title = p.T("subscription.done." + p.Done)
	return r.Render(c, fiber.StatusOK, "help/subscription", p)
}
