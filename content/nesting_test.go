package content

import (
	"context"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostile are texts that keep a Markdown parser busy: each is repeated until the
// article is as large as it may be.
var hostile = map[string]string{
	"quotes": "> ", "links": "[a](", "stars": "*a_ ", "numbers": "1. ", "brackets": "[", "images": "![a](", "backticks": "`a", "ticks": "a``b```c````d",
	"angles": "<a ", "comments": "<!--", "entities": "&a", "autolinks": "<http:", "strikes": "~~a ", "stars alone": "*", "underscores": "_a", "escapes": "\\",
	"references": "[a]: b\n", "used references": "[a][b] ", "footnotes": "[^1]", "footnote bodies": "[^1]: a\n", "bullets": "- ", "bullet lines": "- a\n  - b\n",
	"headings": "# a\n", "same headings": "## a\n\n", "tables": "|a|b|\n|-|-|\n|", "wide rows": "|a", "definitions": "a\n: b\n", "colons": ":::note\n", "colons deep": ":::note\n:::tip\n",
	"spaces": " ", "tabs": "\t", "closers": "](", "parens": "((", "closing parens": "a)", "www": "www.a ", "mails": "a@b.c ", "code": "    a\n", "fences": "```\n",
	"raw": "<b>", "unclosed attributes": "<a b=\"", "quote lines": "> a\n\n", "links complete": "[a](b) ", "nested links": "[[a](b)](c)", "titles": "[a](b \"", "cdata": "<![CDATA[", "instructions": "<?",
	"callouts": "> [!NOTE]\n> a\n\n", "tasks": "- [ ] a\n", "ids": "## a {#a}\n", "attributes": "## a {", "strong": "**a **b ", "tildes": "~a", "mixed": "*_[`<!&", "breaks": "a  \n", "long word": "a",
	"go code": "```go\n/*\"\n```\n", "yaml code": "```yaml\na: {[\n```\n", "html code": "```html\n<a b='\n```\n",
}

// TestHostileText wants each hostile text rendered or refused within the time
// that one request may cost, at any size up to the largest.
func TestHostileText(t *testing.T) {
	const limit = slower * 250 * time.Millisecond
	f := open(t, t.TempDir())
	slowest := time.Duration(0)
	for name, pattern := range hostile {
		for _, size := range []int{30 << 10, maxArticle - 100} {
			for _, lines := range []bool{false, true} {
				if lines && size < maxArticle/2 {
					continue
				}
				body := strings.Repeat(pattern, size/len(pattern))
				if lines { // as paragraphs below the limits of one
					chunk := strings.Repeat(pattern, max(1, 1000/len(pattern))) + "\n\n"
					body = strings.Repeat(chunk, size/len(chunk))
				}
				src := []byte("---\ntitle: a\n---\n" + body)
				begin := processor()
				_, problems, err := f.RenderSource(context.Background(), "en/a.md", src, "en")
				took := processor() - begin
				for range 3 {
					if took < limit {
						break // else the collector may have worked for others
					}
					begin = processor()
					_, problems, err = f.RenderSource(context.Background(), "en/a.md", src, "en")
					took = min(took, processor()-begin)
				}
				if err != nil {
					t.Errorf("%s: %v", name, err)
				}
				if took > limit {
					t.Errorf("%s, %d bytes, lines %v: took %v, %d problems", name, size, lines, took, len(problems))
				}
				slowest = max(slowest, took)
			}
		}
	}
	t.Logf("slowest: %v", slowest)
}

// processor is the processor time that this process used. Unlike the clock it
// does not count what others do on the machine.
func processor() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
