package themes

import (
	"fmt"
	"html/template"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// Words are the sentences of the site in every language that the theme speaks:
// catalog/<language>/*.toml.
type Words struct {
	langs    []string
	speakers map[string]Speaker
	keys     map[string][]string // by language
}

func newWords(files map[string][]byte) (*Words, error) {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	w := &Words{speakers: map[string]Speaker{}, keys: map[string][]string{}}
	known, plain := map[string]map[string]bool{}, map[string]map[string]sentence{} // by language and key
	for _, name := range names(files, "catalog", ".toml") {
		lang := strings.Split(name, "/")[1]
		tag, err := language.Parse(lang)
		if err != nil {
			return nil, fmt.Errorf("theme: %s: %w", name, err)
		}
		// The parser reads the language out of the file's name.
		f, err := bundle.ParseMessageFileBytes(files[name], path.Base(strings.TrimSuffix(name, ".toml"))+"."+lang+".toml")
		if err != nil {
			return nil, fmt.Errorf("theme: %s: %w", name, err)
		}
		if f.Tag != tag {
			return nil, fmt.Errorf("theme: %s: language %s is read as %s", name, lang, f.Tag)
		}
		for _, m := range f.Messages {
			if known[lang][m.ID] {
				return nil, fmt.Errorf("theme: %s: %s is already in another file", name, m.ID)
			}
			if known[lang] == nil {
				known[lang], plain[lang] = map[string]bool{}, map[string]sentence{}
			}
			known[lang][m.ID] = true
			w.keys[lang] = append(w.keys[lang], m.ID)
			if s, ok := plainly(m); ok {
				plain[lang][m.ID] = s
			}
		}
	}
	for lang := range w.keys {
		w.langs = append(w.langs, lang)
	}
	slices.Sort(w.langs)
	if len(w.langs) == 0 {
		return nil, fmt.Errorf("theme: no catalog")
	}
	for _, lang := range w.langs {
		w.speakers[lang] = Speaker{Lang: lang, known: known[lang], plain: plain[lang], localizer: i18n.NewLocalizer(bundle, lang, "en")}
	}
	return w, nil
}

// Languages returns the languages that have a catalog, sorted.
func (w *Words) Languages() []string { return w.langs }

// Keys returns the keys of one language's catalog.
func (w *Words) Keys(lang string) []string { return w.keys[lang] }

// Speaker returns who speaks a language; one without a catalog is spoken for by
// English.
func (w *Words) Speaker(lang string) Speaker {
	if s, ok := w.speakers[lang]; ok {
		return s
	}
	s := w.speakers["en"]
	s.Lang = lang
	return s
}

// Match returns the best of the offered languages for an Accept-Language header;
// the first when nothing fits.
func Match(header string, offered []string) string {
	if len(offered) == 0 {
		return ""
	}
	tags := make([]language.Tag, len(offered))
	for i, lang := range offered {
		tags[i] = language.Make(lang)
	}
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return offered[0]
	}
	// The index, not the tag: the matcher may return a tag with additions.
	_, i, confidence := language.NewMatcher(tags).Match(wanted...)
	if confidence == language.No {
		return offered[0]
	}
	return offered[i]
}

// A Speaker says the site's sentences in one language. Pages and letters embed
// it.
type Speaker struct {
	Lang      string
	zone      *time.Location  // nil: that of the machine
	known     map[string]bool // keys
	plain     map[string]sentence
	localizer *i18n.Localizer
}

// T returns the sentence with a key. Arguments are alternating names and values;
// one named Count chooses the plural form. An unknown key is returned as it is:
// tests demand that there is none.
func (s Speaker) T(key string, args ...any) string {
	if said, ok := s.plain[key]; ok {
		return said.say(args)
	}
	c := i18n.LocalizeConfig{MessageID: key}
	if len(args) > 0 {
		data := make(map[string]any, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			name, _ := args[i].(string)
			data[name] = args[i+1]
			if name == "Count" {
				c.PluralCount = args[i+1]
			}
		}
		c.TemplateData = data
	}
	text, err := s.localizer.Localize(&c)
	if err != nil && text == "" {
		return key
	}
	return text
}

