package search

import "testing"

func TestNamed(t *testing.T) {
	x := helpShelf().index(t)
	for _, test := range []struct {
		text  string
		names []string
		want  float64
	}{
		{"rimborso dell'ordine", []string{"Gli ordini", "Chiedere un rimborso"}, 1},
		{"rimborso ordine in ritardo", []string{"Rimborsi"}, 1. / 3},
		{"rimborso rimborsi", []string{"Rimborsi"}, 1},
		{"rimborso", nil, 0},
		{"?", []string{"Rimborsi"}, 0},
	} {
		if got := x.Named("it", test.text, test.names...); got != test.want {
			t.Errorf("%q of %q: %v, want %v", test.text, test.names, got, test.want)
		}
	}
}
