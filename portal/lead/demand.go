package lead

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/interval"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Decisions are made on what people ask in vain.
type Decisions interface {
	Backlog
	// Decided returns what was decided upon and is not back.
	Decided(ctx context.Context, lang string, now time.Time) (demand.List, error)
	Line(ctx context.Context, id string, now time.Time) (demand.Line, error)
	Decide(ctx context.Context, d demand.Decision) error
	// History returns all that was decided on a line, the newest first.
	History(ctx context.Context, line string) ([]demand.Decision, error)
	// Bench returns a line with what can be done to it by hand.
	Bench(ctx context.Context, id string, now time.Time) (demand.Bench, error)
	Arrange(ctx context.Context, act demand.Act, leave []demand.Query, now time.Time) (demand.Act, error)
}

// Prices keeps what an hour of work costs.
type Prices interface {
	Price(ctx context.Context) (demand.Price, int64, error)
	SavePrice(ctx context.Context, version int64, p demand.Price) error
}

// Demand is the room in which a lead decides what becomes of what people ask in
// vain.
type Demand struct {
	*web.Web
	Lines  Decisions
	Prices Prices
	Folder interface{ Library() *content.Library }
}

// Mount gives the room its addresses.
func (r *Demand) Mount(app fiber.Router) {
	app.Get("/lead/demand", r.SignedIn, r.Allowed(staff.ReadDemand), r.list)
	app.Get("/lead/demand.csv", r.SignedIn, r.Allowed(staff.ReadDemand), r.csv)
	app.Post("/lead/demand/price", r.SignedIn, r.Allowed(staff.Settings), r.price)
	app.Get("/lead/demand/:id", r.SignedIn, r.Allowed(staff.ReadDemand), r.line)
	app.Post("/lead/demand/:id/decide", r.SignedIn, r.Allowed(staff.ReadDemand), r.decide)
	app.Get("/lead/demand/:id/arrange", r.SignedIn, r.Allowed(staff.ReadDemand), r.arrange)
	app.Post("/lead/demand/:id/arrange", r.SignedIn, r.Allowed(staff.ReadDemand), r.rearrange)
}

// A lineView is a line in words.
type lineView struct {
	demand.Line
	page  *web.Page
	price demand.Price
}

func views(p *web.Page, lines []demand.Line, price demand.Price) []lineView {
	list := make([]lineView, len(lines))
	for i, l := range lines {
		list[i] = lineView{l, p, price}
	}
	return list
}

// Month says how many people asked within the month.
func (v lineView) Month() string {
	n := interval.Poisson(v.Recent)
	return fmt.Sprintf("%d (%s–%s)", v.Recent, v.page.Decimal(n.Low, 0), v.page.Decimal(n.High, 0))
}

// Course says how that changed.
func (v lineView) Course() string {
	t := v.Trend
	switch {
	case math.IsNaN(t.Value):
		return "–"
	case math.IsInf(t.Value, 1) && t.Low < 1:
		return v.page.T("decide.trend_first")
	case math.IsInf(t.Value, 1):
		return v.page.T("decide.trend_new", "Low", v.page.Decimal(t.Low, 1))
	}
	return v.page.T("decide.trend", "Ratio", v.page.Decimal(t.Value, 1), "Low", v.page.Decimal(t.Low, 1), "High", v.page.Decimal(t.High, 1))
}

// Rising says whether it surely changed: 1 for more, -1 for less, 0 for neither.
func (v lineView) Rising() int {
	switch {
	case v.Trend.Low > 1:
		return 1
	case v.Trend.High < 1:
		return -1
	}
	return 0
}

// Minutes says how long a request takes.
func (v lineView) Minutes() string { return v.page.Decimal(v.Handling, 0) }

// Hours says what the line is worth in a month.
func (v lineView) Hours() string {
	h := func(minutes float64) string { return v.page.Decimal(minutes/60, 1) }
	return v.page.T("decide.hours", "Hours", h(v.Weight.Value), "Low", h(v.Weight.Low), "High", h(v.Weight.High))
}

// Costs says what it costs in a month; it is empty while nobody said what an hour
// does.
func (v lineView) Costs() string {
	c, ok := v.price.Cost(&v.Line)
	if !ok {
		return ""
	}
	return v.page.T("decide.cost", "Cost", v.page.Decimal(c.Value, 0), "Low", v.page.Decimal(c.Low, 0), "High", v.page.Decimal(c.High, 0), "Currency", v.price.Currency)
}

