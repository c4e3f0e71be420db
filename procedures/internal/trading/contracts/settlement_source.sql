-- reads nothing
CREATE OR REPLACE FUNCTION internal.settlement_source(p_instrument market.instruments, p_kind trading.settlement_kind)
RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  SELECT CASE p_kind WHEN 'daily' THEN p_instrument.instrument_id
                     ELSE coalesce(p_instrument.underlying_id, p_instrument.instrument_id) END
$$;
COMMENT ON FUNCTION internal.settlement_source(market.instruments, trading.settlement_kind) IS
  'The instrument whose price settles a contract: daily that of a future itself, at the end that of what it is on, '
  'where that is an instrument here.';
