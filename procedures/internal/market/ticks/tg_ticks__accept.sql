-- AFTER INSERT on market.ticks, once per statement; writes market.ticks, market.rejected_ticks, market.candle_store;
-- rings the doorbell. The runner and the importer do not come here with ticks that are new: they look at each of them
-- themselves (market.reference_prices) and copy into the day's partition (market.tick_target).
CREATE OR REPLACE FUNCTION internal.tg_ticks__accept()
RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_bad     record;
  v_times   timestamptz[];
  v_ids     int[];
  v_seqs    bigint[];
  v_prices  float8[];
  v_sizes   float8[];
  v_reasons text[];
  v_details text[];
BEGIN
  WITH judged AS (
    SELECT n.ts, n.instrument_id, n.seq, n.price, n.size, n.suspicious OR c.is_suspicious IS NOT NULL AS suspicious,
           -- The runner's feed has looked for jumps itself.
           CASE WHEN current_setting('bourse.runner', true) IS DISTINCT FROM 'on'
                THEN coalesce(i.price_collar, e.price_collar) END AS collar,
           CASE WHEN i.instrument_id IS NULL THEN 'unknown_instrument'
                WHEN NOT (n.ts >= y.dropped_before AND n.ts < '2200-01-01Z') THEN 'bad_time'
                -- Beyond market.price or what sums of can be computed with; NaN is above Infinity.
                WHEN NOT (n.price >= 1e-15 AND n.price < 1e10) THEN 'bad_price'
                WHEN NOT (n.size = 0 OR n.size >= 1e-15 AND n.size < 1e18) THEN 'bad_size' END AS reason
      FROM new_ticks AS n
      LEFT JOIN market.instruments AS i USING (instrument_id)
      LEFT JOIN market.exchanges AS e USING (exchange_id)
      LEFT JOIN market.sale_conditions AS c
        ON c.exchange_id = i.exchange_id AND c.sale_condition = n.sale_condition AND c.is_suspicious
      CROSS JOIN market.tick_policy AS y
  ), checked AS (
    SELECT j.* FROM judged AS j WHERE j.reason IS NULL AND NOT j.suspicious AND j.collar IS NOT NULL
  ), doubted AS (
    SELECT j.ts, j.instrument_id, j.seq FROM judged AS j WHERE j.reason IS NOT NULL OR j.suspicious
  ), previous AS (
    SELECT b.*
      FROM (SELECT array_agg(d.instrument_id) AS ids, array_agg(d.ts) AS times, array_agg(d.seq) AS seqs
              FROM (SELECT c.instrument_id, min(c.ts) AS ts, (array_agg(c.seq ORDER BY c.ts, c.seq))[1] AS seq
                      FROM checked AS c
                     GROUP BY c.instrument_id) AS d) AS d
      CROSS JOIN (SELECT array_agg(x.instrument_id) AS ids, array_agg(x.ts) AS times, array_agg(x.seq) AS seqs
                    FROM doubted AS x) AS x
      CROSS JOIN LATERAL internal.prices_before(d.ids, d.times, d.seqs, x.ids, x.times, x.seqs) AS b
  ), sequenced AS (
    SELECT j.*, coalesce(lag(j.price, 1) OVER w, p.accepted, j.price) AS before_1,
           CASE row_number() OVER w
                WHEN 1 THEN coalesce(p.jumped, p.accepted, j.price)
                WHEN 2 THEN coalesce(p.accepted, lag(j.price, 1) OVER w)
                ELSE lag(j.price, 2) OVER w END AS before_2
      FROM checked AS j LEFT JOIN previous AS p USING (instrument_id)
    WINDOW w AS (PARTITION BY j.instrument_id ORDER BY j.ts, j.seq)
  ), refused AS (
    SELECT j.ts, j.instrument_id, j.seq, j.price, j.size, j.reason, NULL::text AS detail
      FROM judged AS j
     WHERE j.reason IS NOT NULL
    UNION ALL
    SELECT q.ts, q.instrument_id, q.seq, q.price, q.size, 'jump',
           format('%s and %s before; collar %s', q.before_1, q.before_2, trim_scale(q.collar))
      FROM sequenced AS q
     WHERE NOT (q.price BETWEEN q.before_1 / q.collar::float8 AND q.before_1 * q.collar::float8)
       AND NOT (q.price BETWEEN q.before_2 / q.collar::float8 AND q.before_2 * q.collar::float8)
  )
  SELECT array_agg(r.ts), array_agg(r.instrument_id), array_agg(r.seq), array_agg(r.price), array_agg(r.size),
         array_agg(r.reason), array_agg(r.detail)
    INTO v_times, v_ids, v_seqs, v_prices, v_sizes, v_reasons, v_details
    FROM refused AS r;
  IF v_times IS NOT NULL THEN
    INSERT INTO market.rejected_ticks (feed, reason, instrument_id, ts, price, size, seq, detail)
    SELECT coalesce(nullif(current_setting('bourse.feed', true), ''), nullif(current_setting('application_name'), ''),
                    'sql'),
           r.reason::market.tick_rejection, r.instrument_id, r.ts, r.price, r.size, r.seq, r.detail
      FROM unnest(v_times, v_ids, v_seqs, v_prices, v_sizes, v_reasons, v_details)
           AS r (ts, instrument_id, seq, price, size, reason, detail)
     ORDER BY r.ts, r.instrument_id, r.seq;
    -- One by one, by the key: a join might read every partition.
    FOR v_bad IN SELECT * FROM unnest(v_times, v_ids, v_seqs) AS r (ts, instrument_id, seq) LOOP
      DELETE FROM market.ticks AS t
       WHERE t.ts = v_bad.ts AND t.instrument_id = v_bad.instrument_id AND t.seq = v_bad.seq;
    END LOOP;
  END IF;
  FOR v_bad IN
    SELECT n.ts, n.instrument_id, n.seq
      FROM new_ticks AS n
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.sale_conditions AS c
        ON c.exchange_id = i.exchange_id AND c.sale_condition = n.sale_condition AND c.is_suspicious
     WHERE NOT n.suspicious
  LOOP
    UPDATE market.ticks AS t
       SET suspicious = true
     WHERE t.ts = v_bad.ts AND t.instrument_id = v_bad.instrument_id AND t.seq = v_bad.seq;
  END LOOP;

  PERFORM market.add_candles(array_agg(a.instrument_id), array_agg(a.bucket), array_agg(a.open), array_agg(a.high),
                             array_agg(a.low), array_agg(a.close), array_agg(a.volume), array_agg(a.turnover),
                             array_agg(a.first_ts), array_agg(a.last_ts), array_agg(a.first_seq), array_agg(a.last_seq),
                             array_agg(a.ticks))
    FROM (
      SELECT n.instrument_id, date_bin('1 minute', n.ts, '2000-01-01Z') AS bucket,
             (array_agg(n.price ORDER BY n.ts, n.seq))[1] AS open, max(n.price) AS high,
             min(n.price) AS low, (array_agg(n.price ORDER BY n.ts DESC, n.seq DESC))[1] AS close,
             sum(n.size) AS volume, sum(n.price * n.size) AS turnover, min(n.ts) AS first_ts, max(n.ts) AS last_ts,
             (array_agg(n.seq ORDER BY n.ts, n.seq))[1] AS first_seq,
             (array_agg(n.seq ORDER BY n.ts DESC, n.seq DESC))[1] AS last_seq, count(*)::int AS ticks
        FROM new_ticks AS n
        JOIN market.instruments AS i USING (instrument_id)
       WHERE NOT n.suspicious
         AND NOT EXISTS (SELECT FROM market.sale_conditions AS c
                          WHERE c.exchange_id = i.exchange_id AND c.sale_condition = n.sale_condition
                            AND c.is_suspicious)
         AND NOT EXISTS (SELECT FROM unnest(v_times, v_ids, v_seqs) AS r (ts, instrument_id, seq)
                          WHERE r.ts = n.ts AND r.instrument_id = n.instrument_id AND r.seq = n.seq)
       GROUP BY 1, 2 ORDER BY 1, 2) AS a
  HAVING count(*) > 0;
  RETURN NULL;
END
$$;
COMMENT ON FUNCTION internal.tg_ticks__accept() IS
  'Moves ticks that cannot be to market.rejected_ticks, marks those that a rule doubts, adds the others to the '
  'candles, and wakes sleeping runners.';
CREATE OR REPLACE TRIGGER accept AFTER INSERT ON market.ticks
  REFERENCING NEW TABLE AS new_ticks FOR EACH STATEMENT EXECUTE FUNCTION internal.tg_ticks__accept();
COMMENT ON TRIGGER accept ON market.ticks IS
  'Once per statement, whatever its size: what is stored is in its candles when the transaction commits.';