// A demandPage lists what people ask in vain.
type demandPage struct {
	web.Page
	Only    string // language, or empty for all
	Decided bool   // those that were decided upon
	List    demand.List
	Rows    []lineView
	Pages   web.Pages
	Price   demand.Price
	Version int64
	Hour    string // as typed
	Money   string // its currency
	Saved   bool
	MayKeep bool
}

// Usual is what a request is taken to cost.
func (demandPage) Usual() float64 { return demand.Usual }

func (r *Demand) page(c *fiber.Ctx) (*demandPage, error) {
	p := &demandPage{Page: r.Page(c, "lead", "demand.title"), Decided: c.Query("show") == "decided", Saved: c.Query("done") == "price"}
	p.Here("/lead/demand")
	p.MayKeep = p.Me.May(staff.Settings, nil)
	query := url.Values{}
	if only := c.Query("only"); slices.Contains(r.Offered(), only) {
		p.Only = only
		query.Set("only", only)
	}
	ctx := c.UserContext()
	var err error
	if p.Decided {
		query.Set("show", "decided")
		p.List, err = r.Lines.Decided(ctx, p.Only, r.Now())
	} else {
		p.List, err = r.Lines.List(ctx, p.Only, r.Now())
	}
	if err != nil {
		return p, err
	}
	var from, to int
	p.Pages, from, to = web.Part(c, len(p.List.Lines), query)
	shown := p.List.Lines[from:to]
	if err := r.Lines.Judge(ctx, shown, r.Now()); err != nil {
		return p, err
	}
	if p.Price, p.Version, err = r.Prices.Price(ctx); err != nil {
		return p, err
	}
	p.Money = cmp.Or(p.Price.Currency, "EUR")
	if p.Price.Hour > 0 {
		p.Hour = hundredths(&p.Page, p.Price.Hour)
	}
	p.Rows = views(&p.Page, shown, p.Price)
	return p, nil
}

// list serves GET /lead/demand.
func (r *Demand) list(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/demand", p)
}

// price serves POST /lead/demand/price: what an hour of work costs.
func (r *Demand) price(c *fiber.Ctx) error {
	price, err := demand.NewPrice(c.FormValue("hour"), c.FormValue("currency"))
	if err == nil {
		err = r.Prices.SavePrice(c.UserContext(), version(c), price)
	}
	if err == nil {
		return web.Redirect(c, "/lead/demand?done=price#price")
	}
	p, wrong := r.page(c)
	if wrong != nil {
		return wrong
	}
	p.Hour, p.Money = c.FormValue("hour"), c.FormValue("currency")
	if !p.Refuse(err) {
		return err
	}
	return r.Render(c, web.Status(escalation.KindOf(err)), "lead/demand", p)
}

// A linePage is one thing that people ask in vain, and what may become of it.
type linePage struct {
	web.Page
	Line     lineView
	Articles []about // that may say it, or something like it
	History  []demand.Decision
	Done     string // what was decided a moment ago
	MayWrite bool
	Key      string // of the form
	Form     decisionForm
}

// An about is an article that may say what people ask.
type about struct {
	Key, Lang, Title string
	Into             []string // languages of the line in which it is missing
}

// Value names it in a form.
func (a about) Value() string { return a.Lang + "|" + a.Key }

// A decisionForm is what was typed.
type decisionForm struct {
	Choice                            demand.Choice
	Reason, Owner, Reference, Article string
	Until                             string
}

// mends is the choice that a verdict asks for.
var mends = map[demand.Matter]demand.Choice{
	demand.Missing: demand.Write, demand.Unfound: demand.Phrases, demand.Unhelpful: demand.Improve, demand.Untranslated: demand.Translate,
}

// Choices are what may become of the line: first what its verdict asks for.
func (p linePage) Choices() []demand.Choice {
	first := p.Advised()
	list := []demand.Choice{first}
	for _, c := range demand.Choices {
		possible := p.MayWrite || !c.OfArticle()
		switch {
		case c == demand.Phrases || c == demand.Improve:
			possible = possible && slices.ContainsFunc(p.Articles, func(a about) bool { return slices.Contains(p.Line.Langs, a.Lang) })
		case c == demand.Translate:
			possible = possible && slices.ContainsFunc(p.Articles, func(a about) bool { return len(a.Into) > 0 })
		}
		if c != first && possible {
			list = append(list, c)
		}
	}
	if first == "" {
		return list[1:]
	}
	return list
}

