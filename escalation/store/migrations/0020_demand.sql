-- +goose Up

-- Searches that failed, and tickets that were solved. Texts are scrubbed.
CREATE TABLE demand_signal (
	id      TEXT PRIMARY KEY,
	kind    TEXT NOT NULL,
	lang    TEXT NOT NULL,
	body    TEXT NOT NULL,
	who     TEXT NOT NULL,
	made    BIGINT NOT NULL,
	journey TEXT NOT NULL,
	ticket  TEXT NOT NULL,
	hits    BIGINT NOT NULL,
	article TEXT NOT NULL,
	line    TEXT NOT NULL -- empty until it is placed
);
CREATE INDEX demand_signal_made ON demand_signal (made);
CREATE INDEX demand_signal_journey ON demand_signal (journey) WHERE journey <> '';

-- What was decided: rows are added, the last one counts.
CREATE TABLE demand_verdict (
	id       TEXT PRIMARY KEY,
	line     TEXT NOT NULL,
	decision TEXT NOT NULL,
	article  TEXT NOT NULL,
	reason   TEXT NOT NULL,
	by_kind  TEXT NOT NULL,
	by_id    TEXT NOT NULL,
	by_name  TEXT NOT NULL,
	made     BIGINT NOT NULL
);
CREATE INDEX demand_verdict_made ON demand_verdict (made);

-- What was answered and may not be a signal yet.
CREATE INDEX ticket_solved ON ticket (updated, id) WHERE solved_tier > 0;
