-- reads market.exchanges; errors TR102
CREATE OR REPLACE FUNCTION internal.read_instrument_terms(terms jsonb, exchange text DEFAULT NULL)
RETURNS SETOF market.instrument_terms
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
DECLARE
  c_number CONSTANT text := '^[+]?[0-9]{1,20}([.][0-9]{0,30})?([eE][+-]?[0-9]{1,2})?$';
  c_zero   CONSTANT text := '^0+([.]0*)?$';
  v_exchange_id int := market.exchange_id(read_instrument_terms.exchange);
BEGIN
  RETURN QUERY
    WITH given AS (
      SELECT e.ordinal::int AS ordinal, r.*, CASE WHEN v_exchange_id IS NULL THEN upper(r.exchange) END AS exchange_code
        FROM jsonb_array_elements(read_instrument_terms.terms) WITH ORDINALITY AS e (element, ordinal)
        CROSS JOIN LATERAL jsonb_to_record(e.element) AS r (
          exchange text, symbol text, name text, kind text, currency text, tick_size text, lot_size text,
          multiplier text, sector text, expires_on text, strike text, option_right text, underlying text,
          initial_margin text, maintenance_margin text, is_shortable text, is_active text, alias text)
    ), words AS (
      SELECT g.*, x.exchange_id,
             -- Of what does not trade masters write no steps, and name it a share all the same.
             CASE WHEN (g.kind IS NULL OR lower(g.kind) IN ('equity', 'eq', 'stock', 'share'))
                       AND g.tick_size ~ c_zero AND g.lot_size ~ c_zero THEN 'index'
                  WHEN lower(g.kind) IN ('equity', 'eq', 'stock', 'share') THEN 'equity'
                  WHEN lower(g.kind) = 'etf' THEN 'etf'
                  WHEN lower(g.kind) IN ('index', 'idx') THEN 'index'
                  WHEN lower(g.kind) IN ('future', 'fut', 'futstk', 'futidx', 'futcur', 'futcom') THEN 'future'
                  WHEN lower(g.kind) IN ('option', 'opt', 'optstk', 'optidx', 'optcur', 'optfut', 'ce', 'pe', 'call',
                                         'put') THEN 'option'
                  WHEN lower(g.kind) IN ('crypto', 'coin', 'token') THEN 'crypto'
                  WHEN lower(g.kind) IN ('fx', 'forex') THEN 'fx'
                  WHEN g.kind IS NULL
                    THEN CASE WHEN g.option_right IS NOT NULL THEN 'option'
                              WHEN g.expires_on IS NOT NULL THEN 'future' ELSE 'equity' END
             END AS kind_word,
             CASE WHEN lower(coalesce(g.option_right, g.kind)) IN ('call', 'ce', 'c') THEN 'call'
                  WHEN lower(coalesce(g.option_right, g.kind)) IN ('put', 'pe', 'p') THEN 'put' END AS right_word,
             CASE WHEN g.expires_on ~ '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$'
                       AND left(g.expires_on, 4) >= '1900'
                       AND right(g.expires_on, 2)::int <= extract(
                             day FROM make_date(left(g.expires_on, 4)::int, substr(g.expires_on, 6, 2)::int, 1)
                                      + interval '1 month - 1 day')
                  THEN g.expires_on::date END AS expiry,
             -- As the columns keep them: eight decimals, positive, below 10,000,000,000.
             CASE WHEN g.tick_size ~ c_number
                  THEN CASE WHEN round(g.tick_size::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.tick_size::numeric, 8) END END AS tick,
             CASE WHEN g.lot_size ~ c_number
                  THEN CASE WHEN round(g.lot_size::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.lot_size::numeric, 8) END END AS lot,
             CASE WHEN g.multiplier ~ c_number
                  THEN CASE WHEN round(g.multiplier::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.multiplier::numeric, 8) END END AS factor,
             CASE WHEN g.strike ~ c_number
                  THEN CASE WHEN round(g.strike::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.strike::numeric, 8) END END AS strike_number,
             CASE WHEN g.initial_margin ~ c_number
                  THEN CASE WHEN round(g.initial_margin::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.initial_margin::numeric, 8) END END AS initial,
             CASE WHEN g.maintenance_margin ~ c_number
                  THEN CASE WHEN round(g.maintenance_margin::numeric, 8) BETWEEN 0.00000001 AND 9999999999
                            THEN round(g.maintenance_margin::numeric, 8) END END AS maintenance,
             CASE WHEN lower(g.is_shortable) IN ('true', 't', 'yes', 'y', '1') THEN true
                  WHEN lower(g.is_shortable) IN ('false', 'f', 'no', 'n', '0') THEN false END AS shortable,
             CASE WHEN lower(g.is_active) IN ('true', 't', 'yes', 'y', '1') THEN true
                  WHEN lower(g.is_active) IN ('false', 'f', 'no', 'n', '0') THEN false END AS active
        FROM given AS g
        LEFT JOIN market.exchanges AS x
          ON CASE WHEN v_exchange_id IS NULL THEN x.code = g.exchange_code ELSE x.exchange_id = v_exchange_id END
    )
    SELECT w.ordinal, w.exchange_id, w.symbol, w.name, w.kind_word::market.instrument_kind, upper(w.currency), w.tick,
           w.lot, w.factor, w.sector, w.expiry, CASE WHEN w.kind_word = 'option' THEN w.strike_number END,
           CASE WHEN w.kind_word = 'option' THEN w.right_word::market.option_right END,
           -- Brokers that have no column for it write it into the name.
           CASE WHEN w.kind_word IN ('option', 'future') THEN coalesce(w.underlying, w.name) END, w.initial,
           w.maintenance, w.shortable, w.active, w.alias,
           CASE WHEN (w.symbol ~ '^[A-Za-z0-9^][A-Za-z0-9._/&+=^ -]{0,63}$') IS NOT TRUE
                  THEN 'the symbol is missing, too long or not readable'
                WHEN w.exchange_id IS NULL
                  THEN coalesce('unknown exchange ' || left(w.exchange_code, 20), 'the exchange is missing')
                WHEN w.kind_word IS NULL THEN 'unknown kind ' || left(w.kind, 20)
                WHEN upper(w.currency) !~ '^[A-Z][A-Z0-9]{2,9}$' THEN 'the currency is no code'
                -- Indices do not trade: masters write zeros.
                WHEN w.tick_size IS NOT NULL AND w.tick IS NULL
                     AND (w.kind_word <> 'index' OR w.tick_size !~ c_zero) THEN 'tick_size is no positive number'
                WHEN w.lot_size IS NOT NULL AND w.lot IS NULL
                     AND (w.kind_word <> 'index' OR w.lot_size !~ c_zero) THEN 'lot_size is no positive number'
                WHEN w.multiplier IS NOT NULL AND w.factor IS NULL THEN 'multiplier is no positive number'
                WHEN w.expires_on IS NOT NULL AND w.expiry IS NULL THEN 'expires_on is no date such as 2025-12-30'
                WHEN w.kind_word IN ('future', 'option') AND w.expiry IS NULL THEN 'a future or option needs expires_on'
                WHEN w.kind_word NOT IN ('future', 'option') AND w.expiry IS NOT NULL
                  THEN 'only a future or option expires'
                WHEN w.kind_word = 'option' AND w.strike_number IS NULL THEN 'an option needs a positive strike'
                WHEN w.kind_word = 'option' AND w.right_word IS NULL THEN 'an option needs option_right: call or put'
                WHEN w.kind_word <> 'option' AND w.strike !~ '^[-+]?0+([.]0*)?$' THEN 'only an option has a strike'
                WHEN w.kind_word <> 'option' AND w.option_right IS NOT NULL THEN 'only an option has option_right'
                WHEN w.initial_margin IS NOT NULL AND w.initial IS NULL OR w.initial > 10
                  THEN 'initial_margin is not in 0 to 10'
                WHEN w.maintenance_margin IS NOT NULL AND w.maintenance IS NULL
                     OR w.maintenance > coalesce(w.initial, 10)
                  THEN 'maintenance_margin is not positive, or above initial_margin'
                WHEN w.is_shortable IS NOT NULL AND w.shortable IS NULL THEN 'is_shortable is neither true nor false'
                WHEN w.is_active IS NOT NULL AND w.active IS NULL THEN 'is_active is neither true nor false'
                WHEN w.alias !~ '^[[:graph:]]([[:print:]]{0,126}[[:graph:]])?$'
                  THEN 'the alias is not readable, or longer than 128 characters'
                WHEN row_number() OVER (PARTITION BY w.exchange_id, w.symbol ORDER BY w.ordinal) > 1
                  THEN 'the symbol stands here twice'
           END
      FROM words AS w;
END
$$;
COMMENT ON FUNCTION internal.read_instrument_terms(jsonb, text) IS
  'Reads an array of JSON objects as terms of instruments (see docs/instruments.md for their keys) and judges each; '
  'the exchange, if named, goes for all. Error TR102.';
