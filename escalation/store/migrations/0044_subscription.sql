-- +goose Up

ALTER TABLE demand_decision ADD COLUMN lang TEXT NOT NULL DEFAULT '';     -- of the article
ALTER TABLE demand_decision ADD COLUMN revision TEXT NOT NULL DEFAULT ''; -- hash of the text to improve
ALTER TABLE demand_decision ADD COLUMN owner TEXT NOT NULL DEFAULT '';    -- who is to mend the product
ALTER TABLE demand_decision ADD COLUMN until BIGINT NOT NULL DEFAULT 0;   -- it rests
ALTER TABLE demand_decision ADD COLUMN people BIGINT NOT NULL DEFAULT 0;  -- who had asked within 28 days
CREATE INDEX demand_decision_line ON demand_decision (line);

ALTER TABLE demand_signal ADD COLUMN minutes BIGINT NOT NULL DEFAULT 0; -- of work on the ticket

-- Who searched in vain and wants to be told of an answer. Each is told once; then the
-- row goes. Its signal says on which line it lies.
CREATE TABLE subscription (
	id        TEXT PRIMARY KEY,
	hash      TEXT NOT NULL UNIQUE, -- of the code in its letter
	email     TEXT NOT NULL,        -- folded
	lang      TEXT NOT NULL,
	query     TEXT NOT NULL,        -- scrubbed
	said      TEXT NOT NULL,        -- the same for the same words
	journey   TEXT NOT NULL,        -- until it is confirmed
	made      BIGINT NOT NULL,
	confirmed BIGINT NOT NULL       -- 0: not yet
);
CREATE INDEX subscription_email ON subscription (email, made);
CREATE INDEX subscription_made ON subscription (made);
