package store

import (
	"primalinea/escalation"
)

// claimFile attaches a staged file to an entry. One that is gone, or that
// belongs to another entry, cannot be attached.
func (c conn) claimFile(id, ticket, entry string) error {
	n, err := c.exec(`
		UPDATE file
		SET ticket = $1, entry = $2
		WHERE id = $3 AND ticket = ''`, ticket, entry, id)
	if err != nil {
		return err
	}
	if n == 0 {
		return &escalation.Error{Kind: escalation.Invalid, Field: "file", Reason: "error.file_gone"}
	}
	return nil
}
