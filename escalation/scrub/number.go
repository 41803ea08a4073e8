package scrub

import (
	"regexp"
	"slices"
	"strings"
)

// ibanLength is the length of an IBAN by country (the ISO 13616 registry, its
// European part and the neighbours whose customers write to us).
var ibanLength = map[string]int{
	"AD": 24, "AE": 23, "AL": 28, "AT": 20, "BA": 20, "BE": 16, "BG": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24,
	"DE": 22, "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
	"GR": 27, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "LI": 21, "LT": 20, "LU": 20, "LV": 21,
	"MA": 28, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24,
	"RS": 22, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "XK": 20,
}

var ibanStart = regexp.MustCompile(`(?i)\b[A-Z]{2} ?[0-9]{2}`)

func ibans(s string) []span {
	var spans []span
	for from := 0; ; {
		m := ibanStart.FindStringIndex(s[from:])
		if m == nil {
			return spans
		}
		start := from + m[0]
		if end, ok := iban(s, start); ok {
			spans = append(spans, span{start, end, IBAN})
			from = end
			continue
		}
		from = start + 2
	}
}

// iban reads the account number that starts at an offset, through single
// spaces and hyphens, and says where it ends.
func iban(s string, start int) (end int, ok bool) {
	want := ibanLength[strings.ToUpper(s[start:start+2])]
	if want == 0 {
		return 0, false
	}
	var word []byte
	gap := false
	for i := start; i < len(s) && len(word) < want; i++ {
		switch c := upper(s[i]); {
		case isDigit(c) || 'A' <= c && c <= 'Z':
			word = append(word, c)
			gap, end = false, i+1
		case (c == ' ' || c == '-') && !gap:
			gap = true
		default:
			return 0, false
		}
	}
	if len(word) < want || end < len(s) && isWord(s[end]) {
		return 0, false
	}
	rest := 0
	for _, c := range append(word[4:], word[:4]...) {
		if isDigit(c) {
			rest = (rest*10 + int(c-'0')) % 97
		} else {
			rest = (rest*100 + int(c-'A') + 10) % 97
		}
	}
	return end, rest == 1
}

var (
	// The sixteen places of a codice fiscale; letters stand for digits where two
	// people would have the same.
	codiceFiscale = regexp.MustCompile(`(?i)\b[A-Z]{3} ?[A-Z]{3} ?[0-9LMNPQRSTUV]{2}[ABCDEHLMPRST][0-9LMNPQRSTUV]{2} ?[A-Z][0-9LMNPQRSTUV]{3}[A-Z]\b`)
	nif           = regexp.MustCompile(`(?i)\b(?:([XYZ])[ -]?)?([0-9]{7,8}|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3})[ -]?([A-Z])\b`)
)

func taxIDs(s string) []span {
	var spans []span
	for _, m := range codiceFiscale.FindAllStringIndex(s, -1) {
		if strings.ContainsAny(s[m[0]:m[1]], "0123456789") {
			spans = append(spans, span{m[0], m[1], TaxID})
		}
	}
	for _, m := range nif.FindAllStringSubmatchIndex(s, -1) {
		first := ""
		if m[2] >= 0 {
			first = s[m[2]:m[3]]
		}
		if validNIF(first, strings.ReplaceAll(s[m[4]:m[5]], ".", ""), s[m[6]:m[7]]) {
			spans = append(spans, span{m[0], m[1], TaxID})
		}
	}
	return apart(spans)
}

// validNIF checks the letter of a Spanish NIF (8 digits) or NIE (X, Y or Z and 7
// digits): the number modulo 23.
func validNIF(first, digits, letter string) bool {
	if len(first)+len(digits) != 8 {
		return false
	}
	n := 0
	if first != "" {
		n = int(upper(first[0]) - 'X')
	}
	for i := range len(digits) {
		n = n*10 + int(digits[i]-'0')
	}
	return "TRWAGMYFPDXBNJZSQVHLCKE"[n%23] == upper(letter[0])
}

var (
	// A run of digit groups, as people write numbers.
	run = regexp.MustCompile(`(?:\+|\(\+?)?[0-9](?:[0-9]|(?:\) ?|[ \x{a0}\x{202f}./(-]{1,2})[0-9])*`)
	// Dates hold digits together that mean nothing to us.
	date = regexp.MustCompile(`\b(?:[0-9]{1,2}[./-][0-9]{1,2}[./-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}[./-][0-9]{1,2}[./-][0-9]{1,2})\b`)
	// Words that announce a telephone number of any length.
	announces = regexp.MustCompile(`(?i)(?:\b(?:tel|telefono|telefonico|teléfono|telephone|phone|cell|cellulare|móvil|movil|mobile|whatsapp|fax|chiamat[ei]mi al|llamad?me al|llámame al|call me (?:on|at)))[ .:°#n]{0,4}$`)
	groups    = regexp.MustCompile(`[0-9]+`)
)

