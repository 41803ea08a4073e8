package portal_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// required reports whether a program must be there, as it must where
// PRIMALINEA_TEST_REQUIRE names it.
func required(name string) bool {
	for _, r := range strings.Split(os.Getenv("PRIMALINEA_TEST_REQUIRE"), ",") {
		if r == name {
			return true
		}
	}
	return false
}

// missing skips a test for want of a program, or fails it where that is required.
func missing(t *testing.T, name, why string) {
	t.Helper()
	if required(name) {
		t.Fatalf("%s is required: %s", name, why)
	}
	t.Skipf("%s: %s", name, why)
}

// program is the binary, built once.
var program = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "primalinea-browser-*")
	if err != nil {
		return "", err
	}
	exe := filepath.Join(dir, "primalinea")
	out, err := exec.Command("go", "build", "-o", exe, "primalinea/cmd/primalinea").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return exe, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if exe, err := program(); err == nil {
		os.RemoveAll(filepath.Dir(exe))
	}
	os.Exit(code)
}

// A site is the program, running with a data folder of its own.
type site struct {
	url, setUp string
	data       string
	exe        string
}

var (
	answersAt = regexp.MustCompile(`answers at (\S+)/`)
	signsUpAt = regexp.MustCompile(`(?:signs up once at|writer or an agent:) (\S+)`) // or looks around a demo
)

func start(t *testing.T, args ...string) *site {
	t.Helper()
	exe, err := program()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{exe: exe, data: t.TempDir()}
	cmd := exec.Command(exe, append([]string{"--listen", "127.0.0.1:0", "--data", s.data, "--limits", "off"}, args...)...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			t.Errorf("the program ends badly: %v", err)
		}
	})
	lines := bufio.NewScanner(out)
	for s.setUp == "" && lines.Scan() {
		if m := answersAt.FindStringSubmatch(lines.Text()); m != nil {
			s.url = m[1]
		}
		if m := signsUpAt.FindStringSubmatch(lines.Text()); m != nil {
			s.setUp = m[1]
		}
	}
	go func() {
		for lines.Scan() {
		}
	}()
	if s.url == "" {
		t.Fatal("the program does not say where it answers")
	}
	// It answers before its index is whole, and then suggests nothing yet.
	for began := time.Now(); ; time.Sleep(50 * time.Millisecond) {
		resp, err := http.Get(s.url + "/readyz")
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode == 200 {
			return s
		}
		if time.Since(began) > time.Minute {
			t.Fatalf("/readyz says %s", resp.Status)
		}
	}
}

// A reader says how somebody looks at the site.
type reader struct {
	Lang  string // Accept-Language
	Width int64  // CSS pixels; 0 is a desktop's 1280
	Dark  bool
	Plain bool // without JavaScript
}

// open opens a window of a browser.
func open(t *testing.T, r reader) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium", err.Error())
	}
	if r.Width == 0 {
		r.Width = 1280
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path),
		chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("lang", r.Lang),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	if r.Plain {
		ctx = context.WithValue(ctx, plainKey{}, true)
	}
	ctx, cancel = context.WithTimeout(ctx, 6*time.Minute)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil { // the browser lives as long as what it was started with
		t.Fatal(err)
	}
	scheme := "light"
	if r.Dark {
		scheme = "dark"
	}
	mobile := []chromedp.EmulateViewportOption{}
	if r.Width < 700 {
		mobile = append(mobile, chromedp.EmulatePortrait, chromedp.EmulateMobile)
	}
	do(t, ctx,
		command(network.Enable, network.EnableParams{}),
		command(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": r.Lang}}),
		chromedp.EmulateViewport(r.Width, 844, mobile...),
		command(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
		}}),
		command(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: r.Plain}),
		command(page.SetBypassCSP, page.SetBypassCSPParams{Enabled: true}), // else axe could not be added
	)
	return ctx
}

