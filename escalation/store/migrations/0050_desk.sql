-- +goose Up

-- How the desk is set up: rows are added, the last one is in force, and tickets keep
-- the one they were opened under.
CREATE TABLE desk (
	version BIGINT PRIMARY KEY,
	made    BIGINT NOT NULL,
	by_kind TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL,
	body    TEXT NOT NULL
);
