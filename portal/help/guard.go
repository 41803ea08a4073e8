package help

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"primalinea/escalation"
	"primalinea/escalation/setting"
	"primalinea/escalation/spam"
	"primalinea/portal/web"
)

// formLife is how long a form may be open. What is older is shown once more, with
// all that was typed.
const formLife = 48 * time.Hour

// unit is how exactly a form's key says when it was drawn.
const unit = 10 * time.Millisecond

var keyCode = base32.StdEncoding.WithPadding(base32.NoPadding)

// formKey returns the key of a form that is drawn at a time: a random name, and
// the time, sealed. So a form says how long it was open, and nobody else can.
func (r *Room) formKey(at time.Time) string {
	b := make([]byte, 10, 16)
	for i, n := 4, at.UnixNano()/int64(unit); i >= 0; i, n = i-1, n>>8 {
		b[i] = byte(n)
	}
	rand.Read(b[5:]) // never fails
	return keyCode.EncodeToString(append(b, r.sealForm(b)...))
}

// drawn returns when the form with a key was drawn. ok is false for a key that is
// none of ours.
func (r *Room) drawn(key string) (at time.Time, ok bool) {
	b, err := keyCode.DecodeString(key)
	if err != nil || len(b) != 16 || !hmac.Equal(b[10:], r.sealForm(b[:10])) {
		return time.Time{}, false
	}
	var n int64
	for _, d := range b[:5] {
		n = n<<8 | int64(d)
	}
	return time.Unix(0, n*int64(unit)), true
}

func (r *Room) sealForm(b []byte) []byte {
	h := hmac.New(sha256.New, r.LinkKey)
	fmt.Fprintf(h, "form %x", b)
	return h.Sum(nil)[:6]
}

// A trap is what every form that anybody can send has beside its fields.
type trap struct {
	Key     string // sent twice, it is taken in once
	Trap    string // what a program typed where no person can
	Limited bool   // too much came from there: the page names other ways
	Ways    setting.Channels
}

// errLate says that a form was open for too long, or that it is none of ours.
var errLate = &escalation.Error{Kind: escalation.Invalid, Reason: "error.form_late"}

// weigh returns the signs that a form may be spam, which are none for most; or an
// error that its page shows, with all that was typed. Late forms get a new key: it
// counts as open for a while already if it was ours.
func (r *Room) weigh(c *fiber.Ctx, t *trap, f *spam.Form, email string, now time.Time) ([]string, error) {
	at, ours := r.drawn(t.Key)
	if !ours || now.Sub(at) > formLife {
		if at = now; ours {
			at = now.Add(-time.Minute)
		}
		t.Key = r.formKey(at)
		return nil, errLate
	}
	f.Trap, f.Open = t.Trap, now.Sub(at)
	if err := r.Forms.Begin(c.UserContext(), f, r.Address(c), email, now); err != nil {
		if t.Limited = tooMany(err); t.Limited {
			t.Ways = r.Site().Channels
			c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(spam.FromNetwork.In/time.Second)))
		}
		return nil, err
	}
	return spam.Judge(*f).Words(), nil
}

// tooMany says whether an error means that somebody has to wait.
func tooMany(err error) bool {
	e, ok := errors.AsType[*escalation.Error](err)
	return ok && e.Kind == escalation.TooMany
}

// remember lets the next form with the same words be known. The ticket is open
// already: what fails here is told to the log alone.
func (r *Room) remember(c *fiber.Ctx, f *spam.Form, now time.Time) {
	if err := r.Forms.Taken(c.UserContext(), f, now); err != nil {
		r.Log.WarnContext(c.UserContext(), "form not remembered", "error", err, "request", web.RequestID(c))
	}
}

// Dial is a number as telephones take it.
func (page) Dial(number string) string { return channelsPage{}.Dial(number) }
