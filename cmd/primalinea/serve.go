package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"primalinea/content"
	"primalinea/escalation"
	"primalinea/escalation/demand"
	"primalinea/escalation/evidence"
	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/mail"
	"primalinea/escalation/privacy"
	"primalinea/escalation/setting"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/escalation/tiers"
	"primalinea/portal"
	"primalinea/portal/api"
	"primalinea/portal/desk"
	"primalinea/portal/door"
	"primalinea/portal/help"
	"primalinea/portal/lead"
	"primalinea/portal/web"
	"primalinea/portal/write"
	"primalinea/search"
	"primalinea/themes"
)

type serveCmd struct {
	place          `embed:""`
	Listen         string   `default:"127.0.0.1:8080" help:"Address and port to listen on."`
	Content        string   `help:"Folder of the articles, instead of the one in the data folder." placeholder:"DIR"`
	BaseURL        string   `name:"base-url" help:"Address by which readers reach the site, for links in letters." placeholder:"URL"`
	Languages      []string `default:"it,es,en" help:"Languages of the site; the first is the default."`
	Theme          string   `help:"Folder of files laid over the shipped theme." placeholder:"DIR"`
	SMTPURL        string   `name:"smtp-url" help:"Mail server: smtp://user:password@host:587, or smtps://." placeholder:"URL"`
	MailFrom       string   `help:"Address that letters come from." placeholder:"ADDRESS"`
	TrustedProxies []string `help:"Addresses or networks that may say for whom they ask." placeholder:"NET"`
	Limits         string   `default:"on" enum:"on,off" help:"Limits on how often one address may ask; off on this machine alone."`
	FilesQuota     int      `default:"20" help:"Room for attached files, in GB." placeholder:"GB"`
	InsecureHTTP   bool     `name:"insecure-http" help:"Listen beyond this machine without https."`

	Demo            bool   `help:"Serve sample data, in ./data-demo unless --data names another folder, with a sign-in of one click; on this machine alone."`
	ClockOffsetFile string `help:"File with a duration, such as 36h, by which the clock is moved ahead; only with --demo or PRIMALINEA_TEST=1." placeholder:"FILE"`
}

// grace is how long requests in progress may take when the program is stopped.
const grace = 10 * time.Second

// Run serves until it is told to stop.
func (s *serveCmd) Run(out io.Writer) error {
	if err := s.check(); err != nil {
		return usageError{err}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	if s.Demo {
		if s.Data == realData {
			s.Data = demoData
		}
		if err := s.rehearse(ctx, out, demoDays, demoVisits); err != nil {
			return err
		}
	}
	h, err := s.build(ctx, log)
	if err != nil {
		return err
	}
	defer h.close()
	fmt.Fprintf(out, "Primalinea answers at %s\n", h.web.Link("/"))
	if s.Demo {
		fmt.Fprintf(out, "Look around as the lead, the writer or an agent: %s\n", h.web.Link("/sign-in"))
	}
	if err := h.invite(ctx, out); err != nil {
		return err
	}
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the program at once
	}()
	return h.serve(ctx)
}

// A house is the whole program, wired together and not yet serving.
type house struct {
	log      *slog.Logger
	clock    *clock
	listener net.Listener
	db       *store.DB
	folder   *content.Folder
	index    *search.Index
	sought   *foundTickets
	files    *evidence.Folder
	recorder *journey.Recorder
	backlog  *demand.Backlog
	receipts *demand.Receipts
	waiting  *demand.Subscribers // for answers
	learner  *learning.Learner
	settings *setting.Keeper
	desks    *escalation.Desks
	office   *privacy.Office
	marks    string // file of how far the audit record went
	health   *health
	sender   *mail.Sender // nil without a mail server
	letters  *themes.Theme
	base     string // address of the site
	own      bool   // letters stay here, as in a demo
	linkKey  []byte // of the links to tickets
	armKey   []byte // of the arms of the experiment on the contact form
	web      *web.Web
	site     *portal.Site

	running sync.WaitGroup
}

