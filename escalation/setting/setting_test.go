package setting

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"primalinea/escalation"
)

// wrong is how an error reads: its reason, and the field in brackets.
func wrong(err error) string {
	if e, ok := errors.AsType[*escalation.Error](err); ok {
		said := *e
		said.Err = nil // the cause is for the log
		return said.Error()
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

// The ratios are those of WCAG's own examples and of its formula by hand.
func TestContrast(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want float64
	}{
		{"#000000", "#ffffff", 21},
		{"#777777", "#ffffff", 4.48},
		{"#767676", "#ffffff", 4.54},
		{"#0000ff", "#ffffff", 8.59},
		{"#ff0000", "#ffffff", 4.00},
	} {
		if got := contrast(fixed(test.a), fixed(test.b)); math.Abs(got-test.want) > 0.005 {
			t.Errorf("contrast(%s, %s) = %.3f, want %.2f", test.a, test.b, got, test.want)
		}
	}
}

func TestBrand(t *testing.T) {
	for _, test := range []struct{ name, accent, privacy, want string }{
		{"Belvaro", "", "", ""},
		{"  Belvaro \n Help ", "#0b5a66", "/it/articles/privacy", ""},
		{"Belvaro", "0B5A66", "https://example.com/privacy?x=1", ""},
		{"Belvaro", "#036", "", ""},
		{"", "", "", "error.site_name (name)"},
		{" \u202e\x00 ", "", "", "error.site_name (name)"},
		{"\u200b\u200f", "", "", "error.site_name (name)"}, // nobody sees it
		{strings.Repeat("x", MaxBrand+1), "", "", "error.too_long (name)"},
		{"<script>alert(1)</script>", "", "", ""}, // a name like others: pages escape it
		{"Belvaro", "red", "", "error.color (accent)"},
		{"Belvaro", "#12345", "", "error.color (accent)"},
		{"Belvaro", "#123456;}body{display:none", "", "error.color (accent)"},
		{"Belvaro", "#ffcc00", "", "error.contrast (accent)"},
		{"Belvaro", "#888888", "", "error.contrast (accent)"},
		{"Belvaro", "", "javascript:alert(1)", "error.link (privacy.it)"},
		{"Belvaro", "", "data:text/html,x", "error.link (privacy.it)"},
		{"Belvaro", "", "//evil.example", "error.link (privacy.it)"},
		{"Belvaro", "", "/\\evil.example", "error.link (privacy.it)"},
		{"Belvaro", "", "https://user@evil.example/", "error.link (privacy.it)"},
		{"Belvaro", "", "https://", "error.link (privacy.it)"},
		{"Belvaro", "", "mailto:x@example.com", "error.link (privacy.it)"},
		{"Belvaro", "", "/" + strings.Repeat("x", maxLink), "error.link (privacy.it)"},
	} {
		b, err := Brand{}.Edit(test.name, test.accent, escalation.Text{"it": test.privacy}, nil, nil)
		if got := wrong(err); got != test.want {
			t.Errorf("%q %q %q: %q, want %q", test.name, test.accent, test.privacy, got, test.want)
		}
		if err == nil && b.Privacy["it"] != test.privacy {
			t.Errorf("privacy is %q, want %q", b.Privacy["it"], test.privacy)
		}
	}
}

// TestAccent tries colours all over the cube: what is refused comes with one that
// is taken, and what is taken can be read, light and dark.
func TestAccent(t *testing.T) {
	for r := 0; r < 256; r += 25 {
		for g := 0; g < 256; g += 25 {
			for b := 0; b < 256; b += 25 {
				c := color3(r, g, b)
				brand, err := Brand{}.Edit("x", c.String(), nil, nil, nil)
				if e, ok := errors.AsType[*escalation.Error](err); ok {
					next, _ := e.Args["Nearest"].(string)
					if brand, err = (Brand{}).Edit("x", next, nil, nil, nil); err != nil {
						t.Fatalf("%s: the nearest, %s, is refused too: %v", c, next, err)
					}
				}
				accent := fixed(brand.Accent)
				if got := contrast(accent, white); got < readable {
					t.Errorf("%s on white: %.2f", accent, got)
				}
				dark := inDark(accent)
				if got := worst(dark, darkGrounds, darkTint(dark)); got < readable {
					t.Errorf("%s in the dark, %s: %.2f", accent, dark, got)
				}
				if got := contrast(dark, fixed("#101315")); got < readable {
					t.Errorf("text on %s: %.2f", dark, got)
				}
			}
		}
	}
}

// A ratio that is not enough must not read like one that is.
func TestTenths(t *testing.T) {
	for ratio, want := range map[float64]int{4.499: 44, 4.5: 45, 1: 10} {
		if got := tenths(ratio); got != want {
			t.Errorf("%v reads %d, want %d", ratio, got, want)
		}
	}
}

func color3(r, g, b int) rgb { return rgb{float64(r) / 255, float64(g) / 255, float64(b) / 255} }

func TestStyle(t *testing.T) {
	const want = ":root{--accent:light-dark(#003366,#adbece);--on-accent:light-dark(#ffffff,#101315);--tint:light-dark(#e6ebf0,#2c3136)}\n"
	if got := (Brand{Accent: "#003366"}).Style(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (Brand{}).Style(); got != "" {
		t.Errorf("without an accent: %q", got)
	}
}

func picture(w, h int) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, w, h))
	for x := range w {
		for y := range h {
			m.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 90, 255})
		}
	}
	return m
}

