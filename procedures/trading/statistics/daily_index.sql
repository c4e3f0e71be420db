-- reads trading.portfolios, trading.portfolio_snapshots, trading.portfolio_values; errors TR211
CREATE OR REPLACE FUNCTION trading.daily_index(
  portfolio text, from_time timestamptz DEFAULT '-infinity', until_time timestamptz DEFAULT 'infinity')
RETURNS TABLE (place bigint, day date, index float8, equity float8)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH chosen AS (
    SELECT p.portfolio_id, coalesce(p.time_zone, 'UTC') AS time_zone, coalesce($2, '-infinity') AS since,
           coalesce($3, 'infinity') AS until
      FROM trading.portfolios AS p WHERE p.portfolio_id = trading.portfolio_id($1)
  ), before AS (
    SELECT s.day, s.index, s.equity
      FROM trading.portfolio_snapshots AS s JOIN chosen AS c USING (portfolio_id)
     WHERE s.at < c.since ORDER BY s.at DESC LIMIT 1
  ), days AS (
    SELECT DISTINCT ON (s.day) s.day, s.index, s.equity
      FROM trading.portfolio_snapshots AS s JOIN chosen AS c USING (portfolio_id)
     WHERE s.at >= c.since AND s.at < c.until ORDER BY s.day, s.at DESC
  ), present AS (
    SELECT greatest((v.at AT TIME ZONE c.time_zone)::date, (SELECT max(d.day) FROM days AS d),
                    (SELECT b.day FROM before AS b)) AS day,
           ledger.return_index(v.base_index, v.base_equity, v.equity) AS index, v.equity
      FROM trading.portfolio_values AS v JOIN chosen AS c USING (portfolio_id)
     WHERE v.at < c.until
  ), points AS (
    SELECT 1 AS turn, d.day, d.index, d.equity FROM days AS d
     WHERE NOT EXISTS (SELECT FROM present AS p WHERE p.day = d.day)
    UNION ALL
    SELECT 1, p.day, p.index, p.equity FROM present AS p
    UNION ALL
    -- The index began at 1, and what there was then has no day of its own.
    SELECT 0, coalesce(b.day, f.day), coalesce(b.index, 1), b.equity
      FROM (SELECT least((SELECT min(d.day) FROM days AS d), (SELECT p.day FROM present AS p)) AS day) AS f
      LEFT JOIN before AS b ON true
     WHERE f.day IS NOT NULL
  )
  SELECT row_number() OVER w, n.day, n.index::float8, n.equity::float8 FROM points AS n
  WINDOW w AS (ORDER BY n.turn, n.day) ORDER BY n.turn, n.day
$$;
COMMENT ON FUNCTION trading.daily_index(text, timestamptz, timestamptz) IS
  'The index of a portfolio''s time-weighted return, and its equity, at the last snapshot of each day of its time '
  'zone, or at the latest valuation where that is within the span. The first row is where the span begins: at the last '
  'snapshot before it, or else at 1. NULL bounds mean everything. Error TR211.';
