// Package themes holds the look and the words of the site: templates of pages
// and letters, style sheets, scripts, and the catalogs of sentences.
//
// The shipped theme is embedded; a folder with the same layout may be laid over
// it, file by file. Everything is parsed when the program starts, so that a
// broken template is refused with its file and line before anybody sees it.
package themes

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"mime"
	"path"
	"slices"
	"strings"
	texttemplate "text/template"
	"text/template/parse"
)

//go:embed all:default
var shipped embed.FS

// Shipped returns the files of the theme that is built in.
func Shipped() fs.FS {
	sub, err := fs.Sub(shipped, "default")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

// A Theme is the parsed look and words. It never changes, so everybody may use
// it at once.
type Theme struct {
	Words   *Words
	pages   map[string]*template.Template
	letters map[string]*texttemplate.Template
	assets  map[string]*Asset
	bundles map[string]string // "site.css" → its address
	version string
	head    func(Speaker) Head // nil: nothing
}

// An Asset is a file that browsers may keep for ever: its address names its
// bytes.
type Asset struct {
	Name string // with its hash: "site.1a2b3c4d.css"
	Type string // for Content-Type
	Data []byte
	Gzip []byte // nil when it does not become smaller
}

// Load parses the theme that results when each layer is laid over those before
// it. An error names the file, and the line when there is one.
func Load(layers ...fs.FS) (*Theme, error) {
	files := map[string][]byte{}
	for _, layer := range layers {
		err := fs.WalkDir(layer, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			if err := checkPlace(name); err != nil {
				return err
			}
			data, err := fs.ReadFile(layer, name)
			files[name] = data
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	t := &Theme{
		pages:   map[string]*template.Template{},
		letters: map[string]*texttemplate.Template{},
		assets:  map[string]*Asset{},
		bundles: map[string]string{},
	}
	var err error
	if t.Words, err = newWords(files); err != nil {
		return nil, err
	}
	t.addAssets(files)
	if err := t.addPages(files); err != nil {
		return nil, err
	}
	if err := t.addLetters(files); err != nil {
		return nil, err
	}
	return t, nil
}

// names returns the sorted names of the files in a folder and below it.
func names(files map[string][]byte, folder, suffix string) []string {
	var out []string
	for name := range files {
		if strings.HasPrefix(name, folder+"/") && strings.HasSuffix(name, suffix) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// addPages parses layout/*.html once, and each page beside it. pages/help/search.html is
// the page "help/search". A page gets a copy of what it uses of the layout, for what is
// safe in a template is worked out for the set it is in: copies of all of it would take
// a hundred megabytes, and the time to look through them again and again.
func (t *Theme) addPages(files map[string][]byte) error {
	funcs := template.FuncMap{"asset": t.AssetPath, "dict": dict}
	layout := template.New("layout").Funcs(funcs)
	for _, name := range names(files, "layout", ".html") {
		if _, err := layout.New(name).Parse(string(files[name])); err != nil {
			return fmt.Errorf("theme: %w", err)
		}
	}
	shared := treesOf(layout)
	for _, name := range names(files, "pages", ".html") {
		page, err := template.New(name).Funcs(funcs).Parse(string(files[name]))
		if err != nil {
			return fmt.Errorf("theme: %w", err)
		}
		own := treesOf(page)
		trees := maps.Clone(shared)
		maps.Copy(trees, own)
		if err := checkTrees(trees); err != nil {
			return err
		}
		for _, part := range reached(trees, append(slices.Collect(maps.Keys(own)), "layout")) {
			if own[part] != nil {
				continue
			}
			if _, err := page.AddParseTree(part, trees[part].Copy()); err != nil {
				return fmt.Errorf("theme: %w", err)
			}
		}
		t.pages[strings.TrimSuffix(strings.TrimPrefix(name, "pages/"), ".html")] = page
	}
	t.pages["layout"] = layout
	return nil
}

// treesOf returns the trees of a set of templates by their names.
func treesOf(set *template.Template) map[string]*parse.Tree {
	trees := map[string]*parse.Tree{}
	for _, part := range set.Templates() {
		if part.Tree != nil {
			trees[part.Name()] = part.Tree
		}
	}
	return trees
}

// addLetters parses letters/<kind>.txt; each defines "subject" and "text".
func (t *Theme) addLetters(files map[string][]byte) error {
	frame := texttemplate.New("letters").Option("missingkey=error")
	for _, name := range names(files, "letters", "_frame.txt") {
		if _, err := frame.New(name).Parse(string(files[name])); err != nil {
			return fmt.Errorf("theme: %w", err)
		}
	}
	for _, name := range names(files, "letters", ".txt") {
		kind := strings.TrimSuffix(path.Base(name), ".txt")
		if kind == "_frame" {
			continue
		}
		letter, err := frame.Clone()
		if err != nil {
			return fmt.Errorf("theme: %w", err)
		}
		if _, err := letter.New(name).Parse(string(files[name])); err != nil {
			return fmt.Errorf("theme: %w", err)
		}
		trees := map[string]*parse.Tree{}
		for _, part := range letter.Templates() {
			if part.Tree != nil {
				trees[part.Name()] = part.Tree
			}
		}
		if err := checkTrees(trees); err != nil {
			return err
		}
		t.letters[kind] = letter
	}
	return nil
}

// addAssets joins css/<name>/*.css and js/<name>/*.js into one file each, in the
// order of their names, and takes the files below img as they are.
func (t *Theme) addAssets(files map[string][]byte) {
	joined := map[string][]byte{}
	for _, kind := range []string{"css", "js"} {
		for _, name := range names(files, kind, "."+kind) {
			bundle := strings.Split(name, "/")[1] + "." + kind
			joined[bundle] = append(append(joined[bundle], files[name]...), '\n')
		}
	}
	for _, name := range names(files, "img", "") {
		joined[path.Base(name)] = files[name]
	}
	all := sha256.New()
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for n := range joined {
			if !yield(n) {
				return
			}
		}
	}) {
		sum := sha256.Sum256(joined[name])
		all.Write(sum[:])
		a := NewAsset(name, joined[name])
		t.assets[a.Name] = a
		t.bundles[name] = "/assets/" + a.Name
	}
	for _, folder := range []string{"layout", "pages", "catalog"} {
		for _, name := range names(files, folder, "") {
			all.Write(files[name])
		}
	}
	t.version = hex.EncodeToString(all.Sum(nil)[:6])
}

// NewAsset returns the asset that a file's bytes are.
func NewAsset(name string, data []byte) *Asset {
	ext := path.Ext(name)
	sum := sha256.Sum256(data)
	a := &Asset{
		Name: strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		Type: mime.TypeByExtension(ext),
		Data: data,
	}
	if z := compress(data); len(z) < len(data) {
		a.Gzip = z
	}
	return a
}

func compress(data []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	w.Write(data) // a bytes.Buffer never fails
	w.Close()
	return b.Bytes()
}

// Version names the theme's bytes: what was made with one theme is not served
// with another.
func (t *Theme) Version() string { return t.version }

// AssetPath returns the address of "site.css" or a picture. A name that the
// theme does not have is an error that a template reports.
func (t *Theme) AssetPath(name string) (string, error) {
	if p, ok := t.bundles[name]; ok {
		return p, nil
	}
	return "", fmt.Errorf("theme has no asset %q", name)
}

// Bundle returns "site.css" or another joined file or picture, or nil.
func (t *Theme) Bundle(name string) *Asset {
	return t.assets[strings.TrimPrefix(t.bundles[name], "/assets/")]
}

// Asset returns the asset with that name and hash, or nil.
func (t *Theme) Asset(name string) *Asset { return t.assets[name] }

// Page writes a page: the layout around the page's own "main".
func (t *Theme) Page(name string, data any) ([]byte, error) {
	templates, ok := t.pages[name]
	if !ok {
		return nil, fmt.Errorf("theme has no page %q", name)
	}
	b := newPage()
	defer pages.Put(b)
	if err := templates.ExecuteTemplate(b, "layout", data); err != nil {
		return nil, fmt.Errorf("page %s: %w", name, err)
	}
	return bytes.Clone(b.Bytes()), nil
}

// Part writes one named template of a page, without the layout. Those that all pages
// share are there for each, also where the page does not use it; the page "layout" has
// them alone.
func (t *Theme) Part(name, part string, data any) ([]byte, error) {
	templates, ok := t.pages[name]
	if !ok {
		return nil, fmt.Errorf("theme has no page %q", name)
	}
	if templates.Lookup(part) == nil {
		templates = t.pages["layout"]
	}
	b := newPage()
	defer pages.Put(b)
	if err := templates.ExecuteTemplate(b, part, data); err != nil {
		return nil, fmt.Errorf("page %s, part %s: %w", name, part, err)
	}
	return bytes.Clone(b.Bytes()), nil
}

// Pages returns the names of all pages, sorted.
func (t *Theme) Pages() []string {
	var out []string
	for name := range t.pages {
		if name != "layout" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// LetterData is what a letter's template is given.
type LetterData struct {
	Speaker
	Head
	Args any    // frozen arguments
	Link string // to the ticket, or to where the letter leads
}

// A Head is what a company says in all its letters.
type Head struct {
	Site      string // its name
	Signature string // at the end; may be empty
	Promise   string // how soon a first reply comes, in words; may be empty

	Team func(id string) string // what a team is called
}

// TeamName says a team.
func (h Head) TeamName(id string) string {
	if h.Team == nil {
		return id
	}
	return h.Team(id)
}

// Headed returns the theme with what a company says in all its letters, in the
// letter's language, at the time when it is sent.
func (t *Theme) Headed(head func(Speaker) Head) *Theme {
	headed := *t
	headed.head = head
	return &headed
}

// Letter writes subject and text of a letter in a language. The subject is one
// line.
func (t *Theme) Letter(kind, lang, link string, args any) (subject, text string, err error) {
	letter, ok := t.letters[kind]
	if !ok {
		return "", "", fmt.Errorf("theme has no letter %q", kind)
	}
	data := LetterData{Speaker: t.Words.Speaker(lang), Args: args, Link: link}
	if t.head != nil {
		data.Head = t.head(data.Speaker)
	}
	var b page
	if err := letter.ExecuteTemplate(&b, "subject", data); err != nil {
		return "", "", fmt.Errorf("letter %s: %w", kind, err)
	}
	subject = strings.Join(strings.Fields(b.String()), " ")
	b.Reset()
	if err := letter.ExecuteTemplate(&b, "text", data); err != nil {
		return "", "", fmt.Errorf("letter %s: %w", kind, err)
	}
	text = strings.TrimSpace(b.String()) + "\n"
	if data.Signature != "" {
		text += "\n-- \n" + data.Signature + "\n" // as mail programs know a signature
	}
	return subject, text, nil
}

// dict makes a map of alternating keys and values, for templates that call one
// another with several things.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: odd number of arguments")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		key, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is no string", pairs[i])
		}
		m[key] = pairs[i+1]
	}
	return m, nil
}
