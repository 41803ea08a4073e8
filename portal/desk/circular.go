package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// Circulars sends what is kept; circular.Sender is one.
type Circulars interface {
	// Send sends what is left of an answer to many tickets.
	Send(ctx context.Context, id string) error
	// Hear lets the tickets of problems know which are solved.
	Hear(ctx context.Context) error
}

// sentAtOnce is to how many tickets an answer goes while its writer waits for the page;
// those of more go a little later.
const sentAtOnce = 50

// A chosen is a ticket as a list showed it.
type chosen struct {
	Number string
	Seen   int
}

// rows returns the tickets that a form names, each once, and what cannot be read of it.
func rows(typed []string) (list []chosen, wrong []string) {
	slices.Sort(typed)
	for _, row := range slices.Compact(typed) {
		number, seen, _ := strings.Cut(row, ".")
		n, known := escalation.ParseNumber(number)
		version, err := strconv.Atoi(seen)
		if !known || err != nil || version < 1 {
			wrong = append(wrong, row)
			continue
		}
		list = append(list, chosen{n, version})
	}
	return list, wrong
}

// inRows writes tickets as forms carry them.
func inRows(list []chosen) string {
	var out []string
	for _, k := range list {
		out = append(out, k.Number+"."+strconv.Itoa(k.Seen))
	}
	return strings.Join(out, " ")
}

// A circularPage is the form for an answer to many tickets, with what each would read.
type circularPage struct {
	web.Page
	Fault  *escalation.Problem // that they have; nil: they were chosen
	Rows   string              // all of them, as the form carries them
	Key    string
	Back   string
	Langs  []langText // that are needed
	To     int        // how many get it
	Out    []refused
	Later  int  // past how many they are looked at when it is sent; 0: all were
	Looked bool // what is written was looked at, and can be sent
	Solves bool
	Reason string // why no article answers them, when they are solved without a problem

	Placeholders []string
}

// A langText is the answer in one language.
type langText struct {
	Lang, Name, Field string
	Count             int    // of tickets
	Text              string // as it was typed
	Number            string // of a ticket that has it
	Reads             string // what that one reads
}

// answerProblem serves GET /desk/problems/{id}/answer: all that have it are answered.
func (r *Room) answerProblem(c *fiber.Ctx) error {
	versions, err := r.Problems.Problem(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	affected, err := r.Problems.Affected(c.UserContext(), versions[0].ID)
	if err != nil {
		return err
	}
	var list []chosen
	for _, a := range affected {
		if a.State != escalation.Closed { // these are over, and of an old problem there are many
			list = append(list, chosen{a.Number, a.Version})
		}
	}
	p, _, err := r.circularPage(c, &versions[0], list, nil)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, "desk/circular", p)
}

// answerMany serves POST /desk/circulars: what is written is looked at, or sent.
func (r *Room) answerMany(c *fiber.Ctx) error {
	var problem *escalation.Problem
	if id := c.FormValue("problem"); id != "" {
		versions, err := r.Problems.Problem(c.UserContext(), id)
		if err != nil {
			return err
		}
		problem = &versions[0]
	}
	// The key is the sender's alone, and one form sends once whatever is in it.
	h := sha256.Sum256([]byte(r.Me(c).ID + "\x00" + c.FormValue("key")))
	id := hex.EncodeToString(h[:16])
	if _, err := r.Problems.Circular(c.UserContext(), id); err == nil {
		return web.Redirect(c, "/desk/circulars/"+id)
	} else if escalation.KindOf(err) != escalation.NotFound {
		return err
	}
	list, wrong := rows(strings.Fields(c.FormValue("rows")))
	p, all, err := r.circularPage(c, problem, list, wrong)
	if err != nil {
		return err
	}
	var langs []string
	for _, l := range p.Langs {
		langs = append(langs, l.Lang)
	}
	all, err = escalation.NewCircular(all, langs, r.Now())
	if err == nil && all.Solves && all.Article == "" && escalation.Blank(all.Reason) {
		err = &escalation.Error{Kind: escalation.Invalid, Field: "reason", Reason: "error.no_article_why"}
	}
	if err != nil {
		if !p.Refuse(err) {
			return err
		}
		return r.Render(c, web.Status(escalation.KindOf(err)), "desk/circular", p)
	}
	if c.FormValue("do") != "send" || c.FormValue("key") == "" {
		p.Looked = true
		return r.Render(c, fiber.StatusOK, "desk/circular", p)
	}
	all.ID = id
	if err := r.Problems.BeginCircular(c.UserContext(), all); err != nil {
		return err
	}
	if p.To <= sentAtOnce {
		if err := r.Circulars.Send(c.UserContext(), all.ID); err != nil { // it is tried again
			r.Note(c, err, "circular", all.ID)
		}
	}
	return web.Redirect(c, "/desk/circulars/"+all.ID)
}

