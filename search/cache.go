package search

import (
	"container/list"
	"sync"

	"primalinea/content"
)

// cacheBytes bounds what the answers kept take.
const cacheBytes = 8 << 20

// A cacheKey is all that an answer depends on, beside the index.
type cacheKey struct {
	text, lang, section string
	reader              content.Audience
	limit, offset       int
	oneLang, exact      bool
}

// A resultCache keeps the last answers of one version of the index.
type resultCache struct {
	mu      sync.Mutex
	version uint64
	bytes   int
	byKey   map[cacheKey]*list.Element
	used    *list.List // latest first
}

type cached struct {
	key    cacheKey
	result Result
	bytes  int
}

func (c *resultCache) get(version uint64, key cacheKey) (Result, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.version != version || c.byKey == nil {
		return Result{}, false
	}
	e := c.byKey[key]
	if e == nil {
		return Result{}, false
	}
	c.used.MoveToFront(e)
	return e.Value.(*cached).result, true
}

func (c *resultCache) put(version uint64, key cacheKey, r Result) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if version < c.version {
		return // a search that began before the last change
	}
	if c.version != version || c.byKey == nil {
		c.version, c.bytes = version, 0
		c.byKey, c.used = map[cacheKey]*list.Element{}, list.New()
	}
	if c.byKey[key] != nil {
		return
	}
	e := &cached{key, r, 256 + len(key.text) + r.size()}
	c.byKey[key] = c.used.PushFront(e)
	c.bytes += e.bytes
	for c.bytes > cacheBytes {
		last := c.used.Remove(c.used.Back()).(*cached)
		delete(c.byKey, last.key)
		c.bytes -= last.bytes
	}
}

// size estimates what an answer takes, beside the articles it points to.
func (r *Result) size() int {
	n := 128 + len(r.Instead) + len(r.Meant)
	for _, hits := range [][]Hit{r.Hits, r.Elsewhere} {
		for _, h := range hits {
			n += 128 + len(h.Anchor) + len(h.Heading)
			for _, pieces := range [][]Piece{h.Title, h.Snippet} {
				for _, p := range pieces {
					n += 32 + len(p.Text)
				}
			}
		}
	}
	return n + 32*(len(r.Sections)+len(r.Languages))
}