// build opens what is there and wires the parts together.
func (s *serveCmd) build(ctx context.Context, log *slog.Logger) (h *house, err error) {
	h = &house{log: log}
	defer func() {
		if err != nil {
			h.close()
			h = nil
		}
	}()
	layers := []fs.FS{themes.Shipped()}
	if s.Theme != "" {
		layers = append(layers, os.DirFS(s.Theme))
	}
	theme, err := themes.Load(layers...)
	if err != nil {
		return h, usageError{err}
	}
	if h.clock, err = newClock(s.ClockOffsetFile, log); err != nil {
		return h, usageError{err}
	}
	if h.listener, err = net.Listen("tcp", s.Listen); err != nil {
		return h, fmt.Errorf("--listen: %w", err)
	}
	base, err := s.base(h.listener.Addr())
	if err != nil {
		return h, usageError{fmt.Errorf("--base-url: %w", err)}
	}
	if err := s.suits(); err != nil {
		return h, err
	}
	if err := s.open(ctx, h, store.Options{Dir: s.Data, Hold: s.SMTPURL == "" && !s.Demo, Clock: h.clock.Now}, log); err != nil {
		return h, err
	}
	if s.SMTPURL != "" {
		h.sender, err = mail.New(mail.Config{SMTP: s.SMTPURL, From: s.MailFrom, BaseURL: base.String()}, h.db, theme.Headed(h.head), h.linkKey, log, h.clock.Now)
		if err != nil {
			return h, usageError{fmt.Errorf("--smtp-url: %w", err)}
		}
	}

	h.own = s.Demo && s.SMTPURL == ""
	h.base = strings.TrimSuffix(base.String(), "/")
	h.letters = theme.Headed(h.head)
	proxies, err := s.proxies()
	if err != nil {
		return h, usageError{err}
	}
	h.health = &health{probe: h.db.Probe, dir: s.Data, log: log, quota: s.quota(), used: func(ctx context.Context) (int64, error) {
		used, err := h.db.Usage(ctx, "")
		return used.All, err
	}}
	h.web = &web.Web{
		Theme:      theme,
		Site:       h.settings.Site,
		Desk:       h.desks.Current,
		DeskAt:     h.desks.At,
		Offered:    func() []string { return offered(s.Languages, h.folder.Library().Languages()) },
		Base:       base,
		Proxies:    proxies,
		People:     h.db,
		Sessions:   &web.Sessions{Rows: h.db, Secure: base.Scheme == "https", Now: h.clock.Now},
		Limits:     s.Limits == "on",
		Log:        log,
		Now:        h.clock.Now,
		NewVisitor: journey.NewCookie,
		Cache:      web.NewCache(32 << 20),
		Metrics:    web.NewMetrics(),
		Demo:       s.Demo,
		Trouble:    h.health.trouble,
		Called:     h.db.CountMentions,
	}
	h.web.Live = web.NewLive(h.db, (&changes{db: h.db}).next, h.clock.Now, log)
	h.rooms(s)
	return h, nil
}

// open opens what is kept, and what the program makes of it.
func (s *serveCmd) open(ctx context.Context, h *house, o store.Options, log *slog.Logger) (err error) {
	if err := s.makeData(); err != nil {
		return err
	}
	if h.db, err = store.Open(ctx, s.Database, o); err != nil {
		return err
	}
	if s.Content == "" {
		if err := content.Fill(s.articles(), content.Shipped()); err != nil {
			return err
		}
	}
	if err := h.openFolder(ctx, s, o.Clock); err != nil {
		return err
	}
	h.index = search.Open(filepath.Join(s.Data, "index"), search.Options{Log: log, Now: o.Clock})
	h.sought = &foundTickets{papers: search.OpenPapers(filepath.Join(s.Data, "tickets"), log), db: h.db}
	if h.files, err = evidence.OpenFolder(filepath.Join(s.Data, "files")); err != nil {
		return err
	}
	h.files.Full = func() bool {
		d, err := diskOf(s.Data)
		return err == nil && d.low() > 0
	}
	if h.settings, err = setting.Open(ctx, h.db); err != nil {
		return err
	}
	if h.desks, err = escalation.OpenDesks(ctx, h.db, o.Clock()); err != nil {
		return err
	}
	if h.linkKey, err = h.db.Secret(ctx, "link"); err != nil {
		return err
	}
	if h.armKey, err = h.db.Secret(ctx, journey.ContactForm); err != nil {
		return err
	}
	if err := h.listen(ctx, o.Clock); err != nil {
		return err
	}
	key, err := h.db.Secret(ctx, "privacy")
	h.marks = filepath.Join(s.Data, auditMarks)
	h.office = &privacy.Office{Store: h.db, Files: h.files, Flush: h.recorder.Flush, Key: key, IDs: escalation.NewID, Now: h.clock.Now}
	return err
}

