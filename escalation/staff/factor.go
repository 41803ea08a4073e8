package staff

import (
	"crypto/rand"
	"encoding/base32"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"primalinea/escalation"
)

// A Factor is what somebody shows beside the password: the code of an app (RFC
// 6238), which changes every half minute, or one of a few codes kept for the day
// on which the telephone is lost.
type Factor struct {
	Secret   string   `json:"secret"`   // base32, shared with the app
	Step     int64    `json:"step"`     // of the last code that was used: it and those before are worth nothing
	Recovery []string `json:"recovery"` // hashes of the codes that are left
}

const (
	step         = 30 // seconds
	drift        = 1  // steps by which the app's clock may be wrong
	recoveries   = 10 // codes
	recoveryHalf = 5  // characters before and after the dash
)

// NewSecret returns a secret of 160 bits for an app.
func NewSecret() string {
	b := make([]byte, 20)
	rand.Read(b) // never fails
	return base32.StdEncoding.EncodeToString(b)
}

// SecretLink returns the address that an app reads out of a picture: for whom the
// secret is, and where.
func SecretLink(secret, site, email string) string {
	site = strings.ReplaceAll(site, ":", " ")
	query := url.Values{"secret": {secret}, "issuer": {site}}
	// Apps show a + of the query as it is.
	return "otpauth://totp/" + url.PathEscape(site+":"+email) + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// Protect asks a person for a code beside the password from now on, once code shows
// that their app has the secret. It returns the codes for the day on which the
// app is lost; we keep their hashes.
func (p *Person) Protect(secret, code string, now time.Time) (recovery []string, err error) {
	raw, err := base32.StdEncoding.DecodeString(secret)
	if err != nil || len(raw) != 20 {
		return nil, wrongCode()
	}
	f := &Factor{Secret: secret}
	if !f.shows(code, now) {
		return nil, wrongCode()
	}
	recovery = f.renew()
	p.Factor = f
	return recovery, nil
}

// NewRecovery replaces the codes for the day on which the app is lost.
func (p *Person) NewRecovery() ([]string, error) {
	if p.Factor == nil {
		return nil, &escalation.Error{Kind: escalation.Conflict, Reason: "error.no_factor"}
	}
	f := *p.Factor
	codes := f.renew()
	p.Factor = &f
	return codes, nil
}

// Show uses up a code of the app, or one for the day on which it is lost. Each is
// good once.
func (p *Person) Show(code string, now time.Time) error {
	if p.Factor == nil || !p.active() {
		return wrongCode()
	}
	f := *p.Factor
	f.Recovery = slices.Clone(f.Recovery)
	if !f.shows(code, now) && !f.recovers(code) {
		return wrongCode()
	}
	p.Factor = &f
	return nil
}

// shows says whether a code is the app's now, and was not used.
func (f *Factor) shows(code string, now time.Time) bool {
	code = strings.Join(strings.Fields(code), "")
	if len(code) != 6 {
		return false
	}
	for s := now.Unix()/step - drift; s <= now.Unix()/step+drift; s++ {
		if s <= f.Step {
			continue
		}
		ok, err := hotp.ValidateCustom(code, uint64(s), f.Secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			f.Step = s
			return true
		}
	}
	return false
}

func (f *Factor) recovers(code string) bool {
	if len(code) > 100 {
		return false
	}
	i := slices.Index(f.Recovery, recoveryHash(code))
	if i < 0 {
		return false
	}
	f.Recovery = slices.Delete(f.Recovery, i, i+1)
	return true
}

func (f *Factor) renew() (codes []string) {
	f.Recovery = nil
	for range recoveries {
		text := strings.ToLower(rand.Text())
		code := text[:recoveryHalf] + "-" + text[recoveryHalf:2*recoveryHalf]
		codes, f.Recovery = append(codes, code), append(f.Recovery, recoveryHash(code))
	}
	return codes
}

// recoveryHash is of a code however it is typed.
func recoveryHash(code string) string {
	return Hash("recovery " + strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' {
			return -1
		}
		return r
	}, strings.ToLower(code)))
}

func wrongCode() error { return invalid("code", "error.code", nil) }
