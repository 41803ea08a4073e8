-- +goose Up

-- Lists of tickets that somebody saved, for themselves or for a team.
CREATE TABLE saved_view (
	id      TEXT PRIMARY KEY,
	owner   TEXT NOT NULL, -- staff id; empty: the team's
	team    TEXT NOT NULL, -- empty: the owner's
	name    TEXT NOT NULL,
	filter  TEXT NOT NULL, -- JSON
	version BIGINT NOT NULL,
	made    BIGINT NOT NULL, -- the version
	by_kind TEXT NOT NULL,
	by_id   TEXT NOT NULL,
	by_name TEXT NOT NULL
);
CREATE INDEX saved_view_owner ON saved_view (owner, team);

-- How a list sorts by words, folded in the program. For older tickets that is done
-- as the reckoning of what is due.
ALTER TABLE ticket ADD COLUMN subject_key TEXT NOT NULL DEFAULT '';
ALTER TABLE ticket ADD COLUMN name_key TEXT NOT NULL DEFAULT '';
UPDATE ticket SET due = -1;

-- An index of open tickets has all that a list may ask for: what does not match is
-- passed over without a look at its row.
DROP INDEX ticket_queue;
DROP INDEX ticket_due;
DROP INDEX ticket_closed;
CREATE INDEX ticket_queue ON ticket (place, since, id, tier, team, state, assignee, lang, request_type, due, opened, subject_key, name_key) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_due ON ticket (due, id, place, tier, team, state, assignee, lang, request_type) WHERE state <> 'closed' AND doubt = '';
CREATE INDEX ticket_closed ON ticket (updated, id, tier, team, state, assignee, lang, request_type) WHERE state = 'closed' AND doubt = '';
