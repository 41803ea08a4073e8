package demand

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/unicode/norm"

	"primalinea/escalation"
	"primalinea/escalation/journey"
	"primalinea/escalation/scrub"
)

const (
	maxTitle   = 70
	maxPhrase  = 100
	maxPhrases = 10
	maxSlug    = 60
	maxSection = 20_000 // runes of problem or solution
	maxSources = 20     // tickets that a draft names
)

// A Source is what a draft is made of.
type Source struct {
	Lang     string
	Key      string              // of the article that it is the same as, in another language; else empty
	Title    string              // in the customers' words
	Wordings []string            // the other ways in which they say it
	Searches []string            // what was searched in vain
	Problem  string              // plain text; may be empty
	Facts    map[string][]string // where it occurs, by the names of [Environment]
	Solution string              // plain text of the resolution; may be empty
	Others   []Answer            // other resolutions
	Tickets  []string            // numbers of those that it is made of
	Owner    string              // who answers for it
	Folder   string              // below the language, where its section lies; may be empty
}

// OfLine returns the source of a draft about a line, and about its tickets, as far
// as they are known. What was said in other languages is left to drafts in those.
func OfLine(l Line, tickets []escalation.Ticket, terms func(lang, text string) []string) Source {
	src := InLang(l, l.Lang)
	src.answer(slices.DeleteFunc(slices.Clone(tickets), func(t escalation.Ticket) bool { return t.Lang != l.Lang }), terms)
	return src
}

// InLang returns the beginning of a draft about a line in one of its languages: how
// people say it there.
func InLang(l Line, lang string) Source {
	src := Source{Lang: lang}
	for _, w := range l.Wordings {
		if w.Lang != lang {
			continue
		}
		if src.Title == "" {
			src.Title = w.Text
		}
		src.Wordings = append(src.Wordings, w.Text)
		if w.Searched {
			src.Searches = append(src.Searches, w.Text)
		}
	}
	return src
}

// answer takes what settled the tickets, and where the problem occurred.
func (src *Source) answer(tickets []escalation.Ticket, terms func(lang, text string) []string) {
	src.Facts = environment(tickets)
	if answers := Answers(tickets, terms); len(answers) > 0 {
		src.Solution, src.Others = answers[0].Text, answers[1:]
	}
	for _, t := range tickets {
		if t.Erased.IsZero() && len(src.Tickets) < maxSources {
			src.Tickets = append(src.Tickets, t.Number)
		}
	}
}

// OfTicket returns the source of a draft about a solved ticket: its subject, the
// first thing the customer wrote, what they had searched for before, and the
// public entry that settled it. Of the searches it takes the last one, and those
// that share a term with the subject or with that last one: people look for
// several things in one go.
func OfTicket(t *escalation.Ticket, terms func(lang, text string) []string) Source {
	src := Source{Lang: t.Lang, Title: t.Subject, Problem: problem(t)}
	src.answer([]escalation.Ticket{*t}, terms)
	if t.Trail == nil {
		return src
	}
	var searches []string
	for _, m := range t.Trail.Moments {
		if m.Kind == "search" && m.Query != "" && (m.Lang == "" || m.Lang == t.Lang) {
			searches = append(searches, m.Query)
		}
	}
	if len(searches) == 0 {
		return src
	}
	last := searches[len(searches)-1]
	about := terms(t.Lang, t.Subject+" "+last)
	for _, query := range searches {
		if shared, _ := journey.Overlap(terms(t.Lang, query), about); shared > 0 || query == last {
			src.Wordings = append(src.Wordings, query)
			src.Searches = append(src.Searches, query)
		}
	}
	return src
}

// Words are the sentences of a draft in its language, from the catalog.
type Words struct {
	Untitled                              string
	Problem, Environment, Cause, Solution string
	// What to ask oneself where nothing is known.
	NoProblem, NoEnvironment, NoCause string
	NoSolution                        []string
	Other                             string            // above another answer
	Facts                             map[string]string // the names of [Environment]
}

// NewWords takes them from a catalog.
func NewWords(word func(key string) string) Words {
	w := Words{
		Untitled: word("draft.untitled"), Problem: word("draft.problem"), Environment: word("draft.environment"), Cause: word("draft.cause"),
		Solution: word("draft.solution"), NoProblem: word("draft.no_problem"), NoEnvironment: word("draft.no_environment"),
		NoCause: word("draft.no_cause"), NoSolution: []string{word("draft.what_solved"), word("draft.which_steps"), word("draft.how_seen")},
		Other: word("draft.other"), Facts: map[string]string{},
	}
	for _, name := range Environment {
		w.Facts[name] = word("fact." + name)
	}
	return w
}

