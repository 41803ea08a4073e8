-- +goose Up

-- Whether a ticket may be spam: empty, suspected or spam. What is in doubt is in
-- no queue but its own.
ALTER TABLE ticket ADD COLUMN doubt TEXT NOT NULL DEFAULT '';
DROP INDEX ticket_queue;
DROP INDEX ticket_frozen;
DROP INDEX ticket_closed;
CREATE INDEX ticket_queue ON ticket (place, since, id) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_frozen ON ticket (place, since, id) WHERE frozen = 1 AND doubt = '';
CREATE INDEX ticket_closed ON ticket (updated, id) WHERE state = 'closed' AND doubt = '';
CREATE INDEX ticket_doubt ON ticket (doubt, updated, id) WHERE doubt <> '';
CREATE INDEX ticket_email ON ticket (email, updated) WHERE email <> '';

-- Whose upload it was, as a hash of the network; empty for staff.
ALTER TABLE file ADD COLUMN sender TEXT NOT NULL DEFAULT '';

-- Who asked for the links of all requests of an address, answered or not. The
-- address is that of the letter; here it is hashed.
CREATE TABLE links (
	hash    TEXT PRIMARY KEY, -- of the code in the letter
	who     TEXT NOT NULL,    -- hash of the address
	letter  TEXT NOT NULL,    -- empty when there was nothing to write about
	made    BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX links_who ON links (who, made);
CREATE INDEX links_expires ON links (expires);
