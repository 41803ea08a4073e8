-- +goose Up

-- Who did what. Rows are added, never changed: each has the hash of the one before
-- it in its lane.
CREATE TABLE audit (
	lane     BIGINT NOT NULL,
	seq      BIGINT NOT NULL, -- from 1 in its lane
	made     BIGINT NOT NULL,
	by_kind  TEXT NOT NULL,
	by_id    TEXT NOT NULL,
	kind     TEXT NOT NULL, -- of the object
	object   TEXT NOT NULL,
	what     TEXT NOT NULL,
	first    BIGINT NOT NULL, -- entry of a ticket that it wrote
	last     BIGINT NOT NULL, -- likewise; of other objects their version
	note     TEXT NOT NULL,
	digest   TEXT NOT NULL, -- of what it left; may be empty
	hash     TEXT NOT NULL,
	PRIMARY KEY (lane, seq)
);
CREATE INDEX audit_made ON audit (made, lane, seq);
CREATE INDEX audit_by ON audit (by_id, made, lane, seq) WHERE by_id <> '';
CREATE INDEX audit_object ON audit (kind, object, made, lane, seq);

-- Where each lane ends.
CREATE TABLE audit_head (
	lane BIGINT PRIMARY KEY,
	seq  BIGINT NOT NULL,
	hash TEXT NOT NULL -- of its last act; empty: it was not written yet
);
INSERT INTO audit_head (lane, seq, hash)
VALUES (0, 0, ''), (1, 0, ''), (2, 0, ''), (3, 0, ''), (4, 0, ''), (5, 0, ''), (6, 0, ''), (7, 0, ''),
	(8, 0, ''), (9, 0, ''), (10, 0, ''), (11, 0, ''), (12, 0, ''), (13, 0, ''), (14, 0, ''), (15, 0, '');

-- What makes the digests of a ticket's words say nothing to who guesses; it goes
-- with the words.
ALTER TABLE ticket ADD COLUMN salt TEXT NOT NULL DEFAULT '';

-- What was done to accounts is in the one record from now on.
INSERT INTO audit (lane, seq, made, by_kind, by_id, kind, object, what, first, last, note, digest, hash)
SELECT 0, row_number() OVER (ORDER BY made, id), made, CASE WHEN by_id = '' THEN 'system' ELSE 'staff' END, CASE WHEN by_id = '' THEN 'command' ELSE by_id END,
	'person', person, what, 0, 0, '', '', ''
FROM person_event;
UPDATE audit_head SET seq = (SELECT count(*) FROM audit) WHERE lane = 0;
DROP TABLE person_event;
