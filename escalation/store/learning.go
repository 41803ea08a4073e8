package store

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"slices"
	"time"

	"primalinea/escalation"
	"primalinea/escalation/audit"
	"primalinea/escalation/learning"
)

// unlearned asks for journeys in which somebody said that they were answered, and
// those of which answers were taken before, when they went on since.
const unlearned = `
	SELECT id, visitor, ended, learned
	FROM journey
	WHERE learned < ended AND (confirmed = 1 OR learned <> 0) AND ended < $1
	ORDER BY ended
	LIMIT $2`

// UnlearnedJourneys returns journeys that ended before a time and may have new
// answers, the oldest first, each with its events.
func (db *DB) UnlearnedJourneys(ctx context.Context, before time.Time, limit int) ([]learning.Ripe, error) {
	var ripe []learning.Ripe
	var ids []string
	err := db.reader(ctx).each(func(rows *sql.Rows) error {
		var r learning.Ripe
		err := rows.Scan(&r.Journey, &r.Visitor, when{&r.Ended}, &r.Seen)
		ripe, ids = append(ripe, r), append(ids, r.Journey)
		return err
	}, unlearned, before, limit)
	if err != nil {
		return nil, fmt.Errorf("unlearned journeys: %w", err)
	}
	events, err := db.eventsOf(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("unlearned journeys: %w", err)
	}
	for i := range ripe {
		ripe[i].Events = events[ripe[i].Journey]
	}
	return ripe, nil
}

// learnAgain lets the answers of a journey be taken again.
const learnAgain = `UPDATE journey SET learned = CASE WHEN learned < 0 THEN learned - 1 ELSE -1 END WHERE id = $1`

const answerColumns = `id, article, lang, queries, visitor, person, network, journey, made`

func scanAnswer(rows *sql.Rows) (learning.Answer, error) {
	var a learning.Answer
	err := rows.Scan(&a.ID, &a.Article, &a.Lang, document{&a.Queries}, &a.Visitor, &a.Person, &a.Network, &a.Journey, when{&a.At})
	return a, err
}

const ofJourney = `WHERE journey = $1 ORDER BY made, id`

func (c conn) answers(where string, args ...any) ([]learning.Answer, error) {
	var found []learning.Answer
	err := c.each(func(rows *sql.Rows) error {
		a, err := scanAnswer(rows)
		found = append(found, a)
		return err
	}, `SELECT `+answerColumns+` FROM answer `+where, args...)
	return found, err
}

