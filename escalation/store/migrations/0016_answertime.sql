-- +goose Up

-- How long customers wait is asked of what was opened lately.
CREATE INDEX ticket_opened ON ticket (opened);
