package main

import (
	"html"
	"net/url"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"primalinea/escalation"
	"primalinea/escalation/setting"
)

// A field of a form, as far as these pages have them: hidden, typed on one line,
// or on several.
var fieldForm = regexp.MustCompile(`(?s)<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"|<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>`)

// fields are what a browser sends of a page without a touch.
func fields(page string) url.Values {
	sent := url.Values{}
	for _, m := range fieldForm.FindAllStringSubmatch(page, -1) {
		sent.Set(m[1]+m[3], html.UnescapeString(m[2]+m[4]))
	}
	return sent
}

// TestUnaskedLanguages saves forms of a site whose articles are in Italian alone:
// what was said in Spanish, when there were Spanish articles, is not lost.
func TestUnaskedLanguages(t *testing.T) {
	site := command(t, func(s *serveCmd) { s.Languages = []string{"it"} }).start(t).staffed()
	said := escalation.Text{"it": "Ogni giorno\n9–18", "es": "Cada día \"<b>\"\n9–18"}
	line := escalation.Text{"it": "Pagamenti lenti", "es": "Pagos lentos"}
	for name, v := range map[string]any{
		setting.HoursName: setting.Hours{Opening: said}, setting.LettersName: setting.Letters{Signature: said},
		setting.ChannelsName: setting.Channels{
			Phone:  setting.Phone{Number: "800 123456", Hours: said},
			Places: []setting.Place{{Name: "Firenze", Address: "Via Roma 1", Hours: said}},
		},
		setting.StatusName: setting.Status{Text: line},
	} {
		if err := site.db.SetSetting(t.Context(), name, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := site.settings.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := site.enter("lead")
	for _, path := range []string{"/lead/settings/hours", "/lead/settings/letters", "/lead/settings/channels", "/lead/status"} {
		_, page := b.get(path)
		resp, body := b.post(path, fields(page))
		want(t, path, resp, body, 303)
	}
	now := site.settings.Site()
	for what, got := range map[string]escalation.Text{
		"hours": now.Hours.Opening, "letters": now.Letters.Signature, "telephone": now.Channels.Phone.Hours, "place": now.Channels.Places[0].Hours,
	} {
		if diff := cmp.Diff(said, got); diff != "" {
			t.Errorf("%s (-before +after):\n%s", what, diff)
		}
	}
	if diff := cmp.Diff(line, now.Status.Text); diff != "" {
		t.Errorf("line (-before +after):\n%s", diff)
	}
}
