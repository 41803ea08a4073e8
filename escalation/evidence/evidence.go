// Package evidence keeps what is attached to tickets: which files are taken, what
// they are called, and where they lie.
//
// A file's type is what its bytes say, never its name. Its bytes lie under their
// hash, once for all who attach them; who attached what is a row of the store, and
// who may read it is decided there, before [Folder.Open].
package evidence

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gabriel-vasile/mimetype"

	"primalinea/escalation"
)

// A Record is a file as its ticket knows it.
type Record struct {
	ID      string
	Hash    string // of the content
	Ticket  string // id
	Entry   string // id
	Name    string // as the sender called it, cleaned
	Type    string // as sniffed
	Size    int64
	Created time.Time
	Sender  string // hash of the network it came from, while it is staged; empty for staff

	Thumb         string // hash of its thumbnail, a JPEG; empty without one
	Width, Height int    // of that
}

// File is the file as entries name it.
func (r Record) File() escalation.File {
	return escalation.File{ID: r.ID, Name: r.Name, Type: r.Type, Size: r.Size, Width: r.Width, Height: r.Height}
}

// How large a file may be, and all of them in a form that is sent at once: more
// comes only piece by piece.
const (
	MaxDocument = 20 << 20 // an image or a PDF
	MaxVideo    = 200 << 20
	MaxForm     = 60 << 20
	maxName     = 120 // characters
)

// A Type is one that is taken.
type Type struct {
	MIME string
	Ext  []string // the first one is added to names without
	Max  int64    // bytes
}

// Types are all that are taken. SVG, HTML and archives are not among them: they
// act when they are opened.
var Types = []Type{
	{"image/jpeg", []string{".jpg", ".jpeg"}, MaxDocument},
	{"image/png", []string{".png"}, MaxDocument},
	{"image/webp", []string{".webp"}, MaxDocument},
	{"image/gif", []string{".gif"}, MaxDocument},
	{"image/heic", []string{".heic"}, MaxDocument},
	{"image/heif", []string{".heif"}, MaxDocument},
	{"application/pdf", []string{".pdf"}, MaxDocument},
	{"video/mp4", []string{".mp4", ".m4v"}, MaxVideo},
	{"video/quicktime", []string{".mov", ".qt"}, MaxVideo},
	{"video/webm", []string{".webm"}, MaxVideo},
}

// Limits are what a page says before anything is chosen.
type Limits struct {
	Files                           int // of one message
	DocumentMB, VideoMB, TogetherMB int
	Piece                           int    // bytes that a script sends at once
	Accept                          string // for <input type="file" accept="…">
}

// Said returns the limits for a page.
func Said() Limits {
	l := Limits{Files: escalation.MaxFiles, DocumentMB: MaxDocument >> 20, VideoMB: MaxVideo >> 20, TogetherMB: MaxForm >> 20, Piece: Piece}
	var accept []string
	for _, t := range Types {
		if strings.HasPrefix(t.MIME, "image/he") {
			continue // telephones that are not asked for it send a JPEG, of which there is a thumbnail
		}
		accept = append(accept, t.MIME)
		accept = append(accept, t.Ext...)
	}
	l.Accept = strings.Join(accept, ",")
	return l
}

// sniffed is how many bytes it takes to know a type.
const sniffed = 3072

// kinds are the sniffer's names that mean one of ours.
var kinds = map[string]string{
	"image/apng":          "image/png",
	"image/heic-sequence": "image/heic",
	"image/heif-sequence": "image/heif",
	"video/x-m4v":         "video/mp4",
}

// typeNamed returns the type with a name that is one of ours.
func typeNamed(mime string) Type {
	return Types[slices.IndexFunc(Types, func(t Type) bool { return t.MIME == mime })]
}

// typeOf returns the type that the first bytes of a file say.
func typeOf(head []byte) (Type, bool) {
	m, _, _ := strings.Cut(mimetype.Detect(head).String(), ";")
	if m == "application/pdf" && !bytes.HasPrefix(head, []byte("%PDF-")) {
		return Type{}, false // something else before it: a page, a script
	}
	if k, ok := kinds[m]; ok {
		m = k
	}
	for _, t := range Types {
		if t.MIME == m {
			return t, true
		}
	}
	return Type{}, false
}

// tidy returns what somebody called a file: its last part, without what only acts
// on screens and file systems.
func tidy(name string) string {
	name = strings.ToValidUTF8(name, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp):
			return -1
		case strings.ContainsRune(`<>:"|?*;%`+"\u2044\u2215\u29f8\uff0f\uff3c", r):
			return '_'
		}
		return r
	}, name)
	return cut(strings.Trim(strings.Join(strings.Fields(name), " "), ". "), maxName)
}

// cleanName returns what a file is called from here on: tidy, and ending like
// others of its type.
func cleanName(name string, t Type) string {
	name = tidy(name)
	ext := t.Ext[0]
	for _, e := range t.Ext {
		if strings.EqualFold(path.Ext(name), e) {
			name, ext = name[:len(name)-len(e)], e
		}
	}
	if name = strings.Trim(cut(name, maxName-len(ext)), ". "); name == "" {
		name = "file"
	}
	return name + ext
}

func cut(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
