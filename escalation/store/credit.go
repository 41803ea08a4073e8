package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"primalinea/escalation/journey"
)

const (
	// creditAtOnce is how many journeys are counted in one transaction.
	creditAtOnce = 500
	// uncredited asks for journeys of which it is decided how they ended, and that are
	// not counted.
	uncredited = `
		SELECT ` + journeyColumns + `, outcome
		FROM journey
		WHERE credited = 0 AND ended < $1 AND outcome <> ''
		ORDER BY ended
		LIMIT $2`
)

// CreditArticles counts, once, what each journey says of the articles that were
// read on it, as soon as it is known how it ended. Journeys that became tickets
// wait as long as those that did not: else the last week would be all failures.
// section says where a text lies.
func (db *DB) CreditArticles(ctx context.Context, section func(journey.Text) string, now time.Time) error {
	for {
		n, err := db.creditSome(ctx, section, now)
		if err != nil {
			return fmt.Errorf("credit articles: %w", err)
		}
		if n < creditAtOnce {
			return nil
		}
	}
}

func (db *DB) creditSome(ctx context.Context, section func(journey.Text) string, now time.Time) (int, error) {
	var ripe []journey.Journey
	var outcomes []journey.Outcome
	var ids []string
	if err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var o journey.Outcome
		j, err := scanJourney(rows, &o)
		ripe, outcomes, ids = append(ripe, j), append(outcomes, o), append(ids, j.ID)
		return err
	}, uncredited, now.Add(-journey.Window), creditAtOnce); err != nil {
		return 0, err
	}
	events, err := db.eventsOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	return len(ripe), db.change(ctx, func(tx conn) error {
		var sums creditSums
		for i, j := range ripe {
			// Another process may have counted it.
			n, err := tx.exec(`UPDATE journey SET credited = 1 WHERE id = $1 AND credited = 0`, j.ID)
			if err != nil {
				return err
			}
			if n > 0 {
				sums.add(journey.Settle(j, outcomes[i], events[j.ID]), section)
			}
		}
		return tx.saveCredits(sums)
	})
}

// creditSums are sums of a day each.
type creditSums struct {
	tallies map[countedDay]journey.Tally
	votes   map[votedDay]journey.Voted
}

type countedDay struct {
	journey.Counted
	day time.Time
}

type votedDay struct {
	journey.Text
	revision, reason string
	day              time.Time
}

func (s *creditSums) add(a journey.Account, section func(journey.Text) string) {
	if s.tallies == nil {
		s.tallies = map[countedDay]journey.Tally{}
	}
	for about, n := range a.Tallies(section) {
		t := s.tallies[countedDay{about, a.Day}]
		t.Add(n)
		s.tallies[countedDay{about, a.Day}] = t
	}
	s.vote(a.Day, a.Votes)
}

func (s *creditSums) vote(on time.Time, votes []journey.Vote) {
	if s.votes == nil {
		s.votes = map[votedDay]journey.Voted{}
	}
	for _, v := range votes {
		key := votedDay{v.Text, v.Revision, v.Reason, on}
		n := s.votes[key]
		n.Text, n.Revision, n.Reason, n.Last = v.Text, v.Revision, v.Reason, on
		switch {
		case v.Kept:
			n.Yes, n.Kept = n.Yes+1, n.Kept+1
		case v.Yes:
			n.Yes++
		default:
			n.No++
		}
		s.votes[key] = n
	}
}

func (c conn) saveCredits(s creditSums) error {
	var rows [][]any
	for about, n := range s.tallies {
		rows = append(rows, []any{about.Article, about.Lang, about.Kind, about.day, n.Journeys, n.Solved, n.Contacted, n.Confirmed, n.Presumed})
	}
	if err := inParts(rows, func(part [][]any) error {
		_, err := c.exec(`
			INSERT INTO credit_day (article, lang, kind, day, journeys, solved, contacted, confirmed, presumed)
			VALUES `+rowsOf(len(part), 9)+`
			ON CONFLICT (article, lang, kind, day) DO UPDATE SET
				journeys = credit_day.journeys + excluded.journeys,
				solved = credit_day.solved + excluded.solved,
				contacted = credit_day.contacted + excluded.contacted,
				confirmed = credit_day.confirmed + excluded.confirmed,
				presumed = credit_day.presumed + excluded.presumed`, slices.Concat(part...)...)
		return err
	}); err != nil {
		return err
	}
	rows = nil
	for _, v := range s.votes {
		rows = append(rows, []any{v.Article, v.Lang, v.Revision, v.Reason, v.Last, v.Yes, v.Kept, v.No})
	}
	return inParts(rows, func(part [][]any) error {
		_, err := c.exec(`
			INSERT INTO vote_day (article, lang, revision, reason, day, yes, kept, no)
			VALUES `+rowsOf(len(part), 8)+`
			ON CONFLICT (article, lang, revision, reason, day) DO UPDATE SET
				yes = vote_day.yes + excluded.yes,
				kept = vote_day.kept + excluded.kept,
				no = vote_day.no + excluded.no`, slices.Concat(part...)...)
		return err
	})
}

