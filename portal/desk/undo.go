package desk

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// An undoBar lets the reader take back what they did last.
type undoBar struct {
	What    string // they did
	Words   bool   // that a customer will read
	Seen    int    // the ticket's version since
	Seconds int    // that are left
}

// undoable returns what somebody can take back of a ticket now, or nil.
func undoable(words speaker, t *escalation.Ticket, by escalation.ActorRef, now time.Time) *undoBar {
	d := t.LastDeed()
	if d == nil || d.By != by || d.Left(now) <= 0 {
		return nil
	}
	main := d.Main()
	return &undoBar{
		What:    words.T("live.did." + string(main.Event.Kind)),
		Words:   main.Kind == escalation.Public,
		Seen:    t.Version,
		Seconds: int((d.Left(now) + time.Second - 1) / time.Second),
	}
}

// undo serves POST /desk/tickets/{number}/undo. What was typed comes back into its form.
func (r *Room) undo(c *fiber.Ctx) error {
	f := receive(c, "undo")
	seen := f.Seen
	f.Seen = 0 // nothing is typed here that a colleague's words could change
	return r.change(c, f, "?undone=1#answer", func(t *escalation.Ticket) (escalation.Change, error) {
		return t.Undo(seen, *r.Me(c), r.IDs, r.Now())
	})
}

// takenBack fills the form of what was taken back last with what was typed into it.
func (p *ticketPage) takenBack(by escalation.ActorRef) {
	entries := p.Ticket.Entries
	last := entries[len(entries)-1]
	if last.Event == nil || last.Event.Kind != escalation.EventUndone || last.By != by {
		return
	}
	d := escalation.Deed{}
	for _, e := range slices.Backward(entries[:len(entries)-1]) {
		if e.Was == nil {
			break
		}
		d.Entries = append(d.Entries, *e.Was)
		if e.ID == last.Event.About {
			break
		}
	}
	slices.Reverse(d.Entries)
	if p.Done = "undone"; len(d.Entries) == 0 {
		return
	}
	main := d.Main()
	ev := main.Event
	if main.Text != "" {
		p.Done = "undone_text"
	}
	f := form{typed: map[string]string{}, files: main.Files}
	put := func(name, value string) { f.typed[f.part+"-"+name] = value }
	when := func(t time.Time) string { return p.Local(t).Format(localTime) }
	switch ev.Kind {
	case escalation.EventAnswered:
		f.part = "reply"
	case escalation.EventAsked:
		f.part = "ask"
		put("until", when(ev.Until))
		for i, q := range ev.Questions {
			for what, value := range map[string]string{"key": p.FactName(q.Key), "text": q.Text, "why": q.Why, "again": q.Again} {
				f.typed[askedName(i+1, what)] = value
			}
		}
	case escalation.EventWaiting:
		f.part = "wait"
		put("party", ev.Party)
		put("until", when(ev.Until))
	case escalation.EventSolved:
		f.part = "solve"
		switch s := ev.Solution; {
		case s.Made:
			put("article", articleMade)
		case s.Article != "":
			put("article", articleOther)
			put("key", s.Article)
		default:
			put("article", escalation.NoArticle)
			put("reason", s.Reason)
		}
	case escalation.EventOffered:
		h := ev.Handoff
		if f.part = "handoff"; h.Rule != "" {
			f.part = "route"
			break
		}
		for name, value := range map[string]string{
			"to": h.Team + "/" + strconv.Itoa(h.Tier), "problem": h.Problem, "untried": h.Untried, "asked": h.Asked,
			"by": when(h.By), "promised": h.Promised, "tell_customer": h.Tell,
		} {
			put(name, value)
		}
		for i, row := range h.Tried {
			f.typed[triedName(i+1, "what")], f.typed[triedName(i+1, "result")] = row.What, row.Result
		}
	default:
		return
	}
	put("text", main.Text)
	for _, e := range d.Entries {
		if e.Event.Kind == escalation.EventFact {
			put(escalation.FactField+e.Event.Fact.Key, e.Event.Fact.Value)
		}
	}
	p.keep(f)
}

// undoLink adds to the address of a list what can be taken back of what was just done to
// many tickets, and until when.
func undoLink(q url.Values, changed []escalation.Ticket, now time.Time) {
	var rows []string
	for i := range changed {
		if d := changed[i].LastDeed(); d != nil {
			rows = append(rows, changed[i].Number+"."+strconv.Itoa(changed[i].Version))
		}
	}
	if len(rows) > 0 {
		q.Set("undo", strings.Join(rows, "~"))
		q.Set("until", strconv.FormatInt(now.Add(escalation.UndoTime).UnixMilli(), 10))
	}
}

// A manyBar lets the reader take back what they did to many tickets.
type manyBar struct {
	Rows    []string // number and version of each
	Back    string
	Seconds int
}

// undoMany serves POST /desk/undo: each ticket is put back by itself, and what cannot be
// is counted.
func (r *Room) undoMany(c *fiber.Ctx) error {
	undone, left := 0, 0
	rows := web.Values(c, "row")
	for _, row := range rows[:min(len(rows), mostRows)] {
		typed, seen, _ := strings.Cut(row, ".")
		number, known := escalation.ParseNumber(typed)
		version, err := strconv.Atoi(seen)
		if !known || err != nil {
			continue
		}
		_, err = r.Tickets.Change(c.UserContext(), number, func(t escalation.Ticket) (escalation.Change, error) {
			return t.Undo(version, *r.Me(c), r.IDs, r.Now())
		})
		switch {
		case err == nil:
			undone++
		case escalation.KindOf(err) == escalation.Fault:
			return err
		default:
			left++
		}
	}
	to, err := url.Parse(web.LocalPath(c.FormValue("back")))
	if err != nil || to.Path != "/desk" && to.Path != "/desk/tickets" {
		to = &url.URL{Path: "/desk"}
	}
	q := to.Query()
	q.Set("done", "undone")
	q.Set("n", strconv.Itoa(undone))
	q.Set("left", strconv.Itoa(left))
	to.RawQuery = q.Encode()
	return web.Redirect(c, to.String())
}

// mostRows is how many rows a list has, and no more can be put back at once.
const mostRows = 100

// undoMany is what can be taken back of a list's rows, as the address says; nil when it
// is too late.
func undoMany(c *fiber.Ctx, list string, now time.Time) *manyBar {
	until, err := strconv.ParseInt(c.Query("until"), 10, 64)
	left := time.UnixMilli(until).Sub(now)
	if err != nil || left <= 0 || left > escalation.UndoTime {
		return nil
	}
	b := manyBar{Back: list, Seconds: int((left + time.Second - 1) / time.Second)}
	for _, row := range strings.Split(c.Query("undo"), "~") {
		if typed, _, _ := strings.Cut(row, "."); len(b.Rows) < mostRows {
			if _, ok := escalation.ParseNumber(typed); ok {
				b.Rows = append(b.Rows, row)
			}
		}
	}
	if len(b.Rows) == 0 {
		return nil
	}
	return &b
}
