package search

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"

	"primalinea/content"
)

// format counts what is kept in an index and how words are analysed. An index
// of another format is not read, but built again.
const format = "primalinea 2"

// prefix begins the name of every index folder of this format.
const prefix = "v2-"

// lockTimeout is how long we wait for an index that another process holds,
// before we build our own.
const lockTimeout = "1s"

// ErrNotReady says that the index cannot answer yet, or cannot any more and is
// being built again.
var ErrNotReady = errors.New("search: the index is not ready")

// Options are what an Index needs from outside.
type Options struct {
	Log *slog.Logger     // slog.Default() when nil
	Now func() time.Time // time.Now when nil
}

// An Index answers queries from the articles that [Index.Sync] gave it.
//
// All methods may be called from many goroutines at once. What a Search sees is
// a view: an index snapshot joined with the library that was current then.
type Index struct {
	dir  string // empty: in memory
	log  *slog.Logger
	now  func() time.Time
	slot chan struct{} // searches that may run at once

	sync   sync.Mutex // held by who changes the index
	store  bleve.Index
	path   string  // folder of store
	tables *tables // of store's segments
	last   func(context.Context) (Changes, error)
	heal   sync.WaitGroup
	ends   context.Context // when the index is closed
	end    context.CancelFunc
	mends  int // how often it was found damaged while in use

	learned *learned

	mu     sync.Mutex // guards what follows
	view   *view
	base   uint64 // version of the view before time passes
	ready  bool
	broken bool
	closed bool

	cache   resultCache
	scratch sync.Pool
}

// Open opens the index in a folder, or begins a new one there when there is
// none that can be used. It never fails: without a usable folder the index is
// kept in memory, and the log says so. An empty dir means memory too.
func Open(dir string, o Options) *Index {
	x := &Index{dir: dir, log: o.Log, now: o.Now, slot: make(chan struct{}, runtime.GOMAXPROCS(0))}
	x.ends, x.end = context.WithCancel(context.Background())
	if x.log == nil {
		x.log = slog.Default()
	}
	if x.now == nil {
		x.now = time.Now
	}
	reused := dir != "" && x.reuse()
	if !reused {
		x.create()
	}
	if err := x.refresh(nil); err != nil {
		x.log.Warn("search index is rebuilt", "reason", err)
		x.discard()
		x.create()
		if err := x.refresh(nil); err != nil {
			x.log.Error("search index cannot be read", "err", err)
		}
	}
	return x
}

// reuse opens the newest index of our format that is whole, and removes the
// others, unless somebody else has them open.
func (x *Index) reuse() bool {
	entries, err := os.ReadDir(x.dir)
	if err != nil {
		return false // create tells what is wrong with the folder, if something is
	}
	for _, e := range slices.Backward(entries) {
		path := filepath.Join(x.dir, e.Name())
		if x.store == nil && e.IsDir() && strings.HasPrefix(e.Name(), prefix) {
			store, err := openStore(path)
			if err == nil {
				x.use(store, path)
				continue
			}
			x.log.Warn("search index is rebuilt", "reason", err)
			if isLocked(err) {
				continue
			}
		} else if !e.IsDir() || !strings.HasPrefix(e.Name(), "v") {
			continue // not ours
		} else if store, err := openStore(path); err == nil {
			store.Close()
		} else if isLocked(err) {
			continue
		}
		if err := os.RemoveAll(path); err != nil {
			x.log.Warn("old search index cannot be removed", "err", err)
		}
	}
	return x.store != nil
}

// openStore opens the index in a folder when it is whole and of our format.
// A damaged file can make the libraries below panic.
func openStore(path string) (store bleve.Index, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			store, err = nil, fmt.Errorf("open %s: %v", path, p)
		}
	}()
	if err := verify(path); err != nil {
		return nil, err
	}
	// From here on the file may change.
	if err := os.Remove(filepath.Join(path, sumFile)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	store, err = bleve.OpenUsing(path, map[string]any{"bolt_timeout": lockTimeout, "unsafe_batch": true})
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	if is, err := store.GetInternal([]byte("format")); err != nil || string(is) != format {
		store.Close()
		return nil, fmt.Errorf("open %s: format %q instead of %q", path, is, format)
	}
	return store, nil
}

