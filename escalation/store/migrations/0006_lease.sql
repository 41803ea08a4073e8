-- +goose Up

-- Who does a job now; of several processes each job has one.
CREATE TABLE lease (
	name  TEXT PRIMARY KEY,
	until BIGINT NOT NULL
);