// Credits returns what was counted of the journeys that began in a span, with the
// votes of those that are not counted yet.
func (db *DB) Credits(ctx context.Context, span journey.SearchSpan) (journey.Credits, error) {
	c, err := db.reader(ctx).credits(span, "", span.Lang)
	if err != nil {
		return c, fmt.Errorf("credits: %w", err)
	}
	return c, nil
}

// CreditsOf returns the same of one text alone.
func (db *DB) CreditsOf(ctx context.Context, span journey.SearchSpan, t journey.Text) (journey.Credits, error) {
	c, err := db.reader(ctx).credits(span, t.Article, t.Lang)
	if err != nil {
		return c, fmt.Errorf("credits of %s in %s: %w", t.Article, t.Lang, err)
	}
	return c, nil
}

// credits returns what was counted of an article, or of everything without one, in
// a language, or in all without one.
func (c conn) credits(span journey.SearchSpan, article, lang string) (journey.Credits, error) {
	found := journey.Credits{SearchSpan: span, Tallies: map[journey.Counted]journey.Tally{}}
	where, args := `day >= $1 AND day < $2`, []any{span.From, span.To}
	if article != "" {
		args = append(args, article)
		where += fmt.Sprintf(` AND article = $%d`, len(args))
	}
	if lang != "" {
		args = append(args, lang)
		where += fmt.Sprintf(` AND lang = $%d`, len(args))
	}
	kinds := ``
	if article != "" {
		kinds = ` AND kind = 'text'`
	}
	if err := c.each(func(rows *sql.Rows) error {
		var about journey.Counted
		var n journey.Tally
		err := rows.Scan(&about.Article, &about.Lang, &about.Kind, &n.Journeys, &n.Solved, &n.Contacted, &n.Confirmed, &n.Presumed)
		found.Tallies[about] = n
		return err
	}, `
		SELECT article, lang, kind, CAST(SUM(journeys) AS BIGINT), CAST(SUM(solved) AS BIGINT), CAST(SUM(contacted) AS BIGINT),
			CAST(SUM(confirmed) AS BIGINT), CAST(SUM(presumed) AS BIGINT)
		FROM credit_day
		WHERE `+where+kinds+`
		GROUP BY article, lang, kind`, slices.Clone(args)...); err != nil {
		return found, err
	}
	if err := c.each(func(rows *sql.Rows) error {
		var v journey.Voted
		err := rows.Scan(&v.Article, &v.Lang, &v.Revision, &v.Reason, &v.Yes, &v.Kept, &v.No, when{&v.Last})
		found.Votes = append(found.Votes, v)
		return err
	}, `
		SELECT article, lang, revision, reason, CAST(SUM(yes) AS BIGINT), CAST(SUM(kept) AS BIGINT), CAST(SUM(no) AS BIGINT), MAX(day)
		FROM vote_day
		WHERE `+where+`
		GROUP BY article, lang, revision, reason`, slices.Clone(args)...); err != nil {
		return found, err
	}
	if _, err := one(c.row(`SELECT day FROM credit_day WHERE article = '' AND kind = 'all' ORDER BY day LIMIT 1`), when{&found.Since}); err != nil {
		return found, err
	}
	late, err := c.lateVotes(span)
	if err != nil {
		return found, err
	}
	for _, v := range late {
		if (article == "" || v.Article == article) && (lang == "" || v.Lang == lang) {
			found.Votes = append(found.Votes, v)
		}
	}
	count := pending
	args = []any{span.From, span.To}
	if lang != "" {
		count, args = count+` AND lang = $3`, append(args, lang)
	}
	return found, c.row(count, args...).Scan(&found.Pending)
}

// Few journeys are not counted yet: the plus keeps SQLite from looking for them
// among all that began in the span, and the cross join from reading all events first.
const (
	pending = `
	SELECT COUNT(*)
	FROM journey
	WHERE credited = 0 AND ended >= $1 AND +started >= $1 AND +started < $2`
	lateVotes = `
	SELECT j.id, j.started, e.kind, e.lang, e.article, e.revision, e.reason
	FROM journey j CROSS JOIN journey_event e
	WHERE e.journey = j.id AND j.credited = 0 AND j.ended >= $1 AND +j.started >= $1 AND +j.started < $2 AND e.journey <> '' AND e.kind IN ($3, $4, $5)
	ORDER BY e.made, e.id`
)

// lateVotes returns the votes of journeys that are not counted yet.
func (c conn) lateVotes(span journey.SearchSpan) ([]journey.Voted, error) {
	began, events := map[string]time.Time{}, map[string][]journey.Event{}
	err := c.each(func(rows *sql.Rows) error {
		var e journey.Event
		var at time.Time
		err := rows.Scan(&e.Journey, when{&at}, &e.Kind, &e.Lang, &e.Article, &e.Revision, &e.Reason)
		began[e.Journey], events[e.Journey] = at, append(events[e.Journey], e)
		return err
	}, lateVotes, span.From, span.To, journey.VoteYes, journey.VoteNo, journey.Confirm)
	var sums creditSums
	for id, at := range began {
		sums.vote(at.Truncate(day), journey.Votes(events[id]))
	}
	var votes []journey.Voted
	for _, v := range sums.votes {
		votes = append(votes, v)
	}
	return votes, err
}