// verify checks the sums at the end of the index's files: bleve itself trusts
// them, and answers from flipped bits.
func verify(path string) error {
	files, err := filepath.Glob(filepath.Join(path, "store", "*.zap"))
	if err != nil {
		return err
	}
	for _, file := range files {
		if err := verifySegment(file); err != nil {
			return err
		}
	}
	// The root file has no sum of its own. We leave one beside it when we close
	// it; after a crash there is none, and we trust its own checks.
	want, err := os.ReadFile(filepath.Join(path, sumFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if is, err := rootSum(path); err != nil {
		return err
	} else if is != string(want) {
		return fmt.Errorf("%s is damaged", filepath.Join(path, rootFile))
	}
	return nil
}

// verifySegment checks a segment's last four bytes, the sum of all before.
func verifySegment(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, io.LimitReader(f, info.Size()-crc32.Size)); err != nil {
		return err
	}
	var want [crc32.Size]byte
	if _, err := io.ReadFull(f, want[:]); err != nil || sum.Sum32() != binary.BigEndian.Uint32(want[:]) {
		return fmt.Errorf("%s is damaged", file)
	}
	return nil
}

const (
	rootFile = "store/root.bolt"
	sumFile  = "closed.sum"
)

func rootSum(path string) (string, error) {
	f, err := os.Open(filepath.Join(path, rootFile))
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := crc32.NewIEEE()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return fmt.Sprintf("%08x", sum.Sum32()), nil
}

func isLocked(err error) bool { return strings.Contains(err.Error(), "timeout") }

// create begins an empty index in a fresh folder.
func (x *Index) create() {
	m := newMapping()
	if x.dir != "" {
		var store bleve.Index
		path, err := freshFolder(x.dir)
		if err == nil {
			store, err = bleve.NewUsing(path, m, scorch.Name, scorch.Name, map[string]any{"unsafe_batch": true})
		}
		if err == nil {
			err = store.SetInternal([]byte("format"), []byte(format))
		}
		if err == nil {
			x.use(store, path)
			return
		}
		x.log.Error("search index is kept in memory", "err", err)
	}
	store, err := bleve.NewUsing("", m, scorch.Name, scorch.Name, nil)
	if err != nil {
		panic(err) // nothing outside of the program can make this fail
	}
	x.use(store, "")
}

// use makes a store the one that is asked. Without a path it is in memory.
func (x *Index) use(store bleve.Index, path string) {
	x.store, x.path, x.tables = store, path, newTables(path, x.log)
}

// freshFolder returns a name in dir under which no index lies. Names sort by
// age.
func freshFolder(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	n := 0
	for _, e := range entries {
		var old int
		if _, err := fmt.Sscanf(e.Name(), prefix+"%d", &old); err == nil {
			n = max(n, old)
		}
	}
	return filepath.Join(dir, fmt.Sprintf("%s%06d", prefix, n+1)), nil
}

// newMapping returns bleve's mapping, in which nothing is found by itself:
// documents come with their words already analysed, one field name per
// language.
func newMapping() mapping.IndexMapping {
	m := bleve.NewIndexMapping()
	m.DefaultMapping = bleve.NewDocumentDisabledMapping()
	return m
}

// discard closes the index and removes its folder. Callers hold sync or are
// Open.
func (x *Index) discard() {
	x.mu.Lock()
	old := x.view
	if old != nil {
		x.base += uint64(len(old.turns)) + 1
	}
	x.view = nil
	x.mu.Unlock()
	old.release()
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			x.log.Error("damaged search index cannot be closed", "err", p)
		}
	}()
	x.tables.close()
	store, path := x.store, x.path
	x.store, x.path = nil, ""
	if store != nil {
		store.Close()
	}
	if path != "" {
		if err := os.RemoveAll(path); err != nil {
			x.log.Warn("damaged search index cannot be removed", "err", err)
		}
	}
}

