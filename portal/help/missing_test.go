package help

import (
	"strings"
	"testing"
)

func TestGuess(t *testing.T) {
	for _, test := range []struct{ address, want string }{
		{"/en/articles/return-devise", "return devise"},
		{"/en/articles/360012345-Return-a-device.html", "Return a device"},
		{"/it/faq/batteria_si_scarica/", "batteria si scarica"},
		{"/es/articles/contraseña-olvidada.md", "contraseña olvidada"},
		{"/it/articles/l'ordine", "l'ordine"},
		{"/en/articles/error-404", "error 404"},
		{"/en/articles/v1.2-notes", "v1 2 notes"},
		{"/en/\u202eevil\x00<b>", "evil b"},
		{"/en/articles/return-devise/suggest", "return devise"},
		{"/en/360012345", ""},
		{"/en/---", ""},
		{"/", ""},
		{"/en/" + strings.Repeat("a", 1000), strings.Repeat("a", 100)},
	} {
		if got := guess(test.address); got != test.want {
			t.Errorf("guess(%q) = %q, want %q", test.address, got, test.want)
		}
	}
}
