-- locks ledger.portfolio_clocks; writes as internal.amend_fill; errors TR205, TR211, TR235, TR236, TR250,
-- TR401
CREATE OR REPLACE FUNCTION trading.bust_fill(
  portfolio text, fill_id bigint DEFAULT NULL, execution_id text DEFAULT NULL,
  reason text DEFAULT 'busted by the exchange', at timestamptz DEFAULT now(), order_id bigint DEFAULT NULL,
  client_order_id text DEFAULT NULL)
RETURNS trading.fills
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_portfolio_id int := trading.portfolio_id(bust_fill.portfolio, 'trade');
  v_fill         trading.fills;
  v_bust         trading.fills;
  v_bust_id      bigint;
BEGIN
  PERFORM internal.lock_portfolio(v_portfolio_id);
  v_fill := internal.find_fill(v_portfolio_id, bust_fill.fill_id, bust_fill.execution_id, bust_fill.order_id,
                                 bust_fill.client_order_id);
  PERFORM internal.require_event_time(bust_fill.at, v_fill.at);
  SELECT * INTO v_bust FROM trading.fills AS f
   WHERE f.portfolio_id = v_portfolio_id AND f.busts_fill_id = v_fill.fill_id;
  IF NOT FOUND THEN
    PERFORM internal.mark_periods(v_portfolio_id, bust_fill.at);
    v_bust_id := internal.amend_fill(v_fill, 0, v_fill.price, NULL, NULL, bust_fill.reason, bust_fill.at);
    SELECT * INTO v_bust FROM trading.fills AS f WHERE f.portfolio_id = v_portfolio_id AND f.fill_id = v_bust_id;
  END IF;
  RETURN v_bust;
END
$$;
COMMENT ON FUNCTION trading.bust_fill(text, bigint, text, text, timestamptz, bigint, text) IS
  'Takes back a fill that the exchange has busted, and returns the new row that says so: money, position and lots are '
  'as if it had never been; its order keeps its status and counts busted_quantity. The same fill again answers the '
  'same row. An execution_id that names the fills of two orders needs the order. Errors TR205, TR211, TR235, TR236, '
  'TR250, TR401.';
REVOKE ALL ON FUNCTION trading.bust_fill(text, bigint, text, text, timestamptz, bigint, text) FROM PUBLIC;
