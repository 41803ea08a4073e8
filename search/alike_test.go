package search

import "testing"

func TestAlikeQueries(t *testing.T) {
	for _, pair := range [][2]string{
		{"Batteria  scarica?", "batteria scarica"},
		{"perché si spegne", "PERCHE SI SPEGNE!"},
		{"wi-fi", "WiFi"},
		{"wi fi", "wifi"},
		{"l'ordine", "l’ordine"},
		{"Straße 5", "strasse5"},
	} {
		if a, b := Alike(pair[0]), Alike(pair[1]); a != b || a == "" {
			t.Errorf("Alike(%q) = %q, Alike(%q) = %q", pair[0], a, pair[1], b)
		}
	}
	if a, b := Alike("batteria"), Alike("batterie"); a == b {
		t.Errorf("another word is %q too", b)
	}
	if got := Alike(" ?! …"); got != "" {
		t.Errorf("nothing is %q", got)
	}
}
