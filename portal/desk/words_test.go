package desk

import (
	"strings"
	"testing"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/spam"
	"primalinea/escalation/staff"
	"primalinea/themes"
)

func speak(t *testing.T) *themes.Words {
	t.Helper()
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	return theme.Words
}

func TestMoment(t *testing.T) {
	words := speak(t)
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.Local)
	for _, test := range []struct {
		at   time.Time
		lang string
		want string
	}{
		{now.Add(-time.Hour), "en", ">11:00<"},
		{now.AddDate(0, 0, -1), "en", ">22 Nov, 12:00<"},
		{now.AddDate(0, 0, -1), "it", ">22 nov, 12:00<"},
		{now.AddDate(-1, 0, 0), "es", ">23 nov 2025, 12:00<"}, // the same day of another year is not today
	} {
		if got := string(moment(words.Speaker(test.lang), test.at, now)); !strings.Contains(got, test.want) || !strings.HasPrefix(got, `<time datetime="`) {
			t.Errorf("moment(%v) in %s = %s, want %s", test.at, test.lang, got, test.want)
		}
	}
}

// TestFactNames: everybody reads and writes the name of a fact in their language, and it
// is kept under one key.
func TestFactNames(t *testing.T) {
	words := speak(t)
	kind := escalation.ShippedDesk().Type("device")
	ticket := &escalation.Ticket{Facts: []escalation.Fact{{Key: "serial-no"}, {Key: "frame_size"}}}
	for _, test := range []struct{ lang, name, key string }{
		{"en", "Bought on", "bought_on"},
		{"it", "Acquistato il", "bought_on"},
		{"es", "Comprado el", "bought_on"},
		{"es", kind.Needs[0].Name["es"], kind.Needs[0].Key},
		{"it", kind.Steps[0].What["it"], kind.Steps[0].Key()},
		{"it", "frame size", "frame_size"},
		{"it", "serial-no", "serial-no"},
		{"it", "taglia del telaio", "taglia_del_telaio"},
	} {
		if got := factName(words.Speaker(test.lang), test.lang, kind, test.key); got != test.name {
			t.Errorf("%s: %s is called %q, want %q", test.lang, test.key, got, test.name)
		}
		for _, typed := range []string{test.name, " " + strings.ToUpper(test.name), test.key} {
			if got := factKey(words.Speaker(test.lang), test.lang, kind, ticket, typed); got != test.key {
				t.Errorf("%s: %q is kept under %q, want %q", test.lang, typed, got, test.key)
			}
		}
	}
}

