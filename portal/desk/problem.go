package desk

import (
	"cmp"
	"context"
	"html/template"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// Problems is where known problems are kept, and answers to all that have one.
type Problems interface {
	// Problems returns those that are open, or those that are solved, the newest first.
	Problems(ctx context.Context, solved bool) ([]escalation.Problem, error)
	// Problem returns the versions of one, that in force first, or a NotFound error.
	Problem(ctx context.Context, id string) ([]escalation.Problem, error)
	// KeepProblem keeps a version of one, or is a Conflict.
	KeepProblem(ctx context.Context, p escalation.Problem) error
	// Affected returns the tickets that have one, the latest first.
	Affected(ctx context.Context, problem string) ([]escalation.Affected, error)
	// CountAffected returns how many tickets have each.
	CountAffected(ctx context.Context) (map[string]int, error)

	// BeginCircular keeps an answer to many tickets; the same one twice is one.
	BeginCircular(ctx context.Context, c escalation.Circular) error
	// Circular returns an answer to many tickets, or a NotFound error.
	Circular(ctx context.Context, id string) (escalation.Circular, error)
	// CircularsOf returns the answers to all that have a problem, the latest first.
	CircularsOf(ctx context.Context, problem string) ([]escalation.Circular, error)
}

// newProblem is the id in the address of a problem that nobody has noted yet.
const newProblem = "new"

// A problemsPage lists the known problems.
type problemsPage struct {
	web.Page
	Open, Solved []problemLine
}

// A problemLine is one of them.
type problemLine struct {
	escalation.Problem
	Tickets int
	When    template.HTML
}

// mostSolved is how many solved problems are listed.
const mostSolved = 100

// problems serves GET /desk/problems.
func (r *Room) problems(c *fiber.Ctx) error {
	ctx, now := c.UserContext(), r.Now()
	p := problemsPage{Page: r.Page(c, "desk", "problems.title")}
	counts, err := r.Problems.CountAffected(ctx)
	if err != nil {
		return err
	}
	for _, solved := range []bool{false, true} {
		list, err := r.Problems.Problems(ctx, solved)
		if err != nil {
			return err
		}
		for _, one := range list[:min(len(list), mostSolved)] {
			l := problemLine{Problem: one, Tickets: counts[one.ID]}
			if solved {
				l.When = moment(p.Speaker, one.Solved, now)
				p.Solved = append(p.Solved, l)
			} else {
				l.When = moment(p.Speaker, one.Opened, now)
				p.Open = append(p.Open, l)
			}
		}
	}
	return r.Render(c, fiber.StatusOK, "desk/problems", p)
}

// A problemPage is a known problem, or the form for a new one.
type problemPage struct {
	web.Page
	Is       escalation.Problem // in force; the zero one when it is new
	New      bool
	Ticket   string // number of the one that it is noted from
	Version  int    // that the form is of
	Beaten   bool   // a colleague changed it meanwhile: both are shown
	Done     string
	Endable  bool
	Open     bool
	Article  *article
	Speakers []string // languages of customers
	Unsaid   []string // of them, those in which its tickets are read, and nothing is said
	Lines    []affectedLine
	Total    int
	Versions []versionLine // the newest first
	Sent     []circularLine

	typed map[string]string
}

// Value returns what a field holds.
func (p *problemPage) Value(name string) string { return p.typed[name] }

// An affectedLine is a ticket that has the problem, in words.
type affectedLine struct {
	escalation.Affected
	StateIs, Colour, TeamIs, Language string
	When                              template.HTML
}

// A versionLine is what somebody made of the problem.
type versionLine struct {
	escalation.Problem
	What string
	When template.HTML
}

// A circularLine is an answer to all that had it.
type circularLine struct {
	escalation.Circular
	When template.HTML
}

// mostAffected is how many tickets of a problem are listed.
const mostAffected = 200

// readProblem returns the versions of the problem of an address; none for a new one.
func (r *Room) readProblem(c *fiber.Ctx) ([]escalation.Problem, error) {
	if c.Params("id") == newProblem {
		return nil, nil
	}
	return r.Problems.Problem(c.UserContext(), c.Params("id"))
}

// showProblem serves GET /desk/problems/{id}.
func (r *Room) showProblem(c *fiber.Ctx) error {
	versions, err := r.readProblem(c)
	if err != nil {
		return err
	}
	p, err := r.problemPage(c, versions)
	if err != nil {
		return err
	}
	if number, ok := escalation.ParseNumber(c.Query("ticket")); ok && p.New {
		t, err := r.Tickets.Ticket(c.UserContext(), number)
		if err == nil && r.Me(c).May(escalation.Read, &t) {
			p.Ticket, p.typed["title"] = number, t.Subject
		}
	}
	switch done := c.Query("done"); done {
	case "added", "saved", "ended", "resumed":
		p.Done = done
	}
	return r.Render(c, fiber.StatusOK, "desk/problem", p)
}

func (r *Room) problemPage(c *fiber.Ctx, versions []escalation.Problem) (*problemPage, error) {
	ctx, now := c.UserContext(), r.Now()
	p := &problemPage{Page: r.Page(c, "desk", "problems.new"), New: len(versions) == 0, Speakers: r.speakers(), typed: map[string]string{}}
	if p.New {
		p.Here("/desk/problems/" + newProblem)
		return p, nil
	}
	one := versions[0]
	p.Is, p.Title, p.Version = one, one.Title, one.Version
	p.Open, p.Endable = one.Solved.IsZero(), one.Endable(*r.Me(c))
	p.Here("/desk/problems/" + one.ID)
	p.typed["title"], p.typed["text"], p.typed["article"] = one.Title, one.Text, one.Article
	for lang, tell := range one.Tell {
		p.typed["tell."+lang] = tell
	}
	if a := r.Article(one.Article, p.Lang); one.Article != "" && a != nil {
		p.Article = &article{a.Key, a.Title, a.Path(), a.Lang}
	}
	for i, v := range versions {
		what := "problems.was_said"
		switch {
		case i == len(versions)-1:
			what = "problems.was_added"
		case versions[i+1].Solved.IsZero() != v.Solved.IsZero() && v.Solved.IsZero():
			what = "problems.was_resumed"
		case versions[i+1].Solved.IsZero() != v.Solved.IsZero():
			what = "problems.was_ended"
		}
		p.Versions = append(p.Versions, versionLine{v, p.T(what), moment(p.Speaker, v.Made, now)})
	}
	affected, err := r.Problems.Affected(ctx, one.ID)
	if err != nil {
		return nil, err
	}
	p.Total = len(affected)
	for i, a := range affected {
		if one.Tell[a.Lang] == "" && a.State != escalation.Closed && !slices.Contains(p.Unsaid, p.LanguageName(a.Lang)) {
			p.Unsaid = append(p.Unsaid, p.LanguageName(a.Lang))
		}
		if i < mostAffected {
			l := affectedLine{
				Affected: a, StateIs: p.T("staff.state." + string(a.State)), Colour: colour(a.State, false),
				TeamIs: p.TeamName(a.Team), Language: p.LanguageName(a.Lang), When: moment(p.Speaker, a.Opened, now),
			}
			p.Lines = append(p.Lines, l)
		}
	}
	sent, err := r.Problems.CircularsOf(ctx, one.ID)
	for _, s := range sent {
		p.Sent = append(p.Sent, circularLine{s, moment(p.Speaker, s.Made, now)})
	}
	return p, err
}

// keepProblem serves POST /desk/problems/{id}: it is noted, or something else is said of
// it, or that it is solved, or there again.
func (r *Room) keepProblem(c *fiber.Ctx) error {
	ctx, me, now := c.UserContext(), *r.Me(c), r.Now()
	versions, err := r.readProblem(c)
	if err != nil {
		return err
	}
	cmd := escalation.ProblemCommand{Title: c.FormValue("title"), Text: c.FormValue("text"), Article: c.FormValue("article"), Tell: escalation.Text{}}
	for _, lang := range r.Theme.Words.Languages() {
		cmd.Tell[lang] = c.FormValue("tell." + lang)
	}
	number, _ := escalation.ParseNumber(c.FormValue("ticket"))
	var next escalation.Problem
	done := "saved"
	switch {
	case len(versions) == 0:
		next, err = escalation.NewProblem(r.IDs(), cmd, me, now)
		done = "added"
	case c.FormValue("do") == "end":
		next, err = versions[0].End(me, now)
		done = "ended"
	case c.FormValue("do") == "resume":
		next, err = versions[0].Resume(me, now)
		done = "resumed"
	default:
		seen, _ := strconv.Atoi(c.FormValue("version")) // no number: no version
		if next, err = versions[0].Say(cmd, me, now); err == nil && seen != versions[0].Version {
			err = &escalation.Error{Kind: escalation.Conflict, Reason: "error.problem_changed"}
		}
	}
	if err == nil && next.Article != "" && r.Article(next.Article) == nil {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.article_unknown"}
	}
	if err == nil {
		err = r.Problems.KeepProblem(ctx, next)
	}
	if err != nil {
		p, wrong := r.problemPage(c, versions)
		if wrong != nil {
			return wrong
		}
		if !p.Refuse(err) {
			return err
		}
		p.Beaten = escalation.KindOf(err) == escalation.Conflict && done == "saved"
		p.Ticket = number
		p.typed = map[string]string{"title": cmd.Title, "text": cmd.Text, "article": cmd.Article}
		for lang, tell := range cmd.Tell {
			p.typed["tell."+lang] = tell
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "desk/problem", p)
	}
	if done == "ended" || done == "resumed" {
		if err := r.Circulars.Hear(ctx); err != nil { // else they hear of it a little later
			r.Log.ErrorContext(ctx, "fault", "request", web.RequestID(c), "problem", next.ID, "error", err)
		}
	}
	if done == "added" && number != "" {
		_, err := r.Tickets.Change(ctx, number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Attach(&next, me, r.IDs, r.Now())
		})
		if err == nil {
			return web.Redirect(c, "/desk/tickets/"+number+"?done=attached")
		}
		if escalation.KindOf(err) == escalation.Fault {
			return err
		}
	}
	return web.Redirect(c, "/desk/problems/"+next.ID+"?done="+done)
}