func TestLogo(t *testing.T) {
	encode := func(w, h int, as string) []byte {
		var b bytes.Buffer
		switch as {
		case "png":
			png.Encode(&b, picture(w, h))
		case "jpeg":
			jpeg.Encode(&b, picture(w, h), nil)
		case "gif":
			gif.Encode(&b, picture(w, h), nil)
		}
		return b.Bytes()
	}
	whole := encode(300, 100, "png")
	// The header alone says a huge picture.
	huge := bytes.Clone(whole)
	copy(huge[16:], []byte{0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff})
	for _, test := range []struct {
		name string
		file []byte
		want string
		w, h int
	}{
		{"png", whole, "", 120, 40},
		{"jpeg", encode(40, 40, "jpeg"), "", 40, 40},
		{"gif", encode(1000, 50, "gif"), "", 200, 10},
		{"script as svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "error.logo (logo)", 0, 0},
		{"page", []byte("<!doctype html><script>alert(1)</script>"), "error.logo (logo)", 0, 0},
		{"nothing", nil, "error.logo (logo)", 0, 0},
		{"cut off", whole[:len(whole)/2], "error.logo (logo)", 0, 0},
		{"50 MB", make([]byte, 50<<20), "error.logo_large (logo)", 0, 0},
		{"says it is huge", huge, "error.logo", 0, 0},
		{"a point", encode(1, 1, "png"), "error.logo_pixels (logo)", 0, 0},
		{"wide", encode(320, 16, "png"), "", 200, 10},
		{"tall", encode(16, 80, "png"), "", 8, 40},
		{"a line", encode(321, 16, "png"), "error.logo_shape (logo)", 0, 0},
		{"a pole", encode(16, 81, "png"), "error.logo_shape (logo)", 0, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, err := NewLogo(test.file)
			if got := wrong(err); !strings.HasPrefix(got, test.want) || test.want == "" && got != "" {
				t.Fatalf("got %q, want %q", got, test.want)
			}
			if err != nil {
				return
			}
			if l.Width != test.w || l.Height != test.h {
				t.Errorf("%d × %d, want %d × %d", l.Width, l.Height, test.w, test.h)
			}
			icon, err := png.DecodeConfig(bytes.NewReader(l.Icon))
			if err != nil || icon.Width != iconSize || icon.Height != iconSize {
				t.Errorf("icon %+v, %v", icon, err)
			}
			// A form that was refused sends back what we made of the file.
			if again, err := NewLogo(l.PNG); err != nil || again.Width != l.Width || again.Height != l.Height {
				t.Errorf("the same once more: %v", err)
			}
		})
	}
}

