-- +goose Up

-- The outbox. A letter is written in the transaction of its cause.
CREATE TABLE letter (
	id          TEXT PRIMARY KEY,
	ticket      TEXT NOT NULL REFERENCES ticket (id),
	kind        TEXT NOT NULL,
	recipient   TEXT NOT NULL,
	lang        TEXT NOT NULL,
	args        TEXT NOT NULL, -- JSON, frozen
	replaces    TEXT NOT NULL,
	state       TEXT NOT NULL, -- waiting, held, sent, failed, replaced
	made        BIGINT NOT NULL,
	due         BIGINT NOT NULL, -- when to try next
	lease_until BIGINT NOT NULL,
	attempts    BIGINT NOT NULL,
	problem     TEXT NOT NULL, -- of the last attempt
	settled     BIGINT NOT NULL -- when it was sent, or given up
);
CREATE INDEX letter_due ON letter (due) WHERE state = 'waiting';
CREATE INDEX letter_left ON letter (state, made, id) WHERE state IN ('held', 'failed');
CREATE INDEX letter_ticket ON letter (ticket, made);
