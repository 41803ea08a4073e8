package help

import (
	"cmp"
	"context"
	"html/template"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/spam"
	"primalinea/portal/web"
)

// Tickets is where tickets are kept.
type Tickets interface {
	// Ticket returns the ticket with a number, or a NotFound error.
	Ticket(ctx context.Context, number string) (escalation.Ticket, error)
	TicketByID(ctx context.Context, id string) (escalation.Ticket, error)
	// Open keeps what open returns; with the same key twice, once.
	Open(ctx context.Context, key string, open func() (escalation.Change, error)) (t escalation.Ticket, created bool, err error)
	// Tickets are those of some numbers that there are.
	Tickets(ctx context.Context, numbers []string) ([]escalation.Ticket, error)
	LettersOf(ctx context.Context, ticket string) ([]escalation.Delivery, error)
	// PostLinks writes a letter with the link to all requests of its recipient, whose
	// code has a hash; if there are any, and not too often.
	PostLinks(ctx context.Context, l escalation.Letter, hash string) error
	// LinksGood returns nil if the link with a hash opens something, or a NotFound error.
	LinksGood(ctx context.Context, hash string) error
	// UseLinks returns what it opens, once, or a NotFound error.
	UseLinks(ctx context.Context, hash string) ([]escalation.Ticket, error)
	// Relate applies what rule makes of several tickets at once, or nothing; a change of
	// none of them opens one.
	Relate(ctx context.Context, numbers []string, rule func([]escalation.Ticket) ([]escalation.Change, error)) ([]escalation.Ticket, error)
	// Change applies what rule makes of a ticket, or nothing.
	Change(ctx context.Context, number string, rule func(escalation.Ticket) (escalation.Change, error)) (escalation.Ticket, error)
}

// Files keeps the bytes of what is attached.
type Files interface {
	Put(ctx context.Context, name string, r io.Reader) (evidence.Record, error)
	Open(hash string) (io.ReadSeekCloser, int64, error)

	// An upload comes piece by piece.
	Begin(id string) error
	Offset(id string) (int64, error)
	Append(u evidence.Upload, at int64, b []byte) (int64, error)
	Finish(ctx context.Context, u evidence.Upload, sum string) (evidence.Record, error)
	Abandon(id string) error
}

// Records knows whose files they are.
type Records interface {
	StageFile(ctx context.Context, r evidence.Record) error
	// Usage returns how many bytes of files are here, and of a sender's.
	Usage(ctx context.Context, sender string) (evidence.Usage, error)
	File(ctx context.Context, id string) (evidence.Record, error)

	// BeginUpload keeps an upload if admit takes it in beside what is here.
	BeginUpload(ctx context.Context, u evidence.Upload, admit func(evidence.Usage) error) error
	// Upload returns an upload, or a NotFound error.
	Upload(ctx context.Context, id string) (evidence.Upload, error)
	// UploadLike returns what the same browser began of the same file.
	UploadLike(ctx context.Context, u evidence.Upload) (evidence.Upload, error)
	FinishUpload(ctx context.Context, id string, r evidence.Record) error
	DropUpload(ctx context.Context, id string) error
}

// Trails tells what a visitor did before they wrote to us.
type Trails interface {
	Trail(ctx context.Context, visitor string, now time.Time) (trail escalation.Trail, journey string, err error)
	// Owns returns all that is kept of a visitor, the newest first.
	Owns(ctx context.Context, visitor string) ([]journey.Own, error)
	// Forget erases it.
	Forget(ctx context.Context, visitor string) error
}

// Asking is what the contact form and the customer's ticket page need.
type Asking struct {
	Tickets Tickets
	Files   Files
	Records Records
	Quota   evidence.Quota
	Trails  Trails
	LinkKey []byte // of the links to tickets
	ArmKey  []byte // of the experiment's arms
	// HoldOut returns the experiment that says what suggestions are worth.
	HoldOut func(ctx context.Context) (journey.Experiment, error)
	Mail    bool       // letters are sent, and not only kept
	Forms   spam.Guard // counts forms that anybody can send
	Waiting Subscribers
	// Inbox says what is known of the mail that comes to us.
	Inbox func() escalation.Inbox
}

