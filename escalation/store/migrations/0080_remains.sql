-- +goose Up

-- Bytes of files that an erasure could not remove, until they are: their hashes, and when
-- they came. Nothing else says that they were there.
ALTER TABLE privacy_act ADD COLUMN remains TEXT NOT NULL DEFAULT '';