// offered returns the languages that readers are offered: those configured that
// have a published article; all of the configured while there is none.
func offered(configured, published []string) []string {
	var out []string
	for _, lang := range configured {
		if slices.Contains(published, lang) {
			out = append(out, lang)
		}
	}
	if len(out) == 0 {
		return configured
	}
	return out
}

// head is what letters say of the company.
func (h *house) head(s themes.Speaker) themes.Head {
	site := h.settings.Site()
	head := themes.Head{Site: site.Brand.Name, Signature: site.Letters.Signature.In(s.Lang)}
	head.Team = func(id string) string { return h.desks.Current().TeamName(id, s.Lang) }
	if site.Hours.Promise != "" {
		head.Promise = s.T("promise." + string(site.Hours.Promise))
	}
	return head
}

// sender returns whom letters come from; nobody while no mail server is named.
func sender(s *serveCmd) string {
	if s.SMTPURL == "" {
		return ""
	}
	return s.MailFrom
}

// invite prints a one-time link for the first lead while nobody works here.
func (h *house) invite(ctx context.Context, out io.Writer) error {
	people, err := h.db.People(ctx)
	if err != nil || len(people) > 0 {
		return err
	}
	i, code := staff.NewInvitation("", h.clock.Now())
	if err := h.db.AddInvitation(ctx, i); err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "Nobody works here yet. The first lead signs up once at %s\n", h.web.Link("/set-up/"+code))
	return err
}

// ready says why the site cannot do its work, or nil.
func (h *house) ready(ctx context.Context) error {
	return errors.Join(h.db.Ready(ctx), h.index.Ready(), h.health.check(ctx))
}

// serve answers until ctx ends, then finishes what is in progress.
func (h *house) serve(ctx context.Context) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		cancel()
		h.running.Wait()
	}()
	h.folder.OnChange(func(lib *content.Library) { h.sync(work, lib) })
	h.run("index", func() error { h.sync(work, h.folder.Library()); return nil })
	h.run("tickets", func() error {
		h.sought.follow(work, func(err error) { h.log.Error("requests not indexed", "error", err) })
		return nil
	})
	h.run("health", func() error { return h.health.run(work) })
	h.run("settings", func() error { return h.follow(work) })
	h.run("learned words", func() error { return h.remember(work) })
	h.run("live", func() error { h.web.Live.Run(work); return nil })
	h.run("watch", func() error { return h.folder.Watch(work) })
	h.run("journeys", func() error {
		h.recorder.Run(work, func(err error) { h.log.Error("journeys not kept", "error", err) })
		return nil
	})
	if h.sender != nil {
		h.run("letters", func() error { h.sender.Run(work); return nil })
	}
	if h.own {
		h.run("letters", func() error { return h.handOut(work) })
	}
	h.run("forgotten passwords", func() error { return h.answerResets(work) })
	h.jobs(work)
	return h.site.Serve(ctx, h.listener, grace)
}

// follow reads again and again what leads decided: on another replica, or beside
// the server.
func (h *house) follow(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(5 * time.Second):
		}
		if err := errors.Join(h.settings.Refresh(ctx), h.desks.Refresh(ctx)); err != nil && ctx.Err() == nil {
			h.log.Error("settings not read", "error", err)
		}
	}
}

// remember tells the index again and again what articles learned: one process works it
// out, and writers take words away.
func (h *house) remember(ctx context.Context) error {
	for {
		if err := h.recall(ctx); err != nil && ctx.Err() == nil {
			h.log.Error("learned words not read", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(15 * time.Second):
		}
	}
}

// recall tells the index what articles learned.
func (h *house) recall(ctx context.Context) error {
	learned, err := learnedWords(ctx, h.db)
	if err == nil {
		h.index.Learn(learned)
	}
	return err
}

// learnedWords returns what articles learned.
func learnedWords(ctx context.Context, db *store.DB) ([]search.Learned, error) {
	words, err := db.LearnedWords(ctx)
	learned := make([]search.Learned, len(words))
	for i, w := range words {
		learned[i] = search.Learned{Key: w.Article, Lang: w.Lang, Stem: w.Stem, People: w.Weight}
	}
	return learned, err
}

// answerResets writes to those who forgot their passwords, soon after they say so.
func (h *house) answerResets(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-h.db.ResetAsked():
		case <-time.After(5 * time.Second):
		}
		if _, err := h.db.AnswerResets(ctx, h.reset); err != nil && ctx.Err() == nil {
			h.log.Error("forgotten passwords not answered", "error", err)
		}
	}
}

