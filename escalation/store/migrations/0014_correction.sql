-- +goose Up

-- What readers say should be changed in articles. The address is emptied when it
-- is decided.
CREATE TABLE correction (
	id       TEXT PRIMARY KEY,
	article  TEXT NOT NULL,
	lang     TEXT NOT NULL,
	revision TEXT NOT NULL,
	body     TEXT NOT NULL,
	email    TEXT NOT NULL,
	made     BIGINT NOT NULL,
	state    TEXT NOT NULL,
	by_kind  TEXT NOT NULL,
	by_id    TEXT NOT NULL,
	by_name  TEXT NOT NULL,
	decided  BIGINT NOT NULL
);
CREATE INDEX correction_open ON correction (made, id) WHERE state = 'open';
CREATE INDEX correction_made ON correction (made);
