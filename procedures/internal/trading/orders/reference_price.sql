-- reads market.quotes, market.ticks, market.bars
CREATE OR REPLACE FUNCTION internal.reference_price(p_instrument_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_price float8;
BEGIN
  SELECT q.last INTO v_price FROM market.quotes AS q WHERE q.instrument_id = p_instrument_id;
  IF FOUND THEN
    RETURN v_price::numeric;
  END IF;
  -- Nobody watches it. What was stored before will do to decide about an order: the last tick of a week, or the last
  -- bar of a month.
  SELECT t.price INTO v_price FROM market.ticks AS t
   WHERE t.instrument_id = p_instrument_id AND t.ts <= p_at AND t.ts > p_at - interval '7 days' AND NOT t.suspicious
   ORDER BY t.ts DESC, t.seq DESC LIMIT 1;
  IF NOT FOUND THEN
    SELECT b.close INTO v_price FROM market.bars AS b
     WHERE b.instrument_id = p_instrument_id AND b.ts + b.resolution <= p_at AND b.ts > p_at - interval '31 days'
     ORDER BY b.ts DESC LIMIT 1;
  END IF;
  RETURN v_price::numeric;
END
$$;
COMMENT ON FUNCTION internal.reference_price(int, timestamptz) IS
  'The latest price of an instrument; where none is kept, that of the last stored tick (of seven days) or bar (of 31) '
  'before the time. NULL when there is none.';
