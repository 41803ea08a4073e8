package content

// A Library is a snapshot of all articles and sections. It never changes, so
// everybody may read it at once.
type Library struct {
	articles []*Article
	sections []*Section
}

// NewLibrary returns a library of these articles and sections, in the order in
// which they are to be listed.
func NewLibrary(articles []*Article, sections []*Section) *Library {
	return &Library{articles: articles, sections: sections}
}

// All returns every article, whatever its language and status.
func (l *Library) All() []*Article { return l.articles }

// Sections returns every section of every language.
func (l *Library) Sections() []*Section { return l.sections }