// mountAsking adds the addresses of the contact form, of tickets and of files.
func (r *Room) mountAsking(app, lang fiber.Router) {
	// Whole offices share an address: these keep programs out, not people.
	often, seldom := r.Limit(300, time.Minute), r.Limit(60, time.Minute)
	lang.Get("/contact", r.form)
	lang.Post("/contact", seldom, r.ask)
	lang.Post("/contact/suggestions", often, r.suggestions)
	lang.Post("/contact/opened", often, r.openedSuggestion)
	lang.Post("/contact/solved", seldom, r.solved)
	lang.Get("/contact/solved", r.backToForm)
	lang.Get("/contact/suggestions", r.backToForm)
	lang.Get("/contact/sent/:number", often, r.sent)
	lang.Get("/trail", often, r.own)
	lang.Post("/trail", seldom, r.forget)
	lang.Get("/requests", often, r.requests)
	lang.Post("/requests", seldom, r.sendLinks)
	lang.Get("/subscribe", often, r.subscribe)
	lang.Post("/subscribe", seldom, r.wait)
	app.Get("/subscriptions/:code", often, r.subscription)
	app.Post("/subscriptions/:code", seldom, r.subscribed)
	app.Get("/requests/:code", often, r.comeBack)
	app.Post("/requests/:code", seldom, r.openRequests)
	app.Get("/tickets/:number/address/:code", often, r.newAddress)
	app.Post("/tickets/:number/address/:code", seldom, r.confirmAddress)
	app.Get("/tickets/:number/keep/:code", often, r.keep)
	app.Post("/tickets/:number/keep/:code", seldom, r.keepOpen)
	app.Get("/tickets/:number", often, r.ticket)
	app.Get("/tickets/:number/live", often, r.live)
	app.Post("/tickets/:number", seldom, r.answer)
	app.Post("/uploads", often, r.begin)
	app.Head("/uploads/:id", often, r.offset)
	app.Patch("/uploads/:id", r.Limit(2400, time.Minute), r.append) // a piece each
	app.Post("/uploads/:id", often, r.finish)
	app.Delete("/uploads/:id", often, r.abandon)
	app.Get("/files/:id", often, r.file)
	app.Get("/files/:id/picture", often, r.picture)
	app.Get("/files/:id/thumbnail", r.Limit(1200, time.Minute), r.thumbnail) // a page may show dozens
}

// A contactPage is any step of the contact form.
type contactPage struct {
	page
	draft
	Step   string                   // "write", "offer" or "check"
	Types  []escalation.RequestType // to choose from
	Kind   *escalation.RequestType  // that was chosen; nil: none
	Limits evidence.Limits
	Offer  offer
	Trail  []escalation.Moment
	Team   string // id of who reads it next
	Mail   bool   // letters are sent
	Link   string // to the ticket
	Number string
	Solved *link                           // the article that did
	Doubt  bool                            // a person looks at it first
	times  map[string]escalation.StageTime // how long requests of that kind stay in its stages
	Many   bool                            // its address got so many receipts that this one was not written
	Steps  []tick                          // of the articles that were read
	Before []request                       // that this browser sent shortly before
}

// A tick is for a step that its reader may have done already.
type tick struct {
	ID, What string
	Done     bool
}

func (r *Room) contactPage(c *fiber.Ctx, d draft, step, title string) contactPage {
	p := contactPage{page: r.page(c, false, title), draft: d, Step: step, Limits: evidence.Said(), Team: escalation.Triage, Mail: r.Mail}
	p.Types, p.Kind = r.Desk().Types, r.Desk().Type(d.Type)
	p.times = r.took(c.UserContext(), p.Kind)
	p.Path = "/" + p.Lang + "/contact"
	for i, alt := range p.Languages {
		p.Languages[i].Path = "/" + alt.Lang + "/contact"
	}
	p.NoIndex, p.Description = p.NoIndex || step != "write", p.T("ask.description", "Site", p.Site)
	p.found(r.Link(p.Path), r.everywhere("/contact"))
	return p
}

// Usual says how long a stage usually takes; empty when nobody can say.
func (p contactPage) Usual(s escalation.Stage) string { return p.usual(s, p.times) }

