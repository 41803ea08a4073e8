package evidence

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	_ "image/gif"  // what a GIF must be like
	_ "image/jpeg" // what a JPEG must be like
	_ "image/png"  // what a PNG must be like
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	_ "golang.org/x/image/webp" // what a WebP must be like

	"primalinea/escalation"
)

// A Folder is where the bytes lie: DATA/files. Several processes may share it.
type Folder struct {
	dir string
	mu  sync.Mutex // between a file that is put again and the sweep
}

const incoming = "incoming"

// OpenFolder returns the folder, made if need be.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o700); err != nil {
		return nil, fmt.Errorf("folder for attached files: %w", err)
	}
	return &Folder{dir: dir}, nil
}

// Put takes a file in, or returns an Invalid error that says which are taken. On
// return its bytes are safe on the disk; they are an orphan until a row names
// their hash.
func (f *Folder) Put(ctx context.Context, name string, r io.Reader) (file escalation.File, hash string, err error) {
	in := bufio.NewReaderSize(reader{ctx, r}, 64<<10)
	head, err := in.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return file, "", fmt.Errorf("receive a file: %w", err)
	}
	shown := tidy(name)
	if len(head) == 0 {
		return file, "", refused("error.file_empty", shown, nil)
	}
	t, ok := typeOf(head)
	if !ok {
		return file, "", refused("error.file_type", shown, nil)
	}
	shown = cleanName(name, t)

	tmp, err := os.CreateTemp(filepath.Join(f.dir, incoming), "put-*")
	if err != nil {
		return file, "", fmt.Errorf("keep a file: %w", err)
	}
	defer os.Remove(tmp.Name()) // in vain once it has its place
	defer tmp.Close()
	sum := sha256.New()
	size, err := io.Copy(io.MultiWriter(tmp, sum), io.LimitReader(in, t.Max+1))
	if err != nil {
		return file, "", fmt.Errorf("keep a file: %w", err)
	}
	if size > t.Max {
		return file, "", refused("error.file_large", shown, map[string]any{"Max": t.Max >> 20})
	}
	if err := readable(tmp, t); err != nil {
		return file, "", refused("error.file_damaged", shown, nil)
	}
	if err := tmp.Sync(); err != nil {
		return file, "", fmt.Errorf("keep a file: %w", err)
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	if err := f.place(tmp.Name(), hash); err != nil {
		return file, "", fmt.Errorf("keep a file: %w", err)
	}
	return escalation.File{ID: escalation.NewID(), Name: shown, Type: t.MIME, Size: size}, hash, nil
}

// PutBack takes in bytes that lay under a hash before, as a backup has them.
func (f *Folder) PutBack(hash string, r io.Reader) error {
	if !hashForm.MatchString(hash) {
		return fmt.Errorf("put back a file: %q is no hash", hash)
	}
	tmp, err := os.CreateTemp(filepath.Join(f.dir, incoming), "put-*")
	if err != nil {
		return fmt.Errorf("put back a file: %w", err)
	}
	defer os.Remove(tmp.Name()) // in vain once it has its place
	defer tmp.Close()
	sum := sha256.New()
	if _, err := io.Copy(io.MultiWriter(tmp, sum), r); err != nil {
		return fmt.Errorf("put back a file: %w", err)
	}
	if hex.EncodeToString(sum.Sum(nil)) != hash {
		return fmt.Errorf("put back a file: its bytes are not those of %s", hash)
	}
	if err := tmp.Sync(); err != nil {
		return fmt.Errorf("put back a file: %w", err)
	}
	if err := f.place(tmp.Name(), hash); err != nil {
		return fmt.Errorf("put back a file: %w", err)
	}
	return nil
}

// place gives a complete file its name. Is there one with the same bytes, it is
// replaced, and thereby young again for the sweep.
func (f *Folder) place(tmp, hash string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	to := f.path(hash)
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	return syncDir(f.dir)
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// readable returns an error for an image that begins like one and is none. What
// browsers alone can read, they must judge.
func readable(file io.ReadSeeker, t Type) error {
	switch t.MIME {
	case "image/jpeg", "image/png", "image/gif", "image/webp":
	default:
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	_, _, err := image.DecodeConfig(file)
	return err
}

var hashForm = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (f *Folder) path(hash string) string { return filepath.Join(f.dir, hash[:2], hash) }

// Open returns the bytes of a hash and how many they are, or a NotFound error.
func (f *Folder) Open(hash string) (io.ReadSeekCloser, int64, error) {
	if !hashForm.MatchString(hash) {
		return nil, 0, noFile(nil)
	}
	file, err := os.Open(f.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, noFile(err)
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open a file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("open a file: %w", err)
	}
	return file, info.Size(), nil
}

// OrphanAge is how long a file may lie before a row names it.
const OrphanAge = 24 * time.Hour

// Sweep removes the files older than [OrphanAge] that known does not know, and
// what was received in part. It returns how many.
func (f *Folder) Sweep(ctx context.Context, now time.Time, known func(ctx context.Context, hash string) (bool, error)) (int, error) {
	removed := 0
	err := filepath.WalkDir(f.dir, func(path string, e fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // another process was faster
		}
		if err != nil {
			return err
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		hash, part := e.Name(), filepath.Dir(path) == filepath.Join(f.dir, incoming)
		if !e.Type().IsRegular() || !part && !hashForm.MatchString(hash) {
			return nil // not ours
		}
		ok, err := f.remove(ctx, path, now, func(ctx context.Context) (bool, error) {
			if part {
				return false, nil
			}
			return known(ctx, hash)
		})
		if ok {
			removed++
		}
		return err
	})
	if err != nil {
		return removed, fmt.Errorf("sweep attached files: %w", err)
	}
	return removed, nil
}

// remove removes a file if it is old and not known.
func (f *Folder) remove(ctx context.Context, path string, now time.Time, known func(context.Context) (bool, error)) (bool, error) {
	old := func() bool {
		info, err := os.Stat(path)
		return err == nil && now.Sub(info.ModTime()) > OrphanAge
	}
	if !old() {
		return false, nil
	}
	if is, err := known(ctx); is || err != nil {
		return false, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if !old() { // it was put again meanwhile
		return false, nil
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	return true, nil
}

// reader ends when its context does.
type reader struct {
	ctx context.Context
	r   io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

func refused(reason, name string, args map[string]any) error {
	if args == nil {
		args = map[string]any{}
	}
	args["Name"] = name
	args["MaxDocument"], args["MaxVideo"] = MaxDocument>>20, MaxVideo>>20
	return &escalation.Error{Kind: escalation.Invalid, Field: "files", Reason: reason, Args: args}
}

func noFile(err error) error {
	return &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_file", Err: err}
}

// putSlack is how much longer ago than its row the bytes of a file may have been put.
const putSlack = time.Minute

// Remove removes the bytes of a hash at once, unless somebody knows them, or they were
// put again since their row was made: who did may be about to name them.
func (f *Folder) Remove(ctx context.Context, hash string, since time.Time, known func(ctx context.Context, hash string) (bool, error)) error {
	if !hashForm.MatchString(hash) {
		return fmt.Errorf("remove a file: %q is no hash", hash)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if is, err := known(ctx, hash); is || err != nil {
		return err
	}
	info, err := os.Stat(f.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	if info.ModTime().After(since.Add(putSlack)) {
		return nil // the sweep has it, if nobody names it
	}
	if err := os.Remove(f.path(hash)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove a file: %w", err)
	}
	return syncDir(filepath.Dir(f.path(hash)))
}