func numbers(s string) []span {
	var spans []span
	from := 0
	for _, d := range append(dates(s), []int{len(s), len(s)}) {
		for _, m := range run.FindAllStringIndex(s[from:d[0]], -1) {
			spans = append(spans, inRun(s, from+m[0], from+m[1])...)
		}
		from = d[1]
	}
	return spans
}

// dates returns the dates that stand alone: 965-12-34-56 holds none.
func dates(s string) [][]int {
	return slices.DeleteFunc(date.FindAllStringIndex(s, -1), func(m []int) bool {
		joins := func(c byte) bool { return c == '-' || c == '/' || c == '.' }
		return m[0] > 1 && joins(s[m[0]-1]) && isDigit(s[m[0]-2]) || m[1]+1 < len(s) && joins(s[m[1]]) && isDigit(s[m[1]+1])
	})
}

// inRun looks for numbers of people within a run of digit groups, the longest
// first, since two numbers may stand side by side.
func inRun(s string, from, to int) []span {
	// A letter, a comma or a decimal on either side makes it a model or a price.
	if from > 0 && (isWord(s[from-1]) || isPoint(s[from-1]) && from > 1 && isDigit(s[from-2])) {
		return nil
	}
	if to < len(s) && (isWord(s[to]) || isPoint(s[to]) && to+1 < len(s) && isDigit(s[to+1])) {
		return nil
	}
	var spans []span
	places := groups.FindAllStringIndex(s[from:to], -1)
	plus := s[from] == '+' || strings.HasPrefix(s[from:to], "(+")
	for i := 0; i < len(places); i++ {
		var digits strings.Builder
		best, kind := -1, Kind("")
		for j := i; j < len(places); j++ {
			digits.WriteString(s[from+places[j][0] : from+places[j][1]])
			if digits.Len() > 19 {
				break
			}
			start := from + places[i][0]
			announced := i == 0 && announces.MatchString(s[max(0, start-32):start])
			first := places[i][1] - places[i][0]
			if k := number(digits.String(), plus && i == 0, announced, first, j-i+1); k != "" {
				best, kind = j, k
			}
		}
		if best < 0 {
			continue
		}
		at := span{from + places[i][0], from + places[best][1], kind}
		if i == 0 {
			at.from = from // with its plus sign or bracket
		}
		spans = append(spans, at)
		i = best
	}
	return spans
}

// number says what kind of number the digits are, if they belong to a person.
func number(d string, plus, announced bool, first, parts int) Kind {
	if len(d) < 6 {
		return ""
	}
	switch n := len(d); {
	// Of the cards only American Express has 15 digits.
	case n == 15 && !plus && !strings.HasPrefix(d, "34") && !strings.HasPrefix(d, "37") && luhn(d):
		return IMEI
	case n >= 13 && n <= 19 && !plus && isCard(d) && luhn(d):
		return Card
	case plus && n >= 8 && n <= 15,
		strings.HasPrefix(d, "00") && n >= 11 && n <= 17,
		announced && n >= 6 && n <= 15:
		return Phone
	case d[0] == '3' && n == 10 && (parts == 1 || first == 3): // Italian mobile
		return Phone
	case d[0] == '0' && d[1] != '0' && (n == 9 || n == 10 || n == 11), // Italian and British
		d[0] == '0' && d[1] != '0' && n == 8 && parts == 2 && first <= 4:
		return Phone
	case d[0] >= '6' && d[0] <= '9' && n == 9 && (parts == 1 || first <= 3): // Spanish
		return Phone
	case n == 10 && parts == 3 && first == 3 && d[0] >= '2': // (555) 123-4567
		return Phone
	}
	return ""
}

// isCard reports whether the digits begin as those of a payment card of their
// length do.
func isCard(d string) bool {
	n, two := len(d), d[:2]
	switch {
	case d[0] == '4': // Visa
		return n == 13 || n == 16 || n == 19
	case two >= "51" && two <= "55", d[:4] >= "2221" && d[:4] <= "2720": // Mastercard
		return n == 16
	case two == "34", two == "37": // American Express
		return n == 15
	case two == "30", two == "36", two == "38", two == "39": // Diners Club
		return n == 14 || n == 16 || n == 19
	case two == "35": // JCB
		return n >= 16
	}
	return d[0] == '5' || d[0] == '6' // Maestro, Discover, UnionPay
}

// luhn checks the last digit as H. P. Luhn's formula does (ISO/IEC 7812-1).
func luhn(d string) bool {
	sum := 0
	for i := range len(d) {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
func isPoint(c byte) bool { return c == ',' || c == '.' }

// isWord reports whether a byte belongs to a word; those of letters with accents do.
func isWord(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c >= 0x80
}

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}
