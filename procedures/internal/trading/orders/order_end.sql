-- reads the calendar of the exchange
CREATE OR REPLACE FUNCTION internal.order_end(p_order internal.order_terms, p_exchange_id int)
RETURNS timestamptz
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN CASE p_order.time_in_force
    WHEN 'day' THEN coalesce(market.session_close(p_exchange_id, p_order.submitted_at),
                             p_order.submitted_at + interval '1 day')
    -- It has the auction and an hour for its result.
    WHEN 'at_open' THEN market.session_open(p_exchange_id, p_order.submitted_at) + interval '1 hour'
    WHEN 'at_close' THEN market.session_close(p_exchange_id, p_order.submitted_at) + interval '1 hour'
    ELSE p_order.expires_at END;
END
$$;
COMMENT ON FUNCTION internal.order_end(internal.order_terms, int) IS
  'When a new order ends if nothing else ends it: with the session (a day later where the exchange has none), an hour '
  'after the auction that it is for, at its own time, or never (NULL).';