func TestHours(t *testing.T) {
	for _, test := range []struct{ zone, opening, promise, want string }{
		{"", "", "", ""},
		{"Europe/Rome", "Lun–ven 9–18\nSab 9–13", "next_day", ""},
		{"Mars/Olympus", "", "", "error.zone (zone)"},
		{"../etc/passwd", "", "", "error.zone (zone)"},
		{"Local", "", "", "error.zone (zone)"},
		{"", "", "at_once", "error.choice (promise)"},
		{"", strings.Repeat("x", MaxOpening+1), "", "error.too_long (opening.it)"},
	} {
		_, err := NewHours(test.zone, escalation.Text{"it": test.opening}, test.promise)
		if got := wrong(err); got != test.want {
			t.Errorf("%+v: %q", test, got)
		}
	}
}

func TestChannels(t *testing.T) {
	for _, test := range []struct {
		name string
		c    Channels
		want string
	}{
		{"nothing", Channels{}, ""},
		{"all", Channels{
			Company: Company{"Belvaro Srl", "Via Roma 1\n50100 Firenze", "IT 01234567890"},
			Phone:   Phone{Number: "+39 (055) 123-456", Cost: escalation.Text{"it": "gratis"}, CallBack: true},
			Chat:    Chat{Link: "https://example.com/chat", Promise: "same_day"},
			Social:  Social{Promise: "week"}, Mail: Mail{Address: "help@example.com"}, Certified: Certified{Address: "pec@example.com"},
			Places: []Place{{}, {Name: "Milano", Address: "Via Po 1"}, {}},
		}, ""},
		{"number", Channels{Phone: Phone{Number: "call us"}}, "error.phone (phone.number)"},
		{"number with a script", Channels{Phone: Phone{Number: "+39<script>"}}, "error.phone (phone.number)"},
		{"chat", Channels{Chat: Chat{Link: "javascript:x"}}, "error.link (chat.link)"},
		{"mail", Channels{Mail: Mail{Address: "a@b"}}, "error.email (mail.address)"},
		{"mail header", Channels{Mail: Mail{Address: "a@example.com\nBcc: b@example.com"}}, "error.email (mail.address)"},
		{"certified", Channels{Certified: Certified{Address: "pec"}}, "error.email (certified.address)"},
		{"promise", Channels{Chat: Chat{Promise: "never"}}, "error.choice (chat.promise)"},
		{"place without a name", Channels{Places: []Place{{Address: "Via Po 1"}}}, "error.place_name (place.0.name)"},
		{"place without an address", Channels{Places: []Place{{Name: "Milano"}}}, "error.place_address (place.0.address)"},
		{"place that nobody sees", Channels{Places: []Place{{Name: "\u200b", Address: "\u200f", Hours: escalation.Text{"it": "\u200b"}}}}, ""},
		{"long", Channels{Phone: Phone{Wait: escalation.Text{"es": strings.Repeat("x", 301)}}}, "error.too_long (phone.wait.es)"},
	} {
		c, err := test.c.Clean()
		if got := wrong(err); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
		if test.name == "all" && (len(c.Places) != 1 || !c.Any()) || (test.name == "nothing" || test.name == "place that nobody sees") && c.Any() {
			t.Errorf("%s: %+v", test.name, c)
		}
	}
}

func TestParseProfiles(t *testing.T) {
	for _, test := range []struct {
		typed string
		want  []Profile
		wrong string
	}{
		{"", nil, ""},
		{"\n  Our   page https://example.social/@b \n\n", []Profile{{"Our page", "https://example.social/@b"}}, ""},
		{"https://example.social/@b", nil, "error.profile (f)"},
		{"Page /here", nil, "error.profile (f)"},
		{"Page javascript:alert(1)", nil, "error.profile (f)"},
		{strings.Repeat("P https://example.com/\n", 11), nil, "error.too_many_lines (f)"},
	} {
		got, err := ParseProfiles("f", test.typed)
		if w := wrong(err); w != test.wrong || err == nil && !slices.Equal(got, test.want) {
			t.Errorf("%q: %v, %q", test.typed, got, w)
		}
	}
}

