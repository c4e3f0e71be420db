-- writes trading.margin_calls, ops.events; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.latch_margin_call(p_portfolio_id int, p_equity numeric, p_at timestamptz)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_need numeric := internal.margin_requirement(p_portfolio_id, p_at);
  v_call trading.margin_calls;
BEGIN
  SELECT * INTO v_call FROM trading.margin_calls AS c WHERE c.portfolio_id = p_portfolio_id AND c.closed_at IS NULL;
  IF v_call.call_id IS NULL AND p_equity < v_need THEN
    INSERT INTO trading.margin_calls (portfolio_id, call_id, requirement, equity, opened_at)
    SELECT p_portfolio_id, count(*) + 1, v_need, p_equity, p_at
      FROM trading.margin_calls AS c
     WHERE c.portfolio_id = p_portfolio_id
    RETURNING * INTO v_call;
    PERFORM internal.emit_event('margin.called', p_at, p_portfolio_id,
                           p_payload => jsonb_build_object('call_id', v_call.call_id, 'requirement', v_need, 'equity',
                                                           p_equity));
  ELSIF v_call.call_id IS NOT NULL AND p_equity >= v_need THEN
    UPDATE trading.margin_calls AS c
       SET closed_at = greatest(p_at, c.opened_at)
     WHERE c.portfolio_id = p_portfolio_id AND c.call_id = v_call.call_id;
    PERFORM internal.emit_event('margin.restored', p_at, p_portfolio_id,
                           p_payload => jsonb_build_object('call_id', v_call.call_id, 'requirement', v_need, 'equity',
                                                           p_equity));
  END IF;
END
$$;
COMMENT ON FUNCTION internal.latch_margin_call(int, numeric, timestamptz) IS
  'Opens a margin call when equity is below what the positions require, and closes the one that is open when it no '
  'longer is.';
