package staff

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"primalinea/escalation"
)

// shipped is how the desk is set up.
var shipped = escalation.ShippedDesk()

var monday = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// reason is the key of an error, or empty.
func reason(err error) string {
	if e, ok := errors.AsType[*escalation.Error](err); ok {
		return e.Reason
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// TestRights is the table of design.md §4, written out: who may do what to which
// ticket.
func TestRights(t *testing.T) {
	tech := func(tier int) Person {
		return Person{ID: "a", Roles: []Role{Agent}, Tier: tier, Teams: []string{"tech"}}
	}
	both := Person{ID: "b", Roles: []Role{Agent, Writer}, Tier: 1, Teams: []string{"tech"}}
	actors := []struct {
		name string
		escalation.Actor
	}{
		{"agent 1", tech(1)},
		{"agent 2", tech(2)},
		{"agent 3", tech(3)},
		{"writer", Person{ID: "w", Roles: []Role{Writer}, Tier: 3, Teams: []string{"tech"}}},
		{"both", both},
		{"lead", Person{ID: "l", Roles: []Role{Lead}}},
		{"disabled", Person{ID: "d", Roles: Roles, Tier: 3, Teams: []string{"tech"}, Disabled: true}},
		{"token", Token{Name: "t", Scopes: Scopes}},
		{"reader", Token{Name: "r", Scopes: []Scope{TicketsRead}}},
		{"revoked", Token{Name: "x", Scopes: Scopes, Revoked: monday}},
		{"requester", escalation.RequesterOf{Ticket: "t"}},
		{"stranger", escalation.RequesterOf{Ticket: "other"}},
		{"visitor", escalation.RequesterOf{}},
	}
	at := func(team string, tier int, h ...escalation.Handoff) *escalation.Ticket {
		return &escalation.Ticket{ID: "t", Team: team, Tier: tier, Handoffs: h}
	}
	offer := func(team string, tier int, s escalation.HandoffState) escalation.Handoff {
		return escalation.Handoff{Team: team, Tier: tier, State: s}
	}
	// Columns in the order of the actors.
	const everybodyWhoReads = "1 2 3 - b l - t r - - - -"
	const ownTier1 = "1 2 3 - b l - t - - - - -"
	const ownTier2 = "- 2 3 - - l - t - - - - -"
	const leads = "- - - - - l - t - - - - -"
	const leadsAlone = "- - - - - l - - - - - - -"
	for _, test := range []struct {
		what   string
		action []escalation.Action
		ticket *escalation.Ticket
		want   string
	}{
		{"any ticket", []escalation.Action{escalation.Read}, at("payments", 2), everybodyWhoReads},
		{"own, tier 1", working, at("tech", 1), ownTier1},
		{"own, tier 2", working, at("tech", 2), ownTier2},
		{"own, tier 3", working, at("tech", 3), "- - 3 - - l - t - - - - -"},
		{"others'", working, at("payments", 2), leads},
		{"own, requester too", []escalation.Action{escalation.Reply}, at("tech", 1), "1 2 3 - b l - t - - q - -"},
		{"requester", []escalation.Action{escalation.Follow, escalation.Close}, at("tech", 1), "- - - - - - - - - - q - -"},
		{"nothing offered", []escalation.Action{escalation.Answer}, at("tech", 2), leads},
		{"offered to us", []escalation.Action{escalation.Answer}, at("general", 1, offer("tech", 2, escalation.Offered)), ownTier2},
		{"offered to others", []escalation.Action{escalation.Answer}, at("tech", 1, offer("rrr", 2, escalation.Offered)), leads},
		{"was offered to us", []escalation.Action{escalation.Answer}, at("general", 1, offer("tech", 2, escalation.Refused)), leads},
		{"offered is not ours yet", []escalation.Action{escalation.Solve}, at("general", 1, offer("tech", 2, escalation.Offered)), leads},
		{"frozen", []escalation.Action{escalation.Decide}, at("tech", 1), leadsAlone},
		{"for a caller", []escalation.Action{escalation.OpenFor}, at("general", 1), ownTier1},
		{"", []escalation.Action{ReadAgentArticles, ProposeArticles}, nil, "1 2 3 w b l - - - - - - -"},
		{"", []escalation.Action{EditArticles}, nil, "- - - w b l - - - - - - -"},
		{"", []escalation.Action{OwnFigures}, nil, "1 2 3 - b l - - - - - - -"},
		{"", []escalation.Action{ReadSearch}, nil, "- - - w b l - t - - - - -"},
		{"", []escalation.Action{ReadReports, ReadDemand}, nil, leads},
		{"", []escalation.Action{Settings, People}, nil, leadsAlone},
		{"no ticket", []escalation.Action{escalation.Solve, escalation.Decide}, nil, ""},
		{"unknown", []escalation.Action{"fly"}, at("tech", 1), "- - - - - - - - - - - - -"},
	} {
		if test.want == "" { // a right without its object reaches nobody's ticket
			for _, a := range test.action {
				if tech(3).May(a, nil) {
					t.Errorf("%s without a ticket", a)
				}
			}
			continue
		}
		for _, action := range test.action {
			for i, w := range strings.Fields(test.want) {
				// The requester's own right to reply has its row.
				if action == escalation.Reply && actors[i].name == "requester" {
					w = "q"
				}
				if got := actors[i].May(action, test.ticket); got != (w != "-") {
					t.Errorf("%s, %s: %s may = %v", test.what, action, actors[i].name, got)
				}
			}
		}
	}
	for action := range rights {
		if !(Person{Roles: []Role{Lead}}).May(action, &escalation.Ticket{}) {
			t.Errorf("a lead may not %s", action)
		}
	}
}

var working = []escalation.Action{
	escalation.Reply, escalation.Note, escalation.Take, escalation.Ask,
	escalation.Wait, escalation.Solve, escalation.Offer,
}

func TestPerson(t *testing.T) {
	good := Form{"  Anna\n Bianchi\u202e ", "Anna@Example.com", "it", []Role{Lead, Agent, Agent}, 2, []string{"tech", "general", "tech"}}
	p, err := NewPerson("p", good, shipped, monday)
	if err != nil {
		t.Fatal(err)
	}
	if p.Name != "Anna Bianchi" || p.Email != "anna@example.com" || !slices.Equal(p.Roles, []Role{Agent, Lead}) ||
		!slices.Equal(p.Teams, []string{"general", "tech"}) || p.Tier != 2 || !p.Created.Equal(monday) {
		t.Errorf("made %+v", p)
	}
	if strings.Contains(fmt.Sprint(p), "@") {
		t.Errorf("%v tells an address to the log", p)
	}
	for _, test := range []struct {
		change func(*Form)
		want   string
	}{
		{func(f *Form) { f.Name = " \u200b\n" }, "error.name_missing"},
		{func(f *Form) { f.Name = strings.Repeat("n", 101) }, "error.too_long"},
		{func(f *Form) { f.Email = "anna" }, "error.email"},
		{func(f *Form) { f.Email = "" }, "error.email_missing"},
		{func(f *Form) { f.Lang = "<b>" }, "error.lang"},
		{func(f *Form) { f.Roles = nil }, "error.role_missing"},
		{func(f *Form) { f.Roles = []Role{Agent, "god"} }, "error.role_missing"},
		{func(f *Form) { f.Tier = 0 }, "error.tier_missing"},
		{func(f *Form) { f.Tier = 4 }, "error.tier_missing"},
		{func(f *Form) { f.Teams = nil }, "error.team_missing"},
		{func(f *Form) { f.Teams = []string{"moon"} }, "error.team_unknown"},
		{func(f *Form) { f.Tier, f.Teams = 1, []string{"tech", "rrr"} }, "error.tier_below_team"},
	} {
		f, before := good, fmt.Sprintf("%#v", p)
		test.change(&f)
		if err := p.Edit(f, shipped); reason(err) != test.want || escalation.KindOf(err) != escalation.Invalid {
			t.Errorf("got %v, want %s", err, test.want)
		}
		if fmt.Sprintf("%#v", p) != before {
			t.Error("changed in spite of the error")
		}
	}
	// Only agents have teams.
	if err := p.Edit(Form{"Anna", "a@example.com", "", []Role{Writer}, 3, []string{"tech"}}, shipped); err != nil || p.Tier != 0 || p.Teams != nil {
		t.Errorf("a writer: %v, %+v", err, p)
	}
}

func TestFounder(t *testing.T) {
	p, err := Founder("f", "Fe", "fe@example.com", "es", shipped, monday)
	if err != nil {
		t.Fatal(err)
	}
	p.PasswordHash = "x"
	for _, team := range shipped.Teams {
		if got := Candidates([]Person{p}, team.ID, team.Max); !slices.Equal(got, []string{"f"}) {
			t.Errorf("%s: %v could accept", team.ID, got)
		}
	}
}

func TestCandidates(t *testing.T) {
	person := func(id string, tier int, change func(*Person)) Person {
		p := Person{ID: id, Roles: []Role{Agent}, Tier: tier, Teams: []string{"tech"}, PasswordHash: "x"}
		if change != nil {
			change(&p)
		}
		return p
	}
	people := []Person{
		person("one", 1, nil),
		person("two", 2, nil),
		person("three", 3, nil),
		person("gone", 3, func(p *Person) { p.Disabled = true }),
		person("invited", 3, func(p *Person) { p.PasswordHash = "" }),
		person("elsewhere", 3, func(p *Person) { p.Teams = []string{"general"} }),
		person("lead", 3, func(p *Person) { p.Roles = []Role{Lead} }),
	}
	if got := Candidates(people, "tech", 2); !slices.Equal(got, []string{"two", "three"}) {
		t.Errorf("got %v", got)
	}
	if got := Candidates(people, "payments", 2); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestKeepLead(t *testing.T) {
	a := Person{ID: "a", Roles: []Role{Lead}, PasswordHash: "x"}
	b := Person{ID: "b", Roles: []Role{Lead}} // has not come yet
	people := []Person{a, b}
	demoted := a
	demoted.Roles = []Role{Writer}
	gone := a
	gone.Disabled = true
	for _, p := range []Person{demoted, gone} {
		if err := KeepLead(people, p); reason(err) != "error.last_lead" || escalation.KindOf(err) != escalation.Conflict {
			t.Errorf("got %v", err)
		}
	}
	b.PasswordHash = "x"
	people[1] = b
	for _, p := range []Person{demoted, gone, a} {
		if err := KeepLead(people, p); err != nil {
			t.Error(err)
		}
	}
}

func TestToken(t *testing.T) {
	k, secret, err := NewToken("id", " CRM ", nil, monday)
	if err != nil {
		t.Fatal(err)
	}
	if k.Name != "crm" || !slices.Equal(k.Scopes, Scopes) || k.Hash != Hash(secret) || len(secret) < 26 || strings.Contains(fmt.Sprint(k), secret) {
		t.Errorf("made %+v with %s", k, secret)
	}
	if ref := k.Ref(); ref.ID != "api:crm" || !ref.Token() || ref.Person() {
		t.Errorf("is %+v", ref)
	}
	k.Scopes[0] = "changed"
	if Scopes[0] != TicketsRead {
		t.Error("a token shares the list of all scopes")
	}
	for _, name := range []string{"", "a b", "api:x", strings.Repeat("x", 41), "../x"} {
		if _, _, err := NewToken("id", name, nil, monday); reason(err) != "error.token_name" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, _, err := NewToken("id", "x", []Scope{"all"}, monday); reason(err) != "error.token_scope" {
		t.Error(err)
	}
}

func TestInvitation(t *testing.T) {
	i, code := NewInvitation("p", monday)
	if len(code) < 26 || i.Hash != Hash(code) || strings.Contains(fmt.Sprint(i), code) {
		t.Errorf("made %+v with %s", i, code)
	}
	used, err := i.Use(monday.Add(InvitationLife - time.Second))
	if err != nil || used.Used.IsZero() {
		t.Errorf("used: %+v, %v", used, err)
	}
	if _, err := used.Use(monday.Add(time.Hour)); escalation.KindOf(err) != escalation.NotFound {
		t.Errorf("twice: %v", err)
	}
	if _, err := i.Use(monday.Add(InvitationLife)); reason(err) != "error.link_used" {
		t.Errorf("too late: %v", err)
	}
}

func TestSession(t *testing.T) {
	p := Person{ID: "p", PasswordHash: "x"}
	s, id := NewSession(p, strings.Repeat("b", 500), monday)
	if s.Hash != Hash(id) || len(id) < 26 || len(s.Agent) != 200 || strings.Contains(fmt.Sprint(s), id) {
		t.Errorf("made %+v with %s", s, id)
	}
	if s, _ := NewSession(p, "Fire\x00fox\xff\n"+strings.Repeat("è", 100), monday); !utf8.ValidString(s.Agent) || strings.ContainsAny(s.Agent, "\x00\n") {
		t.Errorf("browser %q", s.Agent)
	}
	changed, gone, other := p, p, p
	changed.PasswordHash, gone.Disabled, other.ID = "y", true, "q"
	used := s
	used.Seen = monday.Add(SessionLife - time.Hour)
	for _, test := range []struct {
		what string
		s    Session
		p    Person
		now  time.Time
		want bool
	}{
		{"at once", s, p, monday, true},
		{"before the pause is too long", s, p, monday.Add(SessionIdle - time.Second), true},
		{"after too long a pause", s, p, monday.Add(SessionIdle), false},
		{"in use for days", used, p, monday.Add(SessionLife - time.Second), true},
		{"in use for too long", used, p, monday.Add(SessionLife), false},
		{"another password", s, changed, monday, false},
		{"disabled", s, gone, monday, false},
		{"somebody else", s, other, monday, false},
	} {
		if got := test.s.Valid(test.p, test.now); got != test.want {
			t.Errorf("%s: valid = %v", test.what, got)
		}
	}
}

func TestPasswords(t *testing.T) {
	who := Person{Name: "Anna Bianchi", Email: "anna.bianchi@example.com"}
	ps := NewPasswords(1)
	for _, test := range []struct{ password, want string }{
		{"ninechars", "error.password_short"},
		{strings.Repeat("xyzwv", 26), "error.password_long"},
		{"1234567890", "error.password_common"},
		{"Password123", "error.password_common"},
		{"aaaaaaaaaaaa", "error.password_common"},
		{"abababababab", "error.password_common"},
		{"anna.bianchi1", "error.password_common"},
		{"ANNA BIANCHI", "error.password_common"},
	} {
		if _, err := ps.Hash(t.Context(), test.password, who); reason(err) != test.want {
			t.Errorf("%s: got %v, want %s", test.password, err, test.want)
		}
	}

	// The same letter, typed as one character and as two.
	hash, err := ps.Hash(t.Context(), "perch\u00e9 no domani", who)
	if err != nil {
		t.Fatal(err)
	}
	params, _, _, err := argon2id.DecodeHash(hash)
	if err != nil || params.Memory != 19*1024 || params.Iterations != 2 || params.Parallelism != 1 {
		t.Errorf("costs %+v, %v", params, err)
	}
	for _, test := range []struct {
		password, hash string
		want           bool
	}{
		{"perch\u00e9 no domani", hash, true},
		{"perche\u0301 no domani", hash, true},
		{"perche no domani", hash, false},
		{"", hash, false},
		{"perch\u00e9 no domani", "", false},
		{strings.Repeat("x", 10_000), hash, false},
	} {
		if got, err := ps.Check(t.Context(), test.password, test.hash); got != test.want || err != nil {
			t.Errorf("Check(%.20q) = %v, %v", test.password, got, err)
		}
	}
	if _, err := ps.Check(t.Context(), "x", "broken"); escalation.KindOf(err) != escalation.Fault {
		t.Errorf("a broken hash: %v", err)
	}

	// Who does not get a turn is told to wait.
	ps.slots <- struct{}{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := ps.Check(ctx, "x", hash); reason(err) != "error.busy" || escalation.KindOf(err) != escalation.TooMany {
		t.Errorf("no slot: %v", err)
	}
}

// memory keeps attempts as the store does.
type memory map[string][]time.Time

func (m memory) Reserve(_ context.Context, key string, now, since time.Time, limit int) (bool, time.Time, error) {
	var in []time.Time
	for _, at := range m[key] {
		if at.After(since) {
			in = append(in, at)
		}
	}
	if len(in) >= limit {
		return false, in[0], nil
	}
	m[key] = append(m[key], now)
	return true, time.Time{}, nil
}

func (m memory) Count(_ context.Context, key string, since time.Time) (n int, err error) {
	for _, at := range m[key] {
		if at.After(since) {
			n++
		}
	}
	return n, nil
}

func (m memory) Forget(_ context.Context, key string) error { delete(m, key); return nil }

func TestLimiter(t *testing.T) {
	home, evil := netip.MustParseAddr("192.0.2.7"), netip.MustParseAddr("198.51.100.1")
	ctx := t.Context()
	l := Limiter{memory{}}
	now := monday
	begin := func(email string, from netip.Addr) error { return l.Begin(ctx, email, from, now) }

	// Ten guesses at one account, whatever the address and its spelling.
	from := evil
	for i := range 10 {
		if err := begin([]string{"anna@example.com", " ANNA@example.com"}[i%2], from); err != nil {
			t.Fatalf("guess %d: %v", i+1, err)
		}
		from = from.Next()
	}
	err := begin("anna@example.com", from)
	if reason(err) != "error.attempts" || escalation.KindOf(err) != escalation.TooMany {
		t.Fatalf("guess 11: %v", err)
	}
	if e, _ := errors.AsType[*escalation.Error](err); e.Args["Minutes"] != 15 {
		t.Errorf("wait %v minutes", e.Args["Minutes"])
	}
	// Ten guesses from one place, whatever the account.
	for i := range 10 {
		if err := begin(fmt.Sprintf("p%d@example.com", i), evil.Prev()); err != nil {
			t.Fatalf("guess %d: %v", i+1, err)
		}
	}
	if err := begin("q@example.com", evil.Prev()); reason(err) != "error.attempts" {
		t.Errorf("guess 11: %v", err)
	}
	// What was refused does not make the wait longer.
	now = now.Add(AttemptWindow)
	if err := begin("anna@example.com", home); err != nil {
		t.Errorf("after the window: %v", err)
	}
	if err := l.Succeeded(ctx, "anna@example.com", home, now); err != nil {
		t.Fatal(err)
	}

	// While a stranger goes on guessing, she signs in from where she did before.
	for range 5 {
		for i := 0; begin("anna@example.com", from) == nil; i++ {
			if from = from.Next(); i > 10 {
				t.Fatal("no limit to guessing")
			}
		}
		if err := begin("Anna@example.com", home); err != nil {
			t.Errorf("locked out: %v", err)
		}
		if err := l.Succeeded(ctx, "anna@example.com", home, now); err != nil {
			t.Fatal(err)
		}
		now = now.Add(5 * time.Minute)
	}
	// There, too, ten wrong passwords are enough.
	for range 10 {
		if err := begin("anna@example.com", home); err != nil {
			t.Fatal(err)
		}
	}
	if err := begin("anna@example.com", home); reason(err) != "error.attempts" {
		t.Errorf("guess 11 from home: %v", err)
	}
	// And a month later the place is like any other.
	now = now.Add(31 * 24 * time.Hour)
	if n, _ := l.Attempts.Count(ctx, knownKey("anna@example.com", home), now.Add(-knownWindow)); n != 0 {
		t.Error("still known")
	}
}

// TestLimiterOffice lets a whole office sign in on one morning.
func TestLimiterOffice(t *testing.T) {
	l, office := Limiter{memory{}}, netip.MustParseAddr("192.0.2.7")
	for i := range 50 {
		email := fmt.Sprintf("p%d@example.com", i)
		if err := l.Begin(t.Context(), email, office, monday); err != nil {
			t.Fatalf("person %d: %v", i+1, err)
		}
		if err := l.Succeeded(t.Context(), email, office, monday); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBlock(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"192.0.2.7", "192.0.2.7"},
		{"::ffff:192.0.2.7", "192.0.2.7"},
		{"2001:db8:1:2ff:3::4", "2001:db8:1:200::/56"},
		{"fe80::1%eth0", "fe80::/56"},
	} {
		if got := Block(netip.MustParseAddr(test.in)); got != test.want {
			t.Errorf("Block(%s) = %s, want %s", test.in, got, test.want)
		}
	}
	if got := Block(netip.Addr{}); got == "" {
		t.Error("no address is a block too")
	}
}