// reset makes the link with which somebody sets a new password, and its letter.
func (h *house) reset(p staff.Person, lang string) (staff.Invitation, escalation.Letter) {
	return staff.InviteByLetter(p, escalation.ResetLetter, h.linkKey, lang, escalation.LetterArgs{}, escalation.NewID, h.clock.Now())
}

// sync brings the index up to date with the articles.
func (h *house) sync(ctx context.Context, lib *content.Library) {
	start := time.Now()
	changes, err := h.index.Sync(ctx, lib, h.folder.Text)
	if err != nil && ctx.Err() == nil {
		h.log.Error("index not brought up to date", "error", err)
		return
	}
	if changes != (search.Changes{}) {
		h.log.Info("index brought up to date", "changes", changes, "took", time.Since(start).Round(time.Millisecond))
	}
}

// run starts a goroutine of the program. What it panics with is logged and
// counted; it does not end the others, and begins anew after a moment.
func (h *house) run(name string, do func() error) {
	h.running.Go(func() {
		for h.panics(name, do) {
			time.Sleep(time.Second)
		}
	})
}

func (h *house) panics(name string, do func() error) (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			h.log.Error("panic", "in", name, "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
			h.web.Metrics.Fault()
		}
	}()
	if err := do(); err != nil && !errors.Is(err, context.Canceled) {
		h.log.Error("stopped", "what", name, "error", err)
	}
	return false
}

// close lets go of what build opened.
func (h *house) close() {
	if h.listener != nil {
		h.listener.Close()
	}
	if h.index != nil {
		h.index.Close()
	}
	if h.sought != nil {
		h.sought.papers.Close()
	}
	if h.db != nil {
		if err := h.db.Close(); err != nil {
			h.log.Error("database not closed", "error", err)
		}
	}
}

// listen prepares what hears of what visitors do, makes demand of it, and learns from
// it.
func (h *house) listen(ctx context.Context, now func() time.Time) error {
	h.recorder = journey.NewRecorder(h.db, h.index.Terms, func(lang, key string) string {
		if a := h.folder.Library().BestFor(key, lang); a != nil {
			return a.Title
		}
		return ""
	})
	key, err := h.db.Secret(ctx, "demand")
	if err != nil {
		return err
	}
	h.backlog = &demand.Backlog{Store: h.db, Terms: h.index.Terms, Key: key, Nearest: h.nearest}
	articles := &findable{house: h, now: now}
	h.backlog.Articles = articles
	h.waiting = &demand.Subscribers{Store: h.db, Backlog: h.backlog, Title: articles.title, Key: h.linkKey, IDs: escalation.NewID, Now: now}
	h.receipts = &demand.Receipts{Store: h.db, Backlog: h.backlog, Live: h.liveArticle, Section: h.sectionOf, Expect: h.expect, Answered: h.waiting.Answered, IDs: escalation.NewID}
	h.learner = &learning.Learner{Store: h.db, Terms: h.index.Terms, Key: key}
	return nil
}

// liveArticle returns the hash of the article that readers can read at a time.
func (h *house) liveArticle(key, lang string, at time.Time) (hash string, ok bool) {
	a := h.folder.Library().ByKey(key, lang)
	if a == nil || !a.Live(at) {
		return "", false
	}
	return a.Hash, true
}

// expect adds searches to those that must find an article, where a writer sees them. A
// folder that cannot be written stays as it is.
func (h *house) expect(_ context.Context, key, lang string, searches []string) error {
	a := h.folder.Library().ByKey(key, lang)
	if a == nil || !h.folder.Writable() || !content.Savable(a.File) {
		return nil
	}
	src, err := h.folder.Source(a)
	if err != nil {
		return err
	}
	with, err := write.Expect(a, src, searches)
	if err == nil && !bytes.Equal(with, src) {
		_, err = h.folder.Save(a.File, with, content.Hash(src))
	}
	return err
}

// rank says at which place a search finds an article; 0 when it does not, or while
// there is no index.
func (h *house) rank(ctx context.Context, a *content.Article, text string) (int, error) {
	t, err := h.index.Try(ctx, a, text)
	if errors.Is(err, search.ErrNotReady) {
		err = nil
	}
	return t.Rank, err
}

