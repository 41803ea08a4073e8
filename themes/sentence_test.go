package themes

import (
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// TestSentences says every plain sentence of the catalogs as i18n would.
func TestSentences(t *testing.T) {
	theme, err := Load(Shipped())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range theme.Words.Languages() {
		speaker := theme.Words.Speaker(lang)
		if len(speaker.plain) < len(speaker.known)/2 {
			t.Errorf("%s: only %d of %d sentences are plain", lang, len(speaker.plain), len(speaker.known))
		}
		for key, s := range speaker.plain {
			args, data := []any{"None", "nothing"}, map[string]any{}
			for i, name := range s.names {
				for _, value := range []any{"<b>" + name, i} { // of two the last counts
					args, data[name] = append(args, name, value), value
				}
			}
			want, err := speaker.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: data})
			if got := speaker.T(key, args...); err != nil || got != want {
				t.Errorf("%s: %s is %q, want %q (%v)", lang, key, got, want, err)
			}
			if len(s.names) == 0 {
				continue
			}
			want, _ = speaker.localizer.Localize(&i18n.LocalizeConfig{MessageID: key, TemplateData: map[string]any{}})
			if got := speaker.T(key); got != want {
				t.Errorf("%s: %s without arguments is %q, want %q", lang, key, got, want)
			}
		}
	}
}
