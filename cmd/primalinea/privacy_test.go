package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/privacy"
	"primalinea/escalation/setting"
)

// someone searches, asks with a photo, is asked back and answers. The words are in no
// article and no catalog.
const someone = `
GET /it/search?q=quokkabatteria+zanzibar
with User-Agent: Mozilla/5.0
code 200
GET /it/contact?q=quokkabatteria+zanzibar
with User-Agent: Mozilla/5.0
keep key name="key" value="([A-Z2-7]{26})"
POST /it/contact
with User-Agent: Mozilla/5.0
send key=$key
send do=check
send subject=Quokkabatteria+zanzibar
send text=Mi+chiamo+Filomena+Quattrocchi.
send email=filomena.quattrocchi@example.org
send name=Filomena+Quattrocchi
code 200
keep shown name="shown" value="(\d+)"
POST /it/contact
with User-Agent: Mozilla/5.0
send key=$key
send do=send
send shown=$shown
send subject=Quokkabatteria+zanzibar
send text=Mi+chiamo+Filomena+Quattrocchi.
send email=filomena.quattrocchi@example.org
send name=Filomena+Quattrocchi
code 303
keep sent (/it/contact/sent/[0-9A-Z]{8}\?k=[\w-]{43})
keep number /it/contact/sent/([0-9A-Z]{8})
GET $sent
keep link (/tickets/$number\?k=[\w-]+)
GET $link
code 303
POST /tickets/$number
send key=$key
send do=reply
send text=Ecco+la+foto+di+Zanzibar
file files=photo.png
code 303
as lead
POST /desk/tickets/$number/note
send note-text=La+Quattrocchi+insiste.
code 303
POST /desk/tickets/$number/facts
send fact-key=model
send fact-value=Quokka+9
code 303
POST /desk/tickets/$number/solve
send solve-text=Gentile+Filomena%2C+eccola.
send solve-article=none
send solve-reason=zanzibar+e+basta
code 303
`

// A refusing disk removes nothing.
type refusing struct{}

func (refusing) Remove(context.Context, string, time.Time, func(context.Context, string) (bool, error)) error {
	return escalation.ErrReadOnly
}