// show sends a step. Unlike other pages with personal words it may be kept by
// the browser that typed them: or the way back would lose them.
func (r *Room) show(c *fiber.Ctx, status int, name string, p any) error {
	if err := r.Render(c, status, name, p); err != nil {
		return err
	}
	c.Set(fiber.HeaderCacheControl, "private, no-cache")
	return nil
}

// form serves GET /{lang}/contact.
func (r *Room) form(c *fiber.Ctx) error {
	d := draft{message: message{trap: trap{Key: r.formKey(r.Now())}}, Article: c.Query("article", c.Query("from"))}
	d.Subject, _ = tidy(c.Query("q"), escalation.MaxSubject)
	d.Type = c.Query("type")
	p := r.contactPage(c, d, "write", "ask.title")
	p.NoIndex = p.NoIndex || c.Context().QueryArgs().Len() > 0
	if c.Method() == fiber.MethodGet {
		r.record(c, r.meet(c), journey.Event{Kind: journey.FormOpen, Lang: p.Lang})
	}
	return r.show(c, fiber.StatusOK, "help/contact", p)
}

// backToForm answers who asks for a step by its address.
func (r *Room) backToForm(c *fiber.Ctx) error {
	return web.Redirect(c, "/"+c.Params("lang")+"/contact")
}

// ask serves POST /{lang}/contact: one step of the form to the next. Each answer
// holds everything that was typed, so that none has to be remembered here.
func (r *Room) ask(c *fiber.Ctx) error {
	d, err := r.readDraft(c)
	if err != nil {
		return err
	}
	do := c.FormValue("do")
	p := r.contactPage(c, d, "write", "ask.title")
	if err := r.takeIn(c, &p.message, &p.page); err != nil {
		return err
	}
	if do == "write" || c.FormValue("pick") != "" || strings.HasPrefix(do, "drop-") && c.FormValue("step") != "check" {
		return r.show(c, fiber.StatusOK, "help/contact", p)
	}
	if err := p.draft.check(&p.page, p.Lang, r.Desk(), r.Now()); err != nil {
		return err
	}
	if len(p.Problems) > 0 {
		return r.show(c, fiber.StatusUnprocessableEntity, "help/contact", p)
	}
	cookie := r.meet(c)
	switch {
	case do == "send":
		return r.send(c, cookie, p)
	case do == "check":
		r.declined(c, cookie, r.offered(c.FormValue("list"), p.Lang, r.reader(c)))
	case strings.HasPrefix(do, "drop-"):
	default:
		o := r.offer(c, r.visitorKey(c, cookie), p.Lang, p.Subject, p.Text)
		switch {
		case len(o.Answers) == 0:
		case o.ID == p.Offered:
			r.declined(c, cookie, o.Answers) // a script showed them already
		default:
			r.noteOffer(c, cookie, o)
			if o.Arm == journey.HoldOut {
				break
			}
			p.Offer, p.Step, p.Title, p.NoIndex = o, "offer", p.T("offer.title"), true
			return r.show(c, fiber.StatusOK, "help/contact-offer", p)
		}
	}
	return r.showCheck(c, cookie, p, fiber.StatusOK)
}

// showCheck sends the page on which everything is read once more.
func (r *Room) showCheck(c *fiber.Ctx, cookie string, p contactPage, status int) error {
	p.Step, p.Title, p.NoIndex = "check", p.T("check.title"), true
	p.Shown = r.Now().UnixMilli()
	trail, _ := r.trail(c, cookie, p.draft)
	read, vain := p.Kind.Read(trail)
	for _, m := range read {
		done := vain[m.ID]
		if p.TriedShown {
			done = slices.Contains(p.Tried, m.ID)
		}
		p.Steps = append(p.Steps, tick{m.ID, m.What.In(p.Lang), done})
	}
	// Of an answer that was offered and left, one sentence says both.
	p.Trail = slices.DeleteFunc(trail, func(m escalation.Moment) bool {
		return m.Kind == "suggested" && slices.ContainsFunc(trail, func(o escalation.Moment) bool { return o.Kind == "declined" && o.Article == m.Article })
	})
	return r.show(c, status, "help/contact-check", p)
}

