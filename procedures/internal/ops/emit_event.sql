-- reads ledger.portfolio_clocks, writes ops.events; errors TR249
-- PL/pgSQL, not SQL: a SQL function that cannot be inlined is planned anew at every call.
CREATE OR REPLACE FUNCTION internal.emit_event(
  p_kind text, p_at timestamptz, p_portfolio_id int DEFAULT NULL, p_instrument_id int DEFAULT NULL,
  p_order_id bigint DEFAULT NULL, p_payload jsonb DEFAULT '{}')
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  PERFORM internal.require_event_time(p_at);
  -- The clock of the portfolio never runs back, although a transaction that waited for the lock may have the lower id.
  INSERT INTO ops.events (stream_xid, kind, portfolio_id, instrument_id, order_id, payload, at)
  VALUES (greatest(internal.stream_xid(),
                   (SELECT b.stream_xid FROM ledger.portfolio_clocks AS b WHERE b.portfolio_id = p_portfolio_id)),
          p_kind, p_portfolio_id, p_instrument_id, p_order_id, p_payload, p_at);
END
$$;
COMMENT ON FUNCTION internal.emit_event(text, timestamptz, int, int, bigint, jsonb) IS
  'Appends to the journal. The event of a portfolio is appended under its portfolio''s lock, which makes the order of '
  'its '
  'events that of its commits.';
