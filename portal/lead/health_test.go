package lead

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"primalinea/content"
	"primalinea/escalation/interval"
	"primalinea/escalation/journey"
	"primalinea/portal/web"
	"primalinea/themes"
)

// TestWhys holds that each need is told with its numbers, in every language, and
// leads to where it is mended.
func TestWhys(t *testing.T) {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"it/a.md": "---\ntitle: Uno\nkey: a\nchange: major\n---\nTesto\n",
		"en/a.md": "---\ntitle: One\nkey: a\nsource: it@000000000000\n---\nText\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	folder, err := content.Open(dir, content.Options{})
	if err != nil {
		t.Fatal(err)
	}
	lib := folder.Library()
	a := lib.ByKey("a", "en")
	day := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	patient := journey.Patient{Needs: journey.Needs, Condition: journey.Condition{
		Standing:  journey.Standing{Contacted: interval.Wilson(30, 60)},
		Judgement: journey.Judgement{Yes: 2, No: 5, Reasons: map[string]int{"other": 1, "unclear": 3}},
		Behind:    lib.Behind(a).Size, Due: day, Seen: journey.Seen{Known: day.AddDate(-1, 0, 0), Opened: day},
	}}
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	for lang, want := range map[string][]string{
		"en": {
			"30 of 60 readers then wrote to us (38%–62%); over all articles 10%",
			"5 no and 2 yes to the text as it is now. It was hard to follow: 3 · Something else: 1",
			"A large change of the text in Italiano, of ", "Was due on 2 March 2026", "Last opened on 2 March 2026",
		},
		"it": {
			"30 lettori su 60 hanno poi scritto (38 %–62 %); su tutti gli articoli 10 %",
			"5 no e 2 sì al testo attuale. ", "Manca una grande modifica del testo in Italiano, del ", "Andava rivisto il 2 marzo 2026", "Aperto l'ultima volta il 2 marzo 2026",
		},
		"es": {
			"30 de 60 lectores escribieron después (38 %–62 %); en todos los artículos, 10 %",
			"5 no y 2 sí al texto actual. ", "Falta un cambio grande del texto en Italiano, del ", "Había que revisarlo el 2 de marzo de 2026", "Se abrió por última vez el 2 de marzo de 2026",
		},
	} {
		p := web.Page{Speaker: theme.Words.Speaker(lang).In(time.UTC)}
		got := whys(p, lib, a, patient, interval.Wilson(10, 100))
		if len(got) != len(journey.Needs) {
			t.Fatalf("%s: %d reasons", lang, len(got))
		}
		for i, w := range got {
			if text := strings.ReplaceAll(w.Text, "\u00a0", " "); !strings.HasPrefix(text, want[i]) {
				t.Errorf("%s, %s: %q, want %q", lang, w.Need, text, want[i])
			}
			path := "/write/edit/en/a.md"
			if w.Need == journey.NeedReview {
				path = "/write/reviews"
			}
			if w.Path != path {
				t.Errorf("%s leads to %s, want %s", w.Need, w.Path, path)
			}
			for _, key := range []string{"health.need.", "health.do."} {
				if !p.Has(key + string(w.Need)) {
					t.Errorf("%s: no words for %s%s", lang, key, w.Need)
				}
			}
		}
	}
	never := journey.Patient{Needs: []journey.Need{journey.NeedUnused}, Condition: journey.Condition{Seen: journey.Seen{Known: day}}}
	p := web.Page{Speaker: theme.Words.Speaker("en").In(time.UTC)}
	if got := whys(p, lib, a, never, interval.Proportion{}); got[0].Text != "Not opened since it was first seen here, on 2 March 2026" {
		t.Errorf("%q", got[0].Text)
	}
}

// TestSorts holds that lists are ordered by bounds, where they are by a rate.
func TestSorts(t *testing.T) {
	few := articleRow{Title: "a", Standing: journey.Standing{Solved: interval.Wilson(3, 3), Contacted: interval.Wilson(3, 3), Confirmed: 3, No: 1}}
	many := articleRow{Title: "B", Standing: journey.Standing{Solved: interval.Wilson(200, 400), Contacted: interval.Wilson(200, 400), Confirmed: 200, Presumed: 1}}
	first := map[string]string{"read": "B", "solved": "B", "contacted": "B", "confirmed": "B", "presumed": "B", "no": "a", "title": "a"}
	for _, o := range sorts {
		if got := map[bool]string{true: "a", false: "B"}[o.compare(few, many) < 0]; got != first[o.Key] {
			t.Errorf("by %s, %s comes first", o.Key, got)
		}
	}
}
