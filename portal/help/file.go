package help

import (
	"fmt"
	"io"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/evidence"
)

// mayOpen is the one place that says who may read a file: the requester when it
// hangs on something public, staff when they may read its ticket, and whoever
// staged it while its form is not sent.
func (r *Room) mayOpen(c *fiber.Ctx, f evidence.Record) (bool, error) {
	if f.Ticket == "" {
		return r.looksAt(c.Query("s"), f.ID), nil
	}
	t, err := r.Tickets.TicketByID(c.UserContext(), f.Ticket)
	if err != nil {
		return false, err
	}
	if me := r.Me(c); me != nil && me.May(escalation.Read, &t) {
		return true, nil
	}
	if t, err = t.ForPublic(r.Now()); err != nil {
		return false, err
	}
	g, ok := r.Session(c).Tickets[t.Number]
	return ok && holds(g, &t) && slices.ContainsFunc(t.ForRequester(), func(l escalation.Line) bool {
		return l.ID == f.Entry && slices.ContainsFunc(l.Files, func(a escalation.File) bool { return a.ID == f.ID })
	}), nil
}

// asked returns the file of an address, if who asks may read it; else there is no
// such file.
func (r *Room) asked(c *fiber.Ctx) (evidence.Record, error) {
	f, err := r.Records.File(c.UserContext(), c.Params("id"))
	var may bool
	if err == nil {
		may, err = r.mayOpen(c, f)
	}
	if escalation.KindOf(err) == escalation.NotFound || err == nil && !may {
		return f, noFile()
	}
	return f, err
}

// file serves GET /files/{id}: to be saved, whatever it is.
func (r *Room) file(c *fiber.Ctx) error {
	f, err := r.asked(c)
	if err != nil {
		return err
	}
	return r.bytes(c, "attachment", f.Hash, f.Type, f.Name)
}

// picture serves GET /files/{id}/picture: a picture to be looked at. It is one that
// was made anew here, so nothing in it acts.
func (r *Room) picture(c *fiber.Ctx) error {
	f, err := r.asked(c)
	if err == nil && f.Thumb == "" {
		err = noFile()
	}
	if err != nil {
		return err
	}
	return r.bytes(c, "inline", f.Hash, f.Type, f.Name)
}

// thumbnail serves GET /files/{id}/thumbnail.
func (r *Room) thumbnail(c *fiber.Ctx) error {
	f, err := r.asked(c)
	if err == nil && f.Thumb == "" {
		err = noFile()
	}
	if err != nil {
		return err
	}
	return r.bytes(c, "inline", f.Thumb, "image/jpeg", "")
}

// bytes sends what lies under a hash, or the part of it that is asked for.
func (r *Room) bytes(c *fiber.Ctx, how, hash, kind, name string) error {
	data, size, err := r.Files.Open(hash)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, kind)
	c.Set(fiber.HeaderContentDisposition, disposition(how, name))
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderContentSecurityPolicy, "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; sandbox")
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	from, to, ok := byteRange(c.Get(fiber.HeaderRange), size)
	switch {
	case !ok:
		data.Close()
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes */%d", size))
		return c.SendStatus(fiber.StatusRequestedRangeNotSatisfiable)
	case to-from < size:
		if _, err := data.Seek(from, io.SeekStart); err != nil {
			data.Close()
			return fmt.Errorf("read a file: %w", err)
		}
		c.Status(fiber.StatusPartialContent)
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, to-1, size))
	}
	c.Context().SetBodyStream(part{io.LimitReader(data, to-from), data}, int(to-from))
	return nil
}

// part is a piece of a file; closing it closes the file.
type part struct {
	io.Reader
	io.Closer
}

func noFile() error { return &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_file"} }

// disposition says what the file is called, whatever its name holds.
func disposition(how, name string) string {
	if v := mime.FormatMediaType(how, map[string]string{"filename": name}); v != "" && name != "" {
		return v
	}
	return how
}

// byteRange returns the bytes [from, to) that are asked for. All of them when
// nothing is, or several pieces at once; ok is false for those beyond the end.
func byteRange(header string, size int64) (from, to int64, ok bool) {
	spec, found := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(spec, "-")
	if !found || !dash || strings.Contains(spec, ",") {
		return 0, size, true
	}
	n, err1 := strconv.ParseInt(first, 10, 64)
	m, err2 := strconv.ParseInt(last, 10, 64)
	switch {
	case first == "" && err2 == nil && m > 0: // the last m
		return max(0, size-m), size, size > 0
	case err1 != nil || n < 0 || last != "" && (err2 != nil || m < n):
		return 0, size, true // not a range: as if it had not been asked
	case n >= size:
		return 0, 0, false
	case last == "":
		return n, size, true
	}
	return n, min(m, size-1) + 1, true
}
