package escalation

import (
	"strings"
	"time"
)

// An Address is where a requester is to be written to, as somebody of staff was
// told. It counts once who reads mail there has said so.
type Address struct {
	Email string    `json:"email"`
	Nonce string    `json:"nonce"` // of the link in the letter, a [Code]
	By    ActorRef  `json:"by"`
	At    time.Time `json:"at"`
}

// AddressDays are the days in which a new address can be confirmed.
const AddressDays = 7

// ProposeAddress writes to a new address of the requester, to be told whether it is
// theirs. Until then nothing changes. A later proposal takes the place of an
// earlier one. The letter says nothing of what was written: the address may be
// wrong too.
func (t *Ticket) ProposeAddress(email, nonce string, by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if err := t.notSpam(); err != nil {
		return Change{}, err
	}
	email, err := ParseEmail("email", email)
	if err != nil {
		return Change{}, err
	}
	if strings.EqualFold(email, t.Requester.Email) {
		return Change{}, invalid("email", "error.address_same", nil)
	}
	if t.Correction != nil && strings.EqualFold(email, t.Correction.Email) && stamp(now).Before(t.Correction.until()) {
		if t.Correction.By == by.Ref() {
			return Change{Ticket: *t}, nil
		}
		return Change{}, conflict("error.address_waits", nil)
	}
	d := t.draft(by, ids, now)
	d.clear()
	d.happened(Event{Kind: EventProposed, Address: &Address{Email: email, Nonce: nonce, By: d.by, At: d.now}})
	d.letters = append(d.letters, Letter{
		ID: ids(), Kind: AddressLetter, Ticket: t.ID, To: email, Lang: t.Lang, NotBefore: d.now, Replaces: "address:" + t.ID,
		Args: LetterArgs{Number: t.Number, Recipient: email, Path: "/tickets/" + t.Number + "/address/", Nonce: nonce},
	})
	return d.change()
}

func (a *Address) until() time.Time { return a.At.Add(AddressDays * 24 * time.Hour) }

// Confirms says whether code is that of the letter to the address which waits for
// its confirmation. Nothing does while the ticket is set aside as spam: staff can take
// nothing back then.
func (t *Ticket) Confirms(key []byte, code string, now time.Time) bool {
	a := t.Correction
	return a != nil && t.Doubt != Spam && equal(code, Code(key, a.Nonce)) && now.Before(a.until())
}

// ConfirmAddress makes the proposed address that of the requester. The actor has
// shown its letter, see [Ticket.Confirms]. The links that went to the old address
// open nothing any more, and it is told once that answers go elsewhere, not where.
func (t *Ticket) ConfirmAddress(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.requesterMay(by, Follow); err != nil {
		return Change{}, err
	}
	if t.Correction == nil {
		return Change{}, conflict("error.address_gone", nil)
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventCorrected})
	if old := t.Requester.Email; old != "" {
		d.letters = append(d.letters, Letter{
			ID: ids(), Kind: LeftLetter, Ticket: t.ID, To: old, Lang: t.Lang, NotBefore: d.now,
			Args: LetterArgs{Number: t.Number, Recipient: old, Path: "/" + t.Lang + "/contact"},
		})
	}
	return d.change()
}

// DropAddress takes a proposed address back. The link in its letter leads nowhere
// then.
func (t *Ticket) DropAddress(by Actor, ids func() string, now time.Time) (Change, error) {
	if err := t.staffMay(by, Reply); err != nil {
		return Change{}, err
	}
	if t.Correction == nil && t.justDid(by, EventDropped) {
		return Change{Ticket: *t}, nil
	}
	if t.Correction == nil {
		return Change{}, conflict("error.address_gone", nil)
	}
	d := t.draft(by, ids, now)
	d.happened(Event{Kind: EventDropped})
	return d.change()
}
