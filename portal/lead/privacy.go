package lead

import (
	"archive/zip"
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/privacy"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// Acts are what was done with personal data.
type Acts interface {
	// Acts returns the newest; of one person, or of all without a hash.
	Acts(ctx context.Context, who string, limit int) ([]privacy.Act, error)
}

// FileBytes are where the bytes of files lie.
type FileBytes interface {
	// Open returns the bytes of a hash and how many they are.
	Open(hash string) (io.ReadSeekCloser, int64, error)
}

// Privacy is the room for what requesters may ask for: a copy of what is held about
// them, and that it is erased. It also says how long what is kept.
type Privacy struct {
	*web.Web
	Keep   Keeper
	Office *privacy.Office
	Acts   Acts
	Files  FileBytes
}

// Mount gives the room its addresses. An address is never in a path or a query: those
// stay in histories and logs.
func (r *Privacy) Mount(app fiber.Router) {
	g := app.Group("/lead/privacy", r.SignedIn, r.Allowed(staff.PersonalData))
	g.Get("", r.show)
	g.Post("/person", r.Limit(60, time.Hour), r.person)
	g.Post("/export", r.Limit(20, time.Hour), r.export)
	g.Post("/erase", r.Limit(20, time.Hour), r.erase)
	g.Post("/keep", r.keep)
}

// A kindView is a kind of what is kept, as the page shows it.
type kindView struct {
	setting.Kind
	Says    string   // how long it is kept
	Choices []choice // none: it is fixed
}

// A choice is one of several, in words.
type choice struct {
	Value, Says string
	On          bool
}

// An actView is something that was done, in words.
type actView struct {
	privacy.Act
	By string
}

// A privacyPage finds somebody, and says what is kept.
type privacyPage struct {
	web.Page
	Email   string // as typed
	Kinds   []kindView
	Acts    []actView
	Version int64 // of how long what is kept
	Done    string
}

// acts is how many acts a page shows.
const acts = 20

func (r *Privacy) page(c *fiber.Ctx) (privacyPage, error) {
	site := r.Keep.Site()
	p := privacyPage{Page: r.Page(c, "lead", "privacy.title"), Version: site.Version(setting.RetentionName)}
	p.Here("/lead/privacy")
	for _, k := range setting.Kinds {
		days := site.Retention.Of(k.Name)
		v := kindView{Kind: k, Says: kept(&p.Page, days)}
		chosen := strconv.Itoa(days)
		if typed := c.FormValue(k.Name); c.Method() == fiber.MethodPost && typed != "" {
			chosen = typed // a form that was refused
		}
		for _, d := range k.Choices {
			v.Choices = append(v.Choices, choice{strconv.Itoa(d), kept(&p.Page, d), strconv.Itoa(d) == chosen})
		}
		p.Kinds = append(p.Kinds, v)
	}
	list, err := r.Acts.Acts(c.UserContext(), "", acts)
	p.Acts = acted(&p.Page, list)
	return p, err
}

// acted says what was done.
func acted(p *web.Page, list []privacy.Act) []actView {
	var views []actView
	for _, a := range list {
		by := a.By.Name
		if by == "" {
			by = p.T("desk.program")
		}
		views = append(views, actView{a, by})
	}
	return views
}

// kept says how long something is kept.
func kept(p *web.Page, days int) string {
	switch {
	case days == 0:
		return p.T("kept.ever")
	case days%365 == 0:
		return p.T("kept.years", "Count", days/365)
	}
	return p.T("kept.days", "Count", days)
}

// show serves GET /lead/privacy.
func (r *Privacy) show(c *fiber.Ctx) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	switch done := c.Query("done"); done {
	case "erased", "kept":
		p.Done = done
	}
	return r.Render(c, fiber.StatusOK, "lead/privacy", p)
}

// A holdingPage says what is held about somebody, and offers what they may ask for.
type holdingPage struct {
	web.Page
	Holding privacy.Holding
	Open    []privacy.Held
	Acts    []actView
	Again   bool   // what was begun is not done
	Confirm string // the address, as typed again
}

// person serves POST /lead/privacy/person.
func (r *Privacy) person(c *fiber.Ctx) error {
	h, err := r.Office.Look(c.UserContext(), c.FormValue("email"))
	if err != nil {
		return r.again(c, err)
	}
	return r.holding(c, fiber.StatusOK, h, nil)
}

// again shows the first page with what is wrong.
func (r *Privacy) again(c *fiber.Ctx, wrong error) error {
	p, err := r.page(c)
	if err != nil {
		return err
	}
	if p.Email = c.FormValue("email"); !p.Refuse(wrong) {
		return wrong
	}
	return r.Render(c, web.Status(escalation.KindOf(wrong)), "lead/privacy", p)
}