// trail returns what goes along with the request, and the journey's id. It is
// worth a lot to who answers, but not a request that fails.
func (r *Room) trail(c *fiber.Ctx, cookie string, d draft) ([]escalation.Moment, string) {
	var moments []escalation.Moment
	trail, id, err := r.Trails.Trail(c.UserContext(), r.visitorKey(c, cookie), r.Now())
	if err != nil {
		r.Log.WarnContext(c.UserContext(), "trail not read", "error", err, "request", web.RequestID(c))
	}
	lang := c.Params("lang")
	for _, m := range trail.Moments {
		if m.Kind != "form" && m.At.UnixMilli() <= d.Shown {
			moments = append(moments, m)
		}
	}
	// Who refuses cookies still comes from an article.
	lib, reader := r.Articles.Library(), r.reader(c)
	if a := r.inLang(lib, d.Article, lang, reader); a != nil && !slices.ContainsFunc(moments, func(m escalation.Moment) bool { return m.Article == a.Key }) {
		at := time.UnixMilli(d.Shown)
		moments = append(moments, escalation.Moment{At: at, Kind: "open", Article: a.Key, Title: a.Title, Lang: a.Lang})
	}
	return moments, id
}

// visitorKey returns the key under which a browser's journeys are kept.
func (r *Room) visitorKey(c *fiber.Ctx, cookie string) string {
	if cookie == "" {
		return ""
	}
	key, err := r.Visitors.Visitor(c.UserContext(), cookie, r.Now())
	if err != nil {
		r.Log.WarnContext(c.UserContext(), "visitor not known", "error", err, "request", web.RequestID(c))
	}
	return key
}

// send opens the ticket. Whoever sends the same form again is shown the ticket
// of the first time.
func (r *Room) send(c *fiber.Ctx, cookie string, p contactPage) error {
	if p.Shown == 0 {
		return r.showCheck(c, cookie, p, fiber.StatusOK) // nothing is sent unread
	}
	cmd := p.command(p.Lang, r.Desk())
	if !p.Without {
		moments, id := r.trail(c, cookie, p.draft)
		cmd.Trail, cmd.Journey = &escalation.Trail{Moments: moments}, id
	}
	now := r.Now()
	form := spam.Form{Subject: p.Subject, Text: p.Text}
	var err error
	if cmd.Signs, err = r.weigh(c, &p.trap, &form, p.Email, now); err != nil {
		if !p.Refuse(err) {
			return err
		}
		p.renew(r)
		return r.showCheck(c, cookie, p, web.Status(escalation.KindOf(err)))
	}
	t, created, err := r.Tickets.Open(c.UserContext(), cmd.Key, func() (escalation.Change, error) {
		cmd.Number = escalation.NewNumber() // another one when that is in use
		return escalation.NewTicket(cmd, escalation.RequesterOf{}, escalation.NewID, now)
	})
	if err == nil {
		err = back(&t, created)
	}
	if err != nil {
		if fieldOf(err) == "files" {
			p.Files = nil // they hang on another request, or are gone
		}
		if !p.Refuse(err) {
			return err
		}
		p.Step = "write"
		return r.show(c, web.Status(escalation.KindOf(err)), "help/contact", p)
	}
	if created {
		r.remember(c, &form, now)
	}
	if created && t.Doubt == "" {
		e := journey.Event{Kind: journey.TicketCreated, Lang: p.Lang, Ticket: t.ID}
		if p.Without {
			e.Ticket = "" // it counts, but leads nowhere
		}
		r.record(c, cookie, e)
	}
	if err := r.grant(c, &t); err != nil {
		return err
	}
	return web.Redirect(c, "/"+p.Lang+"/contact/sent/"+t.Number+"?k="+r.linkToken(&t))
}

// back returns an error if a form that was sent again must not lead to the ticket of
// the first time: its links were revoked since, and the form was as good as one.
func back(t *escalation.Ticket, created bool) error {
	if created || t.LinkGeneration == 0 {
		return nil
	}
	return &escalation.Error{Kind: escalation.Conflict, Reason: "error.sent_before"}
}

func (r *Room) linkToken(t *escalation.Ticket) string {
	return escalation.LinkToken(r.LinkKey, t.ID, t.Requester.Email, t.LinkGeneration)
}