// Questions returns what a draft asks whoever writes on: none is for readers.
func (w *Words) Questions() []string {
	return append([]string{w.NoProblem, w.NoEnvironment, w.NoCause}, w.NoSolution...)
}

// A Draft is an article to be: a file below the content folder, and its bytes.
type Draft struct {
	File  string
	Key   string
	Slug  string
	Title string
	Src   []byte
	Found []scrub.Finding // what was struck out, now or before, by place in Src
}

// frontMatter is written in this order.
type frontMatter struct {
	Title    string   `yaml:"title"`
	Key      string   `yaml:"key"`
	Slug     string   `yaml:"slug"`
	Status   string   `yaml:"status"`
	Phrases  []string `yaml:"phrases,omitempty"`
	Expect   []string `yaml:"expect,omitempty"`
	Owner    string   `yaml:"owner,omitempty"`
	ReviewIn string   `yaml:"review_in"`
	Sources  []string `yaml:"sources,omitempty"`
}

// reviewIn is when somebody looks at what was made of demand again: its answer is
// younger than those of the articles around it.
const reviewIn = "6 months"

// NewDraft returns the draft of an article. Personal data is struck out of all
// of it. taken reports whether a slug is used already, as file, slug or key in
// any language; the draft gets the next free one.
func NewDraft(src Source, words Words, taken func(slug string) bool) (Draft, error) {
	title := cleanTitle(src.Title)
	if title == "" {
		title = words.Untitled
	}
	slug := freeSlug(title, taken)
	head := frontMatter{
		Title: title, Key: cmp.Or(src.Key, slug), Slug: slug, Status: "draft", Owner: src.Owner, ReviewIn: reviewIn, Sources: src.Tickets,
	}
	head.Phrases = phrases(src.Wordings, title)
	head.Expect = Expected(src.Searches)

	var b bytes.Buffer
	b.WriteString("---\n")
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(head); err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", slug, err)
	}
	if err := enc.Close(); err != nil {
		return Draft{}, fmt.Errorf("draft %s: %w", slug, err)
	}
	b.WriteString("---\n")
	section(&b, words.Problem, src.Problem, words.NoProblem)
	section(&b, words.Environment, facts(src.Facts, words.Facts), words.NoEnvironment)
	section(&b, words.Cause, "", words.NoCause)
	section(&b, words.Solution, src.Solution, "- "+strings.Join(words.NoSolution, "\n- "))
	for _, o := range src.Others {
		comment(&b, words.Other+" "+o.Number, o.Text)
	}

	file := src.Lang + "/"
	if folder := strings.Trim(src.Folder, "/"); folder != "" {
		file += folder + "/"
	}
	return Draft{File: file + slug + ".md", Key: head.Key, Slug: slug, Title: title, Src: b.Bytes(), Found: scrub.Marks(b.String())}, nil
}

// Expected returns the different searches that are fit to find an article: without
// personal data, not too long, not too many.
func Expected(searches []string) []string { return phrases(searches, "") }

func section(b *bytes.Buffer, heading, text, instead string) {
	clean, _ := scrub.Text(printable(text, true))
	body := markdown(clean)
	if body == "" {
		body = instead
	}
	fmt.Fprintf(b, "\n## %s\n\n%s\n", heading, body)
}

// comment writes what only those see who edit the text. Nothing in it ends the
// comment.
func comment(b *bytes.Buffer, heading, text string) {
	clean, _ := scrub.Text(printable(text, true))
	fmt.Fprintf(b, "\n<!-- %s\n\n%s\n-->\n", apart(tidy(printable(heading, false))), apart(markdown(clean)))
}

// apart leaves no two hyphens side by side.
func apart(s string) string {
	for strings.Contains(s, "--") {
		s = strings.ReplaceAll(s, "--", `-\-`)
	}
	return s
}

// facts lists where a problem occurs.
func facts(known map[string][]string, names map[string]string) string {
	var b strings.Builder
	for _, name := range Environment {
		if values := known[name]; len(values) > 0 {
			fmt.Fprintf(&b, "- %s: %s\n", names[name], strings.Join(values, ", "))
		}
	}
	return b.String()
}

