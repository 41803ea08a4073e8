-- +goose Up

-- Whether somebody said if an article helped, and how often the windows passed
-- since: so many of them are counted below. outcome is that of the seventh day,
-- which everybody means who does not name another; rules is by which it was decided.
ALTER TABLE journey ADD COLUMN answered BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journey ADD COLUMN decided BIGINT NOT NULL DEFAULT 0;
ALTER TABLE journey ADD COLUMN section TEXT NOT NULL DEFAULT '';
ALTER TABLE journey ADD COLUMN outcome TEXT NOT NULL DEFAULT '';
ALTER TABLE journey ADD COLUMN rules BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journey_undecided ON journey (decided, ended, started, lang, ticket) WHERE decided < 4;
UPDATE journey SET answered = 1 WHERE confirmed = 1 OR id IN (
	SELECT journey FROM journey_event WHERE kind IN ('vote_yes', 'vote_no', 'confirm'));

-- How journeys ended that began on a day: sums in which nobody can be found, each
-- journey counted once under each window. Rules that change later add rows, and
-- change none.
CREATE TABLE outcome_day (
	day       BIGINT NOT NULL, -- midnight UTC
	lang      TEXT NOT NULL,
	section   TEXT NOT NULL,   -- key; empty: none
	days      BIGINT NOT NULL, -- of the window
	rules     BIGINT NOT NULL, -- version
	escalated BIGINT NOT NULL,
	confirmed BIGINT NOT NULL,
	presumed  BIGINT NOT NULL,
	failed    BIGINT NOT NULL,
	asked     BIGINT NOT NULL,
	answered  BIGINT NOT NULL,
	PRIMARY KEY (day, lang, section, days, rules)
);

-- What was not recorded, because no visitor did it.
CREATE TABLE journey_apart (
	day    BIGINT NOT NULL, -- midnight UTC
	source TEXT NOT NULL,
	total  BIGINT NOT NULL,
	PRIMARY KEY (day, source)
);
