package content

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pelletier/go-toml/v2"
)

var placeholder = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// TestSentences wants each problem said in every language, with the same
// arguments, and in English as the command line says it.
func TestSentences(t *testing.T) {
	for _, lang := range []string{"it", "es", "en"} {
		catalog := map[string]string{}
		for _, file := range []string{"check.toml", "reviews.toml", "words.toml"} {
			b, err := os.ReadFile(filepath.Join("..", "themes", "default", "catalog", lang, file))
			if err != nil {
				t.Fatal(err)
			}
			var all map[string]any
			if err := toml.Unmarshal(b, &all); err != nil {
				t.Fatal(err)
			}
			for key, said := range all {
				if s, ok := said.(string); ok {
					catalog[key] = s
				}
			}
		}
		for _, key := range slices.Sorted(maps.Keys(sentences)) {
			said, ok := catalog[key]
			if !ok {
				t.Errorf("%s: no %s", lang, key)
				continue
			}
			if lang == "en" && said != sentences[key] {
				t.Errorf("en: %s is %q, the program says %q", key, said, sentences[key])
			}
			if got, want := arguments(said), arguments(sentences[key]); !slices.Equal(got, want) {
				t.Errorf("%s: %s has arguments %v, want %v", lang, key, got, want)
			}
		}
		for key := range catalog {
			if _, ok := sentences[key]; !ok && strings.HasPrefix(key, "check.") {
				t.Errorf("%s: nobody says %s", lang, key)
			}
		}
	}
}

func arguments(sentence string) (names []string) {
	for _, m := range placeholder.FindAllStringSubmatch(sentence, -1) {
		names = append(names, m[1])
	}
	slices.Sort(names)
	return names
}

// TestSentencesUsed wants each sentence used, and no other key.
func TestSentencesUsed(t *testing.T) {
	used := map[string]bool{}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	files = append(files, filepath.Join("..", "search", "tuning.go"))
	for _, file := range files {
		if file == "problem.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, key := range regexp.MustCompile(`"(check\.[a-z_]+)"`).FindAllStringSubmatch(string(b), -1) {
			used[key[1]] = true
			if _, ok := sentences[key[1]]; !ok {
				t.Errorf("%s: no sentence for %s", file, key[1])
			}
		}
	}
	for key := range sentences {
		if !used[key] {
			t.Errorf("%s is never said", key)
		}
	}
}

// TestProblemIsOneLine holds that no name of a file breaks the line that says what
// is wrong with it.
func TestProblemIsOneLine(t *testing.T) {
	got := grave("en/a\nb\x1b[31m.md", 3, "check.title_missing").String()
	if want := "en/a b [31m.md:3: The article has no title."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
