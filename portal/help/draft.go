package help

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"mime/multipart"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
	"primalinea/escalation/spam"
	"primalinea/portal/web"
)

// A message is what somebody is writing, as it travels from one answer to the
// next: no step and no mistake loses any of it.
type message struct {
	trap
	Text  string
	Files []staged
}

// A draft is a request that is being written.
type draft struct {
	message
	Subject, Name, Email string
	Type                 string            // id of the kind of request; may be empty
	Facts                map[string]string // that were typed, by their keys; for other kinds too

	Article string // key of the article that led here
	Offered string // the suggestions that were on the screen long enough to be read
	Shown   int64  // when the trail was shown, in milliseconds: what came later is not sent
	Without bool   // the trail is left out
	Zone    string // of the writer's clocks; empty while no script says

	Tried      []string // ids of the steps that were done already
	TriedShown bool     // it was asked which
}

// A staged file was taken in, and waits for its form to be sent. Token shows
// that it is of this form.
type staged struct {
	escalation.File
	Token string
	Hash  string // of its bytes
}

// Path is where the file can be looked at before it is sent.
func (f staged) Path() string { return "/files/" + f.ID + "?s=" + f.Token }

// Value is what the form holds of the file.
func (f staged) Value() string { return f.ID + "." + f.Token }

// maxTyped is how many bytes of typed text are read: many times what is taken,
// so that a text that is too long comes back to be shortened.
const maxTyped = 1 << 20

// typed returns what a field of the form holds, as text that can be shown.
func typed(c *fiber.Ctx, name string) string {
	return strings.ToValidUTF8(strings.ReplaceAll(c.FormValue(name), "\x00", ""), "\uFFFD")
}

// readMessage reads what all our forms have: their key, a text, and the files
// that were taken in before.
func (r *Room) readMessage(c *fiber.Ctx) (message, error) {
	m := message{trap: trap{Key: c.FormValue("key"), Trap: typed(c, "homepage")}, Text: typed(c, "text")}
	if len(m.Text)+len(m.Trap) > maxTyped {
		return m, fiber.ErrRequestEntityTooLarge
	}
	if !madeKey(m.Key) {
		m.Key = r.formKey(r.Now())
	}
	dropped := strings.TrimPrefix(c.FormValue("do"), "drop-")
	for _, v := range web.Values(c, "file") {
		id, token, _ := strings.Cut(v, ".")
		if !hmac.Equal([]byte(token), []byte(r.stagedToken(m.Key, id))) || id == dropped || len(m.Files) == escalation.MaxFiles {
			continue
		}
		rec, err := r.Records.File(c.UserContext(), id)
		if escalation.KindOf(err) == escalation.NotFound {
			continue // it was staged too long ago
		}
		if err != nil {
			return m, err
		}
		m.Files = append(m.Files, staged{rec.File(), token, rec.Hash})
	}
	return m, nil
}

// madeKey says whether a form's key looks like one of ours.
func madeKey(key string) bool {
	return len(key) == 26 && !strings.ContainsFunc(key, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '2' || r > '7') })
}

