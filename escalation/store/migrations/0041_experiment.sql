-- +goose Up

-- The first moment at which there was something to suggest to a visitor in an
-- experiment, and what they did later. The experiments are a setting.
CREATE TABLE suggestion_trigger (
	experiment TEXT NOT NULL,
	visitor    TEXT NOT NULL, -- a hash, as in journey; of who was erased, one that nobody has
	arm        TEXT NOT NULL,
	made       BIGINT NOT NULL,
	ticket     BIGINT NOT NULL, -- when they wrote; 0 is never
	again      BIGINT NOT NULL, -- when they came back to the form; 0 is never
	was_read   BIGINT NOT NULL, -- 1: they read an answer
	PRIMARY KEY (experiment, visitor)
);
CREATE INDEX suggestion_trigger_visitor ON suggestion_trigger (visitor);
CREATE INDEX suggestion_trigger_made ON suggestion_trigger (made);
CREATE INDEX suggestion_trigger_experiment ON suggestion_trigger (experiment, made);
