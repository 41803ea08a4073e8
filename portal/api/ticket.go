package api

import (
	"cmp"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/staff"
)

type ticket struct {
	Number      string    `json:"number"`
	Subject     string    `json:"subject"`
	Lang        string    `json:"lang"`
	Channel     string    `json:"channel"`
	RequestType string    `json:"request_type,omitempty"`
	Priority    int       `json:"priority"`
	Name        string    `json:"name,omitempty"`
	Email       string    `json:"email,omitempty"`
	State       string    `json:"state"`
	Turn        string    `json:"turn"`
	Team        string    `json:"team"`
	Tier        int       `json:"tier"`
	HighestTier int       `json:"highest_tier"`
	SolvedTier  int       `json:"solved_tier,omitempty"`
	Owner       string    `json:"owner"`    // "general" while the General desk answers for it
	Assignee    string    `json:"assignee"` // empty while nobody works on it
	Frozen      bool      `json:"frozen"`
	Doubt       string    `json:"doubt,omitempty"` // suspected, spam or merged
	Erased      time.Time `json:"erased,omitzero"` // when all that somebody said was taken out
	Opened      time.Time `json:"opened"`
	Updated     time.Time `json:"updated"`
	Link        string    `json:"url"` // of the desk
	Entries     []entry   `json:"entries"`
	Trail       []moment  `json:"trail"`
	Handoffs    []handoff `json:"handoffs"`
	Facts       []fact    `json:"facts"`
	Steps       []step    `json:"steps"`
	Solution    *solution `json:"solution,omitempty"`
	Problem     *problem  `json:"problem,omitempty"`
	MergedInto  string    `json:"merged_into,omitempty"` // numbers
	MergedFrom  []string  `json:"merged_from,omitempty"`
	SplitFrom   string    `json:"split_from,omitempty"`
	SplitInto   []string  `json:"split_into,omitempty"`
	Parent      string    `json:"parent,omitempty"` // of a task
	Result      string    `json:"result,omitempty"` // of one that is over
	Tasks       []string  `json:"tasks,omitempty"`
}

type entry struct {
	ID     string    `json:"id"`
	At     time.Time `json:"at"`
	Author string    `json:"author"` // requester, staff or system
	By     string    `json:"by,omitempty"`
	Kind   string    `json:"kind"` // public, note or event
	Event  string    `json:"event,omitempty"`
	Text   string    `json:"text"`
	To     string    `json:"moved_to,omitempty"`   // number of the ticket in which it stands
	From   string    `json:"moved_from,omitempty"` // and of that in which it was said
}

// A problem is a known one that the ticket has in common with others.
type problem struct {
	ID     string `json:"id"`
	ByHand bool   `json:"by_hand"`
	Solved bool   `json:"solved"`
}

type moment = escalation.Moment

// A fact is something known. One whose place another took is superseded.
type fact struct {
	Key        string `json:"key"`
	Value      string `json:"value"`
	State      string `json:"state"`
	Confidence string `json:"confidence"`
	Source     string `json:"source"` // id of an entry
	Superseded bool   `json:"superseded,omitempty"`
}

