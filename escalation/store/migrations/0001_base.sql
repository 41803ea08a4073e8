-- +goose Up

-- Keys that replicas share; value is hexadecimal.
CREATE TABLE secret (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

-- What a lead changes; value is JSON.
CREATE TABLE setting (
	name  TEXT PRIMARY KEY,
	value TEXT NOT NULL
);

CREATE TABLE session (
	id      TEXT PRIMARY KEY, -- hash of what the cookie holds
	person  TEXT NOT NULL,    -- empty: not signed in
	proof   TEXT NOT NULL,    -- of the password it began with
	agent   TEXT NOT NULL,    -- what the browser calls itself
	data    TEXT NOT NULL,
	created BIGINT NOT NULL,
	seen    BIGINT NOT NULL,
	expires BIGINT NOT NULL
);
CREATE INDEX session_person ON session (person) WHERE person <> '';
CREATE INDEX session_expires ON session (expires);
