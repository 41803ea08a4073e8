-- +goose Up

-- What was decided on lines of demand: rows are added, the last one counts.
ALTER TABLE demand_verdict RENAME TO demand_decision;
ALTER TABLE demand_decision RENAME COLUMN decision TO choice;
UPDATE demand_decision SET choice = 'write' WHERE choice = 'made';
UPDATE demand_decision SET choice = 'decline' WHERE choice = 'dismissed';
