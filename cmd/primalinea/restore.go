package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"primalinea/escalation/archive"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store"
)

type restoreCmd struct {
	place   `embed:""`
	Content string `help:"Empty folder for the articles, instead of the one in the data folder." placeholder:"DIR"`
	File    string `arg:"" help:"The backup."`
}

// unfinished is where a restore puts together what then appears at once. While it
// is there, nobody may take the folder for a whole one.
const unfinished = ".restore"

// Run makes a site of a backup, or nothing. The whole backup is read before
// anything is written.
func (k restoreCmd) Run(out io.Writer) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	f, err := os.Open(k.File)
	if err != nil {
		return usageError{fmt.Errorf("restore: %w", err)}
	}
	defer f.Close()
	h, said, err := check(ctx, f)
	if err != nil {
		return fmt.Errorf("restore: %s %w", k.File, err)
	}
	if err := k.empty(); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	held, err := k.write(ctx, f, h, said)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	fmt.Fprintf(out, "backup of %s: %s\n", h.Created.Format("2006-01-02 15:04 MST"), summary(said))
	if n := len(said.Missing); n > 0 {
		fmt.Fprintf(out, "%d attached files were missing when the backup was made\n", n)
	}
	if held > 0 {
		fmt.Fprintf(out, "%d letters had not been sent: they are held until a lead lets them go at /lead/letters\n", held)
	}
	return nil
}

// check reads a backup to its end, and refuses one that is not whole or not for
// this program. The error goes on after the name of the file.
func check(ctx context.Context, r io.Reader) (archive.Header, archive.Manifest, error) {
	tables := map[string]*store.Table{}
	return archive.Read(r, archive.Visitor{
		Header: func(h archive.Header) error {
			known, err := store.Schema()
			if err != nil {
				return err
			}
			for _, n := range h.Schema {
				if !slices.Contains(known, n) {
					return fmt.Errorf("is a backup of a newer primalinea (it has schema %d, this one knows %d)", n, known[len(known)-1])
				}
			}
			made, err := store.Tables(ctx, h.Schema)
			if err != nil {
				return err
			}
			if len(made) != len(h.Tables) {
				return fmt.Errorf("has %d tables, where its schema has %d", len(h.Tables), len(made))
			}
			for i, t := range h.Tables {
				if t.Name != made[i].Name || !slices.Equal(t.Columns, made[i].Columns) {
					return fmt.Errorf("has a table %q that is not as its schema makes it", t.Name)
				}
				tables[t.Name] = &made[i]
			}
			return nil
		},
		Row: func(table string, row []any) error {
			if err := tables[table].Check(row); err != nil {
				return fmt.Errorf("%w: %w", archive.ErrDamaged, err)
			}
			return ctx.Err()
		},
		File: func(string, time.Time, io.Reader) error { return ctx.Err() },
	})
}

// empty refuses a place where something is already. A PostgreSQL database is asked
// when it is filled.
func (k restoreCmd) empty() error {
	dirs := []string{k.Data}
	if k.Content != "" {
		dirs = append(dirs, k.Content)
	}
	for _, dir := range dirs {
		entries, err := os.ReadDir(dir)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if e.Name() == unfinished {
				return brokenOff(dir)
			}
			if e.Name() != "lost+found" { // of a file system of its own
				return fmt.Errorf("%s is not empty: %s is there, and a restore overwrites nothing", dir, e.Name())
			}
		}
	}
	if file := k.file(); file != "" {
		if _, err := os.Lstat(file); err == nil {
			return fmt.Errorf("%s is there, and a restore overwrites nothing", file)
		}
	}
	return nil
}

// file returns the SQLite file to make, or "" for PostgreSQL.
func (k restoreCmd) file() string {
	switch {
	case k.Database == "":
		return filepath.Join(k.Data, "primalinea.db")
	case strings.Contains(k.Database, "://"):
		return ""
	}
	return k.Database
}

