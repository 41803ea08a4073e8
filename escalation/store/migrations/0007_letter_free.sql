-- +goose Up

-- A letter may belong to no ticket: an invitation, a new password, the way to
-- all of somebody's requests.
CREATE TABLE letter_next (
	id          TEXT PRIMARY KEY,
	ticket      TEXT REFERENCES ticket (id),
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
INSERT INTO letter_next (id, ticket, kind, recipient, lang, args, replaces, state, made, due, lease_until, attempts, problem, settled)
SELECT id, ticket, kind, recipient, lang, args, replaces, state, made, due, lease_until, attempts, problem, settled
FROM letter;
DROP TABLE letter;
ALTER TABLE letter_next RENAME TO letter;
CREATE INDEX letter_due ON letter (due) WHERE state = 'waiting';
CREATE INDEX letter_left ON letter (state, made, id) WHERE state IN ('held', 'failed');
CREATE INDEX letter_ticket ON letter (ticket, made) WHERE ticket IS NOT NULL;

-- Of two leads who change the same setting at once, one is told.
ALTER TABLE setting ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