// sent serves GET /{lang}/contact/sent/{number}: the request is with us, and
// this is the way back to it.
func (r *Room) sent(c *fiber.Ctx) error {
	t, err := r.linked(c)
	if err != nil {
		return err
	}
	p := r.contactPage(c, draft{Email: t.Requester.Email}, "sent", "sent.title")
	p.Number, p.Link = t.Number, r.Link("/tickets/"+t.Number+"?k="+r.linkToken(&t))
	p.Doubt = t.Doubt != ""
	letters, err := r.Tickets.LettersOf(c.UserContext(), t.ID)
	if err != nil {
		return err
	}
	p.Many = len(letters) == 0
	if p.Before, err = r.sentBefore(c, &t); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "help/contact-sent", p)
}

// shortlyBefore is how long after a request its sender may take another one for the same.
const shortlyBefore = time.Hour

// sentBefore returns what the same browser sent us shortly before a request, the newest
// first. Who went back and changed the words may think that these are the only ones.
func (r *Room) sentBefore(c *fiber.Ctx, t *escalation.Ticket) ([]request, error) {
	mine := r.Session(c).Tickets
	list, err := r.Tickets.Tickets(c.UserContext(), slices.Collect(maps.Keys(mine)))
	if err != nil {
		return nil, err
	}
	var before []request
	for _, o := range list {
		since := t.Opened.Sub(o.Opened)
		if o.ID != t.ID && o.Channel == escalation.Web && o.Into == nil && since >= 0 && since < shortlyBefore && holds(mine[o.Number], &o) {
			before = append(before, request{Number: o.Number, Subject: o.Subject, Updated: o.Opened})
		}
	}
	slices.SortFunc(before, func(a, b request) int { return cmp.Or(b.Updated.Compare(a.Updated), cmp.Compare(a.Number, b.Number)) })
	return before, nil
}

// solved serves POST /{lang}/contact/solved: a suggestion was the answer, and
// nothing has to be sent. What was typed comes along, in case it was not.
func (r *Room) solved(c *fiber.Ctx) error {
	d, err := r.readDraft(c)
	if err != nil {
		return err
	}
	p := r.contactPage(c, d, "solved", "answered.title")
	lib, reader := r.Articles.Library(), r.reader(c)
	key, lang, _ := strings.Cut(c.FormValue("solved"), "|")
	a := r.inLang(lib, key, lang, reader)
	if a == nil {
		return missing()
	}
	r.record(c, r.meet(c), journey.Event{Kind: journey.Confirm, Lang: a.Lang, Article: a.Key, Revision: a.Revision})
	l := r.link(lib, a, p.Lang, reader)
	p.Solved = &l
	return r.show(c, fiber.StatusOK, "help/contact-solved", p)
}

// offered returns the articles whose list a page says it showed.
func (r *Room) offered(list, lang string, reader content.Audience) []answer {
	var out []answer
	lib := r.Articles.Library()
	for _, v := range strings.Split(list, ",") {
		key, l, _ := strings.Cut(v, "|")
		if a := r.inLang(lib, key, l, reader); a != nil && len(out) < maxOffered {
			out = append(out, answer{Article: a})
		}
	}
	return out
}

// Fact returns what was typed of a fact.
func (d draft) Fact(key string) string { return d.Facts[key] }

// Asked are the facts that the form asks for.
func (p contactPage) Asked() []escalation.Need { return p.Kind.Asked() }

// Unasked are the facts that were typed for another kind: who comes back to it finds
// them.
func (p contactPage) Unasked() map[string]string {
	kept := maps.Clone(p.Facts)
	for _, n := range p.Asked() {
		delete(kept, n.Key)
	}
	return kept
}

// Lines are the lines of a text, in the page's language.
func (p page) Lines(t escalation.Text) []string { return strings.Split(t.In(p.Lang), "\n") }

// Moment says one thing of the trail in a sentence.
func (p page) Moment(m escalation.Moment) template.HTML {
	if m.Kind == "search" {
		return p.Quote("check.moment.search", m.Query, "Count", m.Hits)
	}
	title := m.Title
	if title == "" {
		title = m.Article
	}
	return p.Quote("check.moment."+m.Kind, title)
}
