-- +goose Up

-- A ticket is what its entries add up to. The columns here repeat of it what
-- lists show and sort by.
CREATE TABLE ticket (
	id           TEXT PRIMARY KEY,
	number       TEXT NOT NULL UNIQUE,
	version      BIGINT NOT NULL, -- number of entries
	state        TEXT NOT NULL,
	turn         TEXT NOT NULL,
	place        BIGINT NOT NULL, -- of the turn in a queue: ours come first
	since        BIGINT NOT NULL, -- when the wait that counts began
	team         TEXT NOT NULL,
	tier         BIGINT NOT NULL,
	highest_tier BIGINT NOT NULL,
	solved_tier  BIGINT NOT NULL,
	owner        TEXT NOT NULL,
	assignee     TEXT NOT NULL,
	offered_team TEXT NOT NULL, -- of the handoff that waits for an answer
	offered_tier BIGINT NOT NULL,
	frozen       BIGINT NOT NULL,
	subject      TEXT NOT NULL,
	name         TEXT NOT NULL, -- of the requester
	email        TEXT NOT NULL, -- folded
	lang         TEXT NOT NULL,
	channel      TEXT NOT NULL,
	request_type TEXT NOT NULL,
	journey      TEXT NOT NULL,
	opened       BIGINT NOT NULL,
	updated      BIGINT NOT NULL,
	until        BIGINT NOT NULL
);
CREATE INDEX ticket_queue ON ticket (place, since, id) WHERE state <> 'closed';
CREATE INDEX ticket_assignee ON ticket (assignee, place, since, id) WHERE state <> 'closed' AND assignee <> '';
CREATE INDEX ticket_offered ON ticket (offered_team, offered_tier) WHERE offered_team <> '';
CREATE INDEX ticket_frozen ON ticket (place, since, id) WHERE frozen = 1;
CREATE INDEX ticket_closed ON ticket (updated, id) WHERE state = 'closed';
CREATE INDEX ticket_journey ON ticket (journey) WHERE journey <> '';

-- The ledger: rows are added, never changed.
CREATE TABLE entry (
	id      TEXT PRIMARY KEY,
	ticket  TEXT NOT NULL REFERENCES ticket (id),
	seq     BIGINT NOT NULL,
	made    BIGINT NOT NULL,
	by_kind TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL,
	kind    TEXT NOT NULL,
	body    TEXT NOT NULL,
	event   TEXT NOT NULL, -- JSON, or empty
	files   TEXT NOT NULL, -- JSON, or empty
	once    TEXT NOT NULL, -- of the form that was sent; may be empty
	UNIQUE (ticket, seq)
);
CREATE UNIQUE INDEX entry_once ON entry (ticket, once) WHERE once <> '';

-- The same form sent twice makes one ticket.
CREATE TABLE submission (
	once   TEXT PRIMARY KEY,
	ticket TEXT NOT NULL,
	made   BIGINT NOT NULL
);

-- Moves, for lists and reports. The ledger says the same.
CREATE TABLE handoff (
	id        TEXT PRIMARY KEY,
	ticket    TEXT NOT NULL REFERENCES ticket (id),
	rule      TEXT NOT NULL,
	from_id   TEXT NOT NULL,
	from_team TEXT NOT NULL,
	from_tier BIGINT NOT NULL,
	team      TEXT NOT NULL,
	tier      BIGINT NOT NULL,
	state     TEXT NOT NULL,
	reason    TEXT NOT NULL,
	offered   BIGINT NOT NULL,
	answered  BIGINT NOT NULL
);
CREATE INDEX handoff_ticket ON handoff (ticket);
CREATE INDEX handoff_offered ON handoff (offered);
