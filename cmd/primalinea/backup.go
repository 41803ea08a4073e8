package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/archive"
	"primalinea/escalation/evidence"
	"primalinea/escalation/store"
)

type backupCmd struct {
	place   `embed:""`
	Content string `help:"Folder of the articles, instead of the one in the data folder." placeholder:"DIR"`
	File    string `arg:"" help:"The file to write, such as primalinea-2026-11-25.tar.gz; it must not exist."`
}

// Run writes a backup. It appears under its name when it is whole.
func (k backupCmd) Run(out io.Writer) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if _, err := os.Lstat(k.File); err == nil {
		return usageError{fmt.Errorf("%s exists already: a backup overwrites nothing", k.File)}
	}
	dir := filepath.Dir(k.File)
	tmp, err := os.CreateTemp(dir, ".backup-*") // for its owner alone: it holds keys and what people wrote
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	defer os.Remove(tmp.Name())
	defer tmp.Close()
	said, err := k.write(ctx, tmp, out)
	if err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := appear(tmp.Name(), k.File); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	if err := syncDir(dir); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	for _, hash := range said.Missing {
		fmt.Fprintf(out, "missing: the bytes of attached file %s, whose record is there\n", hash)
	}
	_, err = fmt.Fprintf(out, "%s: %s\n", k.File, summary(said))
	return err
}

// appear gives a file its name, unless another has it.
func appear(tmp, name string) error {
	err := os.Link(tmp, name)
	if err == nil || errors.Is(err, fs.ErrExist) {
		return err
	}
	// Not every file system has links.
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s exists already", name)
	}
	return os.Rename(tmp, name)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// summary says what a backup holds.
func summary(m archive.Manifest) string {
	var rows int64
	for _, n := range m.Rows {
		rows += n
	}
	files, _ := m.Files("files")
	articles, _ := m.Files("articles")
	return fmt.Sprintf("%d tickets, %d rows in %d tables, %d attached files, %d files of articles",
		m.Rows["ticket"], rows, len(m.Rows), files, articles)
}

// write writes the rows as they are at one moment, then the files. A file whose
// record is among the rows lies in its folder already, and stays while the record
// does.
func (k backupCmd) write(ctx context.Context, to, out io.Writer) (archive.Manifest, error) {
	snap, err := store.Snap(ctx, k.Database, store.Options{Dir: k.Data})
	if err != nil {
		return archive.Manifest{}, err
	}
	defer snap.Close()
	h := archive.Header{Program: version, Created: time.Now().UTC().Truncate(time.Second), Engine: snap.Engine, Schema: snap.Schema}
	for _, t := range snap.Tables {
		h.Tables = append(h.Tables, archive.Table{Name: t.Name, Columns: t.Columns})
	}
	a, err := archive.NewWriter(to, h)
	if err != nil {
		return archive.Manifest{}, err
	}
	for _, t := range snap.Tables {
		if err := snap.Rows(t, func(row []any) error { return a.Row(t.Name, row) }); err != nil {
			return archive.Manifest{}, err
		}
	}
	hashes, err := snap.Files()
	if err != nil {
		return archive.Manifest{}, err
	}
	if err := snap.Close(); err != nil { // what is written meanwhile waits no longer to be tidied up
		return archive.Manifest{}, err
	}
	if err := k.files(ctx, a, hashes); err != nil {
		return archive.Manifest{}, err
	}
	if err := k.folder(ctx, a, out); err != nil {
		return archive.Manifest{}, err
	}
	return a.Close()
}

// files adds the attached files. What is not there, or has other bytes than it
// had, is noted as missing: the rest is worth keeping.
func (k backupCmd) files(ctx context.Context, a *archive.Writer, hashes []string) error {
	if len(hashes) == 0 {
		return nil
	}
	folder, err := evidence.OpenFolder(filepath.Join(k.Data, "files"))
	if err != nil {
		return err
	}
	for _, hash := range hashes {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := one(folder, a, hash); err != nil {
			return err
		}
	}
	return nil
}

func one(folder *evidence.Folder, a *archive.Writer, hash string) error {
	f, size, err := folder.Open(hash)
	if escalation.KindOf(err) == escalation.NotFound {
		a.Missing(hash)
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		a.Missing(hash)
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	return a.File("files/"+hash, size, time.Time{}, f)
}

// folder adds the articles and what lies beside them, but for what the site does
// not read either: names that begin with a dot, and links to folders or to
// elsewhere. What a link leads to in the folder becomes a file of its own.
func (k backupCmd) folder(ctx context.Context, a *archive.Writer, out io.Writer) error {
	dir := k.articlesIn(k.Content)
	if _, err := os.Stat(dir); err != nil {
		if k.Content == "" && errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there are no articles in %s: name their folder with --content", dir)
		}
		return fmt.Errorf("--content: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("--content: %w", err)
	}
	defer root.Close()
	top := dir + string(filepath.Separator) // the folder may be reached by a link
	return filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil // removed just now
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case path != top && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		case !d.Type().IsRegular() && d.Type() != fs.ModeSymlink:
			return nil
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if !d.Type().IsRegular() {
			if to, err := root.Stat(rel); err != nil || !to.Mode().IsRegular() {
				return nil
			}
		}
		f, err := root.Open(rel)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		defer f.Close()
		info, err := f.Stat()
		if err != nil {
			return err
		}
		name := "articles/" + filepath.ToSlash(rel)
		if !archive.Local(name) {
			fmt.Fprintf(out, "left out: %q, for its name is no UTF-8\n", path)
			return nil
		}
		return a.File(name, info.Size(), info.ModTime(), f)
	})
}
