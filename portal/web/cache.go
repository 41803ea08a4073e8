package web

import (
	"bytes"
	"compress/gzip"
	"container/list"
	"crypto/sha256"
	"encoding/hex"
	"html/template"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation/clock"
)

// A Cache keeps the bytes of pages that are the same for everybody but for the
// header's right side: the hole. It is bounded by bytes, and drops what was not
// asked for the longest.
type Cache struct {
	limit int

	mu      sync.Mutex
	size    int
	entries map[string]*list.Element
	order   *list.List // of *cached, most recent first

	Hits, Misses atomic.Int64
}

// NewCache returns a cache of at most limit bytes.
func NewCache(limit int) *Cache {
	return &Cache{limit: limit, entries: map[string]*list.Element{}, order: list.New()}
}

// A cached page is cut at its hole. The page with nobody in the hole is also
// kept compressed.
type cached struct {
	key        string
	whole      []byte
	at         int // where in whole the hole is
	compressed []byte
	etag       string
}

func (p *cached) bytes() int { return len(p.whole) + len(p.compressed) + len(p.key) }

// mark is what a template writes where the hole is. It cannot come from text:
// html/template replaces NUL bytes.
const mark = "\x00hole\x00"

// HoleMark is the hole, for the layout.
func (Page) HoleMark() template.HTML { return mark }

func (k *Cache) get(key string) *cached {
	k.mu.Lock()
	defer k.mu.Unlock()
	if e, ok := k.entries[key]; ok {
		k.order.MoveToFront(e)
		k.Hits.Add(1)
		return e.Value.(*cached)
	}
	k.Misses.Add(1)
	return nil
}

func (k *Cache) put(p *cached) {
	if p.bytes() > k.limit/8 {
		return // one giant does not drive all others out
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if old, ok := k.entries[p.key]; ok {
		k.size -= k.order.Remove(old).(*cached).bytes()
	}
	k.entries[p.key] = k.order.PushFront(p)
	for k.size += p.bytes(); k.size > k.limit; {
		gone := k.order.Remove(k.order.Back()).(*cached)
		delete(k.entries, gone.key)
		k.size -= gone.bytes()
	}
}

// RenderCached sends a page that is the same for all readers with the same key,
// language and look, on the same day and while the same status line is shown, but for its hole. build
// is called when it is not known yet; it returns the page's name and data, whose
// Page has Hole set.
func (w *Web) RenderCached(c *fiber.Ctx, key string, build func() (name string, data any, err error)) error {
	_, hours := w.Desk().Promise("")
	today := clock.DateOf(w.Now().In(hours.Location())) // of which some pages tell
	key = w.Theme.Version() + "|" + strconv.FormatInt(w.Site().Edition(), 36) + "." + strconv.Itoa(w.Desk().Version) + "." + strconv.Itoa(int(today)) + "|" + w.Lang(c) + "|" + Look(c) + "|" + w.status(c) + "|" + key
	p := w.Cache.get(key)
	if p == nil {
		name, data, err := build()
		if err != nil {
			return err
		}
		html, err := w.Theme.Page(name, data)
		if err != nil {
			return err
		}
		p = cut(key, html)
		w.Cache.put(p)
	}
	c.Vary(fiber.HeaderAcceptEncoding, fiber.HeaderCookie)
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	if me, follows := w.Me(c), w.follows(c); me != nil || follows {
		fill, err := w.Theme.Part("layout", "me", Page{Speaker: w.Theme.Words.Speaker(w.Lang(c)), Me: me, Follows: follows, Called: w.called(c)})
		if err != nil {
			return err
		}
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		page := make([]byte, 0, len(p.whole)+len(fill))
		page = append(append(append(page, p.whole[:p.at]...), fill...), p.whole[p.at:]...)
		return c.Send(page)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	c.Set(fiber.HeaderETag, p.etag)
	if c.Get(fiber.HeaderIfNoneMatch) == p.etag {
		return c.SendStatus(fiber.StatusNotModified)
	}
	if p.compressed != nil && AcceptsGzip(c) {
		c.Set(fiber.HeaderContentEncoding, "gzip")
		return c.Send(p.compressed)
	}
	return c.Send(p.whole)
}

func cut(key string, html []byte) *cached {
	p := &cached{key: key}
	head, tail, found := bytes.Cut(html, []byte(mark))
	p.at = len(head)
	p.whole = append(bytes.Clone(head), tail...)
	if !found {
		p.at = len(p.whole)
	}
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(p.whole) // a bytes.Buffer never fails
	z.Close()
	if b.Len() < len(p.whole) {
		p.compressed = b.Bytes()
	}
	sum := sha256.Sum256(p.whole)
	p.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
	return p
}
