package escalation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// LinkToken returns the k of a ticket's link. Nothing is stored of it: it
// follows from who it is for, and raising the ticket's generation revokes it. It
// opens the one ticket and nothing else.
func LinkToken(key []byte, ticket, recipient string, generation int) string {
	return seal(key, "link", ticket, recipient, generation)
}

// MailProof returns the m of a link that stands in letters alone: who has it
// reads the mail of the recipient's address.
func MailProof(key []byte, ticket, recipient string, generation int) string {
	return seal(key, "mail", ticket, recipient, generation)
}

// Opens says whether k is the LinkToken of a ticket as it is now.
func (t *Ticket) Opens(key []byte, k string) bool {
	return t.Parent == nil && equal(k, LinkToken(key, t.ID, t.Requester.Email, t.LinkGeneration))
}

// Proves says whether m is the MailProof of a ticket as it is now. Without an
// address there is nothing to prove.
func (t *Ticket) Proves(key []byte, m string) bool {
	return t.Requester.Email != "" && equal(m, MailProof(key, t.ID, t.Requester.Email, t.LinkGeneration))
}

// Code returns the last part of a one-time link that is sent by letter. The outbox
// holds the nonce alone, and who is to know the code again keeps its hash: so
// neither of them opens anything.
func Code(key []byte, nonce string) string { return seal(key, "code", nonce, "", 0) }

// seal returns a keyed hash of its arguments. Each has its length before it, so
// that no two lists of arguments are the same bytes.
func seal(key []byte, purpose, ticket, recipient string, generation int) string {
	h := hmac.New(sha256.New, key)
	var b []byte
	for _, s := range []string{purpose, ticket, recipient} {
		b = binary.BigEndian.AppendUint64(b, uint64(len(s)))
		b = append(b, s...)
	}
	h.Write(binary.BigEndian.AppendUint64(b, uint64(generation)))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// equal compares in a time that says nothing about where they differ.
func equal(got, want string) bool { return hmac.Equal([]byte(got), []byte(want)) }
