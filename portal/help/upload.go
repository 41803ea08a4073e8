package help

import (
	"crypto/rand"
	"errors"
	"regexp"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/portal/web"
)

// A file that a script sends comes in pieces: POST /uploads begins it or finds what is
// here of it, PATCH adds a piece where it ends, HEAD asks where that is, and POST
// /uploads/{id} says that it is all. Until then no form can have it. Only the browser
// that began goes on, which it shows by a cookie of its own.

// headers that say where an upload is.
const (
	uploadOffset = "Upload-Offset"
	uploadLength = "Upload-Length"
)

// nameLength is that of [rand.Text].
const nameLength = 26

func (r *Room) browserCookie() string {
	if r.Secure() {
		return "__Secure-plu"
	}
	return "plu"
}

// browser returns the hash of the name that this browser's uploads have, or "".
func (r *Room) browser(c *fiber.Ctx) string {
	name := c.Cookies(r.browserCookie())
	if len(name) != nameLength {
		return ""
	}
	return staff.Hash("uploads of " + name)
}

// nameBrowser gives the browser a name for as long as an upload that begins now lives.
func (r *Room) nameBrowser(c *fiber.Ctx) string {
	name := rand.Text()
	if r.browser(c) != "" {
		name = c.Cookies(r.browserCookie())
	}
	c.Cookie(&fiber.Cookie{
		Name: r.browserCookie(), Value: name, Path: "/uploads", MaxAge: int(evidence.UploadAge / time.Second),
		HTTPOnly: true, Secure: r.Secure(), SameSite: fiber.CookieSameSiteStrictMode,
	})
	return staff.Hash("uploads of " + name)
}

// admit returns an error if there is no room for so many bytes more of a sender's.
func (r *Room) admit(c *fiber.Ctx, sender string, size int64) error {
	used, err := r.Records.Usage(c.UserContext(), sender)
	if err != nil {
		return err
	}
	return r.beside(used, sender, size)
}

func (r *Room) beside(used evidence.Usage, sender string, size int64) error {
	if !r.Limits {
		used.Sender, used.Uploads = 0, 0
	}
	return r.Quota.Admit(used, sender, size)
}

// sentence answers a script with what is wrong, in one sentence.
func (r *Room) sentence(c *fiber.Ctx, err error) error {
	e, ok := errors.AsType[*escalation.Error](err)
	if !ok || e.Kind == escalation.Fault {
		return err
	}
	if e.Reason == "error.file_busy" {
		c.Set(fiber.HeaderRetryAfter, "5")
	}
	p := r.page(c, false, "files.label")
	return c.Status(web.Status(e.Kind)).SendString(p.Say(e))
}

// begin serves POST /uploads.
func (r *Room) begin(c *fiber.Ctx) error {
	sender := spam.Sender(r.Address(c))
	if r.Me(c) != nil {
		sender = ""
	}
	size, _ := strconv.ParseInt(c.FormValue("size"), 10, 64) // no number is no size
	u, err := evidence.NewUpload(r.nameBrowser(c), sender, typed(c, "name"), size, c.FormValue("print"), r.Now())
	if err != nil {
		return r.sentence(c, err)
	}
	ctx := c.UserContext()
	had, err := r.Records.UploadLike(ctx, u)
	var at int64
	if err == nil {
		at, err = r.Files.Offset(had.ID)
	}
	switch {
	case err == nil:
		u = had
		c.Status(fiber.StatusOK)
	case escalation.KindOf(err) != escalation.NotFound:
		return err
	default:
		admit := func(used evidence.Usage) error { return r.beside(used, sender, size) }
		if err := r.Records.BeginUpload(ctx, u, admit); err != nil {
			return r.sentence(c, err)
		}
		if err := r.Files.Begin(u.ID); err != nil {
			return err
		}
		c.Status(fiber.StatusCreated)
	}
	c.Location("/uploads/" + u.ID)
	c.Set(uploadOffset, strconv.FormatInt(at, 10))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return nil
}

