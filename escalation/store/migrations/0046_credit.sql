-- +goose Up

-- What journeys say of the articles that were read on them, once it is known how
-- they ended: sums by the day on which they began, in which nobody can be found.
CREATE TABLE credit_day (
	article   TEXT NOT NULL, -- key; of a section, its key; of all journeys, empty
	lang      TEXT NOT NULL,
	kind      TEXT NOT NULL, -- text, section, all
	day       BIGINT NOT NULL, -- midnight UTC
	journeys  BIGINT NOT NULL,
	solved    BIGINT NOT NULL,
	contacted BIGINT NOT NULL,
	confirmed BIGINT NOT NULL, -- credit, in parts of a whole
	presumed  BIGINT NOT NULL,
	PRIMARY KEY (article, lang, kind, day)
);

CREATE TABLE vote_day (
	article  TEXT NOT NULL,
	lang     TEXT NOT NULL,
	revision TEXT NOT NULL, -- that was read
	reason   TEXT NOT NULL, -- of a no
	day      BIGINT NOT NULL,
	yes      BIGINT NOT NULL,
	kept     BIGINT NOT NULL, -- of them, those after which no ticket followed
	no       BIGINT NOT NULL,
	PRIMARY KEY (article, lang, revision, reason, day)
);

-- Since when an article is published, as far as we saw, and when a visitor last
-- opened it. The steps that say so are kept for a shorter time.
CREATE TABLE article_seen (
	article TEXT NOT NULL,
	lang    TEXT NOT NULL,
	known   BIGINT NOT NULL,
	opened  BIGINT NOT NULL, -- 0: never
	PRIMARY KEY (article, lang)
);

ALTER TABLE journey ADD COLUMN credited BIGINT NOT NULL DEFAULT 0; -- 1: it is in these sums
CREATE INDEX journey_uncredited ON journey (ended) WHERE credited = 0;
CREATE INDEX journey_event_click ON journey_event (article, made) WHERE kind = 'result_click';