// need returns how many bytes a backup takes on the disk of the data, at least.
func (k restoreCmd) need(said archive.Manifest) int64 {
	_, rows := said.Files("tables")
	_, files := said.Files("files")
	_, articles := said.Files("articles")
	if k.file() == "" {
		return files + articles
	}
	return files + articles + 4*rows // with its indexes, and once more in the log
}

// room refuses a backup that the disk cannot hold, or that claims so.
func (k restoreCmd) room(said archive.Manifest) error {
	need := k.need(said)
	if d, err := diskOf(k.Data); err == nil && need > d.free {
		return fmt.Errorf("it needs %d MB, and the disk of %s has %d MB left", need>>20, k.Data, d.free>>20)
	}
	return nil
}

// write fills the database, and puts files and articles where they belong, all or
// nothing. It returns how many letters it held back.
func (k restoreCmd) write(ctx context.Context, r io.Reader, h archive.Header, said archive.Manifest) (held int64, err error) {
	made := []string{filepath.Join(k.Data, unfinished)} // by us, to be undone
	if _, err := os.Stat(k.Data); errors.Is(err, fs.ErrNotExist) {
		made = append(made, k.Data)
	}
	defer func() {
		if err != nil {
			for _, name := range made {
				os.RemoveAll(name)
			}
		}
	}()
	if err := k.makeData(); err != nil {
		return 0, err
	}
	if err := k.room(said); err != nil {
		return 0, err
	}
	work := made[0]
	if err := os.Mkdir(work, 0o700); err != nil {
		return 0, err
	}
	files, err := evidence.OpenFolder(filepath.Join(work, "files"))
	if err != nil {
		return 0, err
	}
	content := filepath.Join(work, "articles")
	if k.Content != "" {
		content = k.Content // it is empty: there is nothing that it could be half of
	}
	if err := os.MkdirAll(content, 0o755); err != nil {
		return 0, err
	}
	articles, err := os.OpenRoot(content)
	if err != nil {
		return 0, err
	}
	defer articles.Close()

	database, file := k.Database, k.file()
	if file != "" {
		database = file + unfinished
		made = append(made, database)
	}
	held, err = store.Load(ctx, database, h.Schema, func(insert func(string, []any) error) error {
		_, _, err := archive.Read(r, archive.Visitor{Row: insert, File: func(name string, modified time.Time, r io.Reader) error {
			if hash, ok := strings.CutPrefix(name, "files/"); ok {
				return errors.Join(ctx.Err(), files.PutBack(hash, r))
			}
			name = strings.TrimPrefix(name, "articles/")
			if k.Content != "" {
				first, _, _ := strings.Cut(name, "/")
				made = append(made, filepath.Join(k.Content, first))
			}
			return errors.Join(ctx.Err(), putArticle(articles, name, modified, r))
		}})
		if err != nil {
			return err
		}
		if err := syncTree(content); err != nil {
			return err
		}
		for _, name := range []string{"files", "articles"} {
			from, to := filepath.Join(work, name), filepath.Join(k.Data, name)
			if from != content && name == "articles" {
				continue
			}
			made = append(made, to)
			if err := os.Rename(from, to); err != nil {
				return err
			}
		}
		return syncDir(k.Data)
	})
	if err != nil {
		return 0, err
	}
	if file != "" {
		if err := appear(database, file); err != nil {
			return 0, err
		}
		os.Remove(database) // where it was linked, it has two names
		if err := syncDir(filepath.Dir(file)); err != nil {
			return 0, err
		}
	}
	return held, os.RemoveAll(work)
}

// syncTree makes the names in a folder durable.
func syncTree(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		return syncDir(path)
	})
}

// brokenOff says that a folder holds a part of a site.
func brokenOff(dir string) error {
	return fmt.Errorf("a restore is going on in %s, or was broken off there: then empty the folder and restore again", dir)
}

// putArticle writes a file of the articles.
func putArticle(root *os.Root, name string, modified time.Time, r io.Reader) error {
	if err := root.MkdirAll(filepath.Dir(filepath.FromSlash(name)), 0o755); err != nil {
		return err
	}
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return root.Chtimes(filepath.FromSlash(name), modified, modified)
}
