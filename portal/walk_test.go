package portal_test

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"primalinea/escalation"
	"primalinea/escalation/spam"
)

// password is everybody's in these walks.
const password = "una frase lunga per la prova"

// hire adds somebody by the command line, beside the running site, and lets them
// set a password in the browser.
func (s *site) hire(t *testing.T, ctx context.Context, name, lang string, args ...string) {
	t.Helper()
	args = append([]string{"staff", "add", "--data", s.data, "--name", name, "--lang", lang}, append(args, name+"@example.com")...)
	out, err := exec.Command(s.exe, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("staff add: %v: %s", err, out)
	}
	visit(t, ctx, s.url+regexp.MustCompile(`/join/\S+`).FindString(string(out)))
	fill(t, ctx, "#name", name)
	fill(t, ctx, "#password", password)
	press(t, ctx, "main form button")
	s.leave(t, ctx)
}

// enter signs somebody in.
func (s *site) enter(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	visit(t, ctx, s.url+"/sign-in")
	fill(t, ctx, "#email", name+"@example.com")
	fill(t, ctx, "#password", password)
	press(t, ctx, "main form button")
}

// found signs the lead up by the link that the program printed.
func (s *site) found(t *testing.T, ctx context.Context) {
	t.Helper()
	visit(t, ctx, s.setUp)
	fill(t, ctx, "#name", "Lead")
	fill(t, ctx, "#email", "lead@example.com")
	fill(t, ctx, "#password", password)
	press(t, ctx, "main form button")
}

// leave signs out.
func (s *site) leave(t *testing.T, ctx context.Context) {
	t.Helper()
	visit(t, ctx, s.url+"/account")
	press(t, ctx, "form[action='/sign-out'] button")
}

// inDays is what a field for day and time takes.
func inDays(n int) string { return time.Now().AddDate(0, 0, n).Format("2006-01-02T15:04") }

// handOff offers the open ticket to a place, "tech/2".
func handOff(t *testing.T, ctx context.Context, to, problem string) {
	t.Helper()
	do(t, ctx, chromedp.Click(chromedp.CSS(".tabs a[href='#handoff']")), chromedp.SetValue(chromedp.CSS("#handoff-to"), to))
	for field, text := range map[string]string{
		"#handoff-problem": problem, "#handoff-tried-1-what": "Restarted it", "#handoff-tried-1-result": "No change",
		"#handoff-asked": "Find the cause", "#handoff-by": inDays(3), "#handoff-tell_customer": "A specialist looks at it.",
	} {
		fill(t, ctx, field, text)
	}
	press(t, ctx, "#handoff form > .button")
}

// TestWalk carries a question that no article answers through the whole house:
// searched in vain, asked, taken at tier 1, handed to tier 2 and 3, solved, made
// into an article, and found by the same search.
func TestWalk(t *testing.T) {
	for _, r := range []reader{
		{Lang: "it", Width: 320},
		{Lang: "es", Width: 320, Dark: true},
		{Lang: "en", Width: 320},
		{Lang: "it", Width: 320, Plain: true},
		{Lang: "es", Width: 320, Plain: true},
		{Lang: "en", Width: 320, Plain: true},
	} {
		t.Run(fmt.Sprintf("%s plain=%t", r.Lang, r.Plain), func(t *testing.T) {
			t.Parallel()
			walk(t, r)
		})
	}
}

// asked is what the walks search for, and what tells it apart from all articles.
var asked = map[string]struct{ query, subject, text string }{
	"it": {"monopattino pieghevole", "Il monopattino pieghevole non si accende", "Ho premuto il pulsante per dieci secondi e il monopattino resta spento."},
	"es": {"patinete plegable", "El patinete plegable no se enciende", "He pulsado el botón diez segundos y el patinete sigue apagado."},
	"en": {"folding scooter", "The folding scooter does not switch on", "I pressed the button for ten seconds and the scooter stays off."},
}

