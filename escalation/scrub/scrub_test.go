package scrub

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestText is the corpus: what customers type in three languages.
func TestText(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		// Addresses
		{"scrivetemi a mario.rossi@example.it grazie", "scrivetemi a [e-mail] grazie"},
		{"mi correo es ana.lópez+casa@correo.example.es.", "mi correo es [e-mail]."},
		{"mail me: <j_doe@mail.co.uk>!", "mail me: <[e-mail]>!"},
		{"rossi (at) example.com", "[e-mail]"},
		// Telephone numbers
		{"chiamatemi al 333 1234567", "chiamatemi al [tel]"},
		{"cell. 347-123.45.67", "cell. [tel]"},
		{"il mio numero è +39 02 1234 5678", "il mio numero è [tel]"},
		{"tel 06/12345678", "tel [tel]"},
		{"0571 123456", "[tel]"},
		{"llamadme al 612 345 678 por favor", "llamadme al [tel] por favor"},
		{"móvil 612345678", "móvil [tel]"},
		{"91 123 45 67", "[tel]"},
		{"0034 912 34 56 78", "[tel]"},
		{"call (555) 123-4567 after six", "call [tel] after six"},
		{"phone: 123456", "phone: [tel]"},
		{"+44 20 7946 0958", "[tel]"},
		{"ordine 123456 333 1234567", "ordine 123456 [tel]"},
		// Accounts and cards
		{"IBAN IT60X0542811101000000123456", "IBAN [iban]"},
		{"it60 x054 2811 1010 0000 0123 456 grazie", "[iban] grazie"},
		{"ES91 2100 0418 4502 0005 1332", "[iban]"},
		{"carta 4111 1111 1111 1111 scaduta", "carta [card] scaduta"},
		{"5500-0000-0000-0004", "[card]"},
		{"378282246310005", "[card]"},
		// Devices
		{"imei 490154203237518", "imei [imei]"},
		{"35-209900-176148-1", "[imei]"},
		// Tax numbers
		{"CF RSSMRA85T10A562S", "CF [tax-id]"},
		{"rss mra 85t10 a562s", "[tax-id]"},
		{"mi DNI es 12345678Z", "mi DNI es [tax-id]"},
		{"12.345.678-Z", "[tax-id]"},
		{"NIE X1234567L", "NIE [tax-id]"},
		// What opens something
		{"https://shop.example/reset?token=abc123&lang=it non va", "https://shop.example/reset?token=[token]&lang=it non va"},
		{"https://user:pw@example.com/x", "https://[token]@example.com/x"},
		{"https://x.example/t/Zk3jf93kdlQ92mfk3921x ok", "https://x.example/t/[token] ok"},
		{"key sk_live_51H8xK2eZvKYlo2C0abcd", "key [token]"},
		{"123e4567-e89b-12d3-a456-426614174000", "[token]"},
		{"password: Gatto99!", "password: [token]"},

		// What must survive
		{"ordine 12345678", ""},
		{"ordine n. 123456 non arrivato", ""},
		{"pedido 0012345", ""},
		{"order 00123456 is late", ""},
		{"fattura 2026/001234 del 23/11/2026", ""},
		{"costa 1.234.567,89 €", ""},
		{"1299,00 euro", ""},
		{"il 30.11.2026 18 euro", ""},
		{"2026-11-23 10:30", ""},
		{"iPhone 15 Pro Max 256 GB", ""},
		{"SM-G991B/DS", ""},
		{"thinkpad-x1-carbon-gen-11-2023-edition", ""},
		{"error 0x80070057", ""},
		{"codice errore E104-22", ""},
		{"firmware 10.4.22.1189", ""},
		{"192.168.1.1", ""},
		{"1920 x 1080 a 144 Hz", ""},
		{"IMG_20261123_153000_burst.jpg", ""},
		{"https://example.it/it/articles/resi-entro-15-giorni?page=2", ""},
		{"https://video.example/36881035#t=3m28s", ""},
		{"pagamento in 24 rate da 49,90", ""},
		{"la password è dimenticata", ""},
		{"password: dimenticata", ""},
		{"serve il pin?", ""},
		{"12345678A", ""}, // the letter is wrong: a part number
		{"[e-mail] [tel]", ""},
		{"", ""},
	} {
		want := test.want
		if want == "" {
			want = test.text
		}
		got, found := Text(test.text)
		if got != want {
			t.Errorf("Text(%q) = %q, want %q", test.text, got, want)
		}
		if (got == test.text) != (len(found) == 0) {
			t.Errorf("Text(%q) found %v, but returns %q", test.text, found, got)
		}
	}
}

func TestFindings(t *testing.T) {
	clean, found := Text("io: a@b.it\ne poi 333 1234567, a@c.it")
	want := []Finding{{Email, 4, 1}, {Phone, 19, 2}, {Email, 26, 2}}
	if !slices.Equal(found, want) {
		t.Errorf("found %v in %q, want %v", found, clean, want)
	}
	if got := Marks(clean); !slices.Equal(got, want) {
		t.Errorf("Marks(%q) = %v, want %v", clean, got, want)
	}
	if got := Without("scrivere a [e-mail] subito"); got != "scrivere a subito" {
		t.Errorf("Without = %q", got)
	}
}

// TestLong holds that the time grows with the length alone, whatever is written.
func TestLong(t *testing.T) {
	for _, part := range []string{"1 ", "it00", "a@", "http://a?k=", "+3 ", "x", "12345678Z ", "333 1234567 ", "0-", "(at)", "1/1/11 "} {
		text := strings.Repeat(part, 100_000/len(part))
		began := time.Now()
		Text(text)
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("100 kB of %q took %v", part, took)
		}
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{
		"a@b.it@c.it", "+39 333 1234567 4111 1111 1111 1111", "https://a:b@c.d/?k=v&token=1#t=2", "IT60X0542811101000000123456",
		"12345678Z RSSMRA85T10A562S", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "tel [e-mail] 123456", "((+39)) 02 12345678",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, found := Text(s)
		if len(found) == 0 && clean != s {
			t.Errorf("Text(%q) found nothing and changed it to %q", s, clean)
		}
		if again, more := Text(clean); again != clean || len(more) > 0 {
			t.Errorf("Text(%q) = %q, and again %q", s, clean, again)
		}
		for _, at := range found {
			if !strings.HasPrefix(clean[at.At:], at.Kind.Mark()) {
				t.Errorf("Text(%q) = %q has no %s at %d", s, clean, at.Kind.Mark(), at.At)
			}
		}
	})
}

func BenchmarkText(b *testing.B) {
	const query = "non riesco a pagare la bolletta 12345678 con la carta"
	b.SetBytes(int64(len(query)))
	for b.Loop() {
		Text(query)
	}
}
