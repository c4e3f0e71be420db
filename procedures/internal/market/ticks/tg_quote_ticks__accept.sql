-- AFTER INSERT on market.quote_ticks, once per statement; writes market.quote_ticks, market.rejected_ticks,
-- market.quotes
CREATE OR REPLACE FUNCTION internal.tg_quote_ticks__accept()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_bad record;
BEGIN
  FOR v_bad IN
    INSERT INTO market.rejected_ticks (feed, reason, instrument_id, ts, price, size, seq, detail)
    SELECT coalesce(nullif(current_setting('bourse.feed', true), ''), nullif(current_setting('application_name'), ''),
                    'sql'),
           j.reason::market.tick_rejection,
           j.instrument_id, j.ts, j.bid, j.bid_size, j.seq, format('quote: bid %s, ask %s', j.bid, j.ask)
      FROM (SELECT n.*,
                   CASE WHEN i.instrument_id IS NULL THEN 'unknown_instrument'
                        WHEN NOT (n.ts >= y.dropped_before AND n.ts < '2200-01-01Z') THEN 'bad_time'
                        -- A locked or crossed market happens; a price that is none does not.
                        WHEN NOT (coalesce(n.bid, 1) >= 1e-15 AND coalesce(n.bid, 1) < 1e10
                                  AND coalesce(n.ask, 1) >= 1e-15 AND coalesce(n.ask, 1) < 1e10) THEN 'bad_price'
                        WHEN NOT (coalesce(n.bid_size, 0) >= 0 AND coalesce(n.bid_size, 0) < 1e18
                                  AND coalesce(n.ask_size, 0) >= 0 AND coalesce(n.ask_size, 0) < 1e18)
                        THEN 'bad_size' END AS reason
              FROM new_ticks AS n
              LEFT JOIN market.instruments AS i USING (instrument_id)
              CROSS JOIN market.tick_policy AS y) AS j
     WHERE j.reason IS NOT NULL
    RETURNING ts, instrument_id, seq
  LOOP
    DELETE FROM market.quote_ticks AS t
     WHERE t.ts = v_bad.ts AND t.instrument_id = v_bad.instrument_id AND t.seq = v_bad.seq;
  END LOOP;
  PERFORM internal.upsert_bids(array_agg(l.instrument_id), array_agg(l.ts), array_agg(l.bid), array_agg(l.ask),
                               array_agg(l.bid_size), array_agg(l.ask_size))
    FROM (SELECT DISTINCT ON (n.instrument_id) n.*
            FROM new_ticks AS n
           WHERE EXISTS (SELECT FROM market.quote_ticks AS t
                          WHERE t.ts = n.ts AND t.instrument_id = n.instrument_id AND t.seq = n.seq)
           ORDER BY n.instrument_id, n.ts DESC, n.seq DESC) AS l
  HAVING count(*) > 0;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_quote_ticks__accept() IS
  'Moves quotes that cannot be to market.rejected_ticks and sets the latest bid and offer of each instrument.';
CREATE OR REPLACE TRIGGER accept AFTER INSERT ON market.quote_ticks
  REFERENCING NEW TABLE AS new_ticks FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_quote_ticks__accept();
COMMENT ON TRIGGER accept ON market.quote_ticks IS 'Once per statement, whatever its size.';
