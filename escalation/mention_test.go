package escalation_test

import (
	"errors"
	"strings"
	"testing"

	. "primalinea/escalation"
)

// TestMention says whom a note calls.
func TestMention(t *testing.T) {
	var colleagues []ActorRef
	for _, name := range []string{"Anna Neri", "Bruno Sala", "Bruno Verdi", "Zoë Çelik", "Carla", "Carla Maria Bo", "Elio Rossi", "Elio Rossi", "anna"} {
		colleagues = append(colleagues, ActorRef{Kind: ByStaff, ID: strings.ToLower(name) + string(rune('0'+len(colleagues))), Name: name})
	}
	for _, test := range []struct{ text, want string }{
		{"@Anna Neri, look", "Anna Neri"},
		{"look (@anna neri)", "Anna Neri"},
		{"ask @bruno sala and @Zoë!", "Bruno Sala, Zoë Çelik"},
		{"ask @bruno", "error.mention"}, // which of them?
		{"ask @Bruno Bianchi", "error.mention"},
		{"@Carla Maria Bo", "Carla Maria Bo"},
		{"@Carla", "Carla"}, // whose whole name it is
		{"@Elio Rossi", "Elio Rossi, Elio Rossi"},
		{"write to maria@anna.example or x@Zoë", ""},
		{"@nobody, @, @@ and @Annabel", ""},
		{"@Zoë @Zoë @zoë çelik", "Zoë Çelik"},
		{"", ""},
	} {
		d := opened(t)
		ch, err := d.Note(Message{Text: test.text + ".", Colleagues: colleagues}, anna, d.ids, d.now)
		var got string
		if e, ok := errors.AsType[*Error](err); ok {
			got = e.Reason
		} else {
			var names []string
			if ev := ch.Entries[0].Event; ev != nil {
				for _, c := range ev.Called {
					names = append(names, c.Name)
				}
			}
			got = strings.Join(names, ", ")
		}
		if got != test.want {
			t.Errorf("%q calls %q, want %q", test.text, got, test.want)
		}
	}

	// It changes nothing else, nobody calls themselves, and no requester reads it.
	d := opened(t)
	before := d.Ticket
	d.did(d.Note(Message{Text: "@Anna @Zoë", Colleagues: []ActorRef{anna.Ref(), {Kind: ByStaff, ID: "zoe", Name: "Zoë"}}}, anna, d.ids, d.now))
	e := d.Entries[len(d.Entries)-1]
	if e.Kind != Internal || e.Event == nil || e.Event.Kind != EventMentioned || len(e.Event.Called) != 1 || e.Event.Called[0].ID != "zoe" {
		t.Errorf("the note is %+v", e)
	}
	if d.State != before.State || d.Team != before.Team || d.Assignee != before.Assignee || d.Owner != before.Owner {
		t.Errorf("a mention changed the ticket: %+v", d.Ticket)
	}
}

// FuzzMention holds that names are found in whatever is written, without a panic, and
// only those that are there.
func FuzzMention(f *testing.F) {
	f.Add("@İnanna ask", "İnanna")
	f.Add("@anna", "Anna Neri")
	f.Fuzz(func(t *testing.T, text, name string) {
		d := opened(t)
		ch, err := d.Note(Message{Text: text, Colleagues: []ActorRef{{Kind: ByStaff, ID: "x", Name: CleanLine(name)}}}, anna, d.ids, d.now)
		if err == nil && len(ch.Entries) > 0 && ch.Entries[0].Event != nil && !strings.Contains(text, "@") {
			t.Errorf("%q calls %q", text, name)
		}
	})
}
