package content

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// A Revision is what an article's text was at one time, and how large the change
// was that made it. Revisions are noted of the texts that translations name as
// their source, so that a translation can be told how far it is behind.
type Revision struct {
	Key, Lang string // of the article
	Hash      string // its Revision
	Change    string // "typo", "minor" or "major"
	At        time.Time
}

// changes are the sizes of a change, the smallest first, as Mozilla's help centre
// has them: a typo never makes a translation outdated; a minor change is for the
// translator to know; a major one is said to the reader.
var changes = []string{"typo", "minor", "major"}

// Changes returns the sizes that a change can have, the smallest first.
func Changes() []string { return slices.Clone(changes) }

// sizeOf is a change as it counts: one of which nobody said the size is minor, so
// that a forgotten word neither hides a change nor alarms readers.
func sizeOf(change string) string { return cmp.Or(change, "minor") }

// revisionOf names what a translation translates: title, description and the
// file's own text. Who owns the article or when it was reviewed is no part of it,
// and neither are included files: those have translations of their own.
func revisionOf(a *Article, body []byte) string {
	text := strings.ReplaceAll(strings.TrimSpace(string(body)), "\r\n", "\n")
	return Hash([]byte(a.Title + "\x00" + a.Description + "\x00" + text))
}

// Reference is what a translation of this text gives as its source.
func (a *Article) Reference() string { return a.Lang + "@" + a.Revision[:12] }

// A Lag is how far a translation is behind the text that it was made from.
type Lag struct {
	Source *Article
	Size   string    // of the largest change since
	At     time.Time // of the last change of that size
}

// Behind returns how far a translation is behind its source. The size is empty
// when it is not, when it does not say what it was made from, and when that is
// gone.
func (l *Library) Behind(a *Article) Lag {
	lang, hash, _ := strings.Cut(a.Source, "@")
	source := l.ByKey(a.Key, lang)
	if source == nil || lang == a.Lang || same(source.Revision, hash) {
		return Lag{Source: source}
	}
	// Of a text that was never seen, nobody knows what changed since: all that is
	// known did.
	since := l.revisions[name{lang, a.Key}]
	for i, r := range slices.Backward(since) {
		if same(r.Hash, hash) {
			since = since[i+1:]
			break
		}
	}
	out := Lag{Source: source, Size: sizeOf(source.Change), At: source.Updated}
	for i, r := range since {
		n := slices.Index(changes, r.Change) - slices.Index(changes, out.Size)
		if i == 0 || n > 0 || n == 0 && r.At.After(out.At) {
			out.Size, out.At = r.Change, r.At
		}
	}
	return out
}

// same reports whether a name of a revision, which may be cut short, means this one.
func same(revision, hash string) bool {
	return hash != "" && (strings.HasPrefix(revision, hash) || strings.HasPrefix(hash, revision) && revision != "")
}

// note adds the revisions that are new in a library to those that are known.
func (f *Folder) note(lib *Library) {
	copied := false
	for _, a := range lib.articles {
		lang, _, ok := strings.Cut(a.Source, "@")
		if !ok || lang == a.Lang {
			continue
		}
		source := lib.ByKey(a.Key, lang)
		if source == nil {
			continue
		}
		k := name{source.Lang, source.Key}
		known := f.revisions[k]
		if n := len(known); n > 0 && known[n-1].Hash == source.Revision {
			continue
		}
		if !copied { // older libraries keep what they knew
			f.revisions, copied = maps.Clone(f.revisions), true
		}
		r := Revision{Key: source.Key, Lang: source.Lang, Hash: source.Revision, Change: sizeOf(source.Change), At: source.Updated}
		f.revisions[k] = append(slices.Clip(known), r)
		f.unkept = append(f.unkept, r)
	}
	lib.revisions = f.revisions
}

// keepRevisions hands on what was noted. What cannot be kept now is tried again
// with the next change.
func (f *Folder) keepRevisions() {
	if len(f.unkept) == 0 || f.keep == nil {
		f.unkept = nil
		return
	}
	if err := f.keep(f.unkept); err != nil {
		f.log.Warn("revisions of articles not kept", "error", err)
		return
	}
	f.unkept = nil
}