// Ready returns nil when the index can answer.
func (x *Index) Ready() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ready && !x.broken && !x.closed {
		return nil
	}
	return ErrNotReady
}

// Version changes whenever an answer may: when an article was changed, and when
// one is published or expires as its time comes. It never decreases while the
// program runs.
func (x *Index) Version() uint64 {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.versionAt(x.now())
}

func (x *Index) versionAt(now time.Time) uint64 {
	if x.view == nil {
		return x.base
	}
	return x.base + x.view.passed(now)
}

// Close ends all work. Searches after it find nothing and say ErrNotReady.
func (x *Index) Close() error {
	x.mu.Lock()
	x.closed = true
	x.mu.Unlock()
	x.end()
	x.heal.Wait()
	x.sync.Lock()
	defer x.sync.Unlock()
	x.mu.Lock()
	old := x.view
	x.view = nil
	x.mu.Unlock()
	old.release()
	if x.store == nil {
		return nil
	}
	x.tables.close()
	store, path := x.store, x.path
	x.store = nil
	err := store.Close()
	if err == nil && path != "" {
		var sum string
		if sum, err = rootSum(path); err == nil {
			err = os.WriteFile(filepath.Join(path, sumFile), []byte(sum), 0o600)
		}
	}
	if err != nil {
		return fmt.Errorf("close search index: %w", err)
	}
	return nil
}

// acquire returns the current view; its release must be called.
func (x *Index) acquire() (*view, uint64, time.Time, error) {
	now := x.now()
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.ready || x.broken || x.closed || x.view == nil {
		return nil, 0, now, ErrNotReady
	}
	x.view.refs.Add(1)
	return x.view, x.versionAt(now), now, nil
}

// refresh publishes what is in the store now, joined with lib; with nil the
// library stays. Callers hold sync or are Open.
func (x *Index) refresh(lib *content.Library) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("read search index: %v", p)
		}
	}()
	x.mu.Lock()
	old := x.view
	x.mu.Unlock()
	next, err := newView(x.store, x.tables, old, lib, x.learned)
	if err != nil {
		return fmt.Errorf("read search index: %w", err)
	}
	x.mu.Lock()
	if old != nil {
		x.base += uint64(len(old.turns)) + 1
	}
	x.view = next
	x.mu.Unlock()
	old.release()
	return nil
}

// mend builds the index again after a search found it damaged.
func (x *Index) mend(reason any) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.broken || x.closed {
		return
	}
	x.broken = true
	x.log.Warn("search index is rebuilt", "reason", reason)
	x.heal.Go(func() {
		x.sync.Lock()
		x.discard()
		if x.mends++; x.mends > 2 {
			x.dir = "" // the disk is not to be trusted
		}
		x.create()
		err := x.refresh(nil)
		again := x.last
		x.sync.Unlock()
		x.mu.Lock()
		x.broken = err != nil
		x.ready = false
		x.mu.Unlock()
		if err == nil && again != nil {
			_, err = again(x.ends)
		}
		if err != nil && x.ends.Err() == nil {
			x.log.Error("search index cannot be rebuilt", "err", err)
		}
	})
}

// guard runs a search; what breaks in it below us is an index to rebuild, not
// the end of the program.
func (x *Index) guard(search func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			x.log.Error("search failed", "panic", p, "stack", string(debug.Stack()))
			x.mend(p)
			err = ErrNotReady
		}
	}()
	return search()
}

// wait takes one of the places of searches that may run at once, first come
// first served.
func (x *Index) wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case x.slot <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (x *Index) done() { <-x.slot }
