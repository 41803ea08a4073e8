-- +goose Up

-- What was said in one language about one matter is a strand; a line is one or more.
ALTER TABLE demand_signal ADD COLUMN strand TEXT NOT NULL DEFAULT ''; -- empty until it is placed
ALTER TABLE demand_signal ADD COLUMN about TEXT NOT NULL DEFAULT '';  -- articles, as search knew them then
ALTER TABLE demand_signal ADD COLUMN placed BIGINT NOT NULL DEFAULT 0;
UPDATE demand_signal SET strand = line WHERE line <> '';
CREATE INDEX demand_signal_unplaced ON demand_signal (made) WHERE line = '';
CREATE INDEX demand_signal_placed ON demand_signal (placed);
CREATE INDEX demand_signal_line ON demand_signal (line);
CREATE INDEX demand_signal_strand ON demand_signal (strand);

-- What was done to lines, mostly by hand: rows are added, without gaps. It names
-- no signals, and of wordings only hashes.
CREATE TABLE demand_act (
	number  BIGINT PRIMARY KEY,
	kind    TEXT NOT NULL,
	line    TEXT NOT NULL,
	other   TEXT NOT NULL,
	title   TEXT NOT NULL,
	pins    TEXT NOT NULL,
	by_kind TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL,
	made    BIGINT NOT NULL
);
