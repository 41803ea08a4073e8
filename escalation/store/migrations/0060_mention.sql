-- +goose Up

-- Whom a note calls, until they are done with it, and after.
CREATE TABLE mention (
	entry  TEXT NOT NULL REFERENCES entry (id),
	person TEXT NOT NULL,
	ticket TEXT NOT NULL REFERENCES ticket (id),
	made   BIGINT NOT NULL,
	done   BIGINT NOT NULL, -- 0: not yet
	PRIMARY KEY (entry, person)
);
CREATE INDEX mention_person ON mention (person, done, made);
