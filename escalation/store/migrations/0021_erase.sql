-- +goose Up

-- What is taken out is found without looking at all that stays.
CREATE INDEX ticket_settled ON ticket (updated, id) WHERE erased = 0 AND state IN ('closed', 'solved');
CREATE INDEX submission_ticket ON submission (ticket);
CREATE INDEX submission_made ON submission (made);
