package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/mail"
	"primalinea/themes"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var _ mail.Words = (*themes.Theme)(nil)

// TestHead puts what a company says into its letters: how soon a reply comes, and
// how they end.
func TestHead(t *testing.T) {
	shipped, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	theme := shipped.Headed(func(s themes.Speaker) themes.Head {
		return themes.Head{Site: "Belvaro", Signature: "Belvaro Srl\nFirenze", Promise: s.T("promise.next_day")}
	})
	for _, test := range []struct {
		kind, lang string
		want       []string
	}{
		{"receipt", "it", []string{"La prima risposta arriva entro il giorno lavorativo successivo.", "\n\n-- \nBelvaro Srl\nFirenze\n"}},
		{"reply", "en", []string{"\n\n-- \nBelvaro Srl\nFirenze\n"}},
		{"test", "es", []string{"los ajustes de Belvaro", "\nhttps://help.example.com/x\n", "\n-- \n"}},
	} {
		subject, text, err := theme.Letter(test.kind, test.lang, "https://help.example.com/x", escalation.LetterArgs{Number: "ABCD1234"})
		if err != nil || subject == "" {
			t.Fatal(err)
		}
		for _, want := range test.want {
			if !strings.Contains(text, want) {
				t.Errorf("%s in %s lacks %q:\n%s", test.kind, test.lang, want, text)
			}
		}
		if strings.Contains(text, "letter.") || !strings.HasSuffix(text, "Firenze\n") {
			t.Errorf("%s in %s:\n%s", test.kind, test.lang, text)
		}
	}
	if _, text, err := shipped.Letter("receipt", "it", "x", escalation.LetterArgs{}); err != nil || strings.Contains(text, "-- ") {
		t.Errorf("without a head: %v\n%s", err, text)
	}
}

// TestLetters compares each letter of the shipped theme, in each language, with
// the one in testdata: to somebody whose address is verified, and to somebody
// whose is not, which repeats nothing that was typed; to whom a request was given; those
// to staff from a colleague, and from nobody; those about silence also of a ticket that
// was solved. After a wanted change:
// go test ./escalation/mail -update
func TestLetters(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	theme = theme.Headed(func(s themes.Speaker) themes.Head {
		return themes.Head{Site: "Belvaro", Team: func(id string) string { return escalation.ShippedDesk().TeamName(id, s.Lang) }}
	})
	const link = "https://help.example.com/tickets/ABCD1234?k=K&m=M"
	for _, kind := range []escalation.LetterKind{escalation.ReceiptLetter, escalation.ReplyLetter, escalation.MoveLetter, escalation.SolvedLetter,
		escalation.InvitationLetter, escalation.ResetLetter, escalation.PasswordLetter, escalation.FactorLetter, escalation.NewNoticeLetter, escalation.ReturnedNoticeLetter, escalation.AlarmNoticeLetter,
		escalation.LinksLetter, escalation.AddressLetter, escalation.LeftLetter, escalation.MergedLetter, escalation.GivenLetter, escalation.RegainedLetter,
		escalation.ReminderLetter, escalation.WarningLetter, escalation.LapsedLetter, escalation.SplitLetter} {
		for lang := range three {
			args := escalation.LetterArgs{Number: "ABCD1234"}
			if kind == escalation.MoveLetter {
				args.Team = "tech"
			}
			if kind == escalation.MergedLetter || kind == escalation.SplitLetter {
				args.Other = "EFGH5678"
			}
			if kind == escalation.WarningLetter || kind == escalation.LapsedLetter {
				args.Until, args.Zone = time.Date(2026, 3, 20, 23, 0, 0, 0, time.UTC), "America/Bogota"
			}
			known := args
			known.Name, known.By, known.Subject = "Ada", "Lea Longo", "{{.Name}} <b>5 > 3</b>"
			switch kind {
			case escalation.ReplyLetter, escalation.SolvedLetter, escalation.ReminderLetter, escalation.WarningLetter:
				known.Text = "Spegnere e riaccendere.\n\nPoi scriverci."
			case escalation.MoveLetter:
				known.Tell = "Serve chi ripara i telefoni."
			}
			variants := map[string]escalation.LetterArgs{"known": known, "unknown": args}
			switch kind {
			case escalation.ReceiptLetter:
				given := args
				given.Given = true
				variants["given"] = given
			case escalation.ReminderLetter, escalation.WarningLetter:
				solved := known
				solved.Text, solved.Solved = "", true
				variants["solved"] = solved
			}
			for name, args := range variants {
				name := string(kind) + "." + lang + "." + name + ".txt"
				t.Run(name, func(t *testing.T) {
					subject, text, err := theme.Letter(string(kind), lang, link, args)
					if err != nil {
						t.Fatal(err)
					}
					if !strings.Contains(text, "\n"+link+"\n") {
						t.Error("the link has no line of its own")
					}
					if strings.Contains(text, "\n\n\n") || strings.ContainsFunc(subject, unicode.IsControl) || utf8.RuneCountInString(subject) > 70 {
						t.Errorf("gaps in the text, or a bad subject: %q", subject)
					}
					if strings.Contains(subject+text, "letter.") {
						t.Error("a sentence is missing")
					}
					got := subject + "\n\n" + text
					golden := filepath.Join("testdata", "letters", name)
					if *update {
						if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
							t.Fatal(err)
						}
					}
					want, err := os.ReadFile(golden)
					if err != nil {
						t.Fatal(err)
					}
					if got != string(want) {
						t.Errorf("got:\n%s\nwant:\n%s", got, want)
					}
				})
			}
		}
	}
}
