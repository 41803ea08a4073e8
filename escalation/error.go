package escalation

import (
	"errors"
	"fmt"
	"syscall"
)

// A Kind sorts errors by what the reader can do about them. Only portal/web
// turns kinds into statuses and words.
type Kind int

// The kinds of errors.
const (
	Fault     Kind = iota // nothing: it is ours; logged once, and no more is said
	Invalid               // correct the input
	NotFound              // look elsewhere; also the answer about what belongs to others
	Forbidden             // ask somebody with the right
	Conflict              // look again: somebody was faster
	TooMany               // wait
)

// An Error is a failure that the reader may be told about.
type Error struct {
	Kind   Kind
	Field  string         // form field to mark, if one is to blame
	Reason string         // catalog key of the sentence to show
	Args   map[string]any // what the sentence names; a [TeamID] is said by its name, a [Text] in the reader's language
	Err    error          // cause, for the log alone; may be nil
}

// Error is for the log; pages show the catalog's sentence.
func (e *Error) Error() string {
	s := e.Reason
	if e.Field != "" {
		s += " (" + e.Field + ")"
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first Error in err's chain, else Fault.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Fault
}

// What is in the chain of an error that came of a place where nothing can be kept.
var (
	ErrUnwritable = errors.New("nothing can be written")
	ErrFull       = fmt.Errorf("%w: the disk is full", ErrUnwritable)
	ErrReadOnly   = fmt.Errorf("%w: it can only be read", ErrUnwritable)
)

// Unwritable returns which of them an error came of, or nil. What was not kept
// then will not be a moment later either: somebody has to mend it first.
func Unwritable(err error) error {
	switch {
	case errors.Is(err, ErrFull), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return ErrFull
	case errors.Is(err, ErrReadOnly), errors.Is(err, syscall.EROFS):
		return ErrReadOnly
	case errors.Is(err, ErrUnwritable), errors.Is(err, syscall.EIO):
		return ErrUnwritable
	}
	return nil
}

func invalid(field, reason string, args map[string]any) error {
	return &Error{Kind: Invalid, Field: field, Reason: reason, Args: args}
}

func conflict(reason string, args map[string]any) error {
	return &Error{Kind: Conflict, Reason: reason, Args: args}
}