type handoff struct {
	ID       string             `json:"id"`
	State    string             `json:"state"`
	FromTeam string             `json:"from_team"`
	FromTier int                `json:"from_tier"`
	Team     string             `json:"team"`
	Tier     int                `json:"tier"`
	Problem  string             `json:"problem"`
	Tried    []escalation.Tried `json:"tried"`
	Asked    string             `json:"asked"`
	By       time.Time          `json:"by"`
	Promised string             `json:"promised,omitempty"`
	Tell     string             `json:"tell_customer,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	Missing  []string           `json:"missing,omitempty"`
}

// A step is something that was tried.
type step struct {
	ID      string    `json:"id,omitempty"` // as the ticket's type names it
	What    string    `json:"what"`
	Result  string    `json:"result,omitempty"`
	Outcome string    `json:"outcome,omitempty"`
	Who     string    `json:"who,omitempty"`    // requester or staff
	Before  bool      `json:"before,omitempty"` // in self-service
	Minutes int       `json:"minutes,omitempty"`
	At      time.Time `json:"at"`
}

type solution struct {
	Article string `json:"article,omitempty"`
	Made    bool   `json:"made,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// show answers with a ticket as it is without what somebody may still take back.
func (r *Room) show(c *fiber.Ctx, status int, t *escalation.Ticket) error {
	seen, err := t.ForPublic(r.Now())
	if err != nil {
		return err
	}
	return c.Status(status).JSON(r.view(seen))
}

func (r *Room) view(t escalation.Ticket) ticket {
	v := ticket{
		Number: t.Number, Subject: t.Subject, Lang: t.Lang, Channel: string(t.Channel), RequestType: t.RequestType, Priority: t.Priority(),
		Name: t.Requester.Name, Email: t.Requester.Email,
		State: string(t.State), Turn: string(t.Turn()), Team: t.Team, Tier: t.Tier, HighestTier: t.HighestTier,
		SolvedTier: t.SolvedTier, Owner: t.Owner, Assignee: t.Assignee, Frozen: t.Frozen, Doubt: string(t.Doubt), Erased: t.Erased,
		Opened: t.Opened, Updated: t.Updated, Link: r.Link("/desk/tickets/" + t.Number),
		Entries: []entry{}, Trail: []moment{}, Handoffs: []handoff{}, Facts: []fact{}, Steps: []step{},
	}
	if v.Owner == "" {
		v.Owner = escalation.Triage
	}
	away := t.AllAway()
	if t.Into != nil {
		v.State, v.Turn, v.MergedInto = string(escalation.Merged), string(escalation.Nobodys), t.Into.Number
	}
	for _, j := range t.Joined {
		v.MergedFrom = append(v.MergedFrom, j.Number)
	}
	if t.SplitFrom != nil {
		v.SplitFrom = t.SplitFrom.Number
	}
	if t.Parent != nil {
		v.Parent, v.Result = t.Parent.Number, string(t.Result)
	}
	for _, k := range t.Tasks {
		v.Tasks = append(v.Tasks, k.Number)
	}
	for _, c := range t.Carried {
		if c.Split {
			v.SplitInto = append(v.SplitInto, c.Number)
		}
	}
	for _, e := range t.Entries {
		one := viewEntry(e)
		if c := away[e.ID]; c != nil {
			one.To = c.Number
		}
		v.Entries = append(v.Entries, one)
	}
	if t.Trail != nil {
		v.Trail = append(v.Trail, t.Trail.Moments...)
	}
	for _, h := range t.Handoffs {
		v.Handoffs = append(v.Handoffs, handoff{
			h.ID, string(h.State), h.FromTeam, h.FromTier, h.Team, h.Tier, h.Problem, append([]escalation.Tried{}, h.Tried...),
			h.Asked, h.By, h.Promised, h.Tell, h.Reason, h.Missing,
		})
	}
	for i, f := range slices.Concat(t.Facts, t.Earlier) {
		v.Facts = append(v.Facts, fact{f.Key, f.Value, cmp.Or(string(f.State), "noted"), string(f.State.Sure()), f.Source, i >= len(t.Facts)})
	}
	if k := t.Problem; k != nil {
		v.Problem = &problem{k.ID, k.ByHand, k.Solved}
	}
	for _, s := range t.Steps {
		v.Steps = append(v.Steps, step{s.Remedy, s.What, s.Result, string(s.Outcome), string(s.Who), s.Before, s.Minutes, s.At})
	}
	if s := t.Solution; s != nil {
		v.Solution = &solution{s.Article, s.Made, s.Reason}
	}
	return v
}

func viewEntry(e escalation.Entry) entry {
	v := entry{ID: e.ID, At: e.At, Author: string(e.By.Kind), By: e.By.Name, Kind: string(e.Kind), Text: e.Text}
	if o := e.Spoken(); o != nil { // it was said elsewhere, by whom and when it says
		e.By = o.By
		v.At, v.Author, v.By, v.Kind, v.From = o.At, string(o.By.Kind), o.By.Name, string(o.Kind), e.Event.Other.Number
	}
	if e.By.Token() {
		v.By = e.By.ID
	}
	if e.Event != nil {
		v.Event = string(e.Event.Kind)
	}
	if e.Was != nil {
		v.Event = "taken_back"
	}
	return v
}

// once returns the key under which a request takes effect only once: the
// Idempotency-Key of one program for one purpose. It is empty without one.
func once(c *fiber.Ctx, by staff.Token, purpose string) string {
	key := c.Get("Idempotency-Key")
	if key == "" {
		return ""
	}
	return "api:" + by.ID + ":" + purpose + ":" + staff.Hash(key)
}

// openTicket serves POST /api/v1/tickets. With an Idempotency-Key the same
// request sent twice makes one ticket.
func (r *Room) openTicket(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Subject     string            `json:"subject"`
		Body        string            `json:"body"`
		Email       string            `json:"email"`
		Name        string            `json:"name"`
		Lang        string            `json:"lang"`
		Zone        string            `json:"zone"`
		RequestType string            `json:"request_type"`
		Facts       map[string]string `json:"facts"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Lang == "" {
		in.Lang = r.Offered()[0]
	}
	key := once(c, by, "ticket")
	rule := func() (escalation.Change, error) {
		return escalation.NewTicket(escalation.OpenCommand{
			Desk:   r.Desk(),
			Number: escalation.NewNumber(), Subject: in.Subject, Text: in.Body, Name: in.Name, Email: in.Email,
			Lang: in.Lang, Zone: in.Zone, RequestType: in.RequestType, Facts: in.Facts, Key: key,
		}, by, escalation.NewID, r.Now())
	}
	t, created, err := r.Tickets.Open(c.UserContext(), key, rule)
	if err != nil {
		return field(err, "text", "body")
	}
	if !created {
		// The key is known. The same request gets the same ticket; another one was
		// not meant.
		again, err := rule()
		if err != nil || again.Ticket.Subject != t.Subject || again.Entries[0].Text != t.Entries[0].Text || again.Ticket.Requester.Email != t.Requester.Email {
			return &escalation.Error{Kind: escalation.Conflict, Field: "Idempotency-Key", Reason: "error.api_key"}
		}
	}
	c.Set(fiber.HeaderLocation, r.Link("/api/v1/tickets/"+t.Number))
	return r.show(c, fiber.StatusCreated, &t)
}

// field gives an error the name that the API has for a field.
func field(err error, from, to string) error {
	if e := asError(err); e != nil && e.Field == from {
		renamed := *e
		renamed.Field = to
		return &renamed
	}
	return err
}

func (r *Room) ticket(c *fiber.Ctx, by staff.Token) error {
	t, err := r.Tickets.Ticket(c.UserContext(), number(c))
	if err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, &t)
}

// number returns the number in the address as tickets are filed under it.
func number(c *fiber.Ctx) string {
	n, _ := escalation.ParseNumber(c.Params("number"))
	return n
}

// addEntry serves POST …/entries: an answer to the customer, or a note.
func (r *Room) addEntry(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Body string `json:"body"`
		Kind string `json:"kind"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	key := once(c, by, "entry")
	t, err := r.Tickets.Change(c.UserContext(), number(c), func(t escalation.Ticket) (escalation.Change, error) {
		m := escalation.Message{Text: in.Body, Key: key}
		switch in.Kind {
		case "", string(escalation.Public):
			return t.Reply(m, by, escalation.NewID, r.Now())
		case string(escalation.Internal):
			return t.Note(m, by, escalation.NewID, r.Now())
		}
		return escalation.Change{}, &escalation.Error{Kind: escalation.Invalid, Field: "kind", Reason: "error.api_kind"}
	})
	if err != nil {
		return field(err, "text", "body")
	}
	for _, e := range slices.Backward(t.Entries) {
		// With a key it may be an older one, that the same request made.
		if key != "" && e.Key == key || key == "" && e.Kind != escalation.Happened {
			return c.Status(fiber.StatusCreated).JSON(viewEntry(e))
		}
	}
	return fiber.ErrInternalServerError
}

// offer serves POST …/handoffs. With an Idempotency-Key the same request sent twice makes
// one offer, and is answered with it whatever became of that.
func (r *Room) offer(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Team     string             `json:"team"`
		Tier     int                `json:"tier"`
		Problem  string             `json:"problem"`
		Tried    []escalation.Tried `json:"tried"`
		Untried  string             `json:"untried"`
		Asked    string             `json:"asked"`
		By       string             `json:"by"`
		Promised string             `json:"promised"`
		Tell     string             `json:"tell_customer"`
		Facts    map[string]string  `json:"facts"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	until, err := when("by", in.By)
	if err != nil {
		return err
	}
	candidates, err := r.Staff.Candidates(c.UserContext(), in.Team, in.Tier)
	if err != nil {
		return err
	}
	key := once(c, by, "handoff")
	t, err := r.Tickets.Change(c.UserContext(), number(c), func(t escalation.Ticket) (escalation.Change, error) {
		kind, err := r.TypeOf(c.UserContext(), &t)
		if err != nil {
			return escalation.Change{}, err
		}
		return t.Offer(escalation.OfferCommand{
			Desk: r.Desk(), FactsCommand: escalation.FactsCommand{Type: kind, Facts: in.Facts}, Team: in.Team, Tier: in.Tier, Problem: in.Problem, Tried: in.Tried, Untried: in.Untried,
			Asked: in.Asked, By: until, Promised: in.Promised, Tell: in.Tell, Key: key, Candidates: candidates,
		}, by, escalation.NewID, r.Now())
	})
	if err != nil {
		return err
	}
	for _, e := range slices.Backward(t.Entries) {
		if e.Key != key || e.Event == nil || e.Event.Kind != escalation.EventOffered {
			continue
		}
		h := e.Event.Handoff // as it was made
		if h.Team != in.Team || h.Tier != in.Tier {
			return &escalation.Error{Kind: escalation.Conflict, Field: "Idempotency-Key", Reason: "error.api_key"}
		}
		return c.Status(fiber.StatusCreated).JSON(fiber.Map{"id": h.ID, "state": h.State})
	}
	return fiber.ErrInternalServerError
}

func (r *Room) accept(c *fiber.Ctx, by staff.Token) error {
	id := c.Params("id")
	t, err := r.Tickets.Change(c.UserContext(), number(c), func(t escalation.Ticket) (escalation.Change, error) {
		return t.Accept(id, by, escalation.NewID, r.Now())
	})
	if err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, &t)
}

func (r *Room) refuse(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Reason  string   `json:"reason"`
		Missing []string `json:"missing"`
		Text    string   `json:"text"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	id := c.Params("id")
	t, err := r.Tickets.Change(c.UserContext(), number(c), func(t escalation.Ticket) (escalation.Change, error) {
		return t.Refuse(id, escalation.RefuseCommand{Reason: in.Reason, Missing: in.Missing, Text: in.Text}, by, escalation.NewID, r.Now())
	})
	if err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, &t)
}

