-- +goose Up

-- What customers said of solutions, once of each, beside who and where it was solved.
-- The ledger of entries says the same; their words are there alone.
CREATE TABLE rating (
	solution TEXT PRIMARY KEY, -- id of its entry
	entry    TEXT NOT NULL,    -- id of the entry that says so
	ticket   TEXT NOT NULL REFERENCES ticket (id),
	score    TEXT NOT NULL,
	channel  TEXT NOT NULL,
	team     TEXT NOT NULL,
	tier     BIGINT NOT NULL,
	agent    TEXT NOT NULL,
	made     BIGINT NOT NULL
);
CREATE INDEX rating_made ON rating (made);
CREATE INDEX rating_agent ON rating (agent, made);
