-- +goose Up

-- What the texts were that translations name as their source, and how large each
-- change was. The files do not say it: they hold what is true now.
CREATE TABLE revision (
	id      TEXT PRIMARY KEY,
	article TEXT NOT NULL, -- its key
	lang    TEXT NOT NULL,
	hash    TEXT NOT NULL,
	change  TEXT NOT NULL, -- typo, minor, major
	made    BIGINT NOT NULL,
	noted   BIGINT NOT NULL
);
CREATE INDEX revision_article ON revision (article, lang, noted);

-- Addresses on other sites that articles link to, as they answered last.
CREATE TABLE outside_link (
	address TEXT PRIMARY KEY,
	state   TEXT NOT NULL,   -- empty: never asked
	status  BIGINT NOT NULL, -- of the answer; 0 without one
	failed  BIGINT NOT NULL, -- how often in a row
	checked BIGINT NOT NULL
);
