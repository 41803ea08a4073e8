-- +goose Up

-- What leads are called for, for their lists. The ledger says the same, and why.
CREATE TABLE alarm (
	id     TEXT PRIMARY KEY,
	ticket TEXT NOT NULL REFERENCES ticket (id),
	rung   BIGINT NOT NULL,
	opened BIGINT NOT NULL,
	ended  BIGINT NOT NULL -- 0: it is open
);
CREATE INDEX alarm_ticket ON alarm (ticket);

-- When the automatic rules look at a ticket next. Those from before are looked at
-- once; never comes after all.
ALTER TABLE ticket ADD COLUMN look BIGINT NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN alarmed BIGINT NOT NULL DEFAULT 0;
CREATE INDEX ticket_look ON ticket (look, id) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_alarmed ON ticket (place, since, id) WHERE alarmed = 1;