// TestForgotten gives somebody a copy of what is held, erases it, and then looks through
// every byte of the data folder, while the program runs.
func TestForgotten(t *testing.T) {
	dir := t.TempDir()
	s := newSiteIn(t, dir, "").staffed()
	script := filepath.Join(t.TempDir(), "someone.txt")
	if err := os.WriteFile(script, []byte(someone), 0o600); err != nil {
		t.Fatal(err)
	}
	play(t, s, script)
	if err := s.recorder.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.backlog.Collect(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	// The photo, as it was made anew, and its thumbnail.
	photo, thumb := "", ""
	kept, err := filepath.Glob(filepath.Join(dir, "files", "??", "*"))
	if err != nil || len(kept) != 2 {
		t.Fatalf("kept are %q, %v", kept, err)
	}
	for _, name := range kept {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.HasPrefix(data, []byte("\x89PNG")) {
			photo = string(data)
		} else {
			thumb = string(data)
		}
	}
	traces := []string{"quokka", "zanzibar", "filomena", "quattrocchi", string(bytes.ToLower([]byte(photo))), string(bytes.ToLower([]byte(thumb)))}
	left := func() (found []string) {
		t.Helper()
		for _, trace := range traces {
			if err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
				if err != nil || e.IsDir() {
					return err
				}
				data, err := os.ReadFile(path)
				if bytes.Contains(bytes.ToLower(data), []byte(trace)) {
					found = append(found, trace[:min(len(trace), 12)]+" in "+path)
				}
				return err
			}); err != nil {
				t.Fatal(err)
			}
		}
		return found
	}
	if found := left(); len(found) < len(traces) {
		t.Fatalf("the test is blind: %q", found)
	}

	lead := s.enter("lead")
	resp, body := lead.send("/lead/privacy/export", "email", "Filomena.Quattrocchi@example.org")
	if resp.StatusCode != 200 {
		t.Fatalf("export: %d\n%s", resp.StatusCode, short([]byte(body)))
	}
	z, err := zip.NewReader(strings.NewReader(body), int64(len(body)))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(data)
	}
	var got privacy.Copy
	if err := json.Unmarshal([]byte(parts["personal-data.json"]), &got); err != nil {
		t.Fatal(err)
	}
	switch {
	case len(got.Tickets) != 1 || len(got.Tickets[0].Entries) < 3 || len(got.Tickets[0].Facts) != 1 || got.Tickets[0].Trail == nil ||
		len(got.Tickets[0].NotesMade) != 1 || len(got.Letters) == 0 || len(got.Journeys) == 0:
		t.Errorf("copy %s", parts["personal-data.json"])
	case !strings.Contains(parts["read-me.txt"], "filomena.quattrocchi@example.org") && !strings.Contains(parts["read-me.txt"], "Filomena.Quattrocchi@example.org"):
		t.Errorf("read me: %s", parts["read-me.txt"])
	case parts[got.Tickets[0].Entries[1].Files[0]] != photo:
		t.Errorf("the photo is another: %v", got.Tickets[0].Entries[1].Files)
	}
	if strings.Contains(body, "insiste") || strings.Contains(parts["personal-data.json"], "insiste") {
		t.Error("a note left the desk")
	}

	// The disk refuses at first: that is said, and who looks for her can go on.
	her := []string{"email", "filomena.quattrocchi@example.org", "confirm", "filomena.quattrocchi@example.org"}
	disk := s.office.Files
	s.office.Files = refusing{}
	if resp, body := lead.send("/lead/privacy/erase", her...); resp.StatusCode != 409 || !strings.Contains(body, "could not be removed from the disk") {
		t.Fatalf("erase: %d\n%s", resp.StatusCode, short([]byte(body)))
	}
	if _, body := lead.send("/lead/privacy/person", her[:2]...); !strings.Contains(body, ">Finish it<") || !strings.Contains(body, "tried again every hour") || strings.Contains(body, "look for the number") {
		t.Errorf("found again: %s", short([]byte(body)))
	}
	s.office.Files = disk
	if resp, body := lead.send("/lead/privacy/erase", her...); resp.StatusCode != 303 {
		t.Fatalf("erase: %d\n%s", resp.StatusCode, short([]byte(body)))
	}
	for _, j := range s.table() {
		if j.name == "overwrite erased" {
			if err := j.once(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if found := left(); len(found) > 0 {
		t.Errorf("still known: %q", found)
	}
	// And what is gone does not come back.
	if _, err := s.backlog.Collect(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if found := left(); len(found) > 0 {
		t.Errorf("known again: %q", found)
	}
}

// TestChoicesAreFollowed knows the choice on the page that no job asks for.
func TestChoicesAreFollowed(t *testing.T) {
	jobs, err := os.ReadFile("jobs.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range setting.Kinds {
		if len(k.Choices) > 0 && !bytes.Contains(jobs, []byte(`keptSince("`+k.Name+`")`)) {
			t.Errorf("a lead chooses how long %s are kept, and no job knows", k.Name)
		}
	}
}

// TestRetention erases by itself what is older than a lead wants.
func TestRetention(t *testing.T) {
	s := newSite(t)
	ticket := s.solved("it", "Lo schermo trema", "Da ieri.", "anna@example.com", "Ecco.", nil)
	do := func(name string) {
		t.Helper()
		for _, j := range s.table() {
			if j.name == name {
				if err := j.once(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	do("erase old tickets")
	if s.ticket(ticket.Number).Subject == "" {
		t.Error("erased without a time")
	}
	r, err := setting.NewRetention(map[string]string{"tickets": "365"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.settings.Change(t.Context(), setting.RetentionName, 0, r); err != nil {
		t.Fatal(err)
	}
	do("erase old tickets")
	if s.ticket(ticket.Number).Subject == "" {
		t.Error("erased too early")
	}
	if n, err := s.office.Expire(t.Context(), time.Now().Add(time.Minute), time.Time{}); err != nil || n != 1 {
		t.Errorf("%d erased, %v", n, err)
	}
	if got := s.ticket(ticket.Number); got.Subject != "" || got.Erased.IsZero() {
		t.Errorf("left is %q", got.Subject)
	}

	// What was interrupted is nothing that a lead has to do, and ends by itself.
	if err := s.db.SaveAct(t.Context(), privacy.Act{ID: "killed", Kind: privacy.Expired, Made: time.Now().Add(-time.Hour)}); err != nil {
		t.Fatal(err)
	}
	lead := s.enter("lead")
	for _, unfinished := range []bool{true, false} {
		_, body := lead.get("/lead/privacy")
		if strings.Contains(body, "the program goes on by itself") != unfinished || strings.Contains(body, "do it again") {
			t.Errorf("unfinished is %v: %s", unfinished, short([]byte(body)))
		}
		do("finish erasures")
	}
}
