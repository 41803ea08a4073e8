-- +goose Up

-- What visitors did. Texts are scrubbed. A visitor is a hash, empty when
-- nobody can be joined.
CREATE TABLE journey_event (
	id         TEXT PRIMARY KEY,
	made       BIGINT NOT NULL,
	visitor    TEXT NOT NULL,
	journey    TEXT NOT NULL,
	kind       TEXT NOT NULL,
	lang       TEXT NOT NULL,
	article    TEXT NOT NULL,
	revision   TEXT NOT NULL,
	query      TEXT NOT NULL,
	hits       BIGINT NOT NULL,
	place      BIGINT NOT NULL,
	seconds    BIGINT NOT NULL,
	reason     TEXT NOT NULL,
	experiment TEXT NOT NULL,
	arm        TEXT NOT NULL,
	ticket     TEXT NOT NULL
);
CREATE INDEX journey_event_journey ON journey_event (journey, made) WHERE journey <> '';
CREATE INDEX journey_event_experiment ON journey_event (experiment, made) WHERE experiment <> '';
CREATE INDEX journey_event_made ON journey_event (made);

-- What a journey came to: all that its outcome depends on.
CREATE TABLE journey (
	id        TEXT PRIMARY KEY,
	visitor   TEXT NOT NULL,
	lang      TEXT NOT NULL,
	started   BIGINT NOT NULL,
	ended     BIGINT NOT NULL,
	confirmed BIGINT NOT NULL,
	was_read  BIGINT NOT NULL,
	last_kind TEXT NOT NULL,
	ticket    BIGINT NOT NULL, -- when the visitor opened one; 0 is never
	state     TEXT NOT NULL,   -- JSON: how it can go on
	harvested BIGINT NOT NULL  -- the end that was seen when signals were taken
);
CREATE INDEX journey_visitor ON journey (visitor, ended);
CREATE INDEX journey_started ON journey (started);
CREATE INDEX journey_ripe ON journey (ended) WHERE harvested < ended;

-- Beginnings of which nobody knows more.
CREATE TABLE journey_unknown (
	day   BIGINT NOT NULL,
	lang  TEXT NOT NULL,
	total BIGINT NOT NULL,
	PRIMARY KEY (day, lang)
);