// setProblem serves POST /desk/tickets/{number}/problem: the ticket has a known problem,
// or not; and whether it is answered with the others.
func (r *Room) setProblem(c *fiber.Ctx) error {
	f := receive(c, "problem", "id")
	me := *r.Me(c)
	switch c.FormValue("do") {
	case "detach":
		return r.change(c, f, "?done=detached", func(t *escalation.Ticket) (escalation.Change, error) {
			return t.Detach(f.get("id"), me, r.IDs, r.Now())
		})
	case "by_hand", "with_all":
		return r.change(c, f, "?done="+c.FormValue("do"), func(t *escalation.Ticket) (escalation.Change, error) {
			return t.ByHand(f.get("id"), c.FormValue("do") == "by_hand", me, r.IDs, r.Now())
		})
	}
	versions, err := r.Problems.Problem(c.UserContext(), f.get("id"))
	if escalation.KindOf(err) == escalation.NotFound {
		return r.again(c, f, &escalation.Error{Kind: escalation.Invalid, Field: "id", Reason: "error.problem_choose"})
	}
	if err != nil {
		return err
	}
	return r.change(c, f, "?done=attached", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Attach(&versions[0], me, r.IDs, r.Now())
	})
}

// faults is what a ticket's page says of known problems.
type faults struct {
	Is     *escalation.Problem  // that the ticket has
	Likely []escalation.Problem // that it may have
	Others []escalation.Problem // that are open
}

