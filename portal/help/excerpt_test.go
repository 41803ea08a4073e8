package help

import "testing"

// TestExcerpt wants of an article only what can stand within a form, beside
// others: no buttons of variants, no links to what is not there, no region that
// is called like another.
func TestExcerpt(t *testing.T) {
	const page = `<p>See the <a class="term" id="term:1" href="#term:1:" role="doc-glossref">IMEI</a>.</p>` +
		`<fieldset class="variants"><legend class="visually-hidden">Choose</legend><input type="radio" name="tabs:1" id="tabs:1:1" checked=""><label for="tabs:1:1">A</label><div class="variant"><p>One</p></div></fieldset>` +
		`<div class="scroll" role="region" aria-label="Table 1" tabindex="0"><table></table></div>` +
		`<div class="glossary" role="doc-glossary" aria-label="Words"><h2>Words</h2></div>`
	const want = `<p>See the <span>IMEI</span>.</p>` +
		`<fieldset class="variants"><legend class="visually-hidden">Choose</legend><strong>A</strong><div class="variant"><p>One</p></div></fieldset>` +
		`<div class="scroll" role="region" aria-label="Table 1: What is an &#34;IMEI&#34;?" tabindex="0"><table></table></div>`
	if got, cut := excerpt(page, "", `What is an "IMEI"?`, 900); string(got) != want || cut {
		t.Errorf("excerpt is %s, %t", got, cut)
	}
}
