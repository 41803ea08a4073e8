-- +goose Up

-- The order of work. Tickets from before have the normal one.
ALTER TABLE ticket ADD COLUMN priority BIGINT NOT NULL DEFAULT 3;
ALTER TABLE clock_event ADD COLUMN priority BIGINT NOT NULL DEFAULT 0; -- of a weighing

-- An index of open tickets has all that a list may ask for.
DROP INDEX ticket_queue;
DROP INDEX ticket_due;
DROP INDEX ticket_closed;
CREATE INDEX ticket_queue ON ticket (place, since, id, tier, team, state, assignee, lang, request_type, priority, due, opened, subject_key, name_key) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_due ON ticket (due, id, place, tier, team, state, assignee, lang, request_type, priority) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_closed ON ticket (updated, id, tier, team, state, assignee, lang, request_type, priority) WHERE state = 'closed' AND doubt = '';
