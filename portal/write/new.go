package write

import (
	"bytes"
	"errors"
	"path"
	"slices"
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
	Place    string           // chosen
	Headline string           // as typed
	Key      string           // of the article that it translates; empty for one of its own
	Of       *content.Article // the one whose text the draft begins with
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
		into := lang
		if into == "" { // the form says it by the place
			into, _, _ = strings.Cut(p.Place, "/")
		}
		p.Of = r.original(p.Key, into)
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
		file, err = r.begin(p.Place, headline, p.Of)
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

// original returns the text from which the article of a key is translated to a
// language: the live one in the first of the site's languages that has one, else
// any; nil when there is none in another language.
func (r *Room) original(key, lang string) *content.Article {
	lib := r.Articles.Library()
	var others []string
	for _, l := range append(slices.Clone(r.Offered()), lib.Languages()...) {
		if l != lang {
			others = append(others, l)
		}
	}
	if a := lib.BestFor(key, others...); a != nil && a.Lang != lang {
		return a
	}
	for _, a := range lib.Translations(key) {
		if a.Lang != lang {
			return a
		}
	}
	return nil
}

// begin saves a draft under the first free name: an empty one, or one that begins
// with the text of the article that it is to translate.
func (r *Room) begin(dir, headline string, of *content.Article) (file string, err error) {
	src := []byte("---\n---\n\n")
	if of != nil {
		if src, err = r.Articles.Translate(of, dir, headline); err != nil {
			return "", refusal(err, "headline")
		}
	} else {
		for _, set := range []map[string]any{{"title": headline}, {"status": string(content.Draft)}} {
			if src, err = content.SetFrontMatter(src, set); err != nil {
				return "", err
			}
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
		if of == nil && r.taken(free) || r.Articles.Library().Article(lang, free) != nil {
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
