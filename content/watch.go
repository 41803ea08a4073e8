package content

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	settle    = 120 * time.Millisecond // quiet after a change before it is read
	settleMax = 600 * time.Millisecond // and no longer, however busy the folder
	saveEvery = 30 * time.Second       // of the catalog; what it lacks is read again
)

// Watch keeps the Library up with the folder until the context ends: it is told
// of changes by the system and, because not every file system tells, also looks
// by itself every few seconds. It also makes a new Library when an article's
// publish_at or expires_at comes.
func (f *Folder) Watch(ctx context.Context) error {
	watcher, err := fsnotify.NewWatcher()
	if err != nil {
		f.log.Warn("changes in the content folder are noticed more slowly", "error", err)
	} else {
		defer watcher.Close()
	}
	var events chan fsnotify.Event
	var failures chan error
	if watcher != nil {
		events, failures = watcher.Events, watcher.Errors
	}
	watched := map[string]bool{}
	told := watcher != nil // whether the system tells of every folder
	look := func() time.Duration {
		begin := f.now()
		lib, at := f.reload()
		if watcher != nil {
			now := map[string]bool{}
			for _, dir := range at.dirs {
				now[dir] = true
				if !watched[dir] {
					if err := watcher.Add(dir); err != nil {
						if told && !errors.Is(err, fsnotify.ErrClosed) {
							f.log.Warn("changes in the content folder are noticed more slowly", "error", err)
						}
						told = false
						delete(now, dir)
					}
				}
			}
			watched = now
		}
		// Looking must never cost more than a twentieth of the time.
		wait := max(3*time.Second, 20*at.elapsed)
		if !told {
			wait = max(time.Second, 20*at.elapsed)
		}
		if next := lib.nextTurn(begin); !next.IsZero() {
			wait = min(wait, max(next.Sub(f.now()), 10*time.Millisecond))
		}
		return wait
	}
	var saved time.Time
	save := func() {
		f.scanning.Lock()
		defer f.scanning.Unlock()
		f.saveCatalog()
		saved = time.Now()
	}
	turn := f.now()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var since time.Time // of the first change that was not read yet
	for {
		select {
		case <-ctx.Done():
			save()
			return nil
		case e, ok := <-events:
			if !ok {
				return fmt.Errorf("watch %s: the system stopped telling", f.dir)
			}
			if e.Op == fsnotify.Chmod {
				continue
			}
			delete(watched, e.Name) // a folder may have been replaced by another of its name
			if since.IsZero() {
				since = time.Now()
			}
			timer.Reset(max(0, min(settle, settleMax-time.Since(since))))
		case err := <-failures:
			f.log.Warn("watching the content folder", "error", err)
			since = time.Now()
			timer.Reset(settle)
		case <-timer.C:
			since = time.Time{}
			wait := look()
			if time.Since(saved) > saveEvery {
				save()
			}
			if now := f.now(); f.Library().turned(turn, now) {
				f.refresh()
				turn = now
			}
			timer.Reset(wait)
		}
	}
}

// refresh makes the same Library anew because time went by.
func (f *Folder) refresh() {
	f.scanning.Lock()
	defer f.scanning.Unlock()
	lib := f.assemble()
	f.lib.Store(lib)
	f.tell(lib)
}

// nextTurn is when the next article is to be published or to expire; zero when
// none is.
func (l *Library) nextTurn(now time.Time) (next time.Time) {
	for _, a := range l.timed {
		for _, t := range [...]time.Time{a.PublishAt, a.ExpiresAt} {
			if t.After(now) && (next.IsZero() || t.Before(next)) {
				next = t
			}
		}
	}
	return next
}

// turned reports whether an article was published or expired in that time.
func (l *Library) turned(from, to time.Time) bool {
	for _, a := range l.timed {
		if a.Live(from) != a.Live(to) {
			return true
		}
	}
	return false
}
