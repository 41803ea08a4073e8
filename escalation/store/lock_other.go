//go:build !unix

package store

import (
	"context"
	"fmt"
	"os"
)

// lockFile makes sure that the folder can be written. Without locks that end
// with the process a second server is not kept off; SQLite's own locks keep the
// file sound.
func lockFile(_ context.Context, path string, _ bool) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("data folder cannot be written: %w", err)
	}
	return f, nil
}
