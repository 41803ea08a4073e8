package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/journey"
	"primalinea/escalation/rehearsal"
	"primalinea/escalation/setting"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/search"
	"primalinea/themes"
)

const (
	realData = "./data"      // what --data is when nobody says so
	demoData = "./data-demo" // and with --demo

	// demoMark is the file by which the data folder of a demo is known.
	demoMark = "demo.json"

	demoSeed = 2026
)

// How much a demo has to show.
const (
	demoDays   = 90
	demoVisits = 75 // on a working day
)

// A mark says what a demo's folder holds.
type mark struct {
	Filled time.Time `json:"filled,omitzero"` // zero until all of it is there
}

// readMark returns the mark of a data folder; ok is false when it is no demo's.
func readMark(dir string) (m mark, ok bool, err error) {
	text, err := os.ReadFile(filepath.Join(dir, demoMark))
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return m, false, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &m)
	}
	if err != nil {
		return m, false, fmt.Errorf("--data: the mark of a demo: %w", err)
	}
	return m, true, nil
}

func (m mark) write(dir string) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, demoMark), text, 0o600)
}

// checkDemo refuses what would offer the sign-in of a demo to strangers, or mix it
// with what is real.
func (s *serveCmd) checkDemo(local bool) error {
	if !s.Demo {
		return nil
	}
	if !local {
		return errors.New("--demo is for this machine alone: whoever reaches it signs in with one click")
	}
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || !localHost(u.Hostname()) {
			return errors.New("--demo is for this machine alone: leave out --base-url")
		}
	}
	if s.Database != "" {
		return errors.New("--demo keeps its data in its own folder: leave out --database")
	}
	if s.Content != "" {
		return errors.New("--demo writes articles, and keeps them in its own folder: leave out --content")
	}
	return nil
}

func localHost(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// suits refuses to serve what was made up as if it were real.
func (s *serveCmd) suits() error {
	if _, demo, err := readMark(s.Data); err != nil || !demo || s.Demo {
		return err
	}
	return usageError{fmt.Errorf("--data: %s holds a demo: start it with --demo, or name another folder", s.Data)}
}

// rehearse fills the data folder of a demo, once. What an interrupted filling has
// left is thrown away.
func (s *serveCmd) rehearse(ctx context.Context, out io.Writer, days, visits int) error {
	m, demo, err := readMark(s.Data)
	if err != nil {
		return usageError{err}
	}
	switch {
	case demo && !m.Filled.IsZero():
		fmt.Fprintf(out, "The sample data in %s are of %s. Remove the folder to have new ones.\n", s.Data, m.Filled.Format(time.DateOnly))
		return nil
	case demo:
		fmt.Fprintf(out, "The filling of %s was interrupted, and begins anew.\n", s.Data)
		if err := s.clear(ctx); err != nil {
			return err
		}
	default:
		entries, err := os.ReadDir(s.Data)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return usageError{fmt.Errorf("--data: %w", err)}
		}
		if len(entries) > 0 {
			return usageError{fmt.Errorf("--data: %s holds data that are no demo's: name another folder", s.Data)}
		}
	}
	if err := s.makeData(); err != nil {
		return err
	}
	if err := m.write(s.Data); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if err := s.fill(ctx, out, days, visits); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("the filling of %s was interrupted; the next start begins anew", s.Data)
		}
		return err
	}
	return mark{Filled: time.Now().UTC().Truncate(time.Second)}.write(s.Data)
}

// clear empties the data folder of a demo that nobody else has open.
func (s *serveCmd) clear(ctx context.Context) error {
	db, err := store.Open(ctx, "", store.Options{Dir: s.Data})
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	entries, err := os.ReadDir(s.Data)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != demoMark {
			if err := os.RemoveAll(filepath.Join(s.Data, e.Name())); err != nil {
				return fmt.Errorf("--data: %w", err)
			}
		}
	}
	return nil
}

