package main

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"primalinea": func() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// TestScript runs the program as people do: testdata/script/*.txt. Beside the
// usual words a script has
//
//	serve [args]    start the site; $URL is its address, $SETUP the set-up link
//	get path re     the answer matches
//	code path n     the answer has this status
//	stop            SIGTERM; it must end well
//	kill            SIGKILL
//	cut file half   write the first half of a file to another
func TestScript(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("PRIMALINEA_LISTEN", "127.0.0.1:0")
			s := &server{}
			env.Values["server"] = s
			env.Defer(s.kill)
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve": serve,
			"get":   get,
			"code":  code,
			"stop":  stop,
			"cut":   cut,
			"kill":  func(ts *testscript.TestScript, _ bool, _ []string) { ts.Value("server").(*server).kill() },
		},
	})
}

// A server is the site that a script started.
type server struct{ cmd *exec.Cmd }

func (s *server) kill() {
	if s.cmd != nil {
		s.cmd.Process.Kill()
		s.cmd.Wait()
		s.cmd = nil
	}
}

var (
	answersAt = regexp.MustCompile(`answers at (\S+)/`)
	signsUpAt = regexp.MustCompile(`signs up once at (\S+)`)
)

func serve(ts *testscript.TestScript, neg bool, args []string) {
	exe, err := exec.LookPath("primalinea")
	if err != nil {
		ts.Fatalf("%v", err)
	}
	s := ts.Value("server").(*server)
	s.cmd = exec.Command(exe, args...)
	s.cmd.Dir = ts.Getenv("WORK")
	s.cmd.Env = append(os.Environ(), "PRIMALINEA_LISTEN="+ts.Getenv("PRIMALINEA_LISTEN"))
	s.cmd.Stderr = os.Stderr
	out, err := s.cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(s.cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := answersAt.FindStringSubmatch(lines.Text()); m != nil {
			ts.Setenv("URL", m[1])
			break
		}
	}
	said := make(chan string, 10)
	go func() {
		for lines.Scan() {
			said <- lines.Text()
		}
		close(said)
	}()
	ready := time.Now().Add(30 * time.Second)
	for {
		if resp, err := http.Get(ts.Getenv("URL") + "/readyz"); err == nil {
			resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Now().After(ready) {
			ts.Fatalf("the site is not ready")
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Setenv("SETUP", "")
	select {
	case line := <-said:
		if m := signsUpAt.FindStringSubmatch(line); m != nil {
			ts.Setenv("SETUP", m[1])
		}
	default:
	}
}

func fetch(ts *testscript.TestScript, path string) (int, string) {
	if !strings.HasPrefix(path, "http") {
		path = ts.Getenv("URL") + path
	}
	resp, err := http.Get(path)
	ts.Check(err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.StatusCode, string(body)
}

func get(ts *testscript.TestScript, neg bool, args []string) {
	if _, body := fetch(ts, args[0]); regexp.MustCompile("(?s)"+args[1]).MatchString(body) == neg {
		ts.Fatalf("%s: found %s is %t:\n%s", args[0], args[1], neg, body)
	}
}

func code(ts *testscript.TestScript, neg bool, args []string) {
	if status, body := fetch(ts, args[0]); (fmt.Sprint(status) == args[1]) == neg {
		ts.Fatalf("%s answers %d:\n%s", args[0], status, body)
	}
}

func cut(ts *testscript.TestScript, _ bool, args []string) {
	whole, err := os.ReadFile(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), whole[:len(whole)/2], 0o600))
}

func stop(ts *testscript.TestScript, _ bool, _ []string) {
	s := ts.Value("server").(*server)
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	ts.Check(s.cmd.Wait())
	s.cmd = nil
}
