package content

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// manual is the section of the shipped help centre that is about the program
// itself. It is for those who work here, and is no example of anything.
const manual = "primalinea"

// Examples counts the articles of the shipped help centre that lie in the folder
// as they came, but for the manual.
func (f *Folder) Examples() (int, error) {
	n := 0
	err := f.examples(func(file string) error {
		if isArticle(file) {
			n++
		}
		return nil
	})
	return n, err
}

// RemoveExamples removes these articles, and returns how many. What somebody
// changed stays, and so does what it may need: pictures and section pages beside
// it, parts, the glossary and synonyms of its language. Pins of articles that are
// gone go with them.
func (f *Folder) RemoveExamples() (int, error) {
	root, err := os.OpenRoot(f.dir)
	if err != nil {
		return 0, err
	}
	defer root.Close()
	n := 0
	var rest []string
	err = f.examples(func(file string) error {
		if !isArticle(file) {
			rest = append(rest, file)
			return nil
		}
		n++
		return root.Remove(file)
	})
	if err != nil {
		return n, err
	}
	for _, file := range rest {
		// Of parts, the glossary and synonyms others of the language may make use, of
		// the rest those of the same folder.
		within := path.Dir(file)
		kind, lang := lexiconOf(file)
		switch {
		case kind != "":
			within = lang
		case path.Base(within) == "_parts":
			within = path.Dir(within)
		}
		used := false
		err := fs.WalkDir(root.FS(), within, func(name string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) || kind == "pins" {
				return fs.SkipAll
			}
			if err != nil {
				return err
			}
			if d.IsDir() && path.Base(name) == manual {
				return fs.SkipDir
			}
			used = used || !d.IsDir() && isArticle(name)
			return nil
		})
		if err != nil {
			return n, err
		}
		if !used {
			if err := root.Remove(file); err != nil {
				return n, err
			}
		}
	}
	for _, file := range rest {
		for dir := path.Dir(file); strings.Contains(dir, "/"); dir = path.Dir(dir) {
			if root.Remove(dir) != nil { // it is gone, or holds something
				break
			}
		}
	}
	f.Reload()
	return n, nil
}

// isArticle says whether a file's name is that of an article.
func isArticle(file string) bool {
	return strings.HasSuffix(file, ".md") && !strings.HasPrefix(path.Base(file), "_") && !strings.Contains(file, "/_") && strings.Contains(file, "/")
}

// examples calls do with each file of the shipped help centre that lies in the
// folder with the same bytes.
func (f *Folder) examples(do func(file string) error) error {
	shipped := Shipped()
	return fs.WalkDir(shipped, ".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if d.Name() == manual {
				return fs.SkipDir
			}
			return nil
		}
		came, err := fs.ReadFile(shipped, file)
		if err != nil {
			return err
		}
		lies, err := f.readFile(file)
		if errors.Is(err, fs.ErrNotExist) || err == nil && !bytes.Equal(came, lies) {
			return nil
		}
		if err != nil {
			return err
		}
		return do(file)
	})
}

// Import makes articles of an export in this folder, as [Import] does.
func (f *Folder) Import(ctx context.Context, r io.Reader, format, lang string) (Report, error) {
	report, err := Import(ctx, r, format, f.dir, lang)
	if report.Written > 0 {
		f.Reload() // who imported them sees them at once
	}
	return report, err
}