// nearest returns the articles that may already say what somebody asks.
func (h *house) nearest(ctx context.Context, lang, text string, n int) ([]demand.Near, error) {
	hits, err := h.index.About(ctx, lang, text, n, content.Agents)
	if errors.Is(err, search.ErrNotReady) {
		return nil, nil // a line is shown all the same
	}
	if err != nil {
		return nil, err
	}
	near := make([]demand.Near, len(hits))
	for i, hit := range hits {
		near[i] = demand.Near{Key: hit.Article.Key, Lang: hit.Article.Lang, Title: hit.Article.Title, Score: hit.Score, Held: hit.Held}
	}
	return near, nil
}

// article returns the article with a key, in the first of these languages that
// has it, else in any; nil when there is none.
func (h *house) article(key string, langs ...string) *content.Article {
	return h.folder.Library().BestFor(key, langs...)
}

// rooms wires the rooms of the site.
func (h *house) rooms(s *serveCmd) {
	setUp := &lead.Desk{Web: h.web, Keep: h.desks, Staff: h.db, Tickets: h.db}
	settings := &lead.Settings{Web: h.web, Keep: h.settings, Articles: h.folder, Outbox: h.db, Staff: h.db, IDs: escalation.NewID, From: sender(s)}
	work := tiers.Reporter{Tickets: h.db, Demand: h.backlog.List}
	h.site = portal.New(h.web, h.ready, h.db,
		&api.Room{Web: h.web, Receipts: h.receipts.Report, Tickets: h.db, Staff: h.db, Search: h.index, Articles: h.folder, Journeys: h.recorder, Deflection: h.db.Deflection, Experiments: h.experiments(), Searched: h.searched, Credits: h.credits, Demand: h.backlog, Price: h.db.Price, Tiers: work.Report},
		&lead.Overview{Web: h.web, Reports: h.db, Letters: h.db, Demand: h.backlog, Tickets: h.db, Experiments: h.experiments(), Folder: h.folder, Flush: h.recorder.Flush, Mail: h.mails()},
		&lead.Tiers{Web: h.web, Tiers: work.Report, Reports: h.db},
		&lead.Demand{Web: h.web, Lines: h.backlog, Prices: h.db, Folder: h.folder},
		&lead.HoldOut{Web: h.web, Experiments: h.experiments(), Folder: h.folder, Flush: h.recorder.Flush},
		&door.Room{Web: h.web, Letters: h.handedOut(), People: h.db, Passwords: staff.NewPasswords(4), Guesses: staff.Limiter{Attempts: h.db.Attempts()}, IDs: escalation.NewID, Mail: h.mails(), Samples: s.samples()},
		&desk.Room{Web: h.web, Tickets: h.db, Views: h.db, Found: h.sought, Staff: h.db, Files: h.files, Records: h.db, Quota: s.quota(), Mentions: h.db, Problems: h.db, Circulars: h.circulars(), Terms: h.index.Terms, Articles: h.index, Article: h.article, IDs: escalation.NewID, Ratings: h.db.Ratings, Inbox: h.inbox, Around: h.db},
		&lead.Worth{Web: h.web, Folder: h.folder, Credits: h.credits, Seen: h.db.SeenArticles, Ways: h.ways},
		&lead.Effects{Web: h.web, Receipts: h.receipts, Folder: h.folder, Line: h.backlog.Line, Rank: h.rank},
		setUp,
		&lead.Clocks{Desk: setUp, Past: h.db.PastClocks},
		&lead.Moves{Web: h.web, Tickets: h.db},
		&lead.Macros{Desk: setUp},
		&lead.Skills{Desk: setUp},
		&lead.Silence{Desk: setUp, Quiet: h.db.Quiet, Inbox: h.inbox},
		&lead.Status{Web: h.web, Settings: h.settings},
		settings,
		&lead.Privacy{Web: h.web, Keep: h.settings, Office: h.office, Acts: h.db, Files: h.files},
		&lead.Audit{Web: h.web, Acts: h.db, Staff: h.db},
		&lead.People{Web: h.web, Staff: h.db, Tickets: h.db, IDs: escalation.NewID, Mail: h.mails(), LinkKey: h.linkKey, Invited: settings.Invited},
		h.writers(),
		&help.Room{
			Web: h.web, Articles: h.folder, Search: h.index,
			Journeys: h.recorder, Visitors: &journey.Salts{Secret: h.db.Secret}, Granted: help.Holds(h.db), Wanted: h.db.Wanted, Times: h.db.AnswerTimes, StageTimes: h.db.StageTimes, Problem: h.db.Problem, Corrections: h.db,
			Asking: help.Asking{
				Tickets: h.db, Files: h.files, Records: h.db, Quota: s.quota(), Trails: h.recorder,
				LinkKey: h.linkKey, ArmKey: h.armKey, HoldOut: h.experiments().Now, Mail: h.mails(), Inbox: h.inbox,
				Forms: spam.Guard{Attempts: h.db.Attempts(), Off: !h.web.Limits}, Waiting: h.waiting,
			},
		},
	)
	h.count()
}