// Advised is what the verdict asks for; empty when it may not be done here.
func (p linePage) Advised() demand.Choice {
	if p.Line.Verdict == nil || !p.MayWrite {
		return ""
	}
	return mends[p.Line.Verdict.Matter]
}

// Open is the choice whose form is open.
func (p linePage) Open() demand.Choice { return cmp.Or(p.Form.Choice, p.Advised(), demand.Write) }

// OfLine reports whether an article is in a language in which people ask.
func (p linePage) OfLine(a about) bool { return slices.Contains(p.Line.Langs, a.Lang) }

// Seen names the last decision, so that of two leads who decide at once one is told.
func (p linePage) Seen() string {
	if len(p.History) == 0 {
		return ""
	}
	return p.History[0].ID
}

func (r *Demand) linePage(c *fiber.Ctx) (*linePage, error) {
	p := &linePage{Page: r.Page(c, "lead", "demand.title"), Key: rand.Text()}
	ctx := c.UserContext()
	l, err := r.Lines.Line(ctx, c.Params("id"), r.Now())
	if err != nil {
		return p, err
	}
	p.Title = l.Title
	p.Here("/lead/demand/" + l.ID)
	p.MayWrite = p.Me.May(staff.EditArticles, nil)
	price, _, err := r.Prices.Price(ctx)
	if err != nil {
		return p, err
	}
	p.Line = lineView{l, &p.Page, price}
	p.Articles = r.articles(&l)
	if p.History, err = r.Lines.History(ctx, l.ID); err != nil {
		return p, err
	}
	p.Form.Until = p.Local(r.Now()).AddDate(0, 1, 0).Format(time.DateOnly)
	return p, nil
}

// articles are those that a decision may be about: that of the verdict, those that
// people were answered with or read, and the nearest.
func (r *Demand) articles(l *demand.Line) (list []about) {
	lib, now := r.Folder.Library(), r.Now()
	add := func(key string) {
		if key == "" || slices.ContainsFunc(list, func(a about) bool { return a.Key == key }) {
			return
		}
		best := lib.BestFor(key, l.Langs...)
		if best == nil || !best.Live(now) {
			return
		}
		a := about{Key: key, Lang: best.Lang, Title: best.Title}
		for _, lang := range l.Langs {
			if t := lib.ByKey(key, lang); t == nil || !t.Live(now) {
				a.Into = append(a.Into, lang)
			}
		}
		list = append(list, a)
	}
	if l.Verdict != nil {
		add(l.Verdict.Article)
	}
	for _, key := range l.Articles {
		add(key)
	}
	for _, n := range l.Nearest {
		add(n.Key)
	}
	return list[:min(len(list), maxAbout)]
}

const maxAbout = 8

// line serves GET /lead/demand/{id}.
func (r *Demand) line(c *fiber.Ctx) error {
	p, err := r.linePage(c)
	if err != nil {
		return err
	}
	if done := demand.Choice(c.Query("done")); slices.Contains(demand.Choices, done) {
		p.Done = string(done)
	}
	return r.Render(c, fiber.StatusOK, "lead/line", p)
}

// decide serves POST /lead/demand/{id}/decide: what becomes of a line that is not done
// to an article.
func (r *Demand) decide(c *fiber.Ctx) error {
	p, err := r.linePage(c)
	if err != nil {
		return err
	}
	p.Form = decisionForm{
		Choice: demand.Choice(c.FormValue("choice")), Reason: c.FormValue("reason"),
		Owner: c.FormValue("owner"), Reference: c.FormValue("reference"), Until: c.FormValue("until"),
	}
	d := demand.Decision{ID: c.FormValue("key"), Line: p.Line.ID, Choice: p.Form.Choice, By: p.Me.Ref(), At: r.Now()}
	if !formKey(d.ID) {
		d.ID = ""
	}
	again := d.ID != "" && slices.ContainsFunc(p.History, func(o demand.Decision) bool { return o.ID == d.ID })
	switch d.Choice {
	case demand.Product:
		d.Owner, d.Reason = p.Form.Owner, p.Form.Reference
	case demand.Snooze:
		d.Until, err = demand.ParseDay(p.Form.Until, p.Local(r.Now()).Location())
	case demand.Decline:
		d.Reason = p.Form.Reason
	default:
		err = &escalation.Error{Kind: escalation.Invalid, Field: "choice", Reason: "error.demand_decision"}
	}
	if err == nil && !again && c.FormValue("seen") != p.Seen() {
		err = &escalation.Error{Kind: escalation.Conflict, Reason: "error.demand_decided"}
	}
	if err == nil {
		err = r.Lines.Decide(c.UserContext(), d)
	}
	if err != nil {
		if p.Refuse(err) {
			return r.Render(c, web.Status(escalation.KindOf(err)), "lead/line", p)
		}
		return err
	}
	r.Log.InfoContext(c.UserContext(), "demand decided", "line", d.Line, "choice", string(d.Choice), "by", p.Me.ID)
	return web.Redirect(c, "/lead/demand/"+p.Line.ID+"?done="+string(d.Choice))
}

