package mail_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"primalinea/escalation"
	"primalinea/escalation/mail"
	"primalinea/themes"
)

var update = flag.Bool("update", false, "write the golden letters anew")

var _ mail.Words = (*themes.Theme)(nil)

// TestLetters compares each letter of the shipped theme, in each language, with
// the one in testdata: to somebody whose address is verified, and to somebody
// whose is not, which repeats nothing that was typed. After a wanted change:
// go test ./escalation/mail -update
func TestLetters(t *testing.T) {
	theme, err := themes.Load(themes.Shipped())
	if err != nil {
		t.Fatal(err)
	}
	const link = "https://help.example.com/tickets/ABCD1234?k=K&m=M"
	for _, kind := range []escalation.LetterKind{escalation.ReceiptLetter, escalation.ReplyLetter, escalation.MoveLetter, escalation.SolvedLetter} {
		for lang := range three {
			args := escalation.LetterArgs{Number: "ABCD1234"}
			if kind == escalation.MoveLetter {
				args.Team = "tech"
			}
			known := args
			known.Name, known.Subject = "Ada", "{{.Name}} <b>5 > 3</b>"
			switch kind {
			case escalation.ReplyLetter, escalation.SolvedLetter:
				known.Text = "Spegnere e riaccendere.\n\nPoi scriverci."
			case escalation.MoveLetter:
				known.Tell = "Serve chi ripara i telefoni."
			}
			for name, args := range map[string]escalation.LetterArgs{"known": known, "unknown": args} {
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