// know looks for the known problem of a ticket, or for those that it may have.
func (r *Room) know(ctx context.Context, p *ticketPage) error {
	t := p.Ticket
	if t.Problem != nil {
		versions, err := r.Problems.Problem(ctx, t.Problem.ID)
		if err != nil {
			return err
		}
		p.Fault.Is = &versions[0]
		return nil
	}
	if !p.Can.Attach {
		return nil
	}
	open, err := r.Problems.Problems(ctx, false)
	if err != nil || len(open) == 0 {
		return err
	}
	p.Fault.Likely, p.Fault.Others = r.likely(t, open)
	return nil
}

// mostLikely is how many problems a ticket's page proposes.
const mostLikely = 3

// likely sorts out the problems that share words with a ticket, by how many of a
// problem's words the ticket has: at least two, and a third of one of its texts.
func (r *Room) likely(t *escalation.Ticket, open []escalation.Problem) (likely, others []escalation.Problem) {
	said := t.Subject
	if len(t.Entries) > 0 {
		said += "\n" + t.Entries[0].Text
	}
	has := map[string]bool{}
	for _, term := range r.Terms(t.Lang, said) {
		has[term] = true
	}
	score := func(p *escalation.Problem) (best float64) {
		for _, text := range []string{p.Title, p.Tell[t.Lang], p.Text} {
			terms := slices.Compact(slices.Sorted(slices.Values(r.Terms(t.Lang, text))))
			shared := 0
			for _, term := range terms {
				if has[term] {
					shared++
				}
			}
			if shared >= 2 {
				best = max(best, float64(shared)/float64(len(terms)))
			}
		}
		return best
	}
	scores := map[string]float64{}
	for i := range open {
		scores[open[i].ID] = score(&open[i])
	}
	slices.SortStableFunc(open, func(a, b escalation.Problem) int { return cmp.Compare(scores[b.ID], scores[a.ID]) })
	n := 0
	for n < min(len(open), mostLikely) && scores[open[n].ID] >= 1./3 {
		n++
	}
	return open[:n], open[n:]
}