// replayed returns what enough people searched to be shown to writers.
func (h *house) replayed(ctx context.Context, limit int) ([]journey.Searched, int, error) {
	now := h.clock.Now()
	return h.db.MostSearched(ctx, journey.LastDays(journey.ReplayDays, "", now), search.Alike, now, limit)
}

// writers wires the room of the writers.
func (h *house) writers() *write.Room {
	return &write.Room{
		Web: h.web, Articles: h.folder, Search: h.index, Replayed: h.replayed, Demand: h.backlog, Receipts: h.receipts, Tickets: h.db, Readers: h.db.Readers, Corrections: h.db, Learned: h.db, Searched: h.searched, Credits: h.db.CreditsOf,
		Outside: write.Outside{On: h.outsideOn, Set: h.setOutside, Known: h.outsideKnown},
	}
}

// searched reports on what visitors searched until now.
func (h *house) searched(ctx context.Context, span journey.SearchSpan) (journey.SearchReport, error) {
	// While nothing can be kept, the report lacks the last moments.
	if err := h.recorder.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return journey.SearchReport{}, err
	}
	return h.db.Searches(ctx, span, search.Alike, h.clock.Now())
}

// credits returns what was counted of articles, with what happened until now.
func (h *house) credits(ctx context.Context, span journey.SearchSpan) (journey.Credits, error) {
	if err := h.recorder.Flush(ctx); err != nil && escalation.Unwritable(err) == nil {
		return journey.Credits{}, err
	}
	return h.db.Credits(ctx, span)
}

// ways returns the searches by which most people come to a text.
func (h *house) ways(ctx context.Context, t journey.Text, since time.Time) ([]journey.Way, error) {
	return h.db.SearchesTo(ctx, t, since, search.Alike, 10)
}

// quota is how many bytes attached files may take.
func (s *serveCmd) quota() evidence.Quota { return evidence.Quota(s.FilesQuota) << 30 }

// count gives the figures that are kept elsewhere to the metrics.
func (h *house) count() {
	m := h.web.Metrics
	m.Count("pages_cached_total", "Pages answered from the cache.", func() float64 { return float64(h.web.Cache.Hits.Load()) })
	m.Count("pages_built_total", "Pages built for the cache.", func() float64 { return float64(h.web.Cache.Misses.Load()) })
	m.Count("articles_rendered_total", "Articles rendered from Markdown.", func() float64 { return float64(h.folder.Renders()) })
	m.Count("journey_events_total", "Events of journeys that were taken.", func() float64 { return float64(h.recorder.Stats().Recorded) })
	m.Gauge("files_bytes", "Bytes of attached files, and of those on their way.", func() float64 { return float64(h.health.kept()) })
	m.Gauge("files_quota_bytes", "Bytes that attached files may take.", func() float64 { return float64(h.health.quota) })
	m.Count("journey_events_dropped_total", "Events of journeys that were lost.", func() float64 { return float64(h.recorder.Stats().Dropped) })
	m.Gauge("streams_staff", "Pages of the staff that are told what changes.", func() float64 { staff, _ := h.web.Live.Streams(); return float64(staff) })
	m.Gauge("streams_customers", "Pages of customers that are told what changes.", func() float64 { _, customers := h.web.Live.Streams(); return float64(customers) })
}

// experiments are those on the contact form.
func (h *house) experiments() journey.Experiments { return journey.Experiments{Store: h.db} }

type routesCmd struct{}

// Run prints method and path of every address.
func (routesCmd) Run(out io.Writer) error {
	dir, err := os.MkdirTemp("", "primalinea-routes-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	s := serveCmd{place: place{Data: dir}, Listen: "127.0.0.1:0", Languages: []string{"en"}, Limits: "off"}
	h, err := s.build(context.Background(), slog.New(slog.DiscardHandler))
	if err != nil {
		return err
	}
	defer h.close()
	for _, r := range h.site.Routes() {
		fmt.Fprintf(out, "%-6s %s\n", r.Method, r.Path)
	}
	return nil
}
