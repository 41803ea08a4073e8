-- +goose Up

-- What reports read of a ticket's clocks, in a line; the ledger says the same. For older
-- tickets that is done as the reckoning of what is due.
ALTER TABLE ticket ADD COLUMN life TEXT NOT NULL DEFAULT '';
UPDATE ticket SET due = -1;

-- What was answered since a day, for the report on what came back.
DROP INDEX handoff_offered;
CREATE INDEX handoff_answered ON handoff (answered);
