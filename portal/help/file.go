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
	g, ok := r.Session(c).Tickets[t.Number]
	return ok && holds(g, &t) && slices.ContainsFunc(t.ForRequester(), func(l escalation.Line) bool {
		return l.ID == f.Entry && slices.ContainsFunc(l.Files, func(a escalation.File) bool { return a.ID == f.ID })
	}), nil
}

// pictures are the types that are shown and not only saved: nothing in them acts.
var pictures = []string{"image/jpeg", "image/png", "image/webp", "image/gif"}

// file serves GET /files/{id}.
func (r *Room) file(c *fiber.Ctx) error {
	f, err := r.Records.File(c.UserContext(), c.Params("id"))
	var may bool
	if err == nil {
		may, err = r.mayOpen(c, f)
	}
	if escalation.KindOf(err) == escalation.NotFound || err == nil && !may {
		return noFile()
	}
	if err != nil {
		return err
	}
	data, size, err := r.Files.Open(f.Hash)
	if err != nil {
		return err
	}
	how := "attachment"
	if slices.Contains(pictures, f.Type) {
		how = "inline"
	}
	c.Set(fiber.HeaderContentType, f.Type)
	c.Set(fiber.HeaderContentDisposition, disposition(how, f.Name))
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
	if v := mime.FormatMediaType(how, map[string]string{"filename": name}); v != "" {
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
