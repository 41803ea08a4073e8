-- +goose Up

-- Who is at which ticket now. A row says so for some seconds, and is no record.
CREATE TABLE presence (
	ticket TEXT NOT NULL, -- number
	person TEXT NOT NULL,
	name   TEXT NOT NULL,
	writes BIGINT NOT NULL, -- 1: they have words that are not sent
	until  BIGINT NOT NULL,
	PRIMARY KEY (ticket, person)
);
