package mail_test

import (
	"testing"

	"go.uber.org/goleak"
)

// TestMain fails when something goes on running after the tests.
func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
