-- writes trading.lots; the caller holds the book's lock
CREATE OR REPLACE FUNCTION trading.split_lots(p_portfolio_id int, p_action market.corporate_actions, p_quantity numeric, p_due timestamptz DEFAULT 'infinity')
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_difference numeric;
BEGIN
  UPDATE trading.lots AS l SET quantity = round(l.quantity * p_action.numerator / p_action.denominator, 8)
   WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id AND l.opened_at < p_due;
  -- Each lot was rounded by itself; the newest takes the difference, so that they add up to the position.
  SELECT p_quantity - coalesce(sum(l.quantity), 0) INTO v_difference FROM trading.lots AS l
   WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id;
  IF v_difference <> 0 THEN
    UPDATE trading.lots AS l SET quantity = l.quantity + v_difference
     WHERE l.portfolio_id = p_portfolio_id AND l.instrument_id = p_action.instrument_id
       AND l.fill_id = (SELECT max(n.fill_id) FROM trading.lots AS n WHERE n.portfolio_id = p_portfolio_id AND n.instrument_id = p_action.instrument_id AND n.opened_at < p_due);
  END IF;
END
$$;
COMMENT ON FUNCTION trading.split_lots(int, market.corporate_actions, numeric, timestamptz) IS 'Restates the lots of an instrument that were opened before a split in the shares after it; all lots together are p_quantity.';
REVOKE ALL ON FUNCTION trading.split_lots(int, market.corporate_actions, numeric, timestamptz) FROM PUBLIC;
