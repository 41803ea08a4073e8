package content

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
	"golang.org/x/text/encoding/charmap"
)

const maxRecords = 200_000

// A Report is what an import did.
type Report struct {
	Written   int
	Unchanged int       // files that were there already, with the same text
	Problems  []Problem // File is the file to be written, Line the record's
}

// A question is one record of an export.
type question struct {
	ID       string
	Lang     string
	Question string
	Answer   string
	Tags     []string
}

// Import makes articles of the questions and answers of another system, one file
// each at to/lang/id.md. The id becomes key and address. Answers are plain text:
// what looks like Markdown or HTML in them is shown as it is. No file is
// overwritten. lang is the language of records that do not name theirs.
func Import(ctx context.Context, r io.Reader, format, to, lang string) (Report, error) {
	var report Report
	if !langForm.MatchString(lang) {
		return report, fmt.Errorf("import: %q is not a language code such as it", lang)
	}
	next, err := records(r, format)
	if err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	if err := os.MkdirAll(to, 0o755); err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	root, err := os.OpenRoot(to)
	if err != nil {
		return report, fmt.Errorf("import: %w", err)
	}
	defer root.Close()
	written := map[string]bool{}
	for n := 0; n < maxRecords; n++ {
		if err := ctx.Err(); err != nil {
			return report, err
		}
		q, line, err := next()
		if errors.Is(err, io.EOF) {
			return report, nil
		}
		if bad, ok := errors.AsType[*recordError](err); ok {
			report.Problems = append(report.Problems, grave("", line, "check.import_record", "Reason", bad.reason))
			continue
		}
		if err != nil {
			return report, fmt.Errorf("import: line %d: %w", line, err)
		}
		file, src, bad := q.article(cmp.Or(q.Lang, lang))
		for i := range bad {
			bad[i].Line = line
		}
		report.Problems = append(report.Problems, bad...)
		if anyGrave(bad) {
			continue
		}
		if written[file] {
			report.Problems = append(report.Problems, grave(file, line, "check.import_twice", "ID", q.ID))
			continue
		}
		written[file] = true
		old, err := root.ReadFile(file)
		switch {
		case err == nil && bytes.Equal(old, src):
			report.Unchanged++
			continue
		case err == nil:
			report.Problems = append(report.Problems, grave(file, line, "check.import_exists"))
			continue
		case !errors.Is(err, fs.ErrNotExist):
			return report, fmt.Errorf("import: %w", err)
		}
		if err := root.MkdirAll(path.Dir(file), 0o755); err != nil {
			return report, fmt.Errorf("import: %w", err)
		}
		if err := root.WriteFile(file, src, 0o644); err != nil {
			return report, fmt.Errorf("import: %s: %w", filepath.Join(to, file), err)
		}
		report.Written++
	}
	return report, fmt.Errorf("import: more than %d records", maxRecords)
}

// A recordError is wrong in one record and does not end the import.
type recordError struct{ reason string }

func (e *recordError) Error() string { return e.reason }

// records returns a function that returns one record after the other, and its
// line in the file.
func records(r io.Reader, format string) (func() (question, int, error), error) {
	switch format {
	case "jsonl":
		return jsonRecords(r), nil
	case "csv":
		return csvRecords(r)
	}
	return nil, fmt.Errorf("%q is not a form that can be imported: jsonl or csv", format)
}

func jsonRecords(r io.Reader) func() (question, int, error) {
	in := bufio.NewReader(r)
	n := 0
	return func() (question, int, error) {
		for {
			line, err := limitedLine(in, 4*maxArticle)
			if err != nil {
				return question{}, n + 1, err
			}
			n++
			if line == nil {
				return question{}, n, &recordError{fmt.Sprintf("the line is longer than %d MB", 4*maxArticle>>20)}
			}
			text := bytes.TrimPrefix(bytes.TrimSpace(line), []byte("\ufeff"))
			if len(text) == 0 {
				continue
			}
			var raw struct {
				ID                                  json.RawMessage
				Lang, Question, Title, Answer, Body string
				Tags                                []string
			}
			if err := json.Unmarshal(text, &raw); err != nil {
				return question{}, n, &recordError{err.Error()}
			}
			id := strings.Trim(string(raw.ID), `"`)
			var s string
			if json.Unmarshal(raw.ID, &s) == nil {
				id = s
			}
			return question{id, raw.Lang, cmp.Or(raw.Question, raw.Title), cmp.Or(raw.Answer, raw.Body), raw.Tags}, n, nil
		}
	}
}

