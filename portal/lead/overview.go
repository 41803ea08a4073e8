package lead

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Reports counts how journeys ended.
type Reports interface {
	// Deflection reports on the journeys that began in a span.
	Deflection(ctx context.Context, span journey.SearchSpan) (journey.Report, error)
}

// Letters is the outbox.
type Letters interface {
	// Letters returns those that are held or given up, newest first, made before
	// the one with an id.
	Letters(ctx context.Context, s escalation.LetterState, before string, limit int) ([]escalation.Delivery, error)
	// CountLetters counts them, up to most.
	CountLetters(ctx context.Context, s escalation.LetterState, most int) (int, error)
	// ReleaseLetter lets one be sent again.
	ReleaseLetter(ctx context.Context, id string) error
}

// Backlog is what people ask in vain.
type Backlog interface {
	List(ctx context.Context, lang string, now time.Time) (demand.List, error)
	// Judge gives lines their verdicts.
	Judge(ctx context.Context, lines []demand.Line, now time.Time) error
}

// Overview is the room for what the answers are worth and what is asked in
// vain.
type Overview struct {
	*web.Web
	Reports Reports
	Letters Letters
	Demand  Backlog
	// Tickets says which wait for a lead.
	Tickets interface {
		Count(ctx context.Context, q escalation.Queue, most int) (int, error)
	}
	Folder interface{ Library() *content.Library }
	// Experiments say what suggestions cause.
	Experiments journey.Experiments
	// Flush writes down what visitors did until now, so that a report has it.
	Flush func(context.Context) error
	// Mail says whether letters are sent at all.
	Mail bool
}

// Mount gives the room its addresses.
func (r *Overview) Mount(app fiber.Router) {
	app.Get("/lead", r.SignedIn, r.Allowed(staff.ReadReports), r.overview)
	app.Get("/lead/deflection", r.SignedIn, r.Allowed(staff.ReadReports), r.deflection)
	app.Get("/lead/deflection.csv", r.SignedIn, r.Allowed(staff.ReadReports), r.deflectionCSV)
	app.Get("/lead/letters", r.SignedIn, r.Allowed(staff.ReadReports), r.letters)
	app.Post("/lead/letters/:id/release", r.SignedIn, r.Allowed(staff.Settings), r.release)
}

// spans are the times that a report may look back, in days; the first is shown
// to who does not choose. In the last week, nothing is decided yet.
var spans = []int{28, 90}

// An overviewPage says how journeys ended, and what waits for the lead.
type overviewPage struct {
	web.Page
	Days   int
	Spans  []int
	Report journey.Report
	Caused *tried // nil: nobody has tried
	Demand demand.List
	Rows   []lineView // of them
	Held   int        // letters, counted to a hundred
	Failed int
	Alarms int // counted to a hundred
	Mail   bool
	// StepsLeft is how many steps of the set-up are open.
	StepsLeft int
}

// overview serves GET /lead.
func (r *Overview) overview(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), r.Now()
	p := overviewPage{Page: r.Page(c, "lead", "lead.title"), Days: spans[0], Spans: spans, Mail: r.Mail}
	for _, days := range spans {
		if c.QueryInt("days") == days {
			p.Days = days
		}
	}
	// While nothing can be kept, the report lacks the last moments; a lead reads here
	// what is the matter.
	if err := r.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return err
	}
	if setUp := r.Site().SetUp; !setUp.Ready() {
		p.StepsLeft = len(setting.Steps) - len(setUp.Decided)
	}
	var err error
	if p.Report, err = r.Reports.Deflection(ctx, journey.LastDays(p.Days, "", now)); err != nil {
		return err
	}
	if p.Caused, err = known(ctx, r.Experiments, p.Page, now); err != nil {
		return err
	}
	if p.Demand, err = r.Demand.List(ctx, "", now); err != nil {
		return err
	}
	p.Demand.Lines = p.Demand.Lines[:min(len(p.Demand.Lines), 5)]
	if err := r.Demand.Judge(ctx, p.Demand.Lines, now); err != nil {
		return err
	}
	p.Rows = views(&p.Page, p.Demand.Lines, demand.Price{})
	if p.Held, err = r.Letters.CountLetters(ctx, escalation.LetterHeld, 100); err != nil {
		return err
	}
	if p.Failed, err = r.Letters.CountLetters(ctx, escalation.LetterFailed, 100); err != nil {
		return err
	}
	if p.Alarms, err = r.Tickets.Count(ctx, escalation.Queue{Alarmed: true}, 100); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "lead/overview", p)
}
