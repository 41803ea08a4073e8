-- +goose Up

-- How long settled tickets stayed in each stage of their type. The ledger of entries
-- says the same; this is what customers are told of it.
CREATE TABLE stage_time (
	ticket       TEXT NOT NULL REFERENCES ticket (id),
	request_type TEXT NOT NULL,
	stage        TEXT NOT NULL, -- its key
	took         BIGINT NOT NULL, -- milliseconds
	ended        BIGINT NOT NULL,
	PRIMARY KEY (ticket, stage)
);
CREATE INDEX stage_time_ended ON stage_time (request_type, ended);
