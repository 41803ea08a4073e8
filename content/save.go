package content

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A ConflictError says that somebody else changed the file meanwhile.
type ConflictError struct {
	File    string
	Current []byte // what lies there now; nil when it was deleted
}

func (e *ConflictError) Error() string { return e.File + " was changed by somebody else" }

// An InvalidError says why a text cannot be saved: its problems are grave.
type InvalidError struct{ Problems []Problem }

func (e *InvalidError) Error() string {
	for _, p := range e.Problems {
		if p.Grave {
			return p.String()
		}
	}
	return "invalid article"
}

var fileForm = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*(/[a-z0-9][a-z0-9-]*){1,3}\.md$`)

// Savable reports whether an article can be saved at a path below the folder.
func Savable(file string) bool { return fileForm.MatchString(file) && len(file) <= 300 }

// Save writes an article, or the synonyms or pins of a language. base is the
// [Hash] of the text that the writer began from, empty for a new file; when
// another one lies on disk by now, the error is a [ConflictError] with it. A text
// that could not be used is an [InvalidError]. When the address of a published
// article changes, the old one becomes an alias. The hash is that of what was
// written.
func (f *Folder) Save(file string, src []byte, base string) (hash string, err error) {
	list, _ := lexiconOf(file)
	if !Savable(file) && list != "synonyms" && list != "pins" {
		return "", &InvalidError{[]Problem{grave(file, 0, "check.file_name")}}
	}
	f.saving.Lock()
	defer f.saving.Unlock()
	current, err := f.readFile(file)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("save %s: %w", file, err)
	}
	if exists := err == nil; exists && Hash(current) != base || !exists && base != "" {
		return "", &ConflictError{file, current}
	}
	if list != "" {
		if _, problems := parseLexicon(file, src); anyGrave(problems) {
			return "", &InvalidError{problems}
		}
	} else if src, err = f.sound(file, src); err != nil {
		return "", err
	}
	if err := f.write(file, src); err != nil {
		return "", fmt.Errorf("save %s: %w", file, err)
	}
	return Hash(src), nil
}

// sound returns the text of an article as it can be saved, or why it cannot.
func (f *Folder) sound(file string, src []byte) ([]byte, error) {
	a, _, problems := understand(f.readFile, file, src)
	if a == nil {
		return nil, &InvalidError{problems}
	}
	lib := f.Library()
	if bad := taken(lib, a, src); len(bad) > 0 {
		return nil, &InvalidError{append(problems, bad...)}
	}
	if was := lib.ByFile(file); was != nil && was.Status == Published && was.Slug != a.Slug && !slices.Contains(a.Aliases, was.Slug) {
		var err error
		if src, err = SetFrontMatter(src, map[string]any{"aliases": append(slices.Clone(a.Aliases), was.Slug)}); err != nil {
			return nil, fmt.Errorf("save %s: %w", file, err)
		}
	}
	return src, nil
}

// taken says whether another article already has the address or the key.
func taken(lib *Library, a *Article, src []byte) (problems []Problem) {
	if other := lib.Article(a.Lang, a.Slug); other != nil && other.File != a.File {
		problems = append(problems, grave(a.File, lineOf(a.File, src, "slug"), "check.slug_twice", "Slug", a.Slug, "Other", other.File))
	}
	if other := lib.ByKey(a.Key, a.Lang); other != nil && other.File != a.File {
		problems = append(problems, grave(a.File, lineOf(a.File, src, "key"), "check.key_taken", "Name", a.Key, "Other", other.File))
	}
	return problems
}

// write replaces a file below the folder, so that readers see the old or the new
// one and a power cut loses neither.
func (f *Folder) write(file string, src []byte) error {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return err
	}
	defer root.Close()
	dir := path.Dir(file)
	if err := root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	mode := fs.FileMode(0o644)
	if info, err := root.Lstat(file); err == nil {
		if !info.Mode().IsRegular() {
			return errors.New("not a regular file")
		}
		mode = info.Mode().Perm()
	}
	tmp := path.Join(dir, fmt.Sprintf(".primalinea-%d", time.Now().UnixNano()))
	out, err := root.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = out.Write(src)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = root.Rename(tmp, file)
	}
	if err != nil {
		return errors.Join(err, root.Remove(tmp))
	}
	if d, err := root.Open(dir); err == nil {
		defer d.Close()
		return d.Sync()
	}
	return nil
}

// writeFile replaces a file of ours by its full path.
func writeFile(file string, b []byte, mode fs.FileMode) error {
	out, err := os.CreateTemp(filepath.Dir(file), filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	_, err = out.Write(b)
	err = errors.Join(err, out.Chmod(mode), out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), file)
	}
	if err != nil {
		return errors.Join(err, os.Remove(out.Name()))
	}
	return nil
}

// SetFrontMatter changes keys of the front matter and leaves every other line as
// the writer wrote it. A value is a string, []string, bool, int or time.Time; nil
// takes the key out. A text without front matter gets one.
func SetFrontMatter(src []byte, changes map[string]any) ([]byte, error) {
	m, bad := split("", src)
	if anyGrave(bad) {
		return nil, &InvalidError{bad}
	}
	end := "\n"
	if line, n := nextLine(src); n > len(line) && bytes.HasSuffix(line, []byte("\r")) {
		end = "\r\n"
	}
	if m.fence == "" {
		m.fence, m.head = "---", nil
		fresh := append([]byte("---"+end+"---"+end), m.body...)
		return SetFrontMatter(fresh, changes)
	}
	fs, bad := fields("", m)
	if anyGrave(bad) {
		return nil, &InvalidError{bad}
	}
	lines := strings.SplitAfter(string(m.head), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	names := make([]string, 0, len(changes))
	for n := range changes {
		names = append(names, n)
	}
	slices.Sort(names)
	var added []string
	tables := len(lines) // TOML: a new key must stand before the first table
	for i, line := range lines {
		if m.fence == "+++" && strings.HasPrefix(strings.TrimSpace(line), "[") && strings.HasSuffix(strings.TrimSpace(line), "]") && !strings.Contains(line, ",") && !strings.Contains(line, `"`) {
			tables = min(tables, i)
		}
	}
	for _, n := range names {
		text := ""
		if changes[n] != nil {
			var err error
			if text, err = matterLine(m.fence, n, changes[n], end); err != nil {
				return nil, err
			}
		}
		done := false
		for _, f := range fs {
			if ours, _ := known("", f); ours != n && f.name != n {
				continue
			}
			first := f.line - 2 // the head begins on line 2 of the file
			for i := first; i < valueEnd(lines, fs, f, tables); i++ {
				lines[i] = ""
			}
			if !done {
				lines[first] = text
			}
			done = true
		}
		if !done && text != "" {
			added = append(added, text)
		}
	}
	if len(lines) > 0 && !strings.HasSuffix(lines[len(lines)-1], "\n") && lines[len(lines)-1] != "" {
		lines[len(lines)-1] += end
	}
	tables = min(tables, len(lines))
	head := strings.Join(lines[:tables], "") + strings.Join(added, "") + strings.Join(lines[tables:], "")
	return slices.Concat(src[:m.at], []byte(head), src[m.end:]), nil
}