func walk(t *testing.T, r reader) {
	s := start(t)
	q := asked[r.Lang]
	customer, staff := open(t, r), open(t, r)

	// The lead signs up by the link that the program printed.
	visit(t, staff, s.setUp)
	accessible(t, staff)
	fill(t, staff, "#name", "Lead")
	fill(t, staff, "#email", "lead@example.com")
	fill(t, staff, "#password", password)
	do(t, staff, chromedp.SetValue(chromedp.CSS("#lang"), r.Lang))
	press(t, staff, "main form button")
	visit(t, staff, s.url+"/lead/people")
	accessible(t, staff)
	s.leave(t, staff)
	s.hire(t, staff, "uno", r.Lang, "--teams", "general", "--tier", "1")
	s.hire(t, staff, "due", r.Lang, "--teams", "tech", "--tier", "2")
	s.hire(t, staff, "tre", r.Lang, "--teams", "tech", "--tier", "3")

	// A customer searches in vain; the way to a person carries the words along.
	visit(t, customer, s.url+"/"+r.Lang+"/")
	fill(t, customer, "#q", q.query)
	press(t, customer, ".find-row > .button")
	// A search that was not answered in time, as on a busy machine, is none that was in vain.
	busy := chromedp.Evaluate[bool](`!!document.querySelector("main .notice.warn[role=status]")`)
	for end := time.Now().Add(time.Minute); ask(t, customer, busy) && time.Now().Before(end); {
		time.Sleep(time.Second)
		do(t, customer, chromedp.Reload())
	}
	accessible(t, customer)
	press(t, customer, "main a[href*='/contact?']")
	accessible(t, customer)
	if got := ask(t, customer, chromedp.Value(chromedp.CSS("#subject"))); got != q.query {
		t.Errorf("the form begins with %q, want the search", got)
	}

	// What is missing is said beside the field, and nothing is lost.
	fill(t, customer, "#subject", q.subject)
	fill(t, customer, "#text", q.text)
	press(t, customer, "p > button[name=do][value=next]")
	accessible(t, customer)
	if title := ask(t, customer, chromedp.Title()); !strings.Contains(title, ":") {
		t.Errorf("after an error the title is %q", title)
	}
	if got := ask(t, customer, chromedp.Value(chromedp.CSS("#text"))); strings.TrimSpace(got) != q.text {
		t.Errorf("after an error the text is %q", got)
	}
	fill(t, customer, "#email", "anna@example.com")
	press(t, customer, "p > button[name=do][value=next]")
	if offered := ask(t, customer, chromedp.Evaluate[bool](`!!document.querySelector(".go-on")`)); offered {
		accessible(t, customer)
		press(t, customer, ".go-on button[value=check]")
	}
	accessible(t, customer)
	shows(t, customer, ".trail", regexp.QuoteMeta(q.query))
	time.Sleep(spam.Hasty) // as long as anybody reads it once more
	press(t, customer, "p > button[name=do][value=send]")
	accessible(t, customer)
	number := strings.TrimSpace(ask(t, customer, chromedp.Text(chromedp.CSS(".number"))))
	press(t, customer, "a[href='/tickets/"+number+"']")
	accessible(t, customer)
	ticket := ask(t, customer, chromedp.Location())

	// Tier 1 takes it, and sees the search that led to it.
	s.enter(t, staff, "uno")
	visit(t, staff, s.url+"/desk")
	accessible(t, staff)
	press(t, staff, "main a[href*='"+number+"']")
	accessible(t, staff)
	shows(t, staff, ".trail", regexp.QuoteMeta(q.query))
	press(t, staff, "form[action$='/take'] button")
	handOff(t, staff, "tech/2", q.subject)
	accessible(t, staff)
	s.leave(t, staff)

	// Tier 2 accepts, and hands it to tier 3.
	s.enter(t, staff, "due")
	visit(t, staff, s.url+"/desk/tickets/"+number)
	press(t, staff, "form[action$='/accept'] button")
	handOff(t, staff, "tech/3", q.subject)
	s.leave(t, staff)

	// Tier 3 accepts and solves it; an article is to be made.
	s.enter(t, staff, "tre")
	visit(t, staff, s.url+"/desk/tickets/"+number)
	press(t, staff, "form[action$='/accept'] button")
	do(t, staff, chromedp.Click(chromedp.CSS(".tabs a[href='#solve']")))
	fill(t, staff, "#solve-text", "Charge it for an hour, then hold the button: "+q.query+".")
	do(t, staff, chromedp.SetAttributeValue(chromedp.CSS("#solve input[value=made]"), "checked", "checked"))
	press(t, staff, "#solve form > .button")
	accessible(t, staff)
	s.leave(t, staff)

	// The customer was told of both moves, and reads the solution.
	time.Sleep(escalation.UndoTime) // it can be taken back until then
	visit(t, customer, ticket)
	accessible(t, customer)
	shows(t, customer, ".talk", "specialist looks at it.*specialist looks at it.*Charge it for an hour")
	press(t, customer, "button[name=do][value=solved]:not(.hidden)")
	accessible(t, customer)

	// The lead makes an article of it.
	s.enter(t, staff, "lead")
	visit(t, staff, s.url+"/lead")
	accessible(t, staff)
	shows(t, staff, "section[aria-labelledby=deflection] .card", `: 1\..*: 0\.`) // this journey is pending, and none is unknown
	visit(t, staff, s.url+"/desk/tickets/"+number)
	press(t, staff, "a[href*='/write/drafts?ticket=']")
	accessible(t, staff)
	press(t, staff, "button[name=make]")
	accessible(t, staff)
	press(t, staff, "button[name=do][value=publish]")
	accessible(t, staff) // what the draft still asks its writer is shown first
	press(t, staff, "button[name=do][value=publish-anyway]")
	accessible(t, staff)

	// The very search that failed finds it.
	found := false
	for end := time.Now().Add(10 * time.Second); !found && time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		visit(t, customer, s.url+"/"+r.Lang+"/search?q="+strings.ReplaceAll(q.query, " ", "+"))
		found = ask(t, customer, chromedp.Evaluate[bool](`!!document.querySelector(".hits a[href*='/articles/']")`))
	}
	if !found {
		fatal(t, customer, "the published article is not found")
	}
	press(t, customer, ".hits a[href*='/articles/']")
	accessible(t, customer)
	shows(t, customer, "main", "Charge it for an hour")
}