// fill acts out some weeks that end now.
func (s *serveCmd) fill(ctx context.Context, out io.Writer, days, visits int) error {
	begin := time.Now()
	clock := rehearsal.NewClock(begin.AddDate(0, 0, -days))
	quiet := slog.New(slog.DiscardHandler) // of articles that come and go; the end is what counts
	h := &house{log: quiet}
	defer h.close()
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		return err
	}
	// The letters of a rehearsal go nowhere, but they are not held back either.
	if err := s.open(ctx, h, store.Options{Dir: s.Data, Clock: clock.Now}, quiet); err != nil {
		return err
	}
	if _, err := h.index.Sync(ctx, h.folder.Library(), h.folder.Text); err != nil {
		return err
	}
	people, err := h.employ(ctx, clock.Now())
	if err != nil {
		return err
	}
	if err := h.settle(ctx, clock.Now()); err != nil {
		return err
	}
	// The help centre is older than what is acted out: some articles are used no more.
	if err := h.seeArticles(ctx, clock.Now().AddDate(0, 0, -200)); err != nil {
		return err
	}
	if err := h.promoted(ctx, people[slices.IndexFunc(people, func(p staff.Person) bool { return p.Is(staff.Writer) })], s.Languages, clock.Now()); err != nil {
		return err
	}
	fmt.Fprintf(out, "Acting out %d days of a help centre in %s, once:", days, s.Data)
	r := rehearsal.Rehearsal{
		Seed: demoSeed, Days: days, Visits: visits, Model: rehearsal.Usual, Clock: clock,
		Journeys: h.recorder, Tickets: h.db, Articles: shelf{h, s.Languages, clock.Now}, Demand: h.backlog, Receipts: h.receipts, People: people,
		Experiments: h.experiments(), ArmKey: h.armKey, Subscribe: h.subscribe,
		Words: func(lang string) demand.Words {
			return demand.NewWords(func(key string) string { return theme.Words.Speaker(lang).T(key) })
		},
		Night: func(ctx context.Context) error { return h.night(ctx, clock.Now()) },
		Progress: func(day, of int) {
			if tenth := 10 * day / of; tenth > 10*(day-1)/of {
				fmt.Fprintf(out, " %d%%", 10*tenth)
			}
		},
	}
	done, err := r.Play(ctx)
	fmt.Fprintln(out)
	if err == nil {
		err = h.db.DecideJourneys(ctx, h.sectionOf, clock.Now())
	}
	if err == nil {
		err = h.db.CreditArticles(ctx, h.sectionOf, clock.Now())
	}
	if err == nil {
		err = h.seeArticles(ctx, clock.Now())
	}
	if err == nil {
		err = h.countDemand(ctx, clock.Now())
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d visits, %d requests and %d articles made of what was asked in vain, in %s.\n", done.Visits, done.Tickets, len(done.Published),
		time.Since(begin).Round(time.Second))
	// It was written before the new articles were: the next start reads the files.
	return os.RemoveAll(filepath.Join(s.Data, "catalog"))
}

// employ hires the people of a rehearsal. They have passwords that nobody knows.
func (h *house) employ(ctx context.Context, now time.Time) ([]staff.Person, error) {
	people, err := rehearsal.Cast(now)
	if err != nil {
		return nil, err
	}
	passwords := staff.NewPasswords(1)
	for i := range people {
		if people[i].PasswordHash, err = passwords.Hash(ctx, journey.NewCookie(now), people[i]); err != nil {
			return nil, err
		}
		if err := h.db.AddPerson(ctx, people[i]); err != nil {
			return nil, err
		}
	}
	return people, nil
}

// settle decides what a lead would: the settings of the company that the shipped
// articles tell of. Its telephone number is one that British authorities keep for
// plays.
func (h *house) settle(ctx context.Context, now time.Time) error {
	hours, err := setting.NewHours("Europe/Rome", nil, "next_day") // the calendar says when somebody is there, in this zone
	if err != nil {
		return err
	}
	channels, err := setting.Channels{
		Company: setting.Company{Name: "Belvaro", Address: "1 Example Street\nExample Town"},
		Phone: setting.Phone{
			Number: "+44 1632 960123", CallBack: true,
			Hours: escalation.Text{"it": "dal lunedì al venerdì, dalle 9:00 alle 18:00", "es": "de lunes a viernes, de 9:00 a 18:00", "en": "Monday to Friday, 9:00 to 18:00"},
			Cost:  escalation.Text{"it": "come una normale chiamata", "es": "como una llamada normal", "en": "as a normal call"},
			Wait:  escalation.Text{"it": "la si sente prima di aspettare", "es": "se le indica antes de esperar", "en": "you are told before you wait"},
		},
		Mail:      setting.Mail{Address: "help@example.com", Promise: "next_day"},
		Certified: setting.Certified{Address: "pec@example.com", Promise: "three_days"},
	}.Clean()
	if err != nil {
		return err
	}
	setUp := setting.SetUp{}
	for _, step := range setting.Steps {
		setUp = setUp.Decide(step, now)
	}
	for name, part := range map[string]any{
		setting.BrandName: setting.Brand{Name: "Belvaro"}, setting.HoursName: hours, setting.ChannelsName: channels, setting.SetUpName: setUp,
	} {
		if err := h.db.SetSetting(ctx, name, part); err != nil {
			return err
		}
	}
	return h.db.SavePrice(ctx, 0, demand.Price{Hour: 3400, Currency: "EUR"})
}

