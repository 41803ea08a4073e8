package store_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/store"
	"primalinea/escalation/store/storetest"
)

// TestKill kills a process that opens tickets, again and again. What it
// acknowledged is there, and nothing is there by halves.
func TestKill(t *testing.T) {
	kills := 20
	if *full {
		kills = 100
	}
	path := storetest.SQLite(t)
	var acknowledged []string
	for range kills {
		child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
		child.Env = append(os.Environ(), "PRIMALINEA_TEST_KILLED="+path)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for lines.Scan() && lines.Text() != "ready" { // it may have to wait for a WAL to be read
		}
		kill := time.AfterFunc(20*time.Millisecond+rand.N(150*time.Millisecond), func() { child.Process.Kill() })
		for lines.Scan() {
			if s := lines.Text(); len(s) == 8 { // a whole one
				acknowledged = append(acknowledged, s)
			}
		}
		kill.Stop()
		if err := child.Wait(); err == nil {
			t.Fatal("the child ended by itself")
		}
	}
	db := storetest.Open(t, path, store.Options{})
	if len(acknowledged) < 10*kills {
		t.Errorf("only %d tickets acknowledged", len(acknowledged))
	}
	for _, number := range acknowledged {
		if _, err := db.Ticket(t.Context(), number); err != nil {
			t.Fatalf("acknowledged: %v", err)
		}
	}
	for what, query := range map[string]string{
		"damaged pages":           `SELECT count(*) FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
		"broken references":       `SELECT count(*) FROM pragma_foreign_key_check`,
		"tickets without entries": `SELECT count(*) FROM ticket WHERE version <> (SELECT count(*) FROM entry WHERE entry.ticket = ticket.id)`,
		"tickets without receipt": `SELECT count(*) FROM ticket WHERE id NOT IN (SELECT ticket FROM letter)`,
		"tickets without form":    `SELECT count(*) FROM ticket WHERE id NOT IN (SELECT ticket FROM submission)`,
		"tickets without act":     `SELECT count(*) FROM ticket WHERE number NOT IN (SELECT object FROM audit WHERE kind = 'ticket')`,
		"forms without ticket":    `SELECT count(*) FROM submission WHERE ticket NOT IN (SELECT id FROM ticket)`,
	} {
		if n, err := db.Number(t.Context(), query); err != nil || n != 0 {
			t.Errorf("%d %s (%v)", n, what, err)
		}
	}
	if v, err := db.VerifyAudit(t.Context(), nil); err != nil || len(v.Found) > 0 {
		t.Errorf("%v (%v)", v.Found, err)
	}
	t.Logf("%d kills, %d tickets acknowledged", kills, len(acknowledged))
}

// TestKilled is the process that TestKill kills.
func TestKilled(t *testing.T) {
	path := os.Getenv("PRIMALINEA_TEST_KILLED")
	if path == "" {
		return // it is a test only in the hands of the other
	}
	db := storetest.Open(t, path, store.Options{})
	fmt.Println("ready")
	for range 8 {
		go func() {
			for {
				ticket, _, err := db.Open(t.Context(), escalation.NewID(), newTicket)
				if err != nil {
					panic(err)
				}
				fmt.Println(ticket.Number) // one write: it comes whole
			}
		}()
	}
	time.Sleep(time.Minute)
}

// newTicket opens a ticket by the rules, each of another address.
func newTicket() (escalation.Change, error) {
	number := escalation.NewNumber()
	return escalation.NewTicket(escalation.OpenCommand{
		Number: number, Subject: "Il telefono non trova la rete", Name: "Ada", Email: number + "@example.com", Lang: "it",
		Text: "Da ieri il telefono non trova la rete. Ho già provato a riavviarlo e a cambiare la scheda.",
		Trail: &escalation.Trail{Moments: []escalation.Moment{
			{At: start, Kind: "search", Query: "nessun segnale", Hits: 3, Lang: "it"},
			{At: start, Kind: "open", Article: "network/no-signal", Title: "Nessun segnale", Seconds: 40},
		}},
	}, escalation.RequesterOf{}, escalation.NewID, time.Now())
}
