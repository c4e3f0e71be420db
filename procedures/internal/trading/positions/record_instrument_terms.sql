-- writes trading.instrument_terms
CREATE OR REPLACE FUNCTION internal.record_instrument_terms(p_instrument market.instruments, p_version int)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY INVOKER
AS $$
BEGIN
  INSERT INTO trading.instrument_terms (instrument_id, version, exchange_id, symbol, kind, currency, multiplier, strike,
                                        option_right, underlying_id, expires_on, lot_size, tick_size, initial_margin,
                                        maintenance_margin)
  VALUES (p_instrument.instrument_id, p_version, p_instrument.exchange_id, p_instrument.symbol, p_instrument.kind,
          p_instrument.currency, p_instrument.multiplier, p_instrument.strike, p_instrument.option_right,
          p_instrument.underlying_id, p_instrument.expires_on, p_instrument.lot_size, p_instrument.tick_size,
          p_instrument.initial_margin, p_instrument.maintenance_margin);
END
$$;
COMMENT ON FUNCTION internal.record_instrument_terms(market.instruments, int) IS
  'Keeps the terms of an instrument as this version of them. Error 23505 when that one is there already.';
