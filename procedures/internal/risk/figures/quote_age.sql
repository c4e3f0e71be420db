-- reads market.quotes
CREATE OR REPLACE FUNCTION internal.quote_age(p_instrument_id int, p_at timestamptz)
RETURNS numeric
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN (SELECT greatest(extract(epoch FROM p_at - q.ts), 0)
            FROM market.quotes AS q
           WHERE q.instrument_id = p_instrument_id);
END
$$;
COMMENT ON FUNCTION internal.quote_age(int, timestamptz) IS
  'Seconds since the last price of an instrument; NULL when there is none.';
