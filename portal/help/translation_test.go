package help_test

import (
	"os"
	"path/filepath"
	"testing"
)

// TestOutdatedTranslation changes an original: its translation says so after a
// major change, and neither after a typo nor where the original cannot be read.
func TestOutdatedTranslation(t *testing.T) {
	original := func(head, body string) string { return file("title: La porta\nkey: door\n"+head, body) }
	s := newSite(t, map[string]string{
		"it/porta.md": original("updated: 2026-10-01", "Uno."),
		"en/door.md":  file("title: The door\nkey: door\nupdated: 2026-10-02\nlast_reviewed_on: 2026-10-20", "One."),
	})
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		s.sync(t)
	}
	source := s.folder.Library().ByKey("door", "it").Reference()
	s.get(t, "/en/articles/door").code(t, 200).has(t, `Checked on <time datetime="2026-10-20">`).lacks(t, "may be out of date", "Updated on")
	write("en/door.md", file("title: The door\nkey: door\nupdated: 2026-10-02\nlast_reviewed_on: 2026-10-01\nsource: "+source, "One."))
	s.get(t, "/en/articles/door").code(t, 200).has(t, `Updated on <time datetime="2026-10-02">`).lacks(t, "may be out of date", "Checked on")
	write("it/porta.md", original("updated: 2026-10-11\nchange: typo", "Uno!"))
	s.get(t, "/en/articles/door").code(t, 200).lacks(t, "may be out of date")
	write("it/porta.md", original("updated: 2026-10-12\nchange: major", "Due."))
	const banner = `The original was changed on 12 October 2026, so this translation may be out of date\. Read the original \(Italiano\): <a href="/it/articles/porta" lang="it" hreflang="it"><bdi>La porta</bdi></a>`
	s.get(t, "/en/articles/door").code(t, 200).has(t, banner)
	s.get(t, "/it/articles/porta").code(t, 200).lacks(t, "cambiato")
	s.get(t, "/es/articles/porta").code(t, 200).lacks(t, "may be out")
	write("it/porta.md", original("updated: 2026-10-12\nchange: major\naudience: agents", "Due."))
	s.get(t, "/en/articles/door").code(t, 200).lacks(t, "may be out of date")
}