// SeeArticles notes since when texts are published, and when visitors last opened
// them. published are all that are now; what is no longer among them is forgotten,
// and begins anew when it comes back.
func (db *DB) SeeArticles(ctx context.Context, published []journey.Text, now time.Time) error {
	err := func() error {
		known, err := db.SeenArticles(ctx)
		if err != nil {
			return err
		}
		var fresh, gone []journey.Text
		newest := time.Time{}
		for _, t := range published {
			s, ok := known[t]
			if !ok {
				fresh = append(fresh, t)
			}
			if s.Opened.After(newest) {
				newest = s.Opened
			}
			delete(known, t)
		}
		for t := range known {
			gone = append(gone, t)
		}
		// Many are new at the first start alone: nobody who writes waits for all of them.
		for part := range slices.Chunk(fresh, sweepAtOnce) {
			if err := db.change(ctx, func(tx conn) error { return tx.seeFirst(part, now) }); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(gone, sweepAtOnce) {
			if err := db.change(ctx, func(tx conn) error {
				for _, t := range part {
					if _, err := tx.exec(`DELETE FROM article_seen WHERE article = $1 AND lang = $2`, t.Article, t.Lang); err != nil {
						return err
					}
				}
				return nil
			}); err != nil {
				return err
			}
		}
		if !newest.IsZero() {
			newest = newest.Add(-time.Hour) // what waited to be written came later
		}
		return db.seeOpened(ctx, newest)
	}()
	if err != nil {
		return fmt.Errorf("see articles: %w", err)
	}
	return nil
}

func (c conn) seeFirst(texts []journey.Text, now time.Time) error {
	return inParts(texts, func(part []journey.Text) error {
		var args []any
		for _, t := range part {
			args = append(args, t.Article, t.Lang, now, 0)
		}
		_, err := c.exec(`
			INSERT INTO article_seen (article, lang, known, opened)
			VALUES `+rowsOf(len(part), 4)+`
			ON CONFLICT (article, lang) DO NOTHING`, args...)
		return err
	})
}

// seeOpened notes what was opened since.
func (db *DB) seeOpened(ctx context.Context, since time.Time) error {
	opened := map[journey.Text]time.Time{}
	if err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var t journey.Text
		var at time.Time
		err := rows.Scan(&t.Article, &t.Lang, when{&at})
		opened[t] = at
		return err
	}, `
		SELECT article, lang, MAX(made)
		FROM journey_event
		WHERE made >= $1 AND kind = $2
		GROUP BY article, lang`, since, journey.ArticleOpen); err != nil {
		return err
	}
	return db.change(ctx, func(tx conn) error {
		for t, at := range opened {
			if _, err := tx.exec(`UPDATE article_seen SET opened = $1 WHERE article = $2 AND lang = $3 AND opened < $1`, at, t.Article, t.Lang); err != nil {
				return err
			}
		}
		return nil
	})
}

// SeenArticles returns since when texts are published, and when they were opened.
func (db *DB) SeenArticles(ctx context.Context) (map[journey.Text]journey.Seen, error) {
	seen := map[journey.Text]journey.Seen{}
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var t journey.Text
		var s journey.Seen
		err := rows.Scan(&t.Article, &t.Lang, when{&s.Known}, when{&s.Opened})
		seen[t] = s
		return err
	}, `SELECT article, lang, known, opened FROM article_seen`)
	if err != nil {
		return nil, fmt.Errorf("seen articles: %w", err)
	}
	return seen, nil
}

// maxClicks is how many of the last clicks say what leads to an article.
const maxClicks = 2000

const clicksTo = `
	SELECT query, visitor
	FROM journey_event
	WHERE kind = 'result_click' AND article = $1 AND lang = $2 AND made >= $3 AND query <> '' AND visitor <> ''
	ORDER BY made DESC
	LIMIT $4`

// SearchesTo returns by which searches visitors came to a text since a moment, those
// of most people first, at most limit of those that enough people made.
func (db *DB) SearchesTo(ctx context.Context, t journey.Text, since time.Time, fold func(string) string, limit int) ([]journey.Way, error) {
	var clicks []journey.Event
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var e journey.Event
		err := rows.Scan(&e.Query, &e.Visitor)
		clicks = append(clicks, e)
		return err
	}, clicksTo, t.Article, t.Lang, since, maxClicks)
	if err != nil {
		return nil, fmt.Errorf("searches that lead to %s: %w", t.Article, err)
	}
	ways := journey.Ways(clicks, fold)
	return ways[:min(limit, len(ways))], nil
}
