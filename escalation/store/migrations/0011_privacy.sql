-- +goose Up

-- When all that somebody said in a ticket was taken out of it; 0: it is there.
ALTER TABLE ticket ADD COLUMN erased BIGINT NOT NULL DEFAULT 0;
CREATE INDEX journey_event_ticket ON journey_event (ticket) WHERE ticket <> '';
CREATE INDEX letter_settled ON letter (made) WHERE state <> 'waiting';

-- What was done with somebody's personal data. Who they are is not said: the hash
-- answers only who asks with the address.
CREATE TABLE privacy_act (
	id          TEXT PRIMARY KEY,
	kind        TEXT NOT NULL, -- export, erase, expire
	who         TEXT NOT NULL, -- hash with a key; empty: of many
	by_kind     TEXT NOT NULL,
	by_id       TEXT NOT NULL,
	by_name     TEXT NOT NULL,
	made        BIGINT NOT NULL,
	done        BIGINT NOT NULL, -- 0: not, or interrupted
	tickets     BIGINT NOT NULL,
	files       BIGINT NOT NULL,
	overwritten BIGINT NOT NULL  -- when the place where it lay was; 0: not yet
);
CREATE INDEX privacy_act_made ON privacy_act (made);
CREATE INDEX privacy_act_left ON privacy_act (done) WHERE overwritten = 0;