func TestSetUp(t *testing.T) {
	var s SetUp
	now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
	for i, step := range append([]Step{"nonsense", Steps[0]}, Steps...) {
		if s.Ready() {
			t.Fatalf("ready before step %d", i)
		}
		s = s.Decide(step, now)
	}
	if !s.Ready() || len(s.Decided) != len(Steps) {
		t.Errorf("after all steps: %+v", s)
	}
	if again := s.Decide(Steps[0], now.Add(time.Hour)); again.Done != now {
		t.Errorf("decided again: %+v", again)
	}
}

func TestText(t *testing.T) {
	text := escalation.Text{"it": "ciao", "es": "hola"}
	for _, test := range []struct {
		langs []string
		want  string
	}{{[]string{"es"}, "hola"}, {[]string{"fr", "es"}, "hola"}, {[]string{"en"}, "ciao"}, {nil, "ciao"}} {
		if got := text.In(test.langs...); got != test.want {
			t.Errorf("%v: %q, want %q", test.langs, got, test.want)
		}
	}
	if got := (escalation.Text{}).In("it"); got != "" {
		t.Errorf("nothing said: %q", got)
	}
}

// memory are rows that one process keeps.
type memory map[string]Row

func (m memory) Settings(context.Context) (map[string]Row, error) { return m, nil }

func (m memory) EditSetting(_ context.Context, name string, version int64, v any) error {
	if m[name].Version != version {
		return &escalation.Error{Kind: escalation.Conflict, Reason: "error.setting_changed"}
	}
	b, err := json.Marshal(v)
	m[name] = Row{b, version + 1}
	return err
}

func TestKeeper(t *testing.T) {
	rows := memory{"of another": {Value: []byte("not ours"), Version: 3}}
	k, err := Open(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	if s := k.Site(); s.Brand.Name != "Primalinea" || s.Version(BrandName) != 0 {
		t.Errorf("by default %+v", s)
	}
	before := k.Site().Edition()
	if err := k.Change(t.Context(), BrandName, 0, Brand{Name: "Belvaro"}); err != nil {
		t.Fatal(err)
	}
	if s := k.Site(); s.Brand.Name != "Belvaro" || s.Version(BrandName) != 1 || s.Edition() == before {
		t.Errorf("after a change %+v", s)
	}
	err = k.Change(t.Context(), BrandName, 0, Brand{Name: "Other"})
	if escalation.KindOf(err) != escalation.Conflict || k.Site().Brand.Name != "Belvaro" {
		t.Errorf("of two leads both won: %v, %+v", err, k.Site())
	}
	rows[BrandName] = Row{[]byte("{"), 9}
	if err := k.Refresh(t.Context()); err == nil || k.Site().Brand.Name != "Belvaro" {
		t.Errorf("what cannot be read was taken: %v", err)
	}
}

// slow are rows whose reader is overtaken by a change.
type slow struct {
	memory
	read, overtaken chan struct{}
}

func (s *slow) Settings(ctx context.Context) (map[string]Row, error) {
	rows := maps.Clone(s.memory)
	if s.read != nil {
		read := s.read
		s.read = nil
		close(read)
		<-s.overtaken
	}
	return rows, nil
}

// TestKeeperOvertaken wants a change shown although what was true before is read
// at the same time.
func TestKeeperOvertaken(t *testing.T) {
	rows := &slow{memory: memory{}}
	k, err := Open(t.Context(), rows)
	if err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	rows.read, rows.overtaken = read, make(chan struct{})
	var both sync.WaitGroup
	both.Go(func() {
		if err := k.Refresh(t.Context()); err != nil {
			t.Error(err)
		}
	})
	<-read
	changed := make(chan struct{})
	both.Go(func() {
		defer close(changed)
		if err := k.Change(t.Context(), BrandName, 0, Brand{Name: "Belvaro"}); err != nil {
			t.Error(err)
		}
	})
	select {
	case <-changed:
	case <-time.After(50 * time.Millisecond): // it waits for its turn
	}
	close(rows.overtaken)
	both.Wait()
	if got := k.Site().Brand.Name; got != "Belvaro" {
		t.Errorf("the site is called %s", got)
	}
}
