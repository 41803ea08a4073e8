-- +goose Up

-- Of a task, the id of the ticket that it is for.
ALTER TABLE ticket ADD COLUMN parent TEXT NOT NULL DEFAULT '';
CREATE INDEX ticket_parent ON ticket (parent, opened) WHERE parent <> '';
