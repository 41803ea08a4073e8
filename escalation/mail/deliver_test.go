package mail

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TestDeliverPanics holds that what goes wrong below us is a letter that was not
// sent, and not the end of the program.
func TestDeliverPanics(t *testing.T) {
	s := &Sender{timeout: time.Second, server: server{host: "localhost", dial: func(context.Context, string, string) (net.Conn, error) {
		panic("broken")
	}}}
	if err := s.deliver(t.Context(), gomail.NewMsg()); err == nil || !strings.Contains(err.Error(), "panic: broken") {
		t.Errorf("error %v", err)
	}
}
