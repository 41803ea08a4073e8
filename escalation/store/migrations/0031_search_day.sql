-- +goose Up

-- What was searched on a day until some moment of it, so that reports need not read
-- the events before that moment again.
CREATE TABLE search_day (
	day   BIGINT PRIMARY KEY, -- midnight UTC
	until BIGINT NOT NULL,    -- 0: nothing is written down
	log   TEXT NOT NULL
);
