-- reads the catalogue
CREATE OR REPLACE FUNCTION market.tick_target(day date)
RETURNS text
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN coalesce(to_regclass('market.ticks_' || to_char(tick_target.day, 'YYYYMMDD'))::text, 'market.ticks_default');
END
$$;
COMMENT ON FUNCTION market.tick_target(date) IS
  'The table into which a program copies the ticks of this UTC day that has looked at each of them itself and calls '
  'market.add_candles for them. Everybody else writes to market.ticks.';
