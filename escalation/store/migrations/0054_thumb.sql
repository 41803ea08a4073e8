-- +goose Up

-- The thumbnail of a picture: its bytes lie beside the others, under their hash.
ALTER TABLE file ADD COLUMN thumb TEXT NOT NULL DEFAULT ''; -- empty: there is none
ALTER TABLE file ADD COLUMN width BIGINT NOT NULL DEFAULT 0;
ALTER TABLE file ADD COLUMN height BIGINT NOT NULL DEFAULT 0;
CREATE INDEX file_thumb ON file (thumb) WHERE thumb <> '';
