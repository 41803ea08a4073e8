package content

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// all: because names that begin with "_" would be left out.
//
//go:embed all:articles
var shipped embed.FS

// Shipped returns the help centre that comes with the program, as a content
// folder.
func Shipped() fs.FS {
	sub, err := fs.Sub(shipped, "articles")
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return sub
}

// Fill copies a help centre to a folder that does not exist or is empty, all of
// it or nothing. It leaves any other folder as it is.
func Fill(dir string, shipped fs.FS) error {
	entries, err := os.ReadDir(dir)
	there := err == nil
	switch {
	case len(entries) > 0:
		return nil
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("fill content folder: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return fmt.Errorf("fill content folder: %w", err)
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".articles-*")
	if err != nil {
		return fmt.Errorf("fill content folder: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := os.Chmod(tmp, 0o755); err != nil {
		return fmt.Errorf("fill content folder: %w", err)
	}
	if err := os.CopyFS(tmp, shipped); err != nil {
		return fmt.Errorf("fill content folder: %w", err)
	}
	err = filepath.WalkDir(tmp, func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			err = os.Chmod(p, 0o644) // an embedded file says that it is read-only
		}
		return err
	})
	if err == nil && there {
		err = os.Remove(dir) // it is empty
	}
	if err == nil {
		err = os.Rename(tmp, dir)
	}
	if err != nil {
		return fmt.Errorf("fill content folder: %w", err)
	}
	return nil
}
