// Package scrub strikes personal data out of free text: what somebody typed
// into a search box, or what is about to become a public article.
//
// It knows forms, not meanings: addresses, numbers with check digits, telephone
// numbers, tokens. A name in a sentence stays, so a person still has to read
// what is published. Order numbers of up to 8 digits, prices, dates and model
// names are left alone: they are what a question is about.
package scrub

import (
	"regexp"
	"slices"
	"strings"
)

// A Kind is a kind of personal data.
type Kind string

// The kinds of personal data.
const (
	Email Kind = "e-mail"
	Phone Kind = "tel"
	IBAN  Kind = "iban"
	Card  Kind = "card"
	IMEI  Kind = "imei"
	TaxID Kind = "tax-id" // codice fiscale, NIF, NIE
	Token Kind = "token"  // part of an address or a long secret that opens something
)

var kinds = []Kind{Email, Phone, IBAN, Card, IMEI, TaxID, Token}

// Mark returns the bracketed word that takes the place of what was struck out.
func (k Kind) Mark() string { return "[" + string(k) + "]" }

// A Finding says what was struck out, and where its mark now stands. What it
// was is not kept.
type Finding struct {
	Kind Kind
	At   int // byte offset of the mark
	Line int // from 1
}

// Text returns s with a mark in place of everything that looks like personal
// data, and what it found. A text in which nothing is found is returned as it
// is; scrubbing twice finds nothing more.
func Text(s string) (clean string, found []Finding) {
	if !strings.ContainsAny(s, "0123456789@") && !strings.Contains(s, "://") && !strings.Contains(s, "(") {
		return s, nil // most searches: no form has anything to begin with
	}
	pieces := []piece{{text: s}}
	for again := true; again; {
		// A mark may lay bare what it had covered, so look until nothing is left.
		// Each round takes a digit, an at sign or a letter away, so it ends.
		again = false
		for _, strike := range strikes {
			var next []piece
			for _, p := range pieces {
				if p.kind != "" {
					next = append(next, p)
					continue
				}
				spans := strike.find(p.text)
				if len(spans) == 0 {
					next = append(next, p)
					continue
				}
				again = true
				from := 0
				for _, at := range spans {
					next = append(next, piece{text: p.text[from:at.from]}, piece{kind: at.kind})
					from = at.to
				}
				next = append(next, piece{text: p.text[from:]})
			}
			pieces = next
		}
	}
	if len(pieces) == 1 {
		return s, nil
	}
	var b strings.Builder
	line := 1
	for _, p := range pieces {
		if p.kind != "" {
			found = append(found, Finding{p.kind, b.Len(), line})
			b.WriteString(p.kind.Mark())
			continue
		}
		line += strings.Count(p.text, "\n")
		b.WriteString(p.text)
	}
	return b.String(), found
}

// Marks returns the marks that stand in a text that was scrubbed before, so
// that a writer can see what was struck out of it.
func Marks(s string) []Finding {
	var found []Finding
	for _, m := range marks.FindAllStringIndex(s, -1) {
		found = append(found, Finding{
			Kind: Kind(s[m[0]+1 : m[1]-1]),
			At:   m[0],
			Line: 1 + strings.Count(s[:m[0]], "\n"),
		})
	}
	return found
}

// Without returns s without its marks and without the gaps they leave.
func Without(s string) string {
	if !marks.MatchString(s) {
		return s
	}
	return strings.Join(strings.Fields(marks.ReplaceAllString(s, " ")), " ")
}

var marks = func() *regexp.Regexp {
	var words []string
	for _, k := range kinds {
		words = append(words, regexp.QuoteMeta(k.Mark()))
	}
	return regexp.MustCompile(strings.Join(words, "|"))
}()

// A piece is a run of text, or the mark that replaced one.
type piece struct {
	text string
	kind Kind
}

// A span is a run of bytes to strike out.
type span struct {
	from, to int
	kind     Kind
}

// The strikes are made in this order: what is certain before what is likely. No
// pattern contains a bracket or looks across one, so a mark is a wall to all.
var strikes = []struct {
	find func(string) []span
}{
	{tokensInAddresses},
	{emails},
	{ibans},
	{taxIDs},
	{secrets},
	{numbers},
}

