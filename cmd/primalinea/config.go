package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"primalinea/escalation"
	"primalinea/escalation/store"
)

// A place is where the data lies; every command that touches data takes it.
type place struct {
	Data     string `default:"./data" help:"Folder of the data." placeholder:"DIR"`
	Database string `help:"postgres://… instead of SQLite in the data folder." placeholder:"URL"`
}

// with lets a command work on the database, beside a running server or without.
func (p place) with(do func(context.Context, *store.DB) error) error {
	if err := p.makeData(); err != nil {
		return err
	}
	ctx := escalation.ActingAs(context.Background(), escalation.System{Rule: escalation.CommandRule}.Ref())
	db, err := store.Open(ctx, p.Database, store.Options{Dir: p.Data, Beside: true})
	if err != nil {
		return err
	}
	defer db.Close()
	return do(ctx, db)
}

// makeData makes the data folder and refuses one that cannot be written.
func (p place) makeData() error {
	if err := os.MkdirAll(p.Data, 0o700); err != nil {
		return fmt.Errorf("--data: %w", err)
	}
	if _, err := os.Lstat(filepath.Join(p.Data, unfinished)); err == nil {
		return fmt.Errorf("--data: %w", brokenOff(p.Data))
	}
	probe, err := os.CreateTemp(p.Data, ".probe-*")
	if err != nil {
		return fmt.Errorf("--data: the folder cannot be written: %w", err)
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// check refuses what cannot be right before anything is started.
func (s *serveCmd) check() error {
	host, _, err := net.SplitHostPort(s.Listen)
	if err != nil {
		return fmt.Errorf("--listen: %w", err)
	}
	local := localHost(host)
	https := false
	if s.BaseURL != "" {
		u, err := url.Parse(s.BaseURL)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.User != nil {
			return fmt.Errorf("--base-url: %q is not an address such as https://help.example.com", s.BaseURL)
		}
		https = u.Scheme == "https"
	}
	if !local && !https && !s.InsecureHTTP {
		return errors.New("--listen beyond this machine needs --base-url https://… (or --insecure-http)")
	}
	if !local && s.BaseURL == "" {
		return errors.New("--listen beyond this machine needs --base-url, the address that readers use")
	}
	if s.Limits == "off" && !local {
		return errors.New("--limits off is for this machine alone")
	}
	if s.FilesQuota < 1 {
		return fmt.Errorf("--files-quota: %d GB is no room", s.FilesQuota)
	}
	for _, lang := range s.Languages {
		switch lang {
		case "it", "es", "en":
		default:
			return fmt.Errorf("--languages: %q is none of it, es, en", lang)
		}
	}
	if s.Content != "" {
		info, err := os.Stat(s.Content)
		if err != nil {
			return fmt.Errorf("--content: %w", err)
		}
		if !info.IsDir() {
			return fmt.Errorf("--content: %s is not a folder", s.Content)
		}
		if _, err := os.ReadDir(s.Content); err != nil {
			return fmt.Errorf("--content: %w", err)
		}
	}
	if s.Theme != "" {
		if info, err := os.Stat(s.Theme); err != nil || !info.IsDir() {
			return fmt.Errorf("--theme: %s is not a folder", s.Theme)
		}
	}
	if scheme, _, ok := strings.Cut(s.Database, "://"); ok && scheme != "postgres" && scheme != "postgresql" {
		return fmt.Errorf("--database: %s:// is neither a file nor postgres://", scheme)
	}
	if err := s.checkDemo(local); err != nil {
		return err
	}
	if s.ClockOffsetFile != "" && !s.Demo && os.Getenv("PRIMALINEA_TEST") != "1" {
		return errors.New("--clock-offset-file is for --demo alone")
	}
	if s.ClockOffsetFile != "" {
		if _, err := ahead(s.ClockOffsetFile); err != nil {
			return fmt.Errorf("--clock-offset-file: %w", err)
		}
	}
	if s.SMTPURL != "" && s.MailFrom == "" {
		return errors.New("--smtp-url needs --mail-from, the address that letters come from")
	}
	_, err = s.proxies()
	return err
}

// proxies returns the networks that are trusted to say for whom they ask.
func (s *serveCmd) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, p := range s.TrustedProxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			a, err := netip.ParseAddr(p)
			if err != nil {
				return nil, fmt.Errorf("--trusted-proxies: %q is neither an address nor a network", p)
			}
			prefix = netip.PrefixFrom(a, a.BitLen())
		}
		out = append(out, prefix)
	}
	return out, nil
}

// base returns the address of the site: the configured one, else where it
// listens.
func (s *serveCmd) base(l net.Addr) (*url.URL, error) {
	if s.BaseURL != "" {
		return url.Parse(strings.TrimSuffix(s.BaseURL, "/"))
	}
	return &url.URL{Scheme: "http", Host: l.String()}, nil
}

// articles returns the folder of the articles: --content, or one in the data
// folder.
func (s *serveCmd) articles() string { return s.articlesIn(s.Content) }

func (p place) articlesIn(content string) string {
	if content != "" {
		return content
	}
	return filepath.Join(p.Data, "articles")
}
