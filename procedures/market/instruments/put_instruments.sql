-- writes market.instruments, market.instrument_aliases; reads trading.orders; locks: instruments by exchange and
-- symbol; errors TR102, TR604
CREATE OR REPLACE FUNCTION market.put_instruments(terms jsonb, exchange text DEFAULT NULL, broker text DEFAULT NULL)
RETURNS TABLE (ordinal int, instrument_id int, outcome text, reason text)
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
-- A plan that knows nothing of the arrays' lengths takes several times as long.
SET plan_cache_mode = force_custom_plan
AS $$
#variable_conflict use_column
DECLARE
  c_max_rows CONSTANT int := 10000;
  v_terms   market.instrument_terms[];
  v_known   int[];
  v_changed int[] := ARRAY[]::int[]::int[];
BEGIN
  IF jsonb_typeof(put_instruments.terms) IS DISTINCT FROM 'array'
     OR jsonb_array_length(put_instruments.terms) > c_max_rows THEN
    RAISE EXCEPTION 'instruments come as an array of at most % objects', c_max_rows
      USING ERRCODE = 'TR604',
            DETAIL = format('The argument is %s.', coalesce(jsonb_typeof(put_instruments.terms), 'NULL')),
            HINT = 'Write [{"symbol": "IBM", "exchange": "NYSE"}], and call several times for more.';
  END IF;
  -- What an instrument is may still be corrected while nobody has ordered it: importers of prices add all as equities.
  SELECT array_agg(ROW (t.ordinal, t.exchange_id, t.symbol, t.name, t.kind, t.currency, t.tick_size, t.lot_size,
                        t.multiplier, t.sector, t.expires_on, t.strike, t.option_right, t.underlying, t.initial_margin,
                        t.maintenance_margin, t.is_shortable, t.is_active, t.alias, coalesce(t.reason,
                          CASE WHEN (i.kind, i.strike, i.option_right)
                                    IS DISTINCT FROM (t.kind, t.strike, t.option_right)
                                    OR i.currency <> t.currency OR i.multiplier <> t.multiplier
                               THEN CASE WHEN i.instrument_id IN (SELECT o.instrument_id FROM trading.orders AS o)
                                         THEN 'kind, currency, multiplier, strike or option_right differ '
                                              'from an instrument that has been traded' END END)
                       )::market.instrument_terms ORDER BY t.ordinal),
         array_agg(i.instrument_id ORDER BY t.ordinal)
    INTO v_terms, v_known
    FROM internal.read_instrument_terms(put_instruments.terms, put_instruments.exchange) AS t
    LEFT JOIN market.instruments AS i ON i.exchange_id = t.exchange_id AND i.symbol = t.symbol AND t.reason IS NULL;
  -- What stands alone first, then futures, then options, so that underlyings are there for what is on them. Silence
  -- leaves what is known, or the defaults.
  FOR v_rank IN 0..2 LOOP
    WITH terms AS (
      SELECT t.exchange_id, t.symbol, coalesce(t.name, k.name) AS name, t.kind,
             coalesce(t.currency, k.currency, e.currency) AS currency,
             coalesce(t.tick_size, k.tick_size, 0.01) AS tick_size, coalesce(t.lot_size, k.lot_size, 1) AS lot_size,
             coalesce(t.multiplier, k.multiplier, 1) AS multiplier, coalesce(t.sector, k.sector) AS sector,
             t.expires_on, coalesce(nullif(u.underlying_id, k.instrument_id), k.underlying_id) AS underlying_id,
             t.strike, t.option_right,
             coalesce(t.initial_margin,
                      greatest(coalesce(k.initial_margin, 0.5), t.maintenance_margin)) AS initial_margin,
             coalesce(t.maintenance_margin,
                      least(coalesce(k.maintenance_margin, 0.3), t.initial_margin)) AS maintenance_margin,
             coalesce(t.is_shortable, k.is_shortable, true) AS is_shortable,
             coalesce(t.is_active, k.is_active, true) AS is_active, k AS known
        FROM unnest(v_terms) AS t
        JOIN market.exchanges AS e USING (exchange_id)
        LEFT JOIN market.instruments AS k ON k.instrument_id = v_known[t.ordinal]
        LEFT JOIN internal.find_underlyings(v_terms) AS u ON u.exchange_id = t.exchange_id AND u.name = t.underlying
       WHERE t.reason IS NULL AND CASE t.kind WHEN 'future' THEN 1 WHEN 'option' THEN 2 ELSE 0 END = v_rank
    ), put AS (
      INSERT INTO market.instruments AS i (exchange_id, symbol, name, kind, currency, tick_size, lot_size, multiplier,
                                           sector, expires_on, underlying_id, strike, option_right, initial_margin,
                                           maintenance_margin, is_shortable, is_active)
      SELECT t.exchange_id, t.symbol, t.name, t.kind, t.currency, t.tick_size, t.lot_size, t.multiplier, t.sector,
             t.expires_on, t.underlying_id, t.strike, t.option_right, t.initial_margin, t.maintenance_margin,
             t.is_shortable, t.is_active
        FROM terms AS t
       WHERE (t.name, t.kind, t.currency, t.tick_size, t.lot_size, t.multiplier, t.sector, t.expires_on,
              t.underlying_id, t.strike, t.option_right, t.initial_margin, t.maintenance_margin, t.is_shortable,
              t.is_active)
             IS DISTINCT FROM
             ((t.known).name, (t.known).kind, (t.known).currency, (t.known).tick_size, (t.known).lot_size,
              (t.known).multiplier, (t.known).sector, (t.known).expires_on, (t.known).underlying_id, (t.known).strike,
              (t.known).option_right, (t.known).initial_margin, (t.known).maintenance_margin, (t.known).is_shortable,
              (t.known).is_active)
       ORDER BY t.exchange_id, t.symbol
      ON CONFLICT ON CONSTRAINT instruments_exchange_id_symbol_key DO UPDATE
        SET (name, kind, currency, tick_size, lot_size, multiplier, sector, expires_on, underlying_id, strike,
             option_right, initial_margin, maintenance_margin, is_shortable, is_active)
          = (EXCLUDED.name, EXCLUDED.kind, EXCLUDED.currency, EXCLUDED.tick_size, EXCLUDED.lot_size,
             EXCLUDED.multiplier, EXCLUDED.sector, EXCLUDED.expires_on, EXCLUDED.underlying_id, EXCLUDED.strike,
             EXCLUDED.option_right, EXCLUDED.initial_margin, EXCLUDED.maintenance_margin, EXCLUDED.is_shortable,
             EXCLUDED.is_active)
      RETURNING i.instrument_id
    )
    SELECT v_changed || coalesce(array_agg(p.instrument_id), '{}') INTO v_changed FROM put AS p;
  END LOOP;
  INSERT INTO market.instrument_aliases AS a (broker, alias, instrument_id)
  SELECT put_instruments.broker, n.alias, i.instrument_id
    FROM (SELECT DISTINCT ON (t.alias) t.alias, t.exchange_id, t.symbol FROM unnest(v_terms) AS t
           WHERE t.reason IS NULL AND t.alias IS NOT NULL ORDER BY t.alias, t.ordinal DESC) AS n
    JOIN market.instruments AS i ON i.exchange_id = n.exchange_id AND i.symbol = n.symbol
   WHERE put_instruments.broker IS NOT NULL
   ORDER BY n.alias
  ON CONFLICT ON CONSTRAINT instrument_aliases_pkey DO UPDATE SET instrument_id = EXCLUDED.instrument_id
    WHERE a.instrument_id <> EXCLUDED.instrument_id;
  RETURN QUERY
    SELECT t.ordinal, i.instrument_id,
           CASE WHEN t.reason IS NOT NULL THEN 'rejected'
                WHEN v_known[t.ordinal] IS NULL THEN 'added'
                WHEN c.instrument_id IS NOT NULL THEN 'changed'
                ELSE 'known' END,
           t.reason
      FROM unnest(v_terms) AS t
      LEFT JOIN market.instruments AS i ON i.exchange_id = t.exchange_id AND i.symbol = t.symbol AND t.reason IS NULL
      LEFT JOIN unnest(v_changed) AS c (instrument_id) ON c.instrument_id = i.instrument_id
     ORDER BY t.ordinal;
END
$$;
COMMENT ON FUNCTION market.put_instruments(jsonb, text, text) IS
  'Adds or corrects up to 10,000 instruments given as JSON objects (keys in docs/instruments.md), with their aliases '
  'at the broker if one is named, and tells what became of each: added, changed, known, or rejected with the reason. '
  'Errors TR102, TR604.';
REVOKE ALL ON FUNCTION market.put_instruments(jsonb, text, text) FROM PUBLIC;
