// Package storetest opens empty databases for tests, on both engines.
package storetest

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"primalinea/escalation/store"
)

// Each runs a test on an empty database of each engine.
func Each(t *testing.T, o store.Options, test func(t *testing.T, db *store.DB)) {
	t.Helper()
	for _, engine := range []struct {
		name string
		url  func(testing.TB) string
	}{{"sqlite", SQLite}, {"postgresql", PostgreSQL}} {
		t.Run(engine.name, func(t *testing.T) { test(t, Open(t, engine.url(t), o)) })
	}
}

// Open opens the database at url for the time of the test.
func Open(t testing.TB, url string, o store.Options) *store.DB {
	t.Helper()
	db, err := store.Open(t.Context(), url, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return db
}

// SQLite returns the path of a database that does not exist yet.
func SQLite(t testing.TB) string { return filepath.Join(t.TempDir(), "test.db") }

// PostgreSQL returns the address of an empty database on a server that lives as
// long as the test binary. The test is skipped where PostgreSQL is not
// installed, unless PRIMALINEA_TEST_REQUIRE names it.
func PostgreSQL(t testing.TB) string {
	t.Helper()
	bin, err := binaries()
	if err != nil {
		if slices.Contains(strings.Split(os.Getenv("PRIMALINEA_TEST_REQUIRE"), ","), "postgresql") {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	dir, err := cluster(bin)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test%d", databases.Add(1))
	if out, err := exec.Command(filepath.Join(bin, "createdb"), "-h", dir, "-U", "postgres", name).CombinedOutput(); err != nil {
		t.Fatalf("createdb: %v\n%s", err, out)
	}
	return "postgres:///" + name + "?user=postgres&host=" + dir
}

// databases counts them, to name the next.
var databases atomic.Int64

// binaries returns the folder of the newest PostgreSQL that is installed.
func binaries() (string, error) {
	dirs, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	var best string
	var version int
	for _, dir := range dirs {
		v, _ := strconv.Atoi(filepath.Base(filepath.Dir(dir)))
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err == nil && v > version {
			best, version = dir, v
		}
	}
	if best != "" {
		return best, nil
	}
	path, err := exec.LookPath("initdb")
	if err != nil {
		return "", fmt.Errorf("postgresql is not installed: no /usr/lib/postgresql/*/bin/initdb")
	}
	return filepath.Dir(path), nil
}

// started is the one server, which is shared.
var started struct {
	once  sync.Once
	dir   string
	err   error
	alive io.Closer // kept, or it would be closed when it is collected
}

// serve starts a server in the folder $0. It ends with the pipe at its standard
// input, which the system closes however the test binary ends, and leaves
// nothing behind.
const serve = `
trap '' INT TERM
"$1/initdb" -D "$0/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$0/log" 2>&1 || exit 1
"$1/postgres" -D "$0/data" -k "$0" -c listen_addresses= -c fsync=off -c full_page_writes=off \
	-c max_connections=300 -c shared_buffers=32MB >>"$0/log" 2>&1 </dev/null &
server=$!
cat >/dev/null
kill -QUIT $server
wait $server
rm -rf "$0"
`

// cluster starts the server once, and returns the folder of its socket. The
// programs refuse to run as root, so they then run as the user postgres.
func cluster(bin string) (string, error) {
	started.once.Do(func() {
		started.dir, started.err = startCluster(bin)
		if started.err != nil {
			started.err = fmt.Errorf("postgresql: %w", started.err)
		}
	})
	return started.dir, started.err
}

func startCluster(bin string) (string, error) {
	dir, err := os.MkdirTemp("", "pl-pg")
	if err != nil {
		return "", err
	}
	cmd := exec.Command("/bin/sh", "-c", serve, dir, bin)
	cmd.Dir = dir
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Geteuid() == 0 {
		u, err := user.Lookup("postgres")
		if err != nil {
			return "", err
		}
		uid, err1 := strconv.Atoi(u.Uid)
		gid, err2 := strconv.Atoi(u.Gid)
		if err1 != nil || err2 != nil {
			return "", fmt.Errorf("user postgres has no numbers")
		}
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", err
		}
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	}
	if started.alive, err = cmd.StdinPipe(); err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		if exec.CommandContext(ctx, filepath.Join(bin, "pg_isready"), "-q", "-h", dir).Run() == nil {
			return dir, nil
		}
		if ctx.Err() != nil {
			log, _ := os.ReadFile(filepath.Join(dir, "log"))
			return "", fmt.Errorf("not ready after a minute\n%s", log)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
