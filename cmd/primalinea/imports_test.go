package main

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which packages of ours each package may import. A package that is
// not listed here fails the test: it has no place in the house yet.
var arrows = map[string][]string{
	"content":             {},
	"content/outside":     {},
	"themes":              {},
	"search":              {"content"},
	"escalation":          {"escalation/clock"},
	"escalation/clock":    {},
	"escalation/interval": {},
	"escalation/scrub":    {},
	"escalation/archive":  {},
	"escalation/staff":    {"escalation", "escalation/clock"},
	"escalation/audit":    {"escalation"},
	"escalation/evidence": {"escalation"},
	"escalation/journey":  {"escalation", "escalation/interval", "escalation/scrub"},
	"escalation/demand":   {"escalation", "escalation/journey", "escalation/interval", "escalation/scrub"},
	"escalation/tiers":    {"escalation", "escalation/clock", "escalation/demand", "escalation/interval"},
	"escalation/learning": {"escalation", "escalation/journey", "escalation/scrub"},
	"escalation/rehearsal": {"escalation", "escalation/clock", "escalation/staff", "escalation/evidence", "escalation/journey", "escalation/demand",
		"escalation/interval", "escalation/scrub"},
	"escalation/circular": {"escalation"},
	"escalation/privacy":  {"escalation", "escalation/demand", "escalation/evidence", "escalation/journey", "escalation/learning"},
	"escalation/setting":  {"escalation", "escalation/clock"},
	"escalation/spam":     {"escalation", "escalation/staff"},
	"escalation/store": {"escalation", "escalation/audit", "escalation/clock", "escalation/setting", "escalation/spam", "escalation/staff", "escalation/evidence", "escalation/journey",
		"escalation/demand", "escalation/learning", "escalation/privacy", "escalation/interval", "escalation/scrub", "escalation/tiers"},
	"escalation/store/storetest": {"escalation/store"}, // for tests alone
	"escalation/mail":            {"escalation", "themes"},
	"portal/web":                 {"themes", "escalation", "escalation/clock", "escalation/setting", "escalation/staff"},
	"portal/help":                room,
	"portal/door":                room,
	"portal/desk":                room,
	"portal/write":               room,
	"portal/lead":                room,
	"portal/api":                 room,
	"portal": {"escalation/staff", "portal/web", "portal/help", "portal/door", "portal/desk", "portal/write",
		"portal/lead", "portal/api"},
	"cmd/primalinea": {"*"},
}

// room is what a room of the portal may import: the rules, never the store.
var room = []string{"portal/web", "escalation", "escalation/clock", "escalation/staff", "escalation/evidence", "escalation/journey",
	"escalation/demand", "escalation/learning", "escalation/interval", "escalation/scrub", "escalation/setting", "escalation/spam", "escalation/privacy", "escalation/audit", "escalation/tiers",
	"search", "content", "content/outside"}

// foreign says who alone may import a library.
var foreign = map[string][]string{
	"github.com/gofiber/fiber":      {"portal"},
	"github.com/valyala/fasthttp":   {"portal"},
	"github.com/gorilla/sessions":   {"portal"},
	"github.com/blevesearch/":       {"search"},
	"github.com/yuin/goldmark":      {"content"},
	"github.com/mattn/go-sqlite3":   {"escalation/store"},
	"github.com/jackc/pgx":          {"escalation/store"},
	"github.com/pressly/goose":      {"escalation/store"},
	"database/sql":                  {"escalation/store"},
	"github.com/wneessen/go-mail":   {"escalation/mail"},
	"github.com/nicksnyder/go-i18n": {"themes"},
	// When to try again, and what is made up from a seed; secrets and numbers come from crypto/rand.
	"math/rand": {"escalation/store", "escalation/rehearsal"},
}

func TestArrows(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "primalinea/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for d := json.NewDecoder(strings.NewReader(string(out))); d.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(p.ImportPath, "primalinea/")
		allowed, ok := arrows[name]
		if !ok {
			t.Errorf("%s is in no list: say in arrows what it may import", name)
			continue
		}
		for _, i := range p.Imports {
			if ours, ok := strings.CutPrefix(i, "primalinea/"); ok {
				if !slices.Contains(allowed, ours) && !slices.Contains(allowed, "*") {
					t.Errorf("%s imports %s", name, ours)
				}
				continue
			}
			for library, who := range foreign {
				if strings.HasPrefix(i, library) && !slices.ContainsFunc(who, func(w string) bool {
					return name == w || strings.HasPrefix(name, w+"/")
				}) {
					t.Errorf("%s imports %s, which belongs to %v", name, i, who)
				}
			}
		}
	}
}
