package clock

import "testing"

func TestZone(t *testing.T) {
	for name, want := range map[string]bool{
		"Europe/Rome": true, "UTC": true, "America/Argentina/Buenos_Aires": true,
		"": false, "Local": false, "Mars/Olympus": false, "../etc/passwd": false, "/etc/localtime": false,
	} {
		l, ok := Zone(name)
		if ok != want || ok && l.String() != name {
			t.Errorf("Zone(%q) = %v, %t, want %t", name, l, ok, want)
		}
		if again, _ := Zone(name); again != l {
			t.Errorf("Zone(%q) is read anew", name)
		}
	}
}
