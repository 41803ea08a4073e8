package write

import (
	"context"
	"net/url"

	"primalinea/content"
	"primalinea/escalation/journey"
)

// worthDays is how many days the editor looks back at what an article did.
const worthDays = 90

// A worth is what an article does for its readers, in short.
type worth struct {
	journey.Standing
	Days    int
	Present journey.Judgement // of its text as it is now
	Path    string            // where there is more
}

// worth finds out what a published article did lately.
func (r *Room) worth(ctx context.Context, a *content.Article) (*worth, error) {
	t := journey.Text{Article: a.Key, Lang: a.Lang}
	counted, err := r.Credits(ctx, journey.LastDays(worthDays, "", r.Now()), t)
	if err != nil {
		return nil, err
	}
	path := &url.URL{Path: "/lead/articles/of/" + a.Lang + "/" + a.Key}
	return &worth{counted.Report().Of(t), worthDays, journey.Judgements(counted.Votes, t, a.Revision)[0], path.EscapedPath()}, nil
}
