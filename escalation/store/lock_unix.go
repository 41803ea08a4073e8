//go:build unix

package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// lockFile takes the lock that keeps a second server off an SQLite file. It
// waits a moment, for a command may just be migrating. A command beside a
// server gets nil when the server has it. The system drops the lock with the
// process, however it ends, so there are no stale ones.
func lockFile(ctx context.Context, path string, beside bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder cannot be written: %w", err)
	}
	for wait := 0; ; wait++ {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return f, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) || beside || wait == 10 || ctx.Err() != nil {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	f.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if beside {
		return nil, nil
	}
	return nil, fmt.Errorf("data folder %s is used by another primalinea", filepath.Dir(path))
}
