package write

import (
	"bytes"
	"errors"
	"path"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/portal/web"
)

// A newPage asks where an article is to lie and what it is called.
type newPage struct {
	web.Page
	Places   []place
	Place    string // chosen
	Headline string // as typed
	Key      string // of the article that it translates; empty for one of its own
	Of       *content.Article
	Writable bool
}

func (r *Room) newPage(c *fiber.Ctx) newPage {
	p := newPage{
		Page: r.Page(c, "write", "write.new"), Place: c.FormValue("place"), Headline: c.FormValue("headline"),
		Key: c.FormValue("key"), Writable: r.Articles.Writable(),
	}
	lib := r.Articles.Library()
	lang := c.FormValue("in")
	if all := lib.Translations(p.Key); len(all) > 0 {
		p.Of = all[0]
		if p.Place == "" {
			// The section of the same key is where a translation belongs.
			for dir, s := range lib.Places() {
				if s.Lang == lang && s.Key == p.Of.Section {
					p.Place = dir
				}
			}
		}
	} else {
		p.Key = ""
	}
	if p.Place == "" {
		p.Place = lang
	}
	p.Places = r.places(p.Page, lang)
	return p
}

// fresh serves GET /write/new.
func (r *Room) fresh(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, "write/new", r.newPage(c))
}

const maxHeadline = 150

// create serves POST /write/new: an empty draft, and on to its editor.
func (r *Room) create(c *fiber.Ctx) error {
	p := r.newPage(c)
	headline := strings.Join(strings.Fields(p.Headline), " ")
	var err error
	switch {
	case headline == "":
		err = &escalation.Error{Kind: escalation.Invalid, Field: "headline", Reason: "write.headline_missing"}
	case utf8.RuneCountInString(headline) > maxHeadline:
		err = &escalation.Error{Kind: escalation.Invalid, Field: "headline", Reason: "error.too_long", Args: map[string]any{"Max": maxHeadline}}
	case !placed(p.Places, p.Place):
		err = &escalation.Error{Kind: escalation.Invalid, Field: "place", Reason: "write.place_missing"}
	case !p.Writable:
		err = readOnly()
	}
	var file string
	if err == nil {
		file, err = r.begin(p.Place, headline, p.Key)
	}
	if err != nil {
		if p.Refuse(err) {
			return r.Render(c, web.Status(escalation.KindOf(err)), "write/new", p)
		}
		return err
	}
	r.Log.InfoContext(c.UserContext(), "article begun", "file", file, "by", p.Me.ID)
	return web.Redirect(c, editPath(file)+"?done=created")
}

// begin saves an empty draft under the first free name.
func (r *Room) begin(dir, headline, key string) (file string, err error) {
	src := []byte("---\n---\n\n")
	for _, set := range []map[string]any{{"title": headline}, {"status": string(content.Draft)}} {
		if src, err = content.SetFrontMatter(src, set); err != nil {
			return "", err
		}
	}
	if key != "" {
		if src, err = content.SetFrontMatter(src, map[string]any{"key": key}); err != nil {
			return "", err
		}
	}
	name := content.Slug(headline)
	if name == "" {
		name = "article"
	}
	for n, free := 2, name; n < 100; n, free = n+1, name+"-"+strconv.Itoa(n) {
		file = path.Join(dir, free+".md")
		if lies, err := r.Articles.Source(&content.Article{File: file}); err == nil && bytes.Equal(lies, src) {
			return file, nil // the same form, sent twice
		}
		lang, _, _ := strings.Cut(dir, "/")
		if key == "" && r.taken(free) || r.Articles.Library().Article(lang, free) != nil {
			continue
		}
		if _, err = r.Articles.Save(file, src, ""); errors.As(err, new(*content.ConflictError)) {
			continue
		}
		return file, refusal(err, "headline")
	}
	return "", err
}

// refusal turns a text that cannot be saved into something to correct.
func refusal(err error, field string) error {
	e, ok := errors.AsType[*content.InvalidError](err)
	if !ok {
		return err
	}
	for _, p := range e.Problems {
		if p.Grave {
			return &escalation.Error{Kind: escalation.Invalid, Field: field, Reason: p.Key, Args: p.Args}
		}
	}
	return err
}
