package evidence

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"primalinea/escalation"
)

// An Upload is a file on its way, piece by piece. How much of it is here its bytes
// say, not its row.
type Upload struct {
	ID      string
	Browser string // hash of the name of the one that began it: nobody else goes on
	Sender  string // hash of its network; empty for staff
	Name    string
	Size    int64
	Print   string // hash of the first piece: the same file is known again by it
	Created time.Time
	File    string // id of the record, once it is here as a whole
}

// Piece is how many bytes have a hash of their own. The hash of a file on its way is
// that of the hashes of its pieces, for browsers can make no other of a large file.
const Piece = 512 << 10

// UploadAge is how long an upload may take.
const UploadAge = 24 * time.Hour

// NewUpload returns an upload that is to begin.
func NewUpload(browser, sender, name string, size int64, print string, now time.Time) (Upload, error) {
	switch {
	case size <= 0:
		return Upload{}, refused("error.file_empty", tidy(name), nil)
	case size > MaxVideo:
		return Upload{}, refused("error.file_large", tidy(name), map[string]any{"Max": MaxVideo >> 20})
	case !hashForm.MatchString(print):
		return Upload{}, refused("error.file_cut", tidy(name), nil)
	}
	return Upload{ID: escalation.NewID(), Browser: browser, Sender: sender, Name: tidy(name), Size: size, Print: print, Created: now}, nil
}

var idForm = regexp.MustCompile(`^[0-9a-z]{26}$`)

func (f *Folder) part(id string) string { return filepath.Join(f.dir, incoming, "up-"+id) }

// lockPart keeps two requests from writing to one part at once.
func (f *Folder) lockPart(id string) (unlock func()) {
	h := fnv.New32a()
	h.Write([]byte(id)) // never fails
	mu := &f.parts[h.Sum32()%uint32(len(f.parts))]
	mu.Lock()
	return mu.Unlock
}

// Begin makes room for the first piece of an upload.
func (f *Folder) Begin(id string) error {
	if !idForm.MatchString(id) {
		return noFile(nil)
	}
	file, err := os.OpenFile(f.part(id), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return fmt.Errorf("begin an upload: %w", err)
	}
	return nil
}

// Offset returns how much of an upload is here, or a NotFound error.
func (f *Folder) Offset(id string) (int64, error) {
	if !idForm.MatchString(id) {
		return 0, noFile(nil)
	}
	info, err := os.Stat(f.part(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, noFile(err)
	}
	if err != nil {
		return 0, fmt.Errorf("look at an upload: %w", err)
	}
	return info.Size(), nil
}

// Append adds bytes to an upload where it ends, and returns where it ends then. Another
// place is a Conflict. What cannot be taken is refused as soon as it is seen.
func (f *Folder) Append(u Upload, at int64, b []byte) (int64, error) {
	defer f.lockPart(u.ID)()
	n, err := f.Offset(u.ID)
	if err != nil {
		return 0, err
	}
	if at != n || at+int64(len(b)) > u.Size {
		return n, &escalation.Error{Kind: escalation.Conflict, Field: "files", Reason: "error.file_cut", Args: map[string]any{"Name": u.Name}}
	}
	if at == 0 {
		t, err := taken(b[:min(len(b), sniffed)], u.Name)
		if err == nil && u.Size > t.Max {
			err = refused("error.file_large", cleanName(u.Name, t), map[string]any{"Max": t.Max >> 20})
		}
		if err != nil {
			return 0, err
		}
	}
	if err := f.room(); err != nil {
		return n, err
	}
	file, err := os.OpenFile(f.part(u.ID), os.O_WRONLY, 0)
	if err == nil {
		_, err = file.WriteAt(b, at)
		err = errors.Join(err, file.Close())
	}
	if err != nil {
		return n, fmt.Errorf("go on with an upload: %w", err)
	}
	return at + int64(len(b)), nil
}

// Finish takes in an upload that is here as a whole, like [Folder.Put]. It is not as
// it was when its hashes are others: then nothing of it stays.
func (f *Folder) Finish(ctx context.Context, u Upload, sum string) (rec Record, err error) {
	defer f.lockPart(u.ID)()
	n, err := f.Offset(u.ID)
	if err != nil {
		return Record{}, err
	}
	if n != u.Size {
		return Record{}, &escalation.Error{Kind: escalation.Conflict, Field: "files", Reason: "error.file_cut", Args: map[string]any{"Name": u.Name}}
	}
	if err := f.room(); err != nil {
		return Record{}, err
	}
	part, err := os.OpenFile(f.part(u.ID), os.O_RDWR, 0)
	if err != nil {
		return Record{}, fmt.Errorf("finish an upload: %w", err)
	}
	defer func() {
		part.Close()
		if err == nil || escalation.KindOf(err) == escalation.Invalid { // else it may be tried again
			os.Remove(part.Name()) // in vain once it has its place
		}
	}()
	first, got, err := sums(ctx, part)
	if err != nil {
		return Record{}, fmt.Errorf("finish an upload: %w", err)
	}
	if got != sum {
		return Record{}, refused("error.file_cut", u.Name, nil)
	}
	t, err := taken(first, u.Name)
	if err != nil {
		return Record{}, err
	}
	return f.take(ctx, part, u.Name, t, n)
}

// sums returns the beginning of a file, and the hash of the hashes of its pieces.
func sums(ctx context.Context, r io.Reader) (first []byte, sum string, err error) {
	all, buf := sha256.New(), make([]byte, Piece)
	for {
		n, err := io.ReadFull(reader{ctx, r}, buf)
		if first == nil {
			first = append(first, buf[:min(n, sniffed)]...)
		}
		if n > 0 {
			h := sha256.Sum256(buf[:n])
			all.Write(h[:])
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return first, hex.EncodeToString(all.Sum(nil)), nil
		}
		if err != nil {
			return nil, "", err
		}
	}
}

// Abandon removes what is here of an upload.
func (f *Folder) Abandon(id string) error {
	if !idForm.MatchString(id) {
		return nil
	}
	defer f.lockPart(id)()
	if err := os.Remove(f.part(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("abandon an upload: %w", err)
	}
	return nil
}