var email = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+'-]*[\p{L}\p{N}_%+-] ?(?:@|\(at\)|\(chiocciola\)|\(arroba\)) ?[\p{L}\p{N}][\p{L}\p{N}-]*(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}`)

func emails(s string) []span {
	if !strings.ContainsAny(s, "@(") {
		return nil
	}
	var spans []span
	for _, m := range email.FindAllStringIndex(s, -1) {
		spans = append(spans, span{m[0], m[1], Email})
	}
	return spans
}

var (
	address = regexp.MustCompile(`(?i)\b(?:https?|ftp)://[^\s\[\]<>"]+`)
	login   = regexp.MustCompile(`^(?i:https?|ftp)://([^/@?#]+)@`)
	pair    = regexp.MustCompile(`[?&#;]([^=&#;?]+)=([^&#;]+)`)
	segment = regexp.MustCompile(`/([A-Za-z0-9_.~%-]{20,})`)
	// What usually opens something; short values of these are struck out too.
	opens = regexp.MustCompile(`(?i)^(k|key|api_?key|token|.*_token|auth|code|otp|pin|sig|signature|hash|session|sessionid|session_id|sid|phpsessid|jsessionid|jwt|password|passwd|pwd|secret|email|e-mail|mail|phone|tel|user|username|login)$`)
)

func tokensInAddresses(s string) []span {
	if !strings.Contains(s, "://") {
		return nil
	}
	var spans []span
	for _, at := range address.FindAllStringIndex(s, -1) {
		url := strings.TrimRight(s[at[0]:at[1]], ".,;:!?)'")
		add := func(from, to int) { spans = append(spans, span{at[0] + from, at[0] + to, Token}) }
		path := 0
		if m := login.FindStringSubmatchIndex(url); m != nil {
			add(m[2], m[3])
			path = m[3]
		}
		query := strings.IndexAny(url, "?#")
		if query < 0 {
			query = len(url)
		}
		for _, m := range segment.FindAllStringSubmatchIndex(url[path:query], -1) {
			if secret(url[path+m[2] : path+m[3]]) {
				add(path+m[2], path+m[3])
			}
		}
		for _, m := range pair.FindAllStringSubmatchIndex(url[query:], -1) {
			name, value := url[query+m[2]:query+m[3]], url[query+m[4]:query+m[5]]
			if opens.MatchString(name) || secret(value) {
				add(query+m[4], query+m[5])
			}
		}
	}
	return spans
}

var (
	jwt      = regexp.MustCompile(`\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?`)
	uuid     = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b`)
	long     = regexp.MustCompile(`[A-Za-z0-9_]{20,}`)
	password = regexp.MustCompile(`(?i)\b(?:password|passwd|pwd|contraseña|pin|otp|puk)\s*[:=]\s*([^\s\[\]]*[0-9][^\s\[\]]*)`)
)

func secrets(s string) []span {
	var spans []span
	for _, form := range []*regexp.Regexp{jwt, uuid} {
		for _, m := range form.FindAllStringIndex(s, -1) {
			spans = append(spans, span{m[0], m[1], Token})
		}
	}
	for _, m := range password.FindAllStringSubmatchIndex(s, -1) {
		spans = append(spans, span{m[2], m[3], Token})
	}
	for _, m := range long.FindAllStringIndex(s, -1) {
		if secret(s[m[0]:m[1]]) {
			spans = append(spans, span{m[0], m[1], Token})
		}
	}
	return apart(spans)
}

// secret reports whether a long word looks drawn by lot: letters and digits
// change places several times, which names of files and models do not do.
func secret(word string) bool {
	run, changes := 0, 0
	var last byte // 'a' after a letter, '0' after a digit
	for i := range len(word) {
		var now byte
		switch c := word[i]; {
		case '0' <= c && c <= '9':
			now = '0'
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			now = 'a'
		case c == '_':
			run++
			continue
		default: // a hyphen or dot ends a word within the word
			if run >= 20 && changes >= 3 {
				return true
			}
			run, changes, last = 0, 0, 0
			continue
		}
		if last != 0 && now != last {
			changes++
		}
		last = now
		run++
	}
	return run >= 20 && changes >= 3
}

// apart sorts spans and merges those that overlap.
func apart(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.from < out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
			continue
		}
		out = append(out, s)
	}
	return out
}
