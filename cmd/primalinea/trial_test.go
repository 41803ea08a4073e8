package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"primalinea/escalation/journey"
	"primalinea/escalation/learning"
	"primalinea/escalation/store"
)

const day = 24 * time.Hour

// searched notes that visitors searched, each of them once.
func searched(t *testing.T, db *store.DB, lang, query string, visitors int, ago time.Duration) {
	t.Helper()
	var b journey.Batch
	for i := range visitors {
		b.Events = append(b.Events, journey.Event{ID: fmt.Sprint(lang, query, i), At: time.Now().Add(-ago), Kind: journey.Search, Lang: lang, Query: query, Visitor: fmt.Sprint("v", i)})
	}
	if err := db.SaveJourneys(t.Context(), b); err != nil {
		t.Fatal(err)
	}
}

// put writes small articles, by file: the title, and after it the text.
func put(t *testing.T, dir string, articles map[string]string) {
	t.Helper()
	for file, says := range articles {
		path := filepath.Join(dir, file+".md")
		title, text, _ := strings.Cut(says, " | ")
		err := os.MkdirAll(filepath.Dir(path), 0o700)
		if err == nil {
			err = os.WriteFile(path, fmt.Appendf(nil, "---\ntitle: %s\ndescription: About it.\n---\n%s\n", title, text), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestReplayCommand compares a working copy with what the site serves, beside the
// running site.
func TestReplayCommand(t *testing.T) {
	data := t.TempDir()
	db, err := store.Open(t.Context(), "", store.Options{Dir: data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	live, dir := filepath.Join(data, "articles"), filepath.Join(t.TempDir(), "copy")
	put(t, live, map[string]string{
		"en/phone/battery":  "How to save the battery | A screen drains the battery.",
		"en/phone/screen":   "The screen is dark | Make the screen lighter.",
		"it/phone/batteria": "La batteria | Si scarica.",
	})
	if err := os.CopyFS(dir, os.DirFS(live)); err != nil {
		t.Fatal(err)
	}
	check := func(args ...string) (int, string) {
		t.Helper()
		var out bytes.Buffer
		code := run(append([]string{"check", "--data", data}, args...), &out, &out)
		var said []string
		for line := range strings.Lines(out.String()) {
			if strings.HasPrefix(line, "replay: ") || strings.HasPrefix(line, "primalinea: ") {
				said = append(said, line)
			}
		}
		return code, strings.Join(said, "")
	}
	if code, said := check("--replay", dir); code != 0 || said != "replay: no search of 3 people or more in the last 28 days\n" {
		t.Errorf("without searches: %d, %s", code, said)
	}
	searched(t, db, "en", "battery", 5, day)
	searched(t, db, "en", "screen", 4, 2*day)
	searched(t, db, "it", "batteria", 3, 27*day)
	searched(t, db, "en", "zzyzx", 3, day)
	searched(t, db, "en", "battery of ada", 2, day) // too few to be named
	searched(t, db, "en", "long ago", 9, 29*day)
	if code, said := check("--replay", dir); code != 0 || said != "replay: 4 different searches of the last 28 days: 0 would find another article first, 0 others among the first 3, 4 the same\n" {
		t.Errorf("the same articles: %d, %s", code, said)
	}

	put(t, dir, map[string]string{"en/phone/zzyzx": "Battery | It drains because of zzyzx."})
	code, said := check("--replay", dir)
	if want := `replay: "battery" (en, 5×): en/phone/battery.md (How to save the battery) → en/phone/zzyzx.md (Battery)
replay: "zzyzx" (en, 3×): nothing → en/phone/zzyzx.md (Battery)
replay: 4 different searches of the last 28 days: 2 would find another article first, 0 others among the first 3, 2 the same
`; code != 0 || said != want {
		t.Errorf("a new article: %d, %s", code, said)
	}
	put(t, dir, map[string]string{"en/phone/zzyzx": "Battery\nstatus: draft | It drains because of zzyzx."})
	if code, said := check("--replay", dir); code != 0 || !strings.Contains(said, " 0 would find another article first") {
		t.Errorf("a draft: %d, %s", code, said)
	}

	// Both have learned the same.
	if err := db.SaveWords(t.Context(), []learning.Word{{Article: "phone/screen", Lang: "en", Stem: "zzyzx", Text: "zzyzx", Weight: 9}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	put(t, dir, map[string]string{"en/phone/zzyzx": "Zzyzx | It drains."})
	if code, said := check("--replay", dir); code != 0 || !strings.Contains(said, `replay: "zzyzx" (en, 3×): en/phone/screen.md (The screen is dark) → en/phone/zzyzx.md (Zzyzx)`) {
		t.Errorf("learned words: %d, %s", code, said)
	}

	// What found something and finds nothing is a failure.
	if err := os.RemoveAll(filepath.Join(dir, "it")); err != nil {
		t.Fatal(err)
	}
	code, said = check("--replay", dir)
	if !strings.Contains(said, `"batteria" (it, 3×): it/phone/batteria.md (La batteria) → nothing`) || !strings.HasSuffix(said, "primalinea: 1 searches of visitors that find nothing any more\n") || code != 1 {
		t.Errorf("without Italian: %d, %s", code, said)
	}
	if code, said = check("--replay", "--content", dir, live); code != 0 || !strings.Contains(said, `"batteria" (it, 3×): nothing → it/`) {
		t.Errorf("the other way round: %d, %s", code, said)
	}

	none := filepath.Join(dir, "none")
	for what, args := range map[string][]string{
		"no copy": {"--replay"}, "the site itself": {"--replay", live}, "no folder": {"--replay", none}, "nothing served": {"--replay", "--content", none, dir},
	} {
		if code, said := check(args...); code != 2 {
			t.Errorf("%s: %d, %s", what, code, said)
		}
	}
	if code, said := check(); code != 0 {
		t.Errorf("the folder that is served: %d, %s", code, said)
	}
}

// TestReplayPage tries drafts, and a text that is being written, with what visitors
// searched.
func TestReplayPage(t *testing.T) {
	site := newSite(t)
	site.live()
	searched(t, site.db, "en", "battery drains", 4, day)
	searched(t, site.db, "en", "qwxkj of my phone", 3, day)
	searched(t, site.db, "en", "qwxkj secret", 2, day) // two people: their words are shown to nobody
	searched(t, site.db, "en", "qwxkj long ago", 5, 29*day)
	searched(t, site.db, "it", "batteria qwxkj", 5, day)
	put(t, site.folder.Dir(), map[string]string{
		"en/device/drains": "Battery drains\nstatus: draft\nexpect: [battery drains] | The battery drains.",
		"en/device/qwxkj":  "Qwxkj\nstatus: review | A qwxkj in a phone.",
		"en/device/staff":  "Battery drains for staff\nstatus: draft\naudience: agents | The battery drains.",
	})
	site.eventually("the drafts are read", func() bool { return site.folder.Library().ByFile("en/device/staff.md") != nil })
	b := site.enter("writer")
	resp, body := b.get("/write/search/replay")
	want(t, "no draft is chosen", resp, body, 200, `value="en/device/drains.md"`, `value="en/device/qwxkj.md"`, `!staff\.md`, `!What would change`)
	resp, body = b.get("/write/search/replay?file=en/device/drains.md")
	want(t, "one draft", resp, body, 200, `value="en/device/drains.md" checked`, `!value="en/device/qwxkj.md" checked`,
		`2 different searches were made again\. 1 of them would find the same`, `1 search would find another article first`,
		`<th scope="row"><bdi lang="en">battery drains</bdi>`, `Found now">\s*<a href="/write/edit/en/device/battery-drains\.md"`, `Found then">\s*<a href="/write/edit/en/device/drains\.md" lang="en"><strong>Battery drains`,
		`!qwxkj of my`, `!secret`, `!batteria`)
	resp, body = b.get("/write/search/replay?file=en/device/drains.md&file=en/device/qwxkj.md")
	want(t, "two drafts", resp, body, 200, `2 searches would find another article first`, `battery drains</bdi>.*qwxkj of my phone</bdi>`, `!secret`, `!long ago`, `!batteria`)
	resp, body = b.get("/write/search/replay?file=en/device/staff.md")
	want(t, "for staff alone", resp, body, 200, `customers find none of these`, `!What would change`)

	// The text as it is typed; nothing is saved.
	const file = "en/device/battery-drains.md"
	src := site.read(file)
	resp, body = b.send("/write/search/replay", "file", file, "base", "abc", "change", "minor", "body", "---\r\ntitle: Qwxkj\r\n---\r\nA phone.\r\n")
	want(t, "typed", resp, body, 200, `<strong>Qwxkj</strong>`, `name="body" value="---\ntitle: Qwxkj\n---\nA phone\.\n"`, `name="base" value="abc"`, `action="/write/edit/en/device/battery-drains\.md"`,
		`2 searches would find another article first`, `battery drains</bdi>.*qwxkj of my phone</bdi>`, `battery-drains\.md" lang="en"><strong>Qwxkj</strong>`)
	if site.read(file) != src {
		t.Error("a trial was saved")
	}
	if first := site.find("en", "battery drains"); first != "battery-drains" {
		t.Errorf("after trials a customer finds %q", first)
	}
}

// TestEditorTries says while somebody writes at which place the text would be found.
func TestEditorTries(t *testing.T) {
	site := newSite(t)
	b := site.enter("writer")
	const file = "en/device/battery-drains.md"
	preview := func(front string) (*http.Response, string) {
		t.Helper()
		return b.send("/write/edit/"+file, "body", "---\ntitle: Colour of the case\n"+front+"---\nIt fades.\n", "do", "preview")
	}
	for name, test := range map[string]struct {
		front string
		want  []string
	}{
		"found":                   {"expect: [colour of the case, it fades]\n", []string{`colour of the case</bdi> <span><span class="badge good">place 1`, `!do not\.`, `!does not\.`, `What these searches find with the text`}},
		"as if it were published": {"status: draft\nphrases: [washed out]\n", []string{`washed out</bdi> <span><span class="badge good">place 1`, `would find if the text were published`}},
		"missed": {"expect: [wifi not connecting]\n", []string{`badge bad">not found`, `1 search that must find the article does not`, `Above it:</span> <a href="/write/edit/en/device/wifi-not-connecting\.md"`,
			`/write/search/why\?article=device%2Fbattery-drains&amp;in=en&amp;q=wifi`}},
		"unlisted": {"unlisted: true\nexpect: [colour]\n", []string{`The article is unlisted`, `!badge`}},
	} {
		resp, body := preview("key: device/battery-drains\n" + test.front)
		_, beside, _ := strings.Cut(body, `id="search"`)
		beside, _, _ = strings.Cut(beside, `id="languages"`)
		want(t, name, resp, beside, 200, test.want...)
	}
}

// TestWhyCut explains what a search asks for, and says so when that is not all of what
// was typed.
func TestWhyCut(t *testing.T) {
	site := newSite(t)
	b := site.enter("writer")
	for words, wanted := range map[int]string{60: `!512`, 65: `Only its first 512 characters were searched`} {
		resp, body := b.get("/write/search/why?in=en&q=" + strings.Repeat("battery+", words))
		_, answer, _ := strings.Cut(body, "</form>")
		want(t, strconv.Itoa(words)+" words", resp, answer, 200, wanted, `Why does my battery`)
	}
}
