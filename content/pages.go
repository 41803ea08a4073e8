package content

import (
	"container/list"
	"context"
	"fmt"
	"sync"
)

// A cache holds rendered articles, as many as fit, and lets each be rendered by
// one goroutine at a time.
type cache struct {
	mu      sync.Mutex
	limit   int // bytes
	size    int
	entries map[pageKey]*list.Element
	order   *list.List // of *page, last used first
	running map[pageKey]*call
}

// A pageKey is what a rendering depends on, besides where its links lead.
type pageKey struct{ file, hash, reader string }

// A page is a rendered article with where its links led at that time.
type page struct {
	key      pageKey
	document *Document
	lib      *Library // the last one against which the links were tried
	words    *glossary
	links    map[string]target
	pictures map[string]picture
	size     int
}

// A call is a rendering that others wait for.
type call struct {
	done chan struct{}
	page *page
	err  error
}

// Render returns the article as a page shows it to a reader of a language. It is
// rendered when first asked for and kept until the article, a page that it links
// to, or an image changes. No more are rendered at once than there are processors.
func (f *Folder) Render(ctx context.Context, a *Article, readerLang string) (*Document, error) {
	if readerLang == "" {
		readerLang = a.Lang
	}
	key := pageKey{a.File, a.Hash, readerLang}
	lib := f.Library()
	c := &f.rendered
	for {
		c.mu.Lock()
		if e, ok := c.entries[key]; ok {
			p := e.Value.(*page)
			if p.lib == lib || f.current(p, lib, a) {
				p.lib = lib
				c.order.MoveToFront(e)
				c.mu.Unlock()
				return p.document, nil
			}
			c.drop(e)
		}
		if other, ok := c.running[key]; ok {
			c.mu.Unlock()
			select {
			case <-other.done:
				if other.err == nil {
					return other.page.document, nil
				}
				if ctx.Err() == nil && other.err == context.Canceled {
					continue // the other's reader went away, ours did not
				}
				return nil, other.err
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		mine := &call{done: make(chan struct{})}
		c.running[key] = mine
		c.mu.Unlock()
		mine.page, mine.err = f.render(ctx, lib, a, key)
		c.mu.Lock()
		delete(c.running, key)
		if mine.err == nil {
			c.add(mine.page)
		}
		c.mu.Unlock()
		close(mine.done)
		if mine.err != nil {
			return nil, mine.err
		}
		return mine.page.document, nil
	}
}

func (f *Folder) render(ctx context.Context, lib *Library, a *Article, key pageKey) (p *page, err error) {
	select {
	case f.slots <- struct{}{}:
		defer func() { <-f.slots }()
	case <-ctx.Done():
		return nil, context.Canceled
	}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("render %s: %v", a.File, r)
		}
	}()
	f.renders.Add(1)
	text, err := f.text(a)
	if err != nil {
		return nil, err
	}
	s := f.sheet(lib, a.File, a.Lang, key.reader, text)
	if !s.read() {
		return nil, fmt.Errorf("render %s", s.problems[0])
	}
	d, err := s.document()
	if err != nil {
		return nil, fmt.Errorf("render %s: %w", a.File, err)
	}
	size := 500 + len(d.HTML)
	for _, p := range d.Passages {
		size += 100 + len(p.Text) + len(p.Heading)
	}
	return &page{key, d, lib, s.words, s.followed, s.pictured, size}, nil
}

// current reports whether a rendering's links and images, and what its words
// mean, are still what they were.
func (f *Folder) current(p *page, lib *Library, a *Article) bool {
	s := f.sheet(lib, a.File, a.Lang, p.key.reader, nil)
	if s.words != p.words {
		return false
	}
	l := s.links
	for raw, was := range p.links {
		if l.follow(raw) != was {
			return false
		}
	}
	for raw, was := range p.pictures {
		if now, _ := l.image(raw); now != was {
			return false
		}
	}
	return true
}

func (c *cache) add(p *page) {
	if old, ok := c.entries[p.key]; ok {
		c.drop(old)
	}
	c.entries[p.key] = c.order.PushFront(p)
	c.size += p.size
	for c.size > c.limit && c.order.Len() > 1 {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(e *list.Element) {
	p := c.order.Remove(e).(*page)
	delete(c.entries, p.key)
	c.size -= p.size
}
