-- +goose Up

-- What happened to any ticket since a day, for reports.
CREATE INDEX ticket_updated ON ticket (updated) WHERE doubt = '';