// begun returns the upload of an address, if this browser began it; else there is none.
func (r *Room) begun(c *fiber.Ctx) (evidence.Upload, error) {
	u, err := r.Records.Upload(c.UserContext(), c.Params("id"))
	if err == nil && (u.Browser != r.browser(c) || r.Now().Sub(u.Created) > evidence.UploadAge) {
		err = noFile()
	}
	return u, err
}

// offset serves HEAD /uploads/{id}.
func (r *Room) offset(c *fiber.Ctx) error {
	u, err := r.begun(c)
	if err != nil {
		return r.sentence(c, err)
	}
	at := u.Size
	if u.File == "" {
		if at, err = r.Files.Offset(u.ID); err != nil {
			return r.sentence(c, err)
		}
	}
	c.Set(uploadOffset, strconv.FormatInt(at, 10))
	c.Set(uploadLength, strconv.FormatInt(u.Size, 10))
	c.Set(fiber.HeaderCacheControl, "no-store")
	return nil
}

// append serves PATCH /uploads/{id}.
func (r *Room) append(c *fiber.Ctx) error {
	u, err := r.begun(c)
	if err != nil {
		return r.sentence(c, err)
	}
	at, err := strconv.ParseInt(c.Get(uploadOffset), 10, 64)
	if err != nil || at < 0 {
		at = -1 // nothing ends there
	}
	end, err := r.Files.Append(u, at, c.Body())
	c.Set(uploadOffset, strconv.FormatInt(end, 10))
	if err != nil {
		if escalation.KindOf(err) == escalation.Invalid {
			if err := r.drop(c, u); err != nil {
				return err
			}
		}
		return r.sentence(c, err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// fieldForm is what forms call their files.
var fieldForm = regexp.MustCompile(`^([a-z]{1,20}-)?file$`)

// An uploadedFile is what a form is given of one.
type uploadedFile struct {
	page
	File  staged
	Field string // of the form
}

// finish serves POST /uploads/{id}: all pieces are here. It answers with what the form
// is to hold, and does so again if the answer is lost.
func (r *Room) finish(c *fiber.Ctx) error {
	u, err := r.begun(c)
	if err != nil {
		return r.sentence(c, err)
	}
	key, field := c.FormValue("key"), c.FormValue("field")
	if len(key) > 64 || !fieldForm.MatchString(field) {
		return fiber.ErrBadRequest
	}
	ctx := c.UserContext()
	var rec evidence.Record
	if u.File != "" {
		rec, err = r.Records.File(ctx, u.File)
		if err == nil && rec.Ticket != "" {
			err = noFile() // its form was sent
		}
	} else if rec, err = r.Files.Finish(ctx, u, c.FormValue("sum")); err == nil {
		rec.Created, rec.Sender = r.Now(), u.Sender
		err = r.Records.FinishUpload(ctx, u.ID, rec)
	}
	if escalation.KindOf(err) == escalation.Invalid {
		if err := r.drop(c, u); err != nil { // there is nothing to go on with
			return err
		}
	}
	if err != nil {
		return r.sentence(c, err)
	}
	p := uploadedFile{page: r.page(c, false, "files.label"), Field: field, File: staged{rec.File(), r.stagedToken(key, rec.ID), rec.Hash}}
	return r.RenderPart(c, "help/contact", "uploaded", p)
}

// abandon serves DELETE /uploads/{id}.
func (r *Room) abandon(c *fiber.Ctx) error {
	u, err := r.begun(c)
	if err == nil {
		err = r.drop(c, u)
	}
	if err != nil {
		return r.sentence(c, err)
	}
	return c.SendStatus(fiber.StatusNoContent)
}

// drop forgets an upload, and removes what is here of it.
func (r *Room) drop(c *fiber.Ctx, u evidence.Upload) error {
	if err := r.Records.DropUpload(c.UserContext(), u.ID); err != nil {
		return err
	}
	return r.Files.Abandon(u.ID)
}
