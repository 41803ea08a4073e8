package demand_test

import (
	"testing"

	"primalinea/escalation/demand"
	"primalinea/search"
)

// TestCarries analyses words as the site does.
func TestCarries(t *testing.T) {
	terms := new(search.Index).Terms
	for _, test := range []struct {
		lang, question, answer string
		want                   bool
	}{
		{"it", "non si accende", "", false},
		{"it", "non si accende", "Fatto.", false},
		{"it", "non si accende", "Gentile cliente, abbiamo risolto il problema. Cordiali saluti, lo staff", false},
		{"it", "non si accende", "Come da accordi telefonici, la richiesta è stata inoltrata.", false},
		{"it", "non si accende", "Buongiorno, se il telefono non si accende il problema è che non si accende.", false}, // what was asked, again
		{"it", "non si accende", "Tenga premuto il tasto laterale per venti secondi, poi colleghi il caricabatterie.", true},
		{"it", "la sveglia non suona", "Sostituita la batteria: suona.", true},
		{"it", "la sveglia non suona", "Risolto. Cordiali saluti, Annamaria Bellini, Ufficio Reclami", false},
		{"es", "no carga", "Hecho, gracias. Un saludo", false},
		{"es", "no carga", "Hemos hablado por teléfono y ya funciona todo bien.", false},
		{"es", "no carga", "Limpie el conector con un palillo de madera y reinicie.", true},
		{"en", "won't charge", "Done!", false},
		{"en", "won't charge", "Thanks for your call, we sorted it together on the phone. Kind regards, Anna", false},
		{"en", "won't charge", "Done. Kind regards, Annabel Montgomery", false},
		{"en", "won't charge", "See the attachment.", false},
		{"en", "won't charge", "reset reset reset reset reset reset", false},
		{"en", "won't charge", "Clean the socket with a wooden toothpick, then restart.", true},
		{"en", "won't charge", "1. Settings\n2. Battery\n3. Optimised charging\n4. Switch it off", true},
	} {
		if got := demand.Carries(test.lang, test.answer, test.question, terms); got != test.want {
			t.Errorf("Carries(%q) = %t", test.answer, got)
		}
	}
}
