-- +goose Up

-- Articles that were made, or improved, because of what people asked in vain.
CREATE TABLE promotion (
	id        TEXT PRIMARY KEY,
	line      TEXT NOT NULL,
	ticket    TEXT NOT NULL, -- id, when it was made of one
	article   TEXT NOT NULL, -- key
	lang      TEXT NOT NULL,
	was       TEXT NOT NULL, -- hash of the text that was improved
	by_kind   TEXT NOT NULL,
	by_id     TEXT NOT NULL,
	by_name   TEXT NOT NULL,
	asked     BIGINT NOT NULL,
	chosen    BIGINT NOT NULL,
	published BIGINT NOT NULL -- 0 until it is
);
CREATE INDEX promotion_article ON promotion (article, lang);
CREATE INDEX promotion_open ON promotion (chosen) WHERE published = 0;

-- Tickets of strands, journeys, and what readers did with promoted articles, by day:
-- receipts need them when all that was counted is forgotten. Nobody is in them.
CREATE TABLE demand_count (
	what    TEXT NOT NULL,
	subject TEXT NOT NULL, -- strand, or key of the article
	lang    TEXT NOT NULL,
	day     BIGINT NOT NULL, -- since 1970
	total   BIGINT NOT NULL,
	PRIMARY KEY (what, subject, lang, day)
);
CREATE INDEX demand_count_day ON demand_count (day);

-- Articles that agents are told of at an open ticket, because they were published
-- for others who asked the same.
CREATE TABLE proposal (
	ticket  TEXT NOT NULL, -- id
	article TEXT NOT NULL, -- key
	lang    TEXT NOT NULL,
	made    BIGINT NOT NULL,
	PRIMARY KEY (ticket, article)
);
CREATE INDEX proposal_made ON proposal (made);