// holding shows what is held about somebody, and what is wrong with what was asked.
func (r *Privacy) holding(c *fiber.Ctx, status int, h privacy.Holding, wrong error) error {
	p := holdingPage{Page: r.Page(c, "lead", "privacy.person_title"), Holding: h, Open: h.Open(), Confirm: c.FormValue("confirm")}
	p.Here("/lead/privacy")
	if wrong != nil && !p.Refuse(wrong) {
		return wrong
	}
	list, err := r.Acts.Acts(c.UserContext(), r.Office.Who(h.Who), acts)
	if err != nil {
		return err
	}
	p.Acts = acted(&p.Page, list)
	p.Again = slices.ContainsFunc(list, func(a privacy.Act) bool { return a.Done.IsZero() })
	return r.Render(c, status, "lead/privacy-person", p)
}

// erase serves POST /lead/privacy/erase.
func (r *Privacy) erase(c *fiber.Ctx) error {
	email := c.FormValue("email")
	err := r.Office.Erase(c.UserContext(), email, c.FormValue("confirm"), c.FormValue("open") == "close", r.Me(c))
	if err == nil {
		return web.Redirect(c, "/lead/privacy?done=erased")
	}
	h, lost := r.Office.Look(c.UserContext(), email)
	e, known := errors.AsType[*escalation.Error](err)
	remains := known && e.Reason == "error.erase_remains"
	if remains {
		r.Log.ErrorContext(c.UserContext(), "fault", "request", web.RequestID(c), "error", err)
	}
	if lost != nil || h.None() && !remains {
		return r.again(c, err)
	}
	return r.holding(c, web.Status(escalation.KindOf(err)), h, err)
}

// keep serves POST /lead/privacy/keep: how long what is kept.
func (r *Privacy) keep(c *fiber.Ctx) error {
	chosen := map[string]string{}
	for _, k := range setting.Kinds {
		if v := c.FormValue(k.Name); v != "" {
			chosen[k.Name] = v
		}
	}
	v, err := setting.NewRetention(chosen)
	if err == nil {
		version, wrong := strconv.ParseInt(c.FormValue("version"), 10, 64)
		if wrong != nil {
			version = -1 // of no part
		}
		err = r.Keep.Change(c.UserContext(), setting.RetentionName, version, v)
	}
	if err != nil {
		return r.again(c, err)
	}
	return web.Redirect(c, "/lead/privacy?done=kept")
}

// export serves POST /lead/privacy/export: an archive with a copy of what is held, to
// be handed on. All that can fail by our fault is done before it begins.
func (r *Privacy) export(c *fiber.Ctx) error {
	made, err := r.Office.Export(c.UserContext(), c.FormValue("email"), r.Me(c).Ref())
	if err != nil {
		return r.again(c, err)
	}
	lang := r.Lang(c)
	if len(made.Tickets) > 0 && r.Speaks(made.Tickets[0].Lang) {
		lang = made.Tickets[0].Lang // it is for them
	}
	words := r.Theme.Words.Speaker(lang)
	about := words.T("privacy.read_me", "Site", r.Site().Brand.Name, "Email", made.Who, "Day", words.Date(made.Made)) + "\n"
	text, err := json.MarshalIndent(made, "", "  ")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	c.Set(fiber.HeaderContentType, "application/zip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="personal-data-`+made.Made.Format(time.DateOnly)+`.zip"`)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	slow, log, id := c.Context().Conn(), r.Log, web.RequestID(c)
	c.Context().SetBodyStreamWriter(func(w *bufio.Writer) {
		// It runs beside the request, whose context it must not touch.
		err := func() (err error) {
			defer func() {
				if v := recover(); v != nil {
					err = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
				}
			}()
			return r.pack(patient{w, slow}, about, text, made.Files)
		}()
		if err != nil {
			// The archive has no end now, so nobody can take it for a whole one.
			log.Error("export cut short", "request", id, "error", err)
		}
	})
	return nil
}

// pack writes the archive.
func (r *Privacy) pack(w io.Writer, about string, text []byte, files []evidence.Record) error {
	z := zip.NewWriter(w)
	for _, part := range []struct {
		name string
		text []byte
	}{{"read-me.txt", []byte(about)}, {"personal-data.json", text}} {
		f, err := z.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := f.Write(part.text); err != nil {
			return err
		}
	}
	for _, file := range files {
		if err := r.packFile(z, file); err != nil {
			return err
		}
	}
	return z.Close()
}

// packFile adds a file. They are pictures and films: there is nothing to compress.
func (r *Privacy) packFile(z *zip.Writer, file evidence.Record) error {
	in, _, err := r.Files.Open(file.Hash)
	if err != nil {
		return err
	}
	defer in.Close()
	f, err := z.CreateHeader(&zip.FileHeader{Name: privacy.Path(file), Method: zip.Store, Modified: file.Created})
	if err != nil {
		return err
	}
	_, err = io.Copy(f, in)
	return err
}

// A patient writer gives a slow reader time as long as they take something.
type patient struct {
	w    io.Writer
	conn net.Conn
}

// Write implements [io.Writer].
func (p patient) Write(b []byte) (int, error) {
	if err := p.conn.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	return p.w.Write(b)
}
