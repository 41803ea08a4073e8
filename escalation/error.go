package escalation

import "errors"

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
	Args   map[string]any // what the sentence names; a [Word] is said in the reader's language
	Err    error          // cause, for the log alone; may be nil
}

// A Word is a key of the catalog among the arguments of a sentence.
type Word string

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

func invalid(field, reason string, args map[string]any) error {
	return &Error{Kind: Invalid, Field: field, Reason: reason, Args: args}
}

func conflict(reason string, args map[string]any) error {
	return &Error{Kind: Conflict, Reason: reason, Args: args}
}