// limitedLine reads a line with its end, or nil for one that is longer than most;
// io.EOF when there is none.
func limitedLine(in *bufio.Reader, most int) ([]byte, error) {
	line, long := []byte{}, false
	for {
		part, err := in.ReadSlice('\n')
		if long = long || len(line)+len(part) > most; !long {
			line = append(line, part...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case long && (err == nil || errors.Is(err, io.EOF)):
			return nil, nil
		case errors.Is(err, io.EOF) && len(line) > 0:
			return line, nil
		default:
			return line, err
		}
	}
}

func csvRecords(r io.Reader) (func() (question, int, error), error) {
	in := bufio.NewReader(r)
	if b, _ := in.Peek(3); string(b) == "\ufeff" {
		_, _ = in.Discard(3)
	}
	first, _ := in.Peek(4096)
	head, _ := nextLine(first)
	c := csv.NewReader(in)
	c.FieldsPerRecord = -1
	if bytes.Count(head, []byte(";")) > bytes.Count(head, []byte(",")) { // what spreadsheets write in Italy and Spain
		c.Comma = ';'
	}
	names, err := c.Read()
	if err != nil {
		return nil, fmt.Errorf("the first line names the columns: %w", err)
	}
	column := map[string]int{}
	for i, n := range names {
		column[strings.ToLower(strings.TrimSpace(n))] = i + 1
	}
	for _, needed := range [][2]string{{"id", "id"}, {"question", "title"}, {"answer", "body"}} {
		if column[needed[0]] == 0 && column[needed[1]] == 0 {
			return nil, fmt.Errorf("there is no column %s; the first line must name id, question, answer and perhaps tags and lang", needed[0])
		}
	}
	return func() (question, int, error) {
		row, err := c.Read()
		line, _ := 0, 0
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			return question{}, bad.Line, &recordError{bad.Err.Error()}
		}
		if err != nil {
			return question{}, 0, err
		}
		line, _ = c.FieldPos(0)
		get := func(names ...string) string {
			for _, n := range names {
				if i := column[n]; i > 0 && i <= len(row) && row[i-1] != "" {
					return asUTF8(row[i-1])
				}
			}
			return ""
		}
		tags := strings.FieldsFunc(get("tags"), func(r rune) bool { return r == ',' || r == ';' || r == '|' })
		return question{get("id"), get("lang"), get("question", "title"), get("answer", "body"), tags}, line, nil
	}, nil
}

// asUTF8 returns a field of a CSV file as UTF-8. What is none was written by a
// spreadsheet on Windows, in the code page of western Europe.
func asUTF8(field string) string {
	if utf8.ValidString(field) {
		return field
	}
	text, err := charmap.Windows1252.NewDecoder().String(field)
	if err != nil {
		return field
	}
	return text
}

// article writes a record as an article.
func (q question) article(lang string) (file string, src []byte, problems []Problem) {
	slug := Slug(q.ID)
	lang = strings.ToLower(strings.TrimSpace(lang))
	file = lang + "/" + slug + ".md"
	title := strings.Join(strings.Fields(clean(q.Question)), " ")
	switch {
	case slug == "" || strings.HasPrefix(slug, "_"):
		return file, nil, []Problem{grave("", 0, "check.slug_invalid", "Value", q.ID)}
	case !langForm.MatchString(lang):
		return file, nil, []Problem{grave("", 0, "check.not_a_language", "Name", lang)}
	case title == "":
		return file, nil, []Problem{grave(file, 0, "check.title_missing")}
	}
	if r := []rune(title); len(r) > 300 {
		title = string(r[:299]) + "…"
	}
	head := struct {
		Title string   `yaml:"title"`
		Key   string   `yaml:"key"`
		Slug  string   `yaml:"slug"`
		Tags  []string `yaml:"tags,omitempty"`
	}{Title: title, Key: slug, Slug: slug}
	for _, t := range q.Tags {
		if t = strings.Join(strings.Fields(clean(t)), " "); t != "" {
			head.Tags = append(head.Tags, t)
		}
	}
	front, err := yaml.Marshal(head)
	if err != nil {
		return file, nil, []Problem{grave(file, 0, "check.import_record", "Reason", err.Error())}
	}
	src = append([]byte("---\n"), front...)
	src = append(src, "---\n\n"...)
	src = append(src, Escape(q.Answer)...)
	_, bad := Parse(file, src)
	return file, src, bad
}

// clean takes out what no text needs and some use to deceive: control
// characters, and marks that change the direction of writing.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == '\ufeff' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
}

var (
	addressForm = regexp.MustCompile(`(?i)^(https?://|www\.)[^\s<>"*]+$`)
	itemForm    = regexp.MustCompile(`^(\d{1,9})([.)])`)
	entityForm  = regexp.MustCompile(`^&(#?[A-Za-z0-9]+;)`)
)

// Escape writes plain text as Markdown that shows it as it is: a blank line
// parts paragraphs, any other new line stays one.
func Escape(text string) string {
	text = clean(strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"))
	var b strings.Builder
	open := false // a paragraph
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" {
			if open {
				b.WriteString("\n\n")
			}
			open = false
			continue
		}
		if open {
			b.WriteString("\\\n")
		}
		open = true
		escapeLine(&b, line)
	}
	out := strings.TrimRight(b.String(), "\n")
	if out == "" {
		return ""
	}
	return out + "\n"
}

func escapeLine(b *strings.Builder, line string) {
	if m := itemForm.FindStringSubmatch(line); m != nil {
		b.WriteString(m[1] + `\` + m[2])
		line = line[len(m[0]):]
	} else if strings.ContainsRune("#+-=>:~", rune(line[0])) {
		b.WriteString(`\`)
		b.WriteByte(line[0])
		line = line[1:]
	}
	for len(line) > 0 {
		// Addresses stay whole, so that they become links.
		end := strings.IndexFunc(line, unicode.IsSpace)
		if end < 0 {
			end = len(line)
		}
		if word := line[:end]; addressForm.MatchString(word) && !strings.ContainsAny(word, "\\`[]|") {
			b.WriteString(word)
			line = line[end:]
			continue
		}
		if end == 0 {
			_, n := utf8.DecodeRuneInString(line)
			b.WriteString(line[:n])
			line = line[n:]
			continue
		}
		for i, r := range line[:end] {
			switch {
			case strings.ContainsRune("\\`*_[]<>|~^", r):
				b.WriteByte('\\')
			case r == '&' && entityForm.MatchString(line[i:]):
				b.WriteByte('\\')
			case r == '!' && strings.HasPrefix(line[i:], "!["):
				b.WriteByte('\\')
			}
			b.WriteRune(r)
		}
		line = line[end:]
	}
}
