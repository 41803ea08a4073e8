package search

import (
	"slices"
	"strings"
	"testing"
)

func stems(lang, text string) []string {
	var out []string
	for _, t := range analyzerFor(lang).tokens(text) {
		if t.stem != "" {
			out = append(out, t.stem)
		}
	}
	return out
}

// TestAlike lists words that somebody who types one wants to find with the
// other.
func TestAlike(t *testing.T) {
	for lang, pairs := range map[string]string{
		"it": `conto/conti città/citta città/citta' linea/linee costo/costi documento/documenti perché/perche
			rete/reti mese/mesi anno/anni dato/dati amico/amici amico/amiche amica/amiche banca/banche largo/larghe
			bolletta/bollette fattura/fatture telefono/telefoni servizio/servizi orario/orari codice/codici
			rimborso/rimborsi rimborsare/rimborsato rimborsi/rimborsare spedizione/spedizioni garanzia/garanzie
			schermo/schermi batteria/batterie computer/COMPUTER caricatore/caricatori vetro/vetri chiave/chiavi
			reso/resi sconto/sconti ordine/ordini l'ordine/ordine l’ordine/ordini dell'ordine/ordine
			quell'ordine/ordine quest'ordine/ordine un'offerta/offerte dov'è/dove senz'accento/accenti
			nessun'altra/altra e-mail/email attivare/attivazione chiusa/chiuso coperto/coperti diverso/diversi lettera/lettere
			corriere/corrieri tastiera/tastiere fotocamera/fotocamere chiara/chiare`,
		"es": `devolución/devoluciones devolución/devolucion contraseña/contrasena contraseñas/contrasena
			pedido/pedidos mes/meses red/redes luz/luces móvil/moviles tarjeta/tarjetas cuenta/cuentas
			factura/facturas plazo/plazos gasto/gastos envío/envios dato/datos reembolso/reembolsos
			teléfono/telefonos pantalla/pantallas batería/baterias código/codigos veces/vez país/países router/routers responsable/responsables`,
		"en": `refund/refunds refunded/refunding Anna's/Anna Anna’s/anna don't/don’t don't/dont battery/batteries
			invoice/invoices café/cafe e-mail/email charger/chargers returned/returns`,
		"de": `Straße/strasse Übung/ubung`,
		"":   `ÉTÉ/ete`,
	} {
		for pair := range strings.FieldsSeq(pairs) {
			a, b, _ := strings.Cut(pair, "/")
			if got, want := stems(lang, a), stems(lang, b); !slices.Equal(got, want) {
				t.Errorf("%s: %q is %q but %q is %q", lang, a, got, b, want)
			}
		}
	}
}

// TestDifferent lists words that must not be taken for each other.
func TestDifferent(t *testing.T) {
	for lang, pairs := range map[string]string{
		"it": "costo/conto rete/resto posta/porta casa/cassa carta/cartone gas/gasolio",
		"es": "red/rueda gasto/gusto mesa/mes2 pago/pagina",
		"en": "don't/do universe/unit cost/coast",
	} {
		for pair := range strings.FieldsSeq(pairs) {
			a, b, _ := strings.Cut(pair, "/")
			if got, other := stems(lang, a), stems(lang, b); slices.Equal(got, other) && len(got) > 0 {
				t.Errorf("%s: %q and %q are both %q", lang, a, b, got)
			}
		}
	}
}

func TestTokens(t *testing.T) {
	for _, test := range []struct{ lang, text, want string }{
		{"it", "Dov'è il mio ordine?", "ordin"},
		{"it", "dov’è il mio ordine", "ordin"},
		{"it", "com'è fatta quell'app", "fatt app"},
		{"it", "C'è un po' di ritardo", "ritard"},
		{"it", "perché non funziona", "non funzion"},
		{"it", "PERCHE' NON FUNZIONA", "non funzion"},
		{"it", "numero 800.085.853", "numer 800 085 853"},
		{"it", "citta\u0300", "citt"},
		{"en", "I don't know Anna's PIN", "know anna pin"},
		{"en", "rock'n'roll", "rocknrol"},
		{"en", "'quoted'", "quot"},
		{"en", "iPhone14 costs $5", "iphone14 cost 5"},
		{"es", "¿Dónde está mi pedido?", "ped"},
		{"ja", "電話サポート", "電 話 サ ポ ー ト"},
		{"de", "Geräte-Manager", "gerate manager"},
		{"it", "", ""},
		{"it", "?!… — '’", ""},
		{"it", "\x00\xff\xfe", ""},
	} {
		if got := strings.Join(stems(test.lang, test.text), " "); got != test.want {
			t.Errorf("%s %q: %q, want %q", test.lang, test.text, got, test.want)
		}
	}
}

// TestTokenPlaces checks that tokens point at what they were made of.
func TestTokenPlaces(t *testing.T) {
	const text = "  L’Ordine è già PARTITO: dov'è?"
	var got []string
	for _, tok := range analyzerFor("it").tokens(text) {
		got = append(got, text[tok.start:tok.end])
	}
	want := []string{"Ordine", "è", "già", "PARTITO", "è"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestClean(t *testing.T) {
	for _, test := range []struct {
		in, want string
		cut      bool
	}{
		{"  a \t b\n", "a b ", false},
		{"a\x00b\x1b[0m", "a b [0m", false},
		{"a\xffb", "a b", false},
		{"\u202ecod", "cod", false},
		{strings.Repeat("a", 512), strings.Repeat("a", 512), false},
		{strings.Repeat("a", 513), strings.Repeat("a", 512), true},
		{strings.Repeat("è", 513), strings.Repeat("è", 512), true},
		{strings.Repeat("a ", 300), strings.Repeat("a ", 256), true},
		{"", "", false},
		{"   ", "", false},
	} {
		if got, cut := clean(test.in, maxText); got != test.want || cut != test.cut {
			t.Errorf("clean(%.20q) = %.20q (%d bytes), %v; want %.20q (%d), %v", test.in, got, len(got), cut, test.want, len(test.want), test.cut)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"rimborso", "rimbroso", 1}, // swapped
		{"rimborso", "rimbors", 1},
		{"rimborso", "rimborsso", 1},
		{"rimborso", "rinborso", 1},
		{"rimborso", "rinbroso", 2},
		{"costo", "conto", 1},
		{"perche", "perché", 1},
		{"a", "b", 1},
		{"abc", "abc", 0},
		{"telefono", "televisione", 3}, // at least
		{"", "ab", 2},
	} {
		if got := distance([]rune(test.a), []rune(test.b), 2); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
	}
}