// subscribe lets somebody leave an address, and follow the link in their letter.
func (h *house) subscribe(ctx context.Context, s demand.Subscription) error {
	if err := h.waiting.Ask(ctx, s); err != nil {
		return err
	}
	letters, err := h.db.LettersTo(ctx, s.Email, nil)
	for _, l := range letters {
		if err == nil && l.Kind == escalation.SubscribeLetter {
			err = h.waiting.Confirm(ctx, escalation.Code(h.linkKey, l.Args.Nonce))
		}
	}
	return err
}

// promoted is what was promoted long before the rehearsal begins.
func (h *house) promoted(ctx context.Context, by staff.Person, languages []string, now time.Time) error {
	lang := languages[0]
	articles := shelf{h, languages, func() time.Time { return now }}.Articles(lang)
	promotions, counts := rehearsal.History(demoSeed, articles, lang, by.Ref(), now.AddDate(0, 0, -92))
	for _, p := range promotions {
		if err := h.db.AddPromotion(ctx, p); err != nil {
			return err
		}
	}
	what := []string{demand.CountTickets, demand.CountJourneys}
	for _, k := range demand.Counted {
		what = append(what, string(k))
	}
	return h.db.SaveCounts(ctx, what, 0, counts)
}

// night is what the jobs do meanwhile, and a mail server that takes every letter.
func (h *house) night(ctx context.Context, now time.Time) error {
	const day = 24 * time.Hour
	err := h.recorder.Flush(ctx)
	if err == nil {
		err = h.db.DecideJourneys(ctx, h.sectionOf, now)
	}
	if err == nil {
		err = h.db.AbandonForms(ctx, now.Add(-2*day), now.Add(-journey.Pause))
	}
	if err == nil {
		err = h.experiments().Step(ctx, now)
	}
	if err == nil {
		_, err = h.backlog.Collect(ctx, now)
	}
	if err == nil {
		err = h.learner.Collect(ctx, now)
	}
	if err == nil {
		err = h.receipts.Publish(ctx, now)
	}
	if err == nil && now.Weekday() == time.Monday {
		err = h.countDemand(ctx, now)
	}
	if err == nil {
		err = h.takeLetters(ctx)
	}
	return err
}

// A shelf is the articles of the house, as a rehearsal sees them.
type shelf struct {
	*house
	languages []string
	now       func() time.Time
}

// Articles returns the articles that visitors read in a language, those first
// that are asked for in the most ways.
func (s shelf) Articles(lang string) []rehearsal.Article {
	var list []rehearsal.Article
	if !slices.Contains(s.languages, lang) {
		return nil
	}
	for _, a := range s.folder.Library().All() {
		if a.Lang == lang && a.Audience == content.Public && !a.Unlisted && a.Live(s.now()) {
			list = append(list, rehearsal.Article{Key: a.Key, Title: a.Title, Revision: a.Revision, Asked: slices.Concat(a.Expect, a.Phrases)})
		}
	}
	slices.SortFunc(list, func(a, b rehearsal.Article) int {
		if n := len(b.Asked) - len(a.Asked); n != 0 {
			return n
		}
		return strings.Compare(a.Key, b.Key)
	})
	return list
}

// Find returns what the page of a search shows.
func (s shelf) Find(ctx context.Context, lang, text string) ([]rehearsal.Found, error) {
	result, err := s.index.Search(ctx, search.Query{Text: text, Lang: lang, Reader: content.Public})
	if err != nil {
		return nil, err
	}
	var found []rehearsal.Found
	for _, h := range result.Hits {
		found = append(found, rehearsal.Found{Key: h.Article.Key, Lang: h.Article.Lang, Revision: h.Article.Revision})
	}
	return found, nil
}

// Folder returns where a section lies, below its language.
func (s shelf) Folder(lang, section string) string {
	for dir, place := range s.folder.Library().Places() {
		if place.Lang == lang && place.Key == section {
			return strings.TrimPrefix(strings.TrimPrefix(path.Clean(dir), lang), "/")
		}
	}
	return ""
}

// Taken reports whether an article has a name already, as key or slug.
func (s shelf) Taken(name string) bool {
	lib := s.folder.Library()
	return len(lib.Translations(name)) > 0 || slices.ContainsFunc(lib.Languages(), func(lang string) bool {
		return lib.Article(lang, name) != nil || lib.Alias(lang, name) != nil
	})
}

// Publish saves an article, as the page for writers does, and lets searches find
// it at once.
func (s shelf) Publish(ctx context.Context, file string, src []byte) error {
	if _, err := s.folder.Save(file, src, ""); err != nil {
		return err
	}
	if err := os.Chtimes(filepath.Join(s.folder.Dir(), filepath.FromSlash(file)), s.now(), s.now()); err != nil {
		return err
	}
	_, err := s.index.Sync(ctx, s.folder.Reload(), s.folder.Text)
	return err
}

// samples are who may sign in with one click: nobody but in a demo.
func (s *serveCmd) samples() []string {
	if !s.Demo {
		return nil
	}
	return rehearsal.CastIDs()
}
