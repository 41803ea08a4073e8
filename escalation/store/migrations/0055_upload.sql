-- +goose Up

-- Files on their way: how much is here their bytes say, which lie in the data folder.
CREATE TABLE upload (
	id      TEXT PRIMARY KEY,
	browser TEXT NOT NULL, -- hash of the name of the one that began it
	sender  TEXT NOT NULL, -- hash of its network; empty for staff
	name    TEXT NOT NULL,
	size    BIGINT NOT NULL,
	print   TEXT NOT NULL, -- hash of the first piece
	made    BIGINT NOT NULL,
	file    TEXT NOT NULL DEFAULT '' -- id, once it is here as a whole
);
CREATE INDEX upload_browser ON upload (browser, print);
CREATE INDEX upload_made ON upload (made);
CREATE INDEX file_size ON file (size);
