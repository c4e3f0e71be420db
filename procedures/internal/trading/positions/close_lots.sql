-- writes trading.lots, trading.lot_closures; the caller holds the portfolio's lock
CREATE OR REPLACE FUNCTION internal.close_lots(
  p_portfolio_id int, p_instrument_id int, p_quantity numeric, p_value numeric, p_fill_id bigint, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
DECLARE
  v_closures trading.lot_closures[] := internal.find_closures(p_portfolio_id, p_instrument_id, p_quantity, p_value,
                                                              p_fill_id, p_at);
BEGIN
  PERFORM internal.write_closures(v_closures);
  RETURN (SELECT coalesce(sum(c.value - c.cost), 0) FROM unnest(v_closures) AS c);
END
$$;
COMMENT ON FUNCTION internal.close_lots(int, int, numeric, numeric, bigint, timestamptz) IS
  'Closes this quantity, worth this value, of the oldest lots and returns their profit before fees.';
