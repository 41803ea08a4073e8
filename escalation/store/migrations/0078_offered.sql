-- +goose Up

-- What is offered is listed in the order of its wait, and counted no further than a tab
-- says: neither looks at all of it any more.
CREATE INDEX ticket_offered_wait ON ticket (place, since, id, offered_tier, offered_team) WHERE state <> 'closed' AND doubt = '' AND offered_team <> '';
