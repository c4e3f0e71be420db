CREATE TABLE market.feed_positions (
  feed          text        NOT NULL CONSTRAINT feed_positions_feed_check CHECK (feed ~ '^[[:graph:]]{1,200}$'),
  instrument_id int         NOT NULL CONSTRAINT feed_positions_instrument_id_fkey REFERENCES market.instruments,
  seq           bigint      NOT NULL,
  ts            timestamptz NOT NULL,
  stored_at     timestamptz NOT NULL,
  CONSTRAINT feed_positions_pkey PRIMARY KEY (feed, instrument_id)
) WITH (fillfactor = 50);
COMMENT ON TABLE  market.feed_positions IS 'How far each live feed has come with each instrument, committed with what it brought: where it goes on after a restart.';
COMMENT ON COLUMN market.feed_positions.feed IS 'Name of the feed.';
COMMENT ON COLUMN market.feed_positions.instrument_id IS 'The instrument.';
COMMENT ON COLUMN market.feed_positions.seq IS 'The source''s number of the last message that is stored.';
COMMENT ON COLUMN market.feed_positions.ts IS 'Event time of that message.';
COMMENT ON COLUMN market.feed_positions.stored_at IS 'Clock time at which it was stored.';