// In returns who tells the time in a zone.
func (s Speaker) In(zone *time.Location) Speaker {
	s.zone = zone
	return s
}

// Zoned is In by the name of a zone; of one that nobody knows the time stays what it is.
func (s Speaker) Zoned(name string) Speaker {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		s.zone = zone
	}
	return s
}

// Local returns a moment as clocks show it where it is told.
func (s Speaker) Local(t time.Time) time.Time {
	if s.zone == nil {
		return t.Local()
	}
	return t.In(s.zone)
}

// Has reports whether there is a sentence with that key.
func (s Speaker) Has(key string) bool { return s.known[key] }

// TM is T with its arguments in a map, as errors and problems carry them.
func (s Speaker) TM(key string, args map[string]any) string {
	pairs := make([]any, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	return s.T(key, pairs...)
}

// Date writes a day in words.
func (s Speaker) Date(t time.Time) string {
	t = s.Local(t)
	return s.T("date.day", "Day", t.Day(), "Month", s.T(fmt.Sprintf("date.month.%d", t.Month())), "Year", t.Year())
}

// ShortMonth writes the month of a time in at most three letters.
func (s Speaker) ShortMonth(t time.Time) string {
	month := []rune(s.T("date.month." + t.Format("1")))
	return string(month[:min(3, len(month))])
}

// Time writes a day and the time of day, with the zone that it is meant in.
func (s Speaker) Time(t time.Time) string {
	t = s.Local(t)
	return s.T("date.time", "Date", s.Date(t), "Time", t.Format("15:04"), "Zone", t.Format("MST"))
}

// Stamp returns a time element: for people in words, for programs exactly.
func (s Speaker) Stamp(t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format(time.RFC3339) + `">` + template.HTMLEscapeString(s.Time(t)) + `</time>`)
}

// Day is Stamp without the time of day.
func (s Speaker) Day(t time.Time) template.HTML {
	return template.HTML(`<time datetime="` + t.UTC().Format("2006-01-02") + `">` + template.HTMLEscapeString(s.Date(t)) + `</time>`)
}

// Span says how long something took, as exactly as people ask.
func (s Speaker) Span(d time.Duration) string {
	minutes := int(d / time.Minute)
	hours, days := minutes/60, minutes/60/24
	switch {
	case minutes < 1:
		return s.T("span.now")
	case hours < 1:
		return s.T("span.minutes", "N", minutes)
	case hours < 10:
		return s.T("span.hours_minutes", "Hours", hours, "Minutes", minutes%60)
	case days < 2:
		return s.T("span.hours", "N", hours)
	}
	return s.T("span.days", "Count", days)
}

// Size writes how large a file is, in the units in which limits are given: a
// megabyte is 2^20 bytes.
func (s Speaker) Size(n int64) string {
	if n < 1<<20 {
		return s.T("size.kb", "N", (n+1<<10-1)>>10)
	}
	digits := 0
	if n < 10<<20 {
		digits = 1
	}
	return s.T("size.mb", "N", s.Decimal(float64(n)/(1<<20), digits))
}

// Decimal writes a number with so many digits after its sign.
func (s Speaker) Decimal(x float64, digits int) string {
	text := strconv.FormatFloat(x, 'f', digits, 64)
	if s.Lang != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}

// Percent writes a share; a small one more exactly.
func (s Speaker) Percent(share float64) string {
	digits := 0
	if 0 < share && share < .0995 {
		digits = 1
	}
	return s.T("number.percent", "N", s.Decimal(100*share, digits))
}

// LanguageName returns a language's own name for itself.
func (s Speaker) LanguageName(lang string) string { return s.T("language." + lang) }