// TestWords checks that the catalogs say each thing that can be, whatever makes
// its key.
func TestWords(t *testing.T) {
	var keys []string
	add := func(prefix string, names ...string) {
		for _, n := range names {
			keys = append(keys, prefix+n)
		}
	}
	for _, k := range []escalation.EventKind{
		escalation.EventOpened, escalation.EventTaken, escalation.EventReleased, escalation.EventAsked, escalation.EventWaiting,
		escalation.EventResumed, escalation.EventOffered, escalation.EventAccepted, escalation.EventRefused, escalation.EventWithdrawn,
		escalation.EventDecided, escalation.EventSolved, escalation.EventConfirmed, escalation.EventReopened, escalation.EventVerified,
		escalation.EventRevoked, escalation.EventFact, escalation.EventTyped, escalation.EventStep, escalation.EventSuspected, escalation.EventSpam, escalation.EventCleared,
		escalation.EventProposed, escalation.EventDropped, escalation.EventCorrected, escalation.EventErased, escalation.EventMentioned, escalation.EventGiven, escalation.EventGivenBack, escalation.EventForgotten, escalation.EventCarried, escalation.EventReturned, escalation.EventBrought, escalation.EventTakenBack, escalation.EventStaged, escalation.EventPrioritized, escalation.EventRated, escalation.EventConsulted, escalation.EventAdvised, escalation.EventUnasked, escalation.EventMarked, escalation.EventRaised, escalation.EventAcknowledged,
		escalation.EventAffirmed, escalation.EventDisputed,
		escalation.EventAttached, escalation.EventDetached, escalation.EventByHand, escalation.EventWithAll, escalation.EventCured, escalation.EventBroken,
		escalation.EventTaskOpened, escalation.EventTaskAnswered, escalation.EventTaskDone,
	} {
		add("desk.event.", string(k))
		add("audit.ticket.", string(k))
	}
	for _, s := range spam.Signs {
		add("spam.sign.", string(s))
	}
	for _, d := range []escalation.Doubt{escalation.Suspected, escalation.Spam} {
		add("desk.doubt.", string(d), string(d)+"_text")
		add("ticket.doubt.", string(d))
	}
	for _, v := range views(staff.Person{Roles: []staff.Role{staff.Lead}}) {
		add("desk.view.", v.ID)
	}
	for _, turn := range []escalation.Turn{escalation.Ours, escalation.Theirs, escalation.Partys, escalation.Nobodys} {
		add("desk.turn.", string(turn))
	}
	for _, k := range []escalation.LetterKind{escalation.ReceiptLetter, escalation.ReplyLetter, escalation.MoveLetter, escalation.SolvedLetter} {
		add("letter.", string(k))
	}
	for _, s := range []escalation.LetterState{escalation.LetterWaiting, escalation.LetterHeld, escalation.LetterSent, escalation.LetterFailed, escalation.LetterReplaced} {
		add("delivery.", string(s))
	}
	for _, r := range staff.Roles {
		add("role.", string(r)+"_hint")
	}
	for _, result := range escalation.TaskResults {
		add("task.as.", string(result))
		add("task.result.", string(result), string(escalation.TaskDropped))
	}
	add("desk.event.", "opened_task")
	add("desk.kind.", "customer", "ours", "note")
	add("desk.event.", "alarm")
	add("alarm.", escalation.AlarmCauses...)
	add("alarm.rung.", "1", "2", "3")
	for _, rule := range []string{escalation.ByAge, escalation.ByAttempts, escalation.ByEvidence, escalation.ByBreach, escalation.ByPingPong, escalation.ByNobody} {
		add("mark.", rule)
	}
	add("handoff.", escalation.ByAge, escalation.ByAttempts, escalation.ByEvidence)
	add("desk.part.", "reply", "note", "ask", "consult", "solve", "handoff", "wait")
	add("fact.", factKeys...)
	add("fact.state.", "noted", string(escalation.Given), string(escalation.Lacking), string(escalation.Spotted), string(escalation.Confirmed), escalation.Disputed)
	for _, o := range escalation.Outcomes {
		add("outcome.", string(o))
	}
	for _, risk := range escalation.Risks {
		add("risk.", string(risk), "told."+string(risk))
	}
	add("sure.", string(escalation.Certain), string(escalation.Likely), string(escalation.Unsure), string(escalation.Doubtful))
	add("trail.", "search", "open", "vote_yes", "vote_no", "suggested", "declined", "form")
	words := speak(t)
	for _, lang := range words.Languages() {
		s := words.Speaker(lang)
		for _, key := range keys {
			if !s.Has(key) {
				t.Errorf("%s: no %s", lang, key)
			}
		}
	}
}

// TestViews checks what a person's lists hold.
func TestViews(t *testing.T) {
	agent := staff.Person{ID: "a", Roles: []staff.Role{staff.Agent}, Tier: 2, Teams: []string{"tech"}}
	lead := staff.Person{ID: "l", Roles: []staff.Role{staff.Lead}}
	for _, test := range []struct {
		who  staff.Person
		want string
	}{
		{agent, "mine offered asked free-1 free-2 customer other solved all closed suspected spam"},
		{lead, "mine offered asked free-1 free-2 free-3 customer other solved alarms frozen all closed suspected spam"},
	} {
		var ids []string
		for _, v := range views(test.who) {
			ids = append(ids, v.ID)
			if strings.HasPrefix(v.ID, "free-") && test.who.ID == "a" && (len(v.query.Teams) != 1 || !v.query.Free) {
				t.Errorf("%s of an agent: %+v", v.ID, v.query)
			}
			if test.who.ID == "l" && v.query.Teams != nil {
				t.Errorf("%s of a lead is narrowed: %+v", v.ID, v.query)
			}
		}
		if got := strings.Join(ids, " "); got != test.want {
			t.Errorf("views of %s: %s, want %s", test.who.ID, got, test.want)
		}
	}
}
