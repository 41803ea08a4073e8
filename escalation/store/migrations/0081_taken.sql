-- +goose Up

-- 1: an erasure took out all that it was to, but for the bytes that remain. An older one
-- that is not done may have been interrupted before: whoever asks for it again ends it.
ALTER TABLE privacy_act ADD COLUMN taken BIGINT NOT NULL DEFAULT 0;
