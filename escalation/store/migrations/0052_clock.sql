-- +goose Up

-- What happened to the clocks of tickets: rows are added, never changed. The ledger
-- of entries says the same.
CREATE TABLE clock_event (
	ticket TEXT NOT NULL REFERENCES ticket (id),
	seq    BIGINT NOT NULL, -- from 1 within its ticket
	made   BIGINT NOT NULL,
	act    TEXT NOT NULL,
	clock  TEXT NOT NULL, -- empty: the ticket waits, or no longer
	cause  TEXT NOT NULL,
	tier   BIGINT NOT NULL, -- of a start
	entry  BIGINT NOT NULL, -- seq of the entry that it comes from
	PRIMARY KEY (ticket, seq)
);

-- When a ticket is due next, as the desk promised at its version. What nothing is
-- promised for comes last; -1: it was not reckoned yet.
ALTER TABLE ticket ADD COLUMN desk BIGINT NOT NULL DEFAULT 0; -- version
ALTER TABLE ticket ADD COLUMN due BIGINT NOT NULL DEFAULT -1;
CREATE INDEX ticket_due ON ticket (due, id) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_unreckoned ON ticket (id) WHERE due = -1;