// command makes a step of a command that answers nothing.
func command[P any](cmd cdp.Command[P, cdp.Empty], params P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		_, err := chromedp.Call(ctx, cmd, params)
		return err
	})
}

// do runs steps, and fails with the page as it stands when one of them does.
func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	for i, step := range steps {
		limited, cancel := context.WithTimeout(ctx, 20*time.Second)
		err := chromedp.Do(limited, step)
		cancel()
		if err != nil {
			fatal(t, ctx, fmt.Sprintf("step %d: %v", i+1, err))
		}
	}
}

// ask runs one action and returns what it brings.
func ask[T any](t *testing.T, ctx context.Context, a chromedp.Action[T]) T {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	v, err := chromedp.Run(limited, a)
	if err != nil {
		fatal(t, ctx, err.Error())
	}
	return v
}

// fatal ends a test with the page as it stands.
func fatal(t *testing.T, ctx context.Context, why string) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	at, _ := chromedp.Run(limited, chromedp.Location())
	words, _ := chromedp.Run(limited, chromedp.Text(chromedp.CSS("body")))
	t.Fatalf("%s\nat %s:\n%.3000s", why, at, words)
}

// visit opens an address.
func visit(t *testing.T, ctx context.Context, address string) {
	t.Helper()
	do(t, ctx, chromedp.Navigate(address))
}

// press clicks what leads to another page, and waits for that page.
func press(t *testing.T, ctx context.Context, selector string) {
	t.Helper()
	limited, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	if _, err := chromedp.RunResponse(limited, chromedp.Click(chromedp.CSS(selector))); err != nil {
		fatal(t, ctx, "press "+selector+": "+err.Error())
	}
}

// fill writes into a field, in place of what is there.
func fill(t *testing.T, ctx context.Context, selector, text string) {
	t.Helper()
	do(t, ctx, chromedp.SetValue(chromedp.CSS(selector), text))
}

// shows fails unless an element says something.
func shows(t *testing.T, ctx context.Context, selector, want string) {
	t.Helper()
	if got := ask(t, ctx, chromedp.Text(chromedp.CSS(selector))); !regexp.MustCompile("(?is)" + want).MatchString(got) {
		fatal(t, ctx, fmt.Sprintf("%s does not show %q but %.500q", selector, want, got))
	}
}

// axe is the accessibility checker's source; .ci/run fetches it.
var axe = sync.OnceValues(func() (string, error) {
	path := os.Getenv("PRIMALINEA_AXE")
	if path == "" {
		path = filepath.Join("..", ".ci", "node_modules", "axe-core", "axe.min.js")
	}
	src, err := os.ReadFile(path)
	return string(src), err
})

// plain reports whether a window runs no scripts; then axe, which is one that waits
// for others, would wait for ever.
func plain(ctx context.Context) bool { return ctx.Value(plainKey{}) != nil }

type plainKey struct{}

// accessible fails for each finding of axe on the page that is open, and when
// the page is wider than its window.
func accessible(t *testing.T, ctx context.Context) {
	t.Helper()
	at := ask(t, ctx, chromedp.Location())
	if excess := ask(t, ctx, chromedp.Evaluate[int](`document.documentElement.scrollWidth - document.documentElement.clientWidth`)); excess > 0 {
		t.Errorf("%s is %d pixels wider than its window", at, excess)
	}
	if plain(ctx) {
		return
	}
	src, err := axe()
	if err != nil {
		if required("axe") {
			t.Fatalf("axe is required: %v", err)
		}
		t.Log("axe: not installed; see .ci/run")
		return
	}
	ask(t, ctx, chromedp.Evaluate[int](src+";0"))
	violations := ask(t, ctx, chromedp.Evaluate[[]string](`axe.run(document, {runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})
		.then(r => r.violations.map(v => v.id + ": " + v.help + " – " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | ")))`, chromedp.EvalAwaitPromise))
	for _, v := range violations {
		t.Errorf("%s: %s", at, v)
	}
}
