package write

import (
	"fmt"
	"strings"
	"testing"

	"primalinea/content"
	"primalinea/escalation/staff"
)

// TestMaySave is the whole table: who may leave a text of one status where one
// of another lies.
func TestMaySave(t *testing.T) {
	people := map[string]*staff.Person{
		"agent":  {Roles: []staff.Role{staff.Agent}},
		"writer": {Roles: []staff.Role{staff.Writer}},
		"lead":   {Roles: []staff.Role{staff.Lead}},
		"gone":   {Roles: []staff.Role{staff.Lead}, Disabled: true},
	}
	all := append([]content.Status{""}, statuses...)
	for _, was := range all {
		for _, is := range all {
			open := (was == content.Draft || was == content.Review) && (is == content.Draft || is == content.Review)
			for who, want := range map[string]bool{"agent": open, "writer": true, "lead": true, "gone": false} {
				if got := maySave(people[who], was, is); got != want {
					t.Errorf("%s, %q → %q: %t, want %t", who, was, is, got, want)
				}
			}
		}
	}
}

func TestDiff(t *testing.T) {
	for _, c := range []struct{ name, theirs, mine, want string }{
		{"same", "a\nb\n", "a\nb\n", "~2"},
		{"ends of lines", "a\r\nb\r\n", "a\nb", "~2"},
		{"changed", "a\nb\nc\n", "a\nx\nc\n", "=a -b +x =c"},
		{"added", "a\n", "a\nb\n", "=a +b"},
		{"all gone", "a\nb\n", "", "-a -b +"},
		{"far apart", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "0\n1\n2\n3\n4\n5\n6\n7\n8\n", "+0 =1 =2 ~4 =7 =8 -9"},
		{"moved", "a\nb\nc\nd\n", "c\nd\na\nb\n", "-a -b =c =d +a +b"},
	} {
		var got []string
		for _, l := range diff(c.theirs, c.mine) {
			switch l.Side {
			case "skip":
				got = append(got, fmt.Sprint("~", l.Left))
			default:
				got = append(got, map[string]string{"both": "=", "theirs": "-", "mine": "+"}[l.Side]+l.Text)
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: %s, want %s", c.name, s, c.want)
		}
	}
}

// FuzzDiff holds that both texts can be read out of a difference, whatever they
// are and however much of it is compared.
func FuzzDiff(f *testing.F) {
	f.Add("a\nb\nc", "a\nx\nc")
	f.Add("", "a")
	f.Add("x\nx\ny", "y\nx\nx")
	f.Fuzz(func(t *testing.T, theirs, mine string) {
		if len(theirs)+len(mine) > 4000 {
			return // comparing takes the product of both
		}
		var a, b []string
		for _, l := range middle(lines(theirs), lines(mine)) {
			if l.Side != "mine" {
				a = append(a, l.Text)
			}
			if l.Side != "theirs" {
				b = append(b, l.Text)
			}
		}
		if strings.Join(a, "\n") != strings.Join(lines(theirs), "\n") || strings.Join(b, "\n") != strings.Join(lines(mine), "\n") {
			t.Errorf("%q, %q become %q, %q", theirs, mine, a, b)
		}
	})
}

func TestEditPath(t *testing.T) {
	if got := editPath("it/a b/è#?.md"); got != "/write/edit/it/a%20b/%C3%A8%23%3F.md" {
		t.Error(got)
	}
}
