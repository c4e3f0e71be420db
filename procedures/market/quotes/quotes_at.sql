-- reads market.quotes, market.instruments, market.exchanges
CREATE OR REPLACE FUNCTION market.quotes_at(at timestamptz DEFAULT now())
RETURNS TABLE (instrument_id int, exchange text, symbol text, last float8, last_size float8, last_at timestamptz,
               bid float8, bid_size float8, ask float8, ask_size float8, quoted_at timestamptz, age interval,
               is_stale boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT q.instrument_id, e.code, n.symbol, q.last, q.last_size, q.ts, q.bid, q.bid_size, q.ask, q.ask_size,
           q.quoted_at, quotes_at.at - greatest(q.ts, q.quoted_at),
           quotes_at.at - greatest(q.ts, q.quoted_at) > e.stale_after
      FROM market.quotes AS q
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.listings AS n USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id);
END
$$;
COMMENT ON FUNCTION market.quotes_at(timestamptz) IS
  'The latest price, bid and offer of each instrument with its age at this time, and whether it is too old to '
  'trade on. The symbol is EXCHANGE:SYMBOL.';
