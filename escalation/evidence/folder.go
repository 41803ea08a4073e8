package evidence

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"primalinea/escalation"
)

// A Folder is where the bytes lie: DATA/files. Several processes may share it.
type Folder struct {
	dir    string
	mu     sync.Mutex // between a file that is put again and the sweep
	studio studio
	parts  [64]sync.Mutex // of uploads

	// Full says whether the disk is nearly full: then nothing more is taken in, and
	// what is left is for tickets. Nil: it is never asked.
	Full func() bool
}

const incoming = "incoming"

// OpenFolder returns the folder, made if need be.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o700); err != nil {
		return nil, fmt.Errorf("folder for attached files: %w", err)
	}
	return &Folder{dir: dir, studio: newStudio()}, nil
}

// Put takes a file in, or returns an Invalid error that says which are taken. On
// return its bytes are safe on the disk; they are an orphan until a row names
// their hash. The record lacks what only the caller knows.
//
// A picture is made anew, a film loses what else its telephone wrote into it; what
// came is not kept.
func (f *Folder) Put(ctx context.Context, name string, r io.Reader) (Record, error) {
	in := bufio.NewReaderSize(reader{ctx, r}, 64<<10)
	first, err := in.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return Record{}, fmt.Errorf("receive a file: %w", err)
	}
	t, err := taken(first, name)
	if err != nil {
		return Record{}, err
	}
	if err := f.room(); err != nil {
		return Record{}, err
	}
	tmp, err := f.temp()
	if err != nil {
		return Record{}, fmt.Errorf("keep a file: %w", err)
	}
	defer os.Remove(tmp.Name()) // in vain once it has its place
	defer tmp.Close()
	size, err := io.Copy(tmp, io.LimitReader(in, t.Max+1))
	if err != nil {
		return Record{}, fmt.Errorf("keep a file: %w", err)
	}
	return f.take(ctx, tmp, name, t, size)
}

// room returns an error if the disk has no room for files.
func (f *Folder) room() error {
	if f.Full != nil && f.Full() {
		return errFull()
	}
	return nil
}

// taken returns the type of a file that begins like this.
func taken(first []byte, name string) (Type, error) {
	if len(first) == 0 {
		return Type{}, refused("error.file_empty", tidy(name), nil)
	}
	t, ok := typeOf(first)
	if !ok {
		return t, refused("error.file_type", tidy(name), nil)
	}
	return t, nil
}

func (f *Folder) temp() (*os.File, error) {
	return os.CreateTemp(filepath.Join(f.dir, incoming), "put-*")
}

// take gives a file that is here as a whole its place.
func (f *Folder) take(ctx context.Context, in *os.File, name string, t Type, size int64) (Record, error) {
	shown := cleanName(name, t)
	if size > t.Max {
		return Record{}, refused("error.file_large", shown, map[string]any{"Max": t.Max >> 20})
	}
	rec := Record{ID: escalation.NewID(), Name: shown, Type: t.MIME, Size: size}
	out, err := in, error(nil)
	switch t.MIME {
	case "image/jpeg", "image/png", "image/webp", "image/gif":
		if out, err = f.picture(ctx, in, t, &rec); err != nil {
			return Record{}, err
		}
		defer os.Remove(out.Name())
		defer out.Close()
	case "image/heic", "image/heif":
		err = bareHEIC(in, size)
	case "video/mp4", "video/quicktime":
		err = bareFilm(in, size)
	case "video/webm":
		err = bareWebM(in, size)
	}
	switch {
	case errors.Is(err, errPlace):
		return Record{}, refused("error.file_place", shown, nil)
	case errors.Is(err, errShape), errors.Is(err, errCut), errors.Is(err, errMoov), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		reason := "error.file_film"
		if strings.HasPrefix(t.MIME, "image/") {
			reason = "error.file_damaged"
		}
		return Record{}, refused(reason, shown, nil)
	case err != nil:
		return Record{}, fmt.Errorf("keep a file: %w", err)
	}
	if rec.Hash, rec.Size, err = f.keep(ctx, out); err != nil {
		return Record{}, fmt.Errorf("keep a file: %w", err)
	}
	return rec, nil
}

// picture makes a picture anew, and keeps its thumbnail.
func (f *Folder) picture(ctx context.Context, in *os.File, t Type, rec *Record) (*os.File, error) {
	out, err := f.temp()
	if err != nil {
		return nil, fmt.Errorf("keep a file: %w", err)
	}
	var thumb bytes.Buffer
	p, err := f.studio.remake(ctx, in, t, out, &thumb)
	if err == nil {
		rec.Type, rec.Width, rec.Height = p.mime, p.width, p.height
		if p.mime != t.MIME {
			rec.Name = cleanName(strings.TrimSuffix(rec.Name, filepath.Ext(rec.Name)), typeNamed(p.mime))
		}
		rec.Thumb, err = f.keepBytes(ctx, thumb.Bytes())
		if err == nil {
			return out, nil
		}
		err = fmt.Errorf("keep a file: %w", err)
	} else if ctx.Err() == nil && escalation.Unwritable(err) == nil {
		err = f.studio.refusal(err, rec.Name)
	}
	out.Close()
	os.Remove(out.Name())
	return nil, err
}

// keepBytes keeps what is in memory under its hash.
func (f *Folder) keepBytes(ctx context.Context, b []byte) (string, error) {
	tmp, err := f.temp()
	if err != nil {
		return "", err
	}
	defer os.Remove(tmp.Name()) // in vain once it has its place
	defer tmp.Close()
	if _, err := tmp.Write(b); err != nil {
		return "", err
	}
	hash, _, err := f.keep(ctx, tmp)
	return hash, err
}

// keep gives the bytes of a file their place under their hash.
func (f *Folder) keep(ctx context.Context, file *os.File) (hash string, size int64, err error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return "", 0, err
	}
	sum := sha256.New()
	if size, err = io.Copy(sum, reader{ctx, file}); err != nil {
		return "", 0, err
	}
	if err := file.Sync(); err != nil {
		return "", 0, err
	}
	hash = hex.EncodeToString(sum.Sum(nil))
	return hash, size, f.place(file.Name(), hash)
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
