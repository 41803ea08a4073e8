package web

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"sync"

	"github.com/gofiber/fiber/v2"
)

// Render sends a page, built in memory and sent whole or not at all.
func (w *Web) Render(c *fiber.Ctx, status int, name string, data any) error {
	html, err := w.Theme.Page(name, data)
	if err != nil {
		return err
	}
	return send(c, status, html)
}

// RenderPart sends one named template of a page: what a script asks for.
func (w *Web) RenderPart(c *fiber.Ctx, name, part string, data any) error {
	html, err := w.Theme.Part(name, part, data)
	if err != nil {
		return err
	}
	return send(c, fiber.StatusOK, html)
}

// smallest is the size in bytes from which compressing saves a packet.
const smallest = 1400

var writers = sync.Pool{New: func() any {
	z, err := gzip.NewWriterLevel(nil, 4)
	if err != nil {
		panic(err) // the level is a constant
	}
	return z
}}

func send(c *fiber.Ctx, status int, html []byte) error {
	c.Status(status)
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Vary(fiber.HeaderAcceptEncoding)
	if len(html) < smallest || !AcceptsGzip(c) {
		return c.Send(html)
	}
	var b bytes.Buffer
	z := writers.Get().(*gzip.Writer)
	defer writers.Put(z)
	z.Reset(&b)
	if _, err := z.Write(html); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("compress: %w", err)
	}
	c.Set(fiber.HeaderContentEncoding, "gzip")
	return c.Send(b.Bytes())
}

// AcceptsGzip reports whether the reader says that it reads compressed answers.
func AcceptsGzip(c *fiber.Ctx) bool {
	return strings.Contains(c.Get(fiber.HeaderAcceptEncoding), "gzip")
}
