-- reads what internal.price_of_day reads
CREATE OR REPLACE FUNCTION internal.settlement_price(
  p_instrument market.instruments, p_kind trading.settlement_kind, p_day date)
RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
  -- The price of an option is not that of what it is on.
  SELECT CASE WHEN p_kind <> 'expiry' OR p_instrument.underlying_id IS NOT NULL
              THEN internal.price_of_day(internal.settlement_source(p_instrument, p_kind), p_instrument.exchange_id,
                                         p_day) END
$$;
COMMENT ON FUNCTION internal.settlement_price(market.instruments, trading.settlement_kind, date) IS
  'The price of a trading day at which a contract is settled; NULL when none is known: never one of another day.';
