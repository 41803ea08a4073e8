package desk

import (
	"fmt"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/portal/web"
)

// compose reads the named fields of a part that takes files, and takes them in.
// The error is about a file that could not be taken; the form holds the others.
// Who may not write into the ticket leaves no bytes here.
func (r *Room) compose(c *fiber.Ctx, part string, names ...string) (form, error) {
	f := receive(c, part, names...)
	t, err := r.read(c)
	if err != nil || !r.Me(c).May(escalation.Reply, &t) {
		return f, nil // the rule says why
	}
	for _, id := range web.Values(c, part+"-file") {
		id, _, _ = strings.Cut(id, ".") // a script's files have a token, with which they are looked at
		rec, err := r.Records.File(c.UserContext(), id)
		if escalation.KindOf(err) == escalation.NotFound || err == nil && rec.Ticket != "" {
			continue // staged too long ago, or sent already
		}
		if err != nil {
			return f, err
		}
		f.files = append(f.files, rec.File())
	}
	sent, err := c.MultipartForm()
	if err != nil {
		return f, nil // a form without files
	}
	for _, h := range sent.File[part+"-files"] {
		if h.Filename == "" && h.Size == 0 {
			continue // the field was left empty
		}
		if len(f.files) >= escalation.MaxFiles {
			return f, &escalation.Error{Kind: escalation.Invalid, Field: "files", Reason: "error.files_many", Args: map[string]any{"Max": escalation.MaxFiles}}
		}
		file, err := r.stage(c, h)
		if err != nil {
			return f, err
		}
		f.files = append(f.files, file)
	}
	return f, nil
}

// stage keeps a file until its form is accepted.
func (r *Room) stage(c *fiber.Ctx, h *multipart.FileHeader) (escalation.File, error) {
	in, err := h.Open()
	if err != nil {
		return escalation.File{}, fmt.Errorf("receive a file: %w", err)
	}
	defer in.Close()
	used, err := r.Records.Usage(c.UserContext(), "")
	if err == nil {
		err = r.Quota.Admit(used, "", h.Size)
	}
	if err != nil {
		return escalation.File{}, err
	}
	rec, err := r.Files.Put(c.UserContext(), h.Filename, in)
	if err != nil {
		return escalation.File{}, err
	}
	rec.Created = r.Now()
	return rec.File(), r.Records.StageFile(c.UserContext(), rec)
}
