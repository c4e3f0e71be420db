-- AFTER INSERT, UPDATE, DELETE and TRUNCATE on market.bars, once per statement; writes market.bar_rollups; locks: an
-- advisory lock until commit, so that each of two writers knows the other's bars; error TR101
CREATE OR REPLACE FUNCTION internal.tg_bars__roll_up()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_unknown int;
BEGIN
  PERFORM pg_advisory_xact_lock(1114599796, 3);
  IF TG_OP = 'TRUNCATE' THEN
    DELETE FROM market.bar_rollups;
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM market.bar_rollups AS r
     USING (SELECT DISTINCT o.instrument_id, l.minutes, market.candle_bucket(o.ts, l.minutes, i.exchange_id) AS bucket
              FROM old_bars AS o
              JOIN market.instruments AS i USING (instrument_id)
              CROSS JOIN (VALUES (5), (15), (60), (1440)) AS l (minutes)
             WHERE o.resolution < l.minutes * interval '1 minute') AS a
     WHERE r.instrument_id = a.instrument_id AND r.minutes = a.minutes AND r.bucket = a.bucket;
    PERFORM internal.roll_bars(array_agg(q.instrument_id), array_agg(q.quarter), array_agg(q.resolution))
      FROM (SELECT o.instrument_id, date_bin('15 minutes', o.ts, '2000-01-01Z') AS quarter,
                   min(o.resolution) AS resolution
              FROM old_bars AS o
             WHERE o.resolution < interval '1 day'
             GROUP BY 1, 2) AS q;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    SELECT n.instrument_id INTO v_unknown
      FROM (SELECT DISTINCT b.instrument_id FROM new_bars AS b) AS n
     WHERE NOT EXISTS (SELECT FROM market.instruments AS i WHERE i.instrument_id = n.instrument_id)
     LIMIT 1;
    IF FOUND THEN
      RAISE EXCEPTION 'no instrument has the identifier %', v_unknown
        USING ERRCODE = 'TR101', DETAIL = format('A bar of instrument %s was to be stored.', v_unknown),
              HINT = 'Add the instrument first: market.add_instrument(...).';
    END IF;
    -- Who has new bars copied sends their candles, too.
    IF TG_OP = 'INSERT' AND current_setting('bourse.roll_up_bars', true) = 'off' THEN
      RETURN NULL;
    END IF;
    PERFORM internal.roll_bars(array_agg(q.instrument_id), array_agg(q.quarter), array_agg(q.resolution))
      FROM (SELECT n.instrument_id, date_bin('15 minutes', n.ts, '2000-01-01Z') AS quarter,
                   min(n.resolution) AS resolution
              FROM new_bars AS n
             WHERE n.resolution < interval '1 day'
             GROUP BY 1, 2) AS q;
  END IF;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_bars__roll_up() IS
  'Keeps the coarser candles of imported bars, whose instruments have to be known. Error TR101.';
CREATE OR REPLACE TRIGGER roll_up_insert AFTER INSERT ON market.bars
  REFERENCING NEW TABLE AS new_bars FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_bars__roll_up();
CREATE OR REPLACE TRIGGER roll_up_update AFTER UPDATE ON market.bars
  REFERENCING OLD TABLE AS old_bars NEW TABLE AS new_bars
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_bars__roll_up();
CREATE OR REPLACE TRIGGER roll_up_delete AFTER DELETE ON market.bars
  REFERENCING OLD TABLE AS old_bars FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_bars__roll_up();
CREATE OR REPLACE TRIGGER roll_up_truncate AFTER TRUNCATE ON market.bars
  FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_bars__roll_up();
COMMENT ON TRIGGER roll_up_insert ON market.bars IS 'Minute bars make hour and day candles.';
COMMENT ON TRIGGER roll_up_update ON market.bars IS 'Corrected bars correct them.';
COMMENT ON TRIGGER roll_up_delete ON market.bars IS 'Deleted bars take them along.';
COMMENT ON TRIGGER roll_up_truncate ON market.bars IS 'All of them, too.';
