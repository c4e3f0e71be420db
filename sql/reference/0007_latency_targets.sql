-- How long the steps may take that people wait for. A target that somebody has changed stays as it is.
INSERT INTO ops.latency_targets (step, target_ms, description) VALUES
  ('order', 500, 'From the tick that an order comes from, or a person''s submission, until it is acknowledged.'),
  ('query', 100, 'A query of a panel.')
ON CONFLICT ON CONSTRAINT latency_targets_pkey DO NOTHING;
