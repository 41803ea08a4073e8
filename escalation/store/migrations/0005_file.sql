-- +goose Up

-- What was uploaded. The bytes lie in the data folder, under their hash.
CREATE TABLE file (
	id     TEXT PRIMARY KEY,
	hash   TEXT NOT NULL,
	ticket TEXT NOT NULL, -- empty: staged, of a form that was not sent yet
	entry  TEXT NOT NULL,
	name   TEXT NOT NULL,
	type   TEXT NOT NULL,
	size   BIGINT NOT NULL,
	made   BIGINT NOT NULL
);
CREATE INDEX file_ticket ON file (ticket) WHERE ticket <> '';
CREATE INDEX file_staged ON file (made) WHERE ticket = '';
CREATE INDEX file_hash ON file (hash);
