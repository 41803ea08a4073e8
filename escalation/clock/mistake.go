package clock

// A Mistake says what about a calendar or a policy cannot be. Its sentence in the
// catalog says how to mend it.
type Mistake struct {
	Field  string         // of the form
	Reason string         // catalog key
	Args   map[string]any // what the sentence names
}

// Error is for the log; pages show the catalog's sentence.
func (m *Mistake) Error() string { return m.Reason + " (" + m.Field + ")" }

func mistake(field, reason string, args map[string]any) error {
	return &Mistake{Field: field, Reason: reason, Args: args}
}
