-- +goose Up

-- Whose a ticket was before it was given to somebody else. The ledger of entries says
-- the same; here they are found who ask what is held about them.
CREATE TABLE former (
	ticket TEXT NOT NULL REFERENCES ticket (id),
	place  BIGINT NOT NULL, -- number of the entry with which it began; 1: they opened it
	email  TEXT NOT NULL,   -- as it was last; empty: none is known
	made   BIGINT NOT NULL, -- when it became theirs
	ended  BIGINT NOT NULL,
	PRIMARY KEY (ticket, place)
);
CREATE INDEX former_email ON former (email) WHERE email <> '';
