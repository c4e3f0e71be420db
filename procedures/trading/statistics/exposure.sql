-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.exposure(days date[], opened_days date[], closed_days date[])
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF coalesce(cardinality(exposure.opened_days), 0) <> coalesce(cardinality(exposure.closed_days), 0) THEN
    RAISE EXCEPTION 'the arrays of trades do not fit together'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s opens, %s closes.', coalesce(cardinality(exposure.opened_days), 0),
                            coalesce(cardinality(exposure.closed_days), 0)),
            HINT = 'Give the day of the close for each trade; NULL while it is open.';
  END IF;
  RETURN (
    WITH moves AS (
      SELECT n.opened AS day, 0 AS turn, 1 AS step
        FROM unnest(exposure.opened_days, exposure.closed_days) AS n (opened, closed)
       WHERE n.closed >= n.opened OR n.closed IS NULL AND n.opened IS NOT NULL
      UNION ALL
      SELECT s.day, 1, 0
        FROM unnest(exposure.days) WITH ORDINALITY AS s (day, place) WHERE s.place > 1 AND s.day IS NOT NULL
      UNION ALL
      SELECT n.closed, 2, -1
        FROM unnest(exposure.opened_days, exposure.closed_days) AS n (opened, closed) WHERE n.closed >= n.opened
    ), running AS (
      SELECT m.turn, sum(m.step) OVER (ORDER BY m.day, m.turn ROWS UNBOUNDED PRECEDING) AS held FROM moves AS m
    )
    SELECT (count(*) FILTER (WHERE r.held > 0))::float8 / nullif(count(*), 0) FROM running AS r WHERE r.turn = 1);
END
$$;
COMMENT ON FUNCTION trading.exposure(date[], date[], date[]) IS
  'Share of the days after the first on which something was held, the days of open and close included; NULL as the '
  'day of a close: still open. Error TR604.';