// stagedToken binds a staged file to the form it was chosen in.
func (r *Room) stagedToken(key, id string) string {
	h := hmac.New(sha256.New, r.LinkKey)
	fmt.Fprintf(h, "staged %q %q", key, id)
	return key + "~" + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// renew binds the files of a form that got another key to it.
func (m *message) renew(r *Room) {
	for i, f := range m.Files {
		m.Files[i].Token = r.stagedToken(m.Key, f.ID)
	}
}

// looksAt says whether token was given to who staged the file.
func (r *Room) looksAt(token, id string) bool {
	key, _, ok := strings.Cut(token, "~")
	return ok && hmac.Equal([]byte(token), []byte(r.stagedToken(key, id)))
}

// takeIn keeps the files that came with the form, and tells the page of those
// that could not be kept. An error is a fault of ours.
func (r *Room) takeIn(c *fiber.Ctx, m *message, p *page) error {
	form, err := c.MultipartForm()
	if err != nil {
		return nil // a form without files
	}
	for _, h := range form.File["files"] {
		if h.Filename == "" && h.Size == 0 {
			continue // the field was left empty
		}
		if len(m.Files) >= escalation.MaxFiles {
			p.Refuse(&escalation.Error{Kind: escalation.Invalid, Field: "files", Reason: "error.files_many", Args: map[string]any{"Max": escalation.MaxFiles}})
			break
		}
		rec, err := r.stage(c, h)
		if err != nil && !p.Refuse(err) {
			return err
		}
		if err == nil {
			m.Files = append(m.Files, staged{rec.File(), r.stagedToken(m.Key, rec.ID), rec.Hash})
		}
	}
	return nil
}

func (r *Room) stage(c *fiber.Ctx, h *multipart.FileHeader) (rec evidence.Record, err error) {
	in, err := h.Open()
	if err != nil {
		return rec, fmt.Errorf("receive a file: %w", err)
	}
	defer in.Close()
	sender := spam.Sender(r.Address(c))
	if err := r.admit(c, sender, h.Size); err != nil {
		return rec, err
	}
	if rec, err = r.Files.Put(c.UserContext(), h.Filename, in); err != nil {
		return rec, err
	}
	rec.Created, rec.Sender = r.Now(), sender
	return rec, r.Records.StageFile(c.UserContext(), rec)
}

// attached returns the files as a ticket keeps them.
func (m *message) attached() []escalation.File {
	var files []escalation.File
	for _, f := range m.Files {
		files = append(files, f.File)
	}
	return files
}

// once names what is sent: the same form with the same words is the same
// request, also after the way back; with other words it is another one.
func (m *message) once(words ...string) string {
	h := sha256.New()
	for _, w := range append(words, m.Key, m.Text) {
		fmt.Fprintf(h, "%q", strings.TrimSpace(strings.ReplaceAll(w, "\r\n", "\n")))
	}
	for _, f := range m.Files {
		// Not its id: of a double click each half brings the file.
		fmt.Fprintf(h, "%q %q", f.Name, f.Hash)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// readDraft reads the contact form.
func (r *Room) readDraft(c *fiber.Ctx) (draft, error) {
	m, err := r.readMessage(c)
	if err != nil {
		return draft{}, err
	}
	d := draft{
		message: m,
		Subject: typed(c, "subject"), Name: typed(c, "name"), Email: strings.TrimSpace(typed(c, "email")),
		Article: c.FormValue("article"), Offered: c.FormValue("offered"), Without: c.FormValue("without") != "",
	}
	d.Zone = zoneOf(c)
	if d.Type = c.FormValue("pick"); d.Type == "" {
		d.Type = c.FormValue("type")
	}
	d.Facts = map[string]string{}
	for _, kind := range r.Desk().Types {
		for _, n := range kind.Asked() {
			if v := typed(c, escalation.FactField+n.Key); v != "" {
				d.Facts[n.Key] = v
			}
		}
	}
	d.Tried = triedOf(c)
	d.TriedShown = c.FormValue("tried-shown") != ""
	d.Shown, _ = strconv.ParseInt(c.FormValue("shown"), 10, 64) // 0 when it is none
	if len(d.Subject)+len(d.Name)+len(d.Email)+len(d.Article)+len(d.Offered)+sizeOf(d.Facts) > maxTyped {
		return d, fiber.ErrRequestEntityTooLarge
	}
	return d, nil
}

// sizeOf returns how many bytes were typed into facts.
func sizeOf(facts map[string]string) (n int) {
	for _, v := range facts {
		n += len(v)
	}
	return n
}

// once names the request, whatever is said of its files.
func (d *draft) once() string {
	words := []string{d.Subject, d.Email}
	if d.Type != "" {
		words = append(words, d.Type)
		for _, key := range slices.Sorted(maps.Keys(d.Facts)) {
			words = append(words, key, d.Facts[key])
		}
	}
	return d.message.once(append(words, d.Tried...)...)
}

// command returns what is asked of the rules.
func (d *draft) command(lang string, desk *escalation.Desk) escalation.OpenCommand {
	facts := map[string]string{}
	for _, n := range desk.Type(d.Type).Asked() {
		facts[n.Key] = d.Facts[n.Key]
	}
	return escalation.OpenCommand{
		Number: escalation.NewNumber(), Subject: d.Subject, Text: d.Text, Name: d.Name, Email: d.Email,
		Lang: lang, Zone: d.Zone, Channel: escalation.Web, Files: d.attached(), Key: d.once(),
		Desk: desk, RequestType: d.Type, Facts: facts, Tried: d.Tried,
	}
}

// check tells the page of everything that is to be corrected.
func (d *draft) check(p *page, lang string, desk *escalation.Desk, now time.Time) error {
	for _, err := range d.command(lang, desk).Mistakes(escalation.RequesterOf{}, escalation.NewID, now) {
		if !p.Refuse(err) {
			return err
		}
	}
	return nil
}

func fieldOf(err error) string {
	if e, ok := errors.AsType[*escalation.Error](err); ok {
		return e.Field
	}
	return ""
}