// solve serves POST …/solve. The article must be one that is there.
func (r *Room) solve(c *fiber.Ctx, by staff.Token) error {
	var in struct {
		Body    string            `json:"body"`
		Article string            `json:"article"`
		Made    bool              `json:"made"`
		Reason  string            `json:"reason"`
		Facts   map[string]string `json:"facts"`
		Tasks   string            `json:"tasks"`
	}
	if err := read(c, &in); err != nil {
		return err
	}
	if in.Tasks != "" && in.Tasks != string(escalation.CloseTasks) && in.Tasks != string(escalation.LeaveTasks) {
		return &escalation.Error{Kind: escalation.Invalid, Field: "tasks", Reason: "error.choice"}
	}
	if in.Article != "" && in.Article != escalation.NoArticle && !r.exists(in.Article) {
		return &escalation.Error{Kind: escalation.Invalid, Field: "article", Reason: "error.api_article"}
	}
	cmd := escalation.SolveCommand{
		FactsCommand: escalation.FactsCommand{Facts: in.Facts},
		Message:      escalation.Message{Text: in.Body, Key: once(c, by, "solution")}, Article: in.Article, Made: in.Made, Reason: in.Reason,
		Tasks: escalation.TaskChoice(in.Tasks),
	}
	n := number(c)
	var damaged []string
	if _, err := r.Tickets.RelateAll(c.UserContext(), n, func(list []escalation.Ticket) (changes []escalation.Change, err error) {
		damaged = escalation.Damaged(list)
		if cmd.Type, err = r.TypeOf(c.UserContext(), &list[0]); err != nil {
			return nil, err
		}
		return list[0].SolveWith(cmd, list[1:], by, escalation.NewID, r.Now())
	}); err != nil {
		return field(err, "text", "body")
	}
	if cmd.Tasks == escalation.CloseTasks {
		r.NoteDamaged(c, damaged, r.Tickets.Ticket)
	}
	t, err := r.Tickets.Ticket(c.UserContext(), n)
	if err != nil {
		return err
	}
	return r.show(c, fiber.StatusOK, &t)
}

func (r *Room) exists(key string) bool {
	return slices.ContainsFunc(r.Articles.Library().Translations(key), func(a *content.Article) bool { return a.Status == content.Published })
}
