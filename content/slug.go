package content

import (
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const maxSlug = 120 // bytes; longer addresses are cut by mail programs

var (
	slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	keyForm  = regexp.MustCompile(`^[a-z0-9-]+(/[a-z0-9-]+)*$`)
	langForm = regexp.MustCompile(`^[a-z]{2,3}(-[a-z0-9]{2,8})*$`)
)

// Slug returns the address that words make: small letters without accents,
// digits, and hyphens for the rest. It may be empty.
func Slug(words string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(words) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case b.Len() >= maxSlug:
		case 'A' <= r && r <= 'Z':
			b.WriteRune(r + 'a' - 'A')
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			b.WriteRune(r)
		case r == 'ß':
			b.WriteString("ss")
		case r == 'æ' || r == 'Æ':
			b.WriteString("ae")
		case r == 'ø' || r == 'Ø':
			b.WriteString("o")
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
	}
	return strings.Trim(b.String(), "-")
}

func validSlug(s string) bool { return len(s) <= maxSlug && slugForm.MatchString(s) }

// fold is for comparing words: small letters, without accents.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(s) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(unicode.ToLower(r))
		}
	}
	return b.String()
}
