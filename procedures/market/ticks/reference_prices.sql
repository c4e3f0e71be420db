-- reads market.instruments, market.exchanges and what internal.prices_before reads
CREATE OR REPLACE FUNCTION market.reference_prices(p_instrument_ids int[], p_times timestamptz[], p_seqs bigint[])
RETURNS TABLE (instrument_id int, collar numeric, accepted float8, jumped float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    SELECT i.instrument_id, coalesce(i.price_collar, e.price_collar)::numeric, b.accepted, b.jumped
      FROM internal.prices_before(p_instrument_ids, p_times, p_seqs) AS b
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id);
END
$$;
COMMENT ON FUNCTION market.reference_prices(int[], timestamptz[], bigint[]) IS
  'What a program needs that looks at new ticks itself, in their order, before it copies them: the collar of each '
  'instrument (NULL: none), the last accepted price before its first tick, and one that was rejected as a jump since.';
REVOKE ALL ON FUNCTION market.reference_prices(int[], timestamptz[], bigint[]) FROM PUBLIC;
