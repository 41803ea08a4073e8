package staff

import (
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"primalinea/escalation"
)

// TestCodes are those of RFC 6238, appendix B, of which apps show the last six
// digits.
func TestCodes(t *testing.T) {
	secret := base32.StdEncoding.EncodeToString([]byte("12345678901234567890"))
	for _, test := range []struct {
		at   int64
		code string
	}{
		{59, "94287082"}, {1111111109, "07081804"}, {1111111111, "14050471"},
		{1234567890, "89005924"}, {2000000000, "69279037"}, {20000000000, "65353130"},
	} {
		code := test.code[2:]
		for _, late := range []struct {
			by time.Duration
			ok bool
		}{{0, true}, {-30 * time.Second, true}, {30 * time.Second, true}, {-90 * time.Second, false}, {90 * time.Second, false}} {
			f := Factor{Secret: secret}
			if got := f.shows(code, time.Unix(test.at, 0).Add(late.by)); got != late.ok {
				t.Errorf("%s, %v after %d: %v", code, late.by, test.at, got)
			}
		}
		f := Factor{Secret: secret}
		for i, typed := range []string{" " + code[:3] + " " + code[3:], code, code} {
			if got := f.shows(typed, time.Unix(test.at, 0)); got != (i == 0) {
				t.Errorf("%q for the %d. time: %v", typed, i+1, got)
			}
		}
	}
}

// code is what an app shows that has a secret.
func code(secret string, at time.Time) string {
	code, _ := totp.GenerateCode(secret, at)
	return code
}

func TestFactor(t *testing.T) {
	now := time.Unix(1800000000, 0)
	anna := Person{ID: "anna", Name: "Anna", Email: "anna@example.com", Roles: []Role{Agent}, PasswordHash: "x"}
	secret := NewSecret()
	if NewSecret() == secret {
		t.Fatal("two secrets are alike")
	}
	for _, test := range []struct{ secret, code string }{
		{secret, ""}, {secret, "000000x"}, {"", "123456"}, {"AAAA", "123456"}, {strings.Repeat("é", 32), "123456"}, {secret, strings.Repeat("1", 1000)},
	} {
		p := anna
		if _, err := p.Protect(test.secret, test.code, now); escalation.KindOf(err) != escalation.Invalid || p.Factor != nil {
			t.Errorf("Protect(%q, %.10q): %v, %v", test.secret, test.code, err, p.Factor)
		}
	}
	p := anna
	shown := code(secret, now)
	recovery, err := p.Protect(secret, shown, now)
	if err != nil || len(recovery) != 10 || len(p.Factor.Recovery) != 10 {
		t.Fatalf("%v, %v, %+v", recovery, err, p.Factor)
	}
	for _, c := range recovery {
		if slices.Contains(p.Factor.Recovery, c) {
			t.Error("a code is kept as it is")
		}
	}
	if Proof(p) == Proof(anna) {
		t.Error("sessions from before go on")
	}
	if err := p.Show(shown, now); err == nil {
		t.Error("the code that began it is good again")
	}
	before := p.Factor
	if err := p.Show(code(secret, now.Add(time.Minute)), now.Add(time.Minute)); err != nil || before.Step == p.Factor.Step {
		t.Errorf("a code a minute later: %v", err)
	}
	again := strings.ToUpper(strings.ReplaceAll(recovery[0], "-", " "))
	if err := p.Show(again, now); err != nil {
		t.Errorf("recovery: %v", err)
	}
	if err := p.Show(recovery[0], now); err == nil || len(p.Factor.Recovery) != 9 || len(before.Recovery) != 10 {
		t.Errorf("recovery again: %v, %d left", err, len(p.Factor.Recovery))
	}
	fresh, err := p.NewRecovery()
	if err != nil || p.Show(recovery[1], now) == nil || p.Show(fresh[1], now) != nil {
		t.Errorf("new codes: %v", err)
	}
	p.Disabled = true
	if p.Show(fresh[2], now) == nil {
		t.Error("who is disabled gets in")
	}
	if err := anna.Show("", now); err == nil {
		t.Error("no factor, no code, and in")
	}
	if _, err := anna.NewRecovery(); escalation.KindOf(err) != escalation.Conflict {
		t.Errorf("codes without a factor: %v", err)
	}

	u, err := url.Parse(SecretLink(secret, "Rossi & Figli: aiuto", "anna+x@example.com"))
	if err != nil || u.Scheme != "otpauth" || u.Host != "totp" || u.Path != "/Rossi & Figli  aiuto:anna+x@example.com" ||
		u.Query().Get("secret") != secret || u.Query().Get("issuer") != "Rossi & Figli  aiuto" || strings.Contains(u.RawQuery, "+") {
		t.Errorf("%v, %v", u, err)
	}
}
