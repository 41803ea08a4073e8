-- +goose Up

ALTER TABLE person ADD COLUMN zone TEXT NOT NULL DEFAULT ''; -- IANA; empty: the site's
ALTER TABLE person ADD COLUMN notices TEXT NOT NULL DEFAULT '[]'; -- JSON: of what they want to hear by letter
ALTER TABLE person ADD COLUMN factor TEXT NOT NULL DEFAULT ''; -- JSON: what they show beside the password; empty: nothing
ALTER TABLE person ADD COLUMN heir TEXT NOT NULL DEFAULT ''; -- of somebody disabled: who gets what they left

-- What was done to somebody's account. Rows are added, never changed.
CREATE TABLE person_event (
	id      TEXT PRIMARY KEY,
	person  TEXT NOT NULL,
	made    BIGINT NOT NULL,
	what    TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL
);
CREATE INDEX person_event_person ON person_event (person, made);

-- Who forgot a password, until they are written to. Addresses that nobody has lie
-- here too: what is done for them is the same.
CREATE TABLE reset_request (
	id    TEXT PRIMARY KEY,
	email TEXT NOT NULL, -- folded
	lang  TEXT NOT NULL, -- of the page
	made  BIGINT NOT NULL
);

-- What somebody left who no longer works here is looked for again and again.
CREATE INDEX ticket_owner ON ticket (owner) WHERE state <> 'closed' AND owner <> '';
CREATE INDEX handoff_open ON handoff (from_id) WHERE state = 'offered';
CREATE INDEX letter_free ON letter (recipient, replaces) WHERE ticket IS NULL;