// SaveAnswers keeps the answers of journeys in place of those that were taken from
// them before. Of a journey whose events are forgotten, those stay; of one whose words
// were erased since it was read, nothing is kept.
func (db *DB) SaveAnswers(ctx context.Context, looked []learning.Ripe) error {
	err := db.change(ctx, func(tx conn) error {
		for _, r := range looked {
			n, err := tx.exec(`UPDATE journey SET learned = $1 WHERE id = $2 AND visitor = $3 AND learned = $4`, r.Ended, r.Journey, r.Visitor, r.Seen)
			if err != nil {
				return err
			}
			if n == 0 || len(r.Events) == 0 {
				continue // it will be looked at again, or there is nothing to see
			}
			before, err := tx.answers(ofJourney, r.Journey)
			if err != nil {
				return err
			}
			if slices.EqualFunc(before, r.Answers, func(a, b learning.Answer) bool { return encode(a) == encode(b) }) {
				continue
			}
			if _, err := tx.exec(`DELETE FROM answer WHERE journey = $1`, r.Journey); err != nil {
				return err
			}
			for _, a := range r.Answers {
				if err := tx.saveAnswer(a, db.now()); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("save answers: %w", err)
	}
	return nil
}

// saveAnswer keeps an answer, unless its network has enough of that day.
func (c conn) saveAnswer(a learning.Answer, now time.Time) error {
	day := a.At.UTC().Truncate(24 * time.Hour)
	var n int
	if err := c.row(`SELECT COUNT(*) FROM answer WHERE network = $1 AND made >= $2 AND made < $3`,
		a.Network, day, day.Add(24*time.Hour)).Scan(&n); err != nil || n >= learning.PerNetwork {
		return err
	}
	_, err := c.exec(`
		INSERT INTO answer (`+answerColumns+`, saved)
		VALUES (`+list(1, 10)+`)`,
		a.ID, a.Article, a.Lang, encode(a.Queries), a.Visitor, a.Person, a.Network, a.Journey, a.At, now)
	return err
}

// AnswersState returns another value whenever answers changed.
func (db *DB) AnswersState(ctx context.Context) (learning.State, error) {
	var s learning.State
	if err := db.reader(ctx).row(`SELECT COUNT(*), COALESCE(MAX(saved), 0) FROM answer`).Scan(&s.Answers, when{&s.Saved}); err != nil {
		return s, fmt.Errorf("answers: %w", err)
	}
	return s, nil
}

// Answers returns the newest answers since a time, in no order.
func (db *DB) Answers(ctx context.Context, since time.Time, limit int) ([]learning.Answer, error) {
	found, err := db.reader(ctx).answers(`WHERE made >= $1 ORDER BY made DESC LIMIT $2`, since, limit)
	if err != nil {
		return nil, fmt.Errorf("answers: %w", err)
	}
	return found, nil
}

// SweepAnswers forgets answers that were made before a time.
func (db *DB) SweepAnswers(ctx context.Context, before time.Time) error {
	err := db.sweep(ctx, `
		DELETE FROM answer WHERE id IN (
			SELECT id FROM answer WHERE made < $1 ORDER BY made LIMIT $2)`, before)
	if err != nil {
		return fmt.Errorf("sweep answers: %w", err)
	}
	return nil
}

// SaveWords keeps words in place of those that were learned before. When a word was
// learned first, and that it was removed, stays.
func (db *DB) SaveWords(ctx context.Context, words []learning.Word, now time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		if err := inParts(words, func(part []learning.Word) error {
			var args []any
			for _, w := range part {
				args = append(args, w.Article, w.Lang, w.Stem, w.Text, w.People, int64(math.Round(1000*w.Weight)), now, w.Last, now, 0, "", "", "")
			}
			_, err := tx.exec(`
				INSERT INTO learned (`+wordColumns+`)
				VALUES `+rowsOf(len(part), 13)+`
				ON CONFLICT (article, lang, stem) DO UPDATE SET
					word = excluded.word,
					people = excluded.people,
					weight = excluded.weight,
					last = excluded.last,
					made = excluded.made`, args...)
			return err
		}); err != nil {
			return err
		}
		_, err := tx.exec(`DELETE FROM learned WHERE made < $1 AND removed = 0`, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("save words: %w", err)
	}
	return nil
}

const wordColumns = `article, lang, stem, word, people, weight, since, last, made, removed, by_kind, by_id, by_name`

func (c conn) words(where string, args ...any) ([]learning.Word, error) {
	var words []learning.Word
	err := c.each(func(rows *sql.Rows) error {
		var w learning.Word
		var weight int64
		var made time.Time
		err := rows.Scan(&w.Article, &w.Lang, &w.Stem, &w.Text, &w.People, &weight, when{&w.Since}, when{&w.Last}, when{&made},
			when{&w.Removed}, &w.By.Kind, &w.By.ID, &w.By.Name)
		w.Weight = float64(weight) / 1000
		words = append(words, w)
		return err
	}, `SELECT `+wordColumns+` FROM learned `+where, args...)
	return words, err
}

// LearnedWords returns all words that count.
func (db *DB) LearnedWords(ctx context.Context) ([]learning.Word, error) {
	words, err := db.reader(ctx).words(`WHERE removed = 0 ORDER BY article, lang, stem`)
	if err != nil {
		return nil, fmt.Errorf("learned words: %w", err)
	}
	return words, nil
}

// WordsOf returns what an article learned in a language, the words of most people
// first, and what was removed from it.
func (db *DB) WordsOf(ctx context.Context, article, lang string) ([]learning.Word, error) {
	words, err := db.reader(ctx).words(`WHERE article = $1 AND lang = $2 ORDER BY removed, weight DESC, stem`, article, lang)
	if err != nil {
		return nil, fmt.Errorf("learned words: %w", err)
	}
	return words, nil
}

const (
	latestWords  = `WHERE removed = 0 ORDER BY since DESC, article DESC, lang DESC, stem DESC LIMIT $1 OFFSET $2`
	removedWords = `WHERE removed > 0 ORDER BY removed DESC, article DESC, lang DESC, stem DESC LIMIT $1 OFFSET $2`
)

// LatestWords returns some of the words that articles learned, the newest first, or of
// those that were removed, those that went last.
func (db *DB) LatestWords(ctx context.Context, removed bool, limit, offset int) ([]learning.Word, error) {
	which := latestWords
	if removed {
		which = removedWords
	}
	words, err := db.reader(ctx).words(which, limit, offset)
	if err != nil {
		return nil, fmt.Errorf("learned words: %w", err)
	}
	return words, nil
}

// CountWords counts the words that articles learned, and those that were removed.
func (db *DB) CountWords(ctx context.Context) (learned, removed int, err error) {
	err = db.reader(ctx).row(`
		SELECT COUNT(*), COALESCE(SUM(CASE WHEN removed > 0 THEN 1 ELSE 0 END), 0)
		FROM learned`).Scan(&learned, &removed)
	if err != nil {
		return 0, 0, fmt.Errorf("learned words: %w", err)
	}
	return learned - removed, removed, nil
}

// RemoveWord takes a word from an article for good, or lets it count again with a zero
// time.
func (db *DB) RemoveWord(ctx context.Context, article, lang, stem string, by escalation.ActorRef, at time.Time) error {
	err := db.change(ctx, func(tx conn) error {
		what := "removed"
		if at.IsZero() {
			what = "restored"
		}
		tx.did(audit.Act{At: db.now(), By: by, Kind: audit.Word, Object: article, What: what})
		n, err := tx.exec(`
			UPDATE learned
			SET removed = $1, by_kind = $2, by_id = $3, by_name = $4
			WHERE article = $5 AND lang = $6 AND stem = $7`, at, by.Kind, by.ID, by.Name, article, lang, stem)
		if err == nil && n == 0 {
			return &escalation.Error{Kind: escalation.NotFound, Reason: "error.no_word"}
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("remove word: %w", err)
	}
	return nil
}
