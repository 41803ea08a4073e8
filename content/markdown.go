package content

// Markdown returns the article's text as it is shown, before it is rendered:
// its last good version, with what it includes, and without its front matter,
// which speaks to writers.
func (f *Folder) Markdown(a *Article) ([]byte, error) {
	p, err := f.text(a)
	if err != nil {
		return nil, err
	}
	return p.src, nil
}
