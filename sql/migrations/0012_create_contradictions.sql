-- What a broker did is a fact: it is booked, and what of it contradicts the books is kept.
CREATE TABLE trading.contradictions (
  portfolio_id int         NOT NULL,
  fill_id      bigint      NOT NULL,
  code         text        NOT NULL,
  reason       text        NOT NULL,
  actor        text        NOT NULL DEFAULT ops.actor(),
  recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT contradictions_pkey PRIMARY KEY (portfolio_id, fill_id, code),
  CONSTRAINT contradictions_fill_fkey FOREIGN KEY (portfolio_id, fill_id) REFERENCES trading.fills
);
COMMENT ON TABLE  trading.contradictions IS
  'Fills that were booked although they contradict their order, a row for each contradiction; append-only.';
COMMENT ON COLUMN trading.contradictions.portfolio_id IS 'The portfolio.';
COMMENT ON COLUMN trading.contradictions.fill_id IS 'The fill.';
COMMENT ON COLUMN trading.contradictions.code IS 'Code that refuses such a fill on paper.';
COMMENT ON COLUMN trading.contradictions.reason IS 'Words with the figures of both.';
COMMENT ON COLUMN trading.contradictions.actor IS 'Database role that reported the fill.';
COMMENT ON COLUMN trading.contradictions.recorded_at IS 'Clock time.';
