-- +goose Up

-- Known problems: each version whole, the newest is in force.
CREATE TABLE problem (
	id      TEXT NOT NULL,
	version BIGINT NOT NULL,
	title   TEXT NOT NULL,
	text    TEXT NOT NULL,
	tell    TEXT NOT NULL, -- JSON, by language
	article TEXT NOT NULL,
	solved  BIGINT NOT NULL, -- 0: it is open
	opened  BIGINT NOT NULL,
	opener  TEXT NOT NULL, -- JSON
	made    BIGINT NOT NULL, -- the version
	maker   TEXT NOT NULL, -- JSON
	PRIMARY KEY (id, version)
);

-- Which tickets have a problem. The ledger says the same, and since when.
CREATE TABLE problem_ticket (
	ticket  TEXT PRIMARY KEY REFERENCES ticket (id),
	problem TEXT NOT NULL,
	by_hand BIGINT NOT NULL,
	solved  BIGINT NOT NULL -- 1: the ticket knows that the problem is
);
CREATE INDEX problem_ticket_problem ON problem_ticket (problem, solved);

-- Answers to many tickets, until each has it or is left out, and what became of it.
CREATE TABLE circular (
	id      TEXT PRIMARY KEY,
	problem TEXT NOT NULL, -- empty: the tickets were chosen
	maker   TEXT NOT NULL, -- JSON
	made    BIGINT NOT NULL,
	body    TEXT NOT NULL, -- JSON, by language; empty when all is sent
	solves  BIGINT NOT NULL,
	article TEXT NOT NULL,
	reason  TEXT NOT NULL,
	done    BIGINT NOT NULL -- 0: not yet
);
CREATE INDEX circular_problem ON circular (problem, made);
CREATE INDEX circular_open ON circular (made) WHERE done = 0;
CREATE TABLE circular_copy (
	circular TEXT NOT NULL REFERENCES circular (id),
	number   TEXT NOT NULL,
	seen     BIGINT NOT NULL, -- version of the ticket
	done     BIGINT NOT NULL,
	left_out TEXT NOT NULL, -- why: catalog key; empty: it was sent
	PRIMARY KEY (circular, number)
);
