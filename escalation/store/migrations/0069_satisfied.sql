-- +goose Up

-- What a visitor said of how the ticket after it was solved; empty while nothing.
ALTER TABLE suggestion_trigger ADD COLUMN score TEXT NOT NULL DEFAULT '';
