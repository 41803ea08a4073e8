package escalation_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"

	. "primalinea/escalation"
	"primalinea/escalation/staff"
)

// TestWords checks that each key which the rules say has its sentence in every
// catalog, whichever file of it holds it, and says the same arguments.
func TestWords(t *testing.T) {
	keys := map[string]bool{}
	for _, dir := range []string{".", "clock", "staff", "evidence", "store"} {
		for key := range spoken(t, dir) {
			keys[key] = true
		}
	}
	if len(keys) < 60 {
		t.Fatalf("found only %d keys in the source", len(keys))
	}
	for _, s := range []State{New, Open, WaitCustomer, WaitOther, Solved, Closed} {
		keys["state."+string(s)], keys["staff.state."+string(s)] = true, true
	}
	for _, w := range []Turn{Ours, Theirs, Partys, Nobodys} {
		keys["turn."+string(w)] = true
	}
	for _, c := range []Channel{Web, API, Phone, Visit, Paper, ForTask} {
		keys["channel."+string(c)] = true
	}
	for _, s := range []HandoffState{Offered, Accepted, Refused, Withdrawn} {
		keys["handoff."+string(s)] = true
	}
	for _, r := range staff.Roles {
		keys["role."+string(r)] = true
	}
	for _, k := range ValueKinds {
		keys["value."+string(k)] = true
	}
	for _, n := range NeedTimes {
		keys["need."+string(n)] = true
	}
	for _, r := range RefusalReasons {
		keys["refusal."+r] = true
	}
	for _, k := range []string{"again." + Outdated, "again." + Disputed, "reopened." + ReopenedByReply, "reopened." + ReopenedByNo, "move.why"} {
		keys[k] = true
	}

	english := catalog(t, "en")
	for _, lang := range []string{"en", "it", "es"} {
		words := catalog(t, lang)
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			switch sentence, ok := words[key]; {
			case !ok || strings.TrimSpace(sentence) == "":
				t.Errorf("%s: no %s", lang, key)
			case !slices.Equal(arguments(sentence), arguments(english[key])):
				t.Errorf("%s: %s says %v, in English %v", lang, key, arguments(sentence), arguments(english[key]))
			}
		}
	}
}

var (
	errorKey = regexp.MustCompile(`"(error\.[a-z_]+)"`)
	argument = regexp.MustCompile(`\{\{\.(\w+)\}\}`)
)

// spoken are the keys of errors in the source of a package.
func spoken(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	keys := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range errorKey.FindAllStringSubmatch(string(src), -1) {
			keys[m[1]] = true
		}
	}
	return keys
}

// catalog returns the sentences of a language; of those with plural forms the
// one for many.
func catalog(t *testing.T, lang string) map[string]string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "themes", "default", "catalog", lang, "*.toml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s: %d files, %v", lang, len(files), err)
	}
	words := map[string]string{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var page map[string]any
		if err := toml.Unmarshal(src, &page); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for key, v := range page {
			switch v := v.(type) {
			case string:
				words[key] = v
			case map[string]any:
				words[key], _ = v["other"].(string)
			}
		}
	}
	return words
}

func arguments(sentence string) (names []string) {
	for _, m := range argument.FindAllStringSubmatch(sentence, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return slices.Compact(names)
}
