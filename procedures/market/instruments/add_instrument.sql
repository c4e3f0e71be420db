-- writes market.instruments; errors TR101, TR102, TR103, TR108
CREATE OR REPLACE FUNCTION market.add_instrument(
  symbol text, exchange text DEFAULT 'US', name text DEFAULT NULL, kind market.instrument_kind DEFAULT 'equity',
  currency text DEFAULT NULL, tick_size numeric DEFAULT 0.01, lot_size numeric DEFAULT 1, multiplier numeric DEFAULT 1,
  sector text DEFAULT NULL, expires_on date DEFAULT NULL,
  underlying text DEFAULT NULL, strike numeric DEFAULT NULL, option_right market.option_right DEFAULT NULL,
  initial_margin numeric DEFAULT 0.5, maintenance_margin numeric DEFAULT 0.3, is_shortable boolean DEFAULT true)
RETURNS market.instruments
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_exchange   market.exchanges;
  v_instrument market.instruments;
  v_fault      text;  -- the term that is wrong
BEGIN
  SELECT * INTO v_exchange FROM market.exchanges AS e WHERE e.exchange_id = market.exchange_id(add_instrument.exchange);
  -- One term after the other, so that the message names the one that is wrong. Figures as the columns keep them.
  v_fault := CASE
    WHEN add_instrument.symbol ~ '^[A-Za-z0-9^][A-Za-z0-9._/&+=^ -]{0,63}$' IS NOT TRUE THEN 'symbol'
    WHEN v_exchange.exchange_id IS NULL THEN 'exchange'
    WHEN add_instrument.kind IS NULL THEN 'kind'
    WHEN add_instrument.currency !~ '^[A-Z][A-Z0-9]{2,9}$' THEN 'currency'
    WHEN (add_instrument.tick_size > 0 AND add_instrument.tick_size < 1e10
          AND add_instrument.tick_size = round(add_instrument.tick_size, 8)) IS NOT TRUE THEN 'tick_size'
    WHEN (add_instrument.lot_size > 0 AND add_instrument.lot_size < 1e10
          AND add_instrument.lot_size = round(add_instrument.lot_size, 8)) IS NOT TRUE THEN 'lot_size'
    WHEN (add_instrument.multiplier > 0 AND add_instrument.multiplier < 1e10
          AND add_instrument.multiplier = round(add_instrument.multiplier, 8)) IS NOT TRUE THEN 'multiplier'
    WHEN add_instrument.strike <> round(add_instrument.strike, 8) THEN 'strike'
    WHEN add_instrument.initial_margin <> round(add_instrument.initial_margin, 8) THEN 'initial_margin'
    WHEN add_instrument.maintenance_margin <> round(add_instrument.maintenance_margin, 8) THEN 'maintenance_margin'
    WHEN add_instrument.expires_on NOT BETWEEN date '1900-01-01' AND date '2199-12-31' THEN 'expires_on'
    WHEN length(add_instrument.name) > 1000 THEN 'name'
    WHEN length(add_instrument.sector) > 256 THEN 'sector'
    WHEN add_instrument.is_shortable IS NULL THEN 'is_shortable' END;
  IF v_fault IS NOT NULL THEN
    RAISE EXCEPTION 'an instrument cannot have this %', v_fault
      USING ERRCODE = 'TR108',
            DETAIL = format('%s is %s.', v_fault, coalesce(left(CASE v_fault
              WHEN 'symbol' THEN quote_literal(add_instrument.symbol)
              WHEN 'exchange' THEN quote_literal(add_instrument.exchange)
              WHEN 'currency' THEN quote_literal(add_instrument.currency)
              WHEN 'tick_size' THEN add_instrument.tick_size::text
              WHEN 'lot_size' THEN add_instrument.lot_size::text
              WHEN 'multiplier' THEN add_instrument.multiplier::text
              WHEN 'strike' THEN add_instrument.strike::text
              WHEN 'initial_margin' THEN add_instrument.initial_margin::text
              WHEN 'maintenance_margin' THEN add_instrument.maintenance_margin::text
              WHEN 'expires_on' THEN add_instrument.expires_on::text
              WHEN 'name' THEN quote_literal(add_instrument.name)
              WHEN 'sector' THEN quote_literal(add_instrument.sector) END, 100), 'NULL')),
            HINT = CASE v_fault
              WHEN 'symbol' THEN 'A symbol has 1 to 64 letters, digits, spaces and . _ / & + = ^ -, and begins with a '
                                 'letter, digit or ^.'
              WHEN 'exchange' THEN 'Name an exchange of market.exchanges, such as US.'
              WHEN 'kind' THEN 'Name a kind of market.instrument_kind, such as equity.'
              WHEN 'currency' THEN 'A currency is a code in capital letters, such as USD; left out, it is the '
                                   'exchange''s.'
              WHEN 'expires_on' THEN 'Give a day from 1900 until 2199, or leave it out for what does not expire.'
              WHEN 'name' THEN 'A name has at most 1,000 characters.'
              WHEN 'sector' THEN 'A sector has at most 256 characters.'
              WHEN 'is_shortable' THEN 'Say true or false.'
              ELSE 'It is above zero, below 10,000,000,000, and has at most eight decimals: a share that trades in '
                   'cents has tick_size 0.01, lot_size 1 and multiplier 1.' END;
  ELSIF (add_instrument.maintenance_margin > 0 AND add_instrument.maintenance_margin <= add_instrument.initial_margin
         AND add_instrument.initial_margin <= 10) IS NOT TRUE THEN
    RAISE EXCEPTION 'the maintenance margin is positive and not above the initial margin, which is at most 10'
      USING ERRCODE = 'TR108',
            DETAIL = format('initial_margin %s, maintenance_margin %s.', add_instrument.initial_margin,
                            add_instrument.maintenance_margin),
            HINT = 'They are fractions of the value: 0.5 is half of it.';
  ELSIF (CASE add_instrument.kind
          WHEN 'option'
            THEN (add_instrument.strike > 0 AND add_instrument.strike < 1e10
                  AND add_instrument.option_right IS NOT NULL AND isfinite(add_instrument.expires_on)) IS NOT TRUE
          WHEN 'future' THEN num_nonnulls(add_instrument.strike, add_instrument.option_right) > 0
          ELSE num_nonnulls(add_instrument.strike, add_instrument.option_right, add_instrument.underlying) > 0 END)
        OR NOT isfinite(add_instrument.expires_on) THEN
    RAISE EXCEPTION 'the terms do not fit an instrument of kind %', coalesce(add_instrument.kind::text, 'NULL')
      USING ERRCODE = 'TR108',
            DETAIL = format('strike %s, option_right %s, underlying %s, expires_on %s.',
                            coalesce(add_instrument.strike::text, 'NULL'),
                            coalesce(add_instrument.option_right::text, 'NULL'),
                            coalesce(quote_literal(left(add_instrument.underlying, 64)), 'NULL'),
                            coalesce(add_instrument.expires_on::text, 'NULL')),
            HINT = 'An option has strike, option_right and expires_on; both options and futures may have an '
                   'underlying; others have none of these.';
  END IF;
  INSERT INTO market.instruments (exchange_id, symbol, name, kind, currency, tick_size, lot_size, multiplier, sector,
                                  expires_on, underlying_id, strike, option_right, initial_margin, maintenance_margin,
                                  is_shortable)
  VALUES (v_exchange.exchange_id, add_instrument.symbol, add_instrument.name, add_instrument.kind,
          coalesce(add_instrument.currency, v_exchange.currency), add_instrument.tick_size, add_instrument.lot_size,
          add_instrument.multiplier, add_instrument.sector, add_instrument.expires_on,
          market.instrument_id(add_instrument.underlying), add_instrument.strike, add_instrument.option_right,
          add_instrument.initial_margin, add_instrument.maintenance_margin, add_instrument.is_shortable)
  ON CONFLICT ON CONSTRAINT instruments_exchange_id_symbol_key DO NOTHING
  RETURNING * INTO v_instrument;
  IF NOT FOUND THEN
    SELECT * INTO v_instrument FROM market.instruments AS i
     WHERE i.exchange_id = v_exchange.exchange_id AND i.symbol = add_instrument.symbol;
  END IF;
  RETURN v_instrument;
END
$$;
COMMENT ON FUNCTION market.add_instrument(
  text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date, text, numeric,
  market.option_right, numeric, numeric, boolean) IS
  'Adds an instrument, in the exchange''s currency unless one is given; an instrument that exists is returned '
  'unchanged. A future without expires_on is perpetual. Errors TR101, TR102, TR103, TR108.';
REVOKE ALL ON FUNCTION market.add_instrument(
  text, text, text, market.instrument_kind, text, numeric, numeric, numeric, text, date, text, numeric,
  market.option_right, numeric, numeric, boolean)
  FROM PUBLIC;
