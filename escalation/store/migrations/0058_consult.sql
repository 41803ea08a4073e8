-- +goose Up

-- What experts are asked, for their lists. The ledger says the same, and what it was.
CREATE TABLE consult (
	id     TEXT PRIMARY KEY,
	ticket TEXT NOT NULL REFERENCES ticket (id),
	team   TEXT NOT NULL,
	tier   BIGINT NOT NULL,
	from_id TEXT NOT NULL,
	staff  TEXT NOT NULL, -- who is asked in particular; may be empty
	state  TEXT NOT NULL,
	due    BIGINT NOT NULL
);
CREATE INDEX consult_ticket ON consult (ticket);
CREATE INDEX consult_asked ON consult (team, tier) WHERE state = 'asked';