// formKey reports whether a text may be the key of a form of ours.
func formKey(s string) bool {
	return len(s) == 26 && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == ""
}

// Said says what was decided, in a sentence.
func (p linePage) Said(d demand.Decision) string {
	title := d.Article
	for _, a := range p.Articles {
		if a.Key == d.Article {
			title = a.Title
		}
	}
	lang := ""
	if d.Lang != "" {
		lang = p.LanguageName(d.Lang)
	}
	return p.T("decide.was."+string(d.Choice), "Title", title, "Language", lang, "Owner", d.Owner, "Reason", d.Reason, "Until", p.Date(d.Until))
}

// BackSays says why a line that was decided upon is back.
func (v lineView) BackSays() string {
	return v.page.T("decide.back."+string(v.Back.Why), "Count", v.Back.People)
}

// csv serves GET /lead/demand.csv: all lines that are shown, what is worth most first.
func (r *Demand) csv(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), r.Now()
	open, err := r.Lines.List(ctx, "", now)
	if err != nil {
		return err
	}
	decided, err := r.Lines.Decided(ctx, "", now)
	if err != nil {
		return err
	}
	price, _, err := r.Prices.Price(ctx)
	if err != nil {
		return err
	}
	lines := append(open.Lines, decided.Lines...)
	if err := r.Lines.Judge(ctx, lines, now); err != nil {
		return err
	}
	rows := [][]string{{
		"line", "lang", "asked", "people_28_days", "people_low", "people_high", "people_90_days", "searches", "requests", "waiting",
		"minutes", "minutes_of", "trend", "trend_low", "trend_high", "hours_a_month", "hours_low", "hours_high",
		"cost_a_month", "cost_low", "cost_high", "currency", "verdict", "article", "state", "decision", "decision_article", "owner", "reference", "until", "decided_by", "decided",
	}}
	number := func(x float64, digits int) string {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return ""
		}
		return strconv.FormatFloat(x, 'f', digits, 64)
	}
	three := func(e interval.Estimate, by float64, digits int) []string {
		return []string{number(e.Value*by, digits), number(e.Low*by, digits), number(e.High*by, digits)}
	}
	for i := range lines {
		l := &lines[i]
		cost, verdict, decision := make([]string, 4), make([]string, 2), make([]string, 7)
		if e, ok := price.Cost(l); ok {
			cost = append(three(e, 1, 2), price.Currency)
		}
		if v := l.Verdict; v != nil {
			verdict = []string{string(v.Matter), v.Article}
		}
		state := "open"
		if d := l.Decision; d != nil {
			if state = "decided"; l.Back != nil {
				state = "back"
			}
			decision = []string{string(d.Choice), d.Article, d.Owner, d.Reason, "", d.By.Name, d.At.Format(time.DateOnly)}
			if d.Choice == demand.Snooze {
				decision[4] = d.Until.Format(time.DateOnly)
			}
		}
		rows = append(rows, slices.Concat(
			[]string{l.ID, l.Lang, l.Title}, three(interval.Poisson(l.Recent), 1, 0), []string{strconv.Itoa(l.People), strconv.Itoa(l.Searches), strconv.Itoa(len(l.Tickets)), strconv.Itoa(l.Waiting)},
			[]string{number(l.Handling, 0), strconv.Itoa(l.Handled)}, three(l.Trend, 1, 2), three(l.Weight, 1./60, 1), cost, verdict, []string{state}, decision,
		))
	}
	return web.SendCSV(c, "demand.csv", rows)
}
