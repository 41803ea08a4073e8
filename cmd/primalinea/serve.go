package main

import (
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
	"primalinea/escalation/staff"
	"primalinea/escalation/store"
	"primalinea/portal"
	"primalinea/portal/web"
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

// quota is how many bytes attached files may take.
func (s *serveCmd) quota() evidence.Quota { return evidence.Quota(s.FilesQuota) << 30 }

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
