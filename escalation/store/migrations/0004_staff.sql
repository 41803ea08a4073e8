-- +goose Up

CREATE TABLE person (
	id       TEXT PRIMARY KEY,
	name     TEXT NOT NULL,
	email    TEXT NOT NULL UNIQUE, -- folded
	lang     TEXT NOT NULL,
	roles    TEXT NOT NULL, -- JSON
	tier     BIGINT NOT NULL,
	teams    TEXT NOT NULL, -- JSON
	password TEXT NOT NULL, -- hash; empty until the invitation is used
	disabled BIGINT NOT NULL,
	created  BIGINT NOT NULL
);

CREATE TABLE token (
	id      TEXT PRIMARY KEY,
	name    TEXT NOT NULL,
	hash    TEXT NOT NULL UNIQUE,
	scopes  TEXT NOT NULL, -- JSON
	created BIGINT NOT NULL,
	revoked BIGINT NOT NULL
);
CREATE UNIQUE INDEX token_name ON token (name) WHERE revoked = 0;

-- One-time links.
CREATE TABLE invitation (
	hash    TEXT PRIMARY KEY,
	person  TEXT NOT NULL, -- empty: of the first lead
	created BIGINT NOT NULL,
	expires BIGINT NOT NULL,
	used    BIGINT NOT NULL
);
CREATE INDEX invitation_person ON invitation (person) WHERE used = 0;

-- Who tried to sign in. The keys are hashes of addresses.
CREATE TABLE attempt (
	name TEXT NOT NULL,
	made BIGINT NOT NULL
);
CREATE INDEX attempt_name ON attempt (name, made);
CREATE INDEX attempt_made ON attempt (made);

-- A row is touched by who must be alone with what it names, until the commit.
CREATE TABLE guard (
	name    TEXT PRIMARY KEY,
	touched BIGINT NOT NULL
);