// cleanTitle makes a title of what somebody typed: one line, scrubbed, with a
// capital first letter, not too long.
func cleanTitle(s string) string {
	s, _ = scrub.Text(printable(s, false))
	s = tidy(scrub.Without(s))
	s = strings.TrimRight(s, ".,;:!-–— ")
	s = strings.TrimLeft(s, "#>*-–— ")
	s = shorten(s, maxTitle)
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// phrases returns the different wordings that are fit for a list that
// customers' searches are compared with: without personal data, not too long.
func phrases(wordings []string, title string) []string {
	seen := map[string]bool{fold(title): true}
	var out []string
	for _, w := range wordings {
		w, found := scrub.Text(printable(w, false))
		w = tidy(w)
		if w == "" || len(found) > 0 || len(scrub.Marks(w)) > 0 || utf8.RuneCountInString(w) > maxPhrase || seen[fold(w)] {
			continue
		}
		seen[fold(w)] = true
		if out = append(out, w); len(out) == maxPhrases {
			break
		}
	}
	return out
}

func tidy(s string) string { return strings.Join(strings.Fields(s), " ") }

// printable drops what cannot be seen; lines are kept if they are wanted.
func printable(s string, lines bool) string {
	s = norm.NFC.String(strings.ToValidUTF8(s, ""))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines:
			return r
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsPrint(r) && r != utf8.RuneError:
			return r
		}
		return -1
	}, strings.ReplaceAll(s, "\r\n", "\n"))
}

// shorten cuts a line after a whole word where it can.
func shorten(s string, n int) string {
	runes := []rune(s)
	if len(runes) <= n {
		return s
	}
	s = string(runes[:n-1])
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, ".,;:!?-–— ") + "…"
}

// Slug returns the address that a title becomes: letters without accents,
// digits, and hyphens between words. It is empty when there are none.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range norm.NFKD.String(strings.ToLower(title)) {
		switch {
		case 'a' <= r && r <= 'z' || '0' <= r && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent
		case r == 'ß':
			b.WriteString("ss")
		default:
			gap = true
		}
	}
	s := b.String()
	if len(s) > maxSlug {
		s = s[:maxSlug]
		if i := strings.LastIndexByte(s, '-'); i > maxSlug/2 {
			s = s[:i]
		}
		s = strings.TrimRight(s, "-")
	}
	return s
}

func freeSlug(title string, taken func(string) bool) string {
	slug := Slug(title)
	if slug == "" {
		sum := sha256.Sum256([]byte(title))
		slug = "article-" + hex.EncodeToString(sum[:4])
	}
	if taken == nil {
		return slug
	}
	free := slug
	for n := 2; taken(free); n++ {
		free = fmt.Sprintf("%s-%d", slug, n)
	}
	return free
}

// markdown makes plain text say in Markdown what it says: lists and links stay,
// nothing becomes a heading, an inclusion, HTML or an image.
func markdown(s string) string {
	runes := []rune(strings.Trim(s, "\n "))
	if len(runes) > maxSection {
		runes = append(runes[:maxSection], '…')
	}
	var lines []string
	for line := range strings.Lines(string(runes)) {
		line = strings.TrimRight(line, "\n ")
		indent := len(line) - len(strings.TrimLeft(line, " "))
		line = strings.Repeat(" ", min(indent, 3)) + plain.Replace(line[indent:])
		if t := strings.TrimLeft(line, " "); t != "" && blockStart(t) {
			line = line[:len(line)-len(t)] + `\` + t
		}
		if line == "" && len(lines) > 0 && lines[len(lines)-1] == "" {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

var plain = strings.NewReplacer(
	// An inclusion is read before Markdown is, and knows no backslash.
	"<!--", `\<!-\-`,
	`\`, `\\`, "<", `\<`, "`", "\\`", "](", `]\(`, "]:", `]\:`, "][", `]\[`,
	"[[", `\[\[`, "[^", `\[^`, "![", `\![`, "[!", `\[!`, "{{", `\{\{`, "{#", `\{#`,
)

// blockStart reports whether a line begins something that plain text does not
// mean: a heading, a rule, a fence, a container, front matter.
func blockStart(line string) bool {
	switch {
	case line[0] == '#', strings.HasPrefix(line, ":::"), strings.HasPrefix(line, "~~~"), strings.HasPrefix(line, "+++"):
		return true
	case line[0] == '-' || line[0] == '=' || line[0] == '_' || line[0] == '*':
		return strings.Trim(line, line[:1]+" ") == "" // a rule, or what underlines a heading
	case line[0] == ':':
		return true // a definition
	}
	return false
}
