-- +goose Up

-- Where somebody was who said what answered, or asked for an answer: a mark of
-- their network, one of few.
ALTER TABLE journey_event ADD COLUMN network TEXT NOT NULL DEFAULT '';

-- The end of a journey that was seen when its answers were taken; below 0: they are
-- to be taken again.
ALTER TABLE journey ADD COLUMN learned BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journey_unlearned ON journey (ended) WHERE learned < ended AND (confirmed = 1 OR learned <> 0);

-- Which article answered which searches, and for whom: hashes and a mark.
CREATE TABLE answer (
	id      TEXT PRIMARY KEY,
	article TEXT NOT NULL,
	lang    TEXT NOT NULL,
	queries TEXT NOT NULL, -- JSON; scrubbed
	visitor TEXT NOT NULL,
	person  TEXT NOT NULL,
	network TEXT NOT NULL,
	journey TEXT NOT NULL,
	made    BIGINT NOT NULL,
	saved   BIGINT NOT NULL -- when the row was written
);
CREATE INDEX answer_made ON answer (made);
CREATE INDEX answer_journey ON answer (journey, made, id);
CREATE INDEX answer_visitor ON answer (visitor);
CREATE INDEX answer_network ON answer (network, made);

-- The words that articles learned: of people without a name, but never of fewer
-- than three.
CREATE TABLE learned (
	article TEXT NOT NULL,
	lang    TEXT NOT NULL,
	stem    TEXT NOT NULL,
	word    TEXT NOT NULL, -- as most people write it
	people  BIGINT NOT NULL,
	weight  BIGINT NOT NULL, -- people, aged, in thousandths
	since   BIGINT NOT NULL,
	last    BIGINT NOT NULL,
	made    BIGINT NOT NULL, -- when it was worked out
	removed BIGINT NOT NULL, -- when a writer did so; 0: it counts
	by_kind TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL,
	PRIMARY KEY (article, lang, stem)
);
CREATE INDEX learned_since ON learned (since, article, lang, stem);
CREATE INDEX learned_removed ON learned (removed, article, lang, stem) WHERE removed > 0;