// circularPage returns the form for an answer to tickets, as it was filled in, with who
// is left out and why; and that answer. Of a problem that very many have, the rest are
// looked at only when it is sent, as all are then. A ticket that cannot be read is left
// out too: it keeps the others from nothing.
func (r *Room) circularPage(c *fiber.Ctx, problem *escalation.Problem, list []chosen, wrong []string) (*circularPage, escalation.Circular, error) {
	ctx, me := c.UserContext(), *r.Me(c)
	p := &circularPage{
		Page: r.Page(c, "desk", "circular.title"), Fault: problem, Rows: inRows(list), Key: c.FormValue("key"), Back: listOf(c),
		Solves: c.FormValue("solves") != "", Reason: c.FormValue("reason"), Placeholders: escalation.Placeholders,
	}
	p.Here("/desk/circulars")
	if p.Key == "" {
		p.Key = r.IDs()
	}
	all := escalation.Circular{By: me.Ref(), Body: escalation.Text{}, Solves: p.Solves, Reason: p.Reason}
	if problem != nil {
		p.Back = "/desk/problems/" + problem.ID
		all.Problem, all.Article = problem.ID, problem.Article
		if problem.Article == "" {
			all.Reason = problem.Title
		}
	}
	tried := all // says something in every language: only the tickets are looked at
	tried.Body = escalation.Text{}
	for _, lang := range r.Theme.Words.Languages() {
		all.Body[lang], tried.Body[lang] = c.FormValue("text."+lang), "…"
	}
	if tried.Solves && tried.Article == "" {
		tried.Reason = "…"
	}
	for _, row := range wrong {
		p.Out = append(p.Out, refused{row, p.T("error.bulk_row")})
	}
	affected := map[string]escalation.Affected{}
	if problem != nil && len(list) > escalation.MaxCopies {
		p.Later = escalation.MaxCopies
		have, err := r.Problems.Affected(ctx, problem.ID)
		if err != nil {
			return nil, all, err
		}
		for _, a := range have {
			affected[a.Number] = a
		}
	}
	var faults []error
	for n, k := range list {
		if a, ok := affected[k.Number]; ok && n >= p.Later && a.Answerable(tried.Solves) {
			if i := slices.IndexFunc(p.Langs, func(l langText) bool { return l.Lang == a.Lang }); i >= 0 { // of each language one is read
				p.To++
				p.Langs[i].Count++
				all.Copies = append(all.Copies, escalation.Copy{Number: k.Number, Seen: k.Seen})
				continue
			}
		}
		t, err := r.Tickets.Ticket(ctx, k.Number)
		if err == nil && !me.May(escalation.Read, &t) {
			err = escalation.NoTicket()
		}
		if err == nil {
			var kind *escalation.RequestType
			var joined []escalation.Ticket
			if kind, err = r.TypeOf(ctx, &t); err == nil {
				joined, err = t.Joining(func(id string) (escalation.Ticket, error) { return r.Tickets.TicketByID(ctx, id) })
			}
			if err == nil {
				_, err = t.Answer(&tried, k.Seen, joined, r.Desk(), kind, me, r.IDs, r.Now())
			}
		}
		if err != nil {
			e, ok := errors.AsType[*escalation.Error](err)
			if !ok || e.Kind == escalation.Fault {
				faults, e = append(faults, err), &escalation.Error{Kind: escalation.Fault, Reason: "error.circular_unread"}
			}
			p.Out = append(p.Out, refused{k.Number, p.Say(e)})
			all.Copies = append(all.Copies, escalation.Copy{Number: k.Number, Seen: k.Seen, Done: true, LeftOut: escalation.LeftOut(e)})
			continue
		}
		p.To++
		all.Copies = append(all.Copies, escalation.Copy{Number: k.Number, Seen: k.Seen})
		i := slices.IndexFunc(p.Langs, func(l langText) bool { return l.Lang == t.Lang })
		if i < 0 {
			i = len(p.Langs)
			typed := escalation.CleanText(all.Body[t.Lang])
			p.Langs = append(p.Langs, langText{Lang: t.Lang, Name: p.LanguageName(t.Lang), Field: "text." + t.Lang, Text: all.Body[t.Lang], Number: t.Number})
			if typed != "" {
				p.Langs[i].Reads = all.Text(&t, me.Ref(), r.Desk())
			}
		}
		p.Langs[i].Count++
	}
	slices.SortFunc(p.Langs, func(a, b langText) int { return b.Count - a.Count })
	switch fault := errors.Join(faults...); {
	case ctx.Err() != nil, fault != nil && len(faults) == len(list): // it is no fault of one ticket
		return nil, all, errors.Join(fault, ctx.Err())
	case fault != nil:
		r.Note(c, fault)
	}
	return p, all, nil
}

// A sentPage says what became of an answer to many tickets.
type sentPage struct {
	web.Page
	Circular escalation.Circular
	Problem  *escalation.Problem
	When     template.HTML
	Sent     []string // numbers
	Left     int      // still to be sent
	Out      []refused
}

// showCircular serves GET /desk/circulars/{id}.
func (r *Room) showCircular(c *fiber.Ctx) error {
	all, err := r.Problems.Circular(c.UserContext(), c.Params("id"))
	if err != nil {
		return err
	}
	p := sentPage{Page: r.Page(c, "desk", "circular.sent_title"), Circular: all}
	p.When = moment(p.Speaker, all.Made, r.Now())
	p.Here("/desk/circulars/" + all.ID)
	if all.Problem != "" {
		versions, err := r.Problems.Problem(c.UserContext(), all.Problem)
		if err != nil {
			return err
		}
		p.Problem = &versions[0]
	}
	for _, k := range all.Copies {
		switch {
		case !k.Done:
			p.Left++
		case k.LeftOut == "":
			p.Sent = append(p.Sent, k.Number)
		default:
			p.Out = append(p.Out, refused{k.Number, p.Say(&escalation.Error{Reason: k.LeftOut})})
		}
	}
	return r.Render(c, fiber.StatusOK, "desk/sent", p)
}

// listOf is the address of the list that a form was on.
func listOf(c *fiber.Ctx) string {
	if back := web.LocalPath(c.FormValue("back")); back != "/" {
		return back
	}
	return "/desk"
}
