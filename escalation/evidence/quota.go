package evidence

import "primalinea/escalation"

// What one network may have lying here of forms that were not sent. Whole offices,
// and whole providers of mobile telephones, share one.
const (
	MaxStaged  = 1 << 30 // bytes
	MaxUploads = 200     // that were begun
)

// Usage is how many bytes of files are here. What is on its way counts as a whole.
type Usage struct {
	Sender  int64 // of a sender, not attached to anything yet
	Uploads int   // of the same sender, not here as a whole yet
	Staged  int64 // of all senders, not attached yet
	All     int64
}

// A Quota is how many bytes of files the site keeps. Of those a fifth, at most, are
// not attached to anything: strangers cannot fill the rest.
type Quota int64

// Admit returns an error if there is no room for so many bytes more. Who works here
// has no sender, and the whole quota.
func (q Quota) Admit(u Usage, sender string, size int64) error {
	switch {
	case u.All+size > int64(q), sender != "" && u.Staged+size > int64(q)/5:
		return errFull()
	case sender != "" && (u.Sender+size > MaxStaged || u.Uploads >= MaxUploads):
		return &escalation.Error{Kind: escalation.TooMany, Field: "files", Reason: "error.staged_much"}
	}
	return nil
}

func errFull() error {
	return &escalation.Error{Kind: escalation.TooMany, Field: "files", Reason: "error.storage_full"}
}

// Low says whether what is kept comes near to the quota.
func (q Quota) Low(all int64) bool { return all > int64(q)/10*9 }
