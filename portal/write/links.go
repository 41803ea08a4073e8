package write

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/content/outside"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Outside is what is known of the links to other sites.
type Outside struct {
	On    func(ctx context.Context) (bool, error)
	Set   func(ctx context.Context, on bool) error
	Known func(ctx context.Context) (map[string]outside.Record, error)
}

// A linksPage lists the links that lead nowhere any more.
type linksPage struct {
	web.Page
	Pages   web.Pages
	On      bool
	MaySet  bool
	Dead    []deadLink
	Total   int // of the dead ones, each at its place
	Links   int // addresses that articles link to
	Asked   int // of them, how many answered or did not
	Partial bool
}

// A deadLink is one, with where it stands.
type deadLink struct {
	content.Outlink
	outside.Record
	Edit string // address of the editor; empty when there is none for the file
}

// links serves GET /write/links.
func (r *Room) links(c *fiber.Ctx) error {
	p := linksPage{Page: r.Page(c, "write", "links.title")}
	p.MaySet = p.Me.May(staff.Settings, nil)
	ctx, cancel := context.WithTimeout(c.UserContext(), checking)
	defer cancel()
	var err error
	if p.On, err = r.Outside.On(ctx); err != nil {
		return err
	}
	all, err := r.Articles.Outlinks(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		p.Partial, err = true, nil
	}
	if err != nil {
		return err
	}
	known, err := r.Outside.Known(c.UserContext())
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	var dead []deadLink
	for _, l := range all {
		address := outside.Clean(l.Address)
		rec, asked := known[address]
		if address != "" && !seen[address] {
			seen[address] = true
			p.Links++
			if asked {
				p.Asked++
			}
		}
		if !asked || !rec.Dead() {
			continue
		}
		d := deadLink{Outlink: l, Record: rec}
		if content.Savable(l.File) {
			d.Edit = editPath(l.File)
		}
		dead = append(dead, d)
	}
	slices.SortStableFunc(dead, func(a, b deadLink) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line)
	})
	p.Total = len(dead)
	var from, to int
	p.Pages, from, to = web.Part(c, p.Total, nil)
	p.Dead = dead[from:to]
	return r.Render(c, fiber.StatusOK, "write/links", p)
}

// setLinks serves POST /write/links: a lead turns asking other sites on or off.
func (r *Room) setLinks(c *fiber.Ctx) error {
	on := c.FormValue("on") == "1"
	if err := r.Outside.Set(c.UserContext(), on); err != nil {
		return err
	}
	r.Log.InfoContext(c.UserContext(), "links to other sites", "asked", on, "by", r.Me(c).ID)
	return web.Redirect(c, "/write/links")
}
