-- +goose Up

-- Tickets that wait for their customers alone, and when the rules about silence want to
-- look at each.
CREATE TABLE fuse (
	ticket TEXT PRIMARY KEY REFERENCES ticket (id),
	look   BIGINT NOT NULL
);
CREATE INDEX fuse_look ON fuse (look, ticket);
INSERT INTO fuse (ticket, look)
SELECT id, 0 FROM ticket WHERE state IN ('wait_customer', 'solved') AND erased = 0;