// valueEnd is the line after a field's value: blank lines and comments before
// the next field belong to that one.
func valueEnd(lines []string, fs []field, f field, tables int) int {
	stop := len(lines)
	if f.line-2 < tables {
		stop = tables
	}
	for _, g := range fs {
		if g.line > f.line {
			stop = min(stop, g.line-2)
		}
	}
	for stop > f.line-1 {
		if s := strings.TrimSpace(lines[stop-1]); s != "" && !strings.HasPrefix(s, "#") {
			break
		}
		stop--
	}
	return stop
}

// matterLine writes a key with its value, ready to stand in front matter.
func matterLine(fence, key string, value any, end string) (string, error) {
	if t, ok := value.(time.Time); ok {
		value = t.UTC().Format(time.RFC3339)
		if t.Equal(t.Truncate(24 * time.Hour)) {
			value = t.UTC().Format(time.DateOnly)
		}
		sep := ": "
		if fence == "+++" {
			sep = " = "
		}
		return key + sep + value.(string) + end, nil
	}
	switch value.(type) {
	case string, []string, bool, int:
	default:
		return "", fmt.Errorf("front matter cannot hold a %T", value)
	}
	if fence == "+++" {
		return key + " = " + tomlValue(value) + end, nil
	}
	b, err := yaml.Marshal(map[string]any{key: value})
	if err != nil {
		return "", fmt.Errorf("front matter: %w", err)
	}
	return strings.ReplaceAll(string(b), "\n", end), nil
}

func tomlValue(value any) string {
	switch v := value.(type) {
	case string:
		return tomlString(v)
	case []string:
		quoted := make([]string, len(v))
		for i, s := range v {
			quoted[i] = tomlString(s)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	}
	return fmt.Sprint(value)
}

func tomlString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
