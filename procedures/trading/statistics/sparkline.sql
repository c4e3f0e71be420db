-- reads nothing; errors TR243
CREATE OR REPLACE FUNCTION trading.sparkline(series float8[], width int DEFAULT 60)
RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_low  float8;
  v_high float8;
BEGIN
  IF (sparkline.width BETWEEN 1 AND 1000) IS NOT TRUE THEN
    RAISE EXCEPTION 'a sparkline has 1 to 1000 characters'
      USING ERRCODE = 'TR243', DETAIL = format('The width is %s.', coalesce(sparkline.width::text, 'NULL')),
            HINT = 'Leave width out for 60.';
  END IF;
  SELECT min(s.value), max(s.value) INTO v_low, v_high FROM unnest(sparkline.series) AS s (value);
  IF NOT (v_low >= -1e300 AND v_high <= 1e300) THEN
    RAISE EXCEPTION 'a sparkline is of finite numbers'
      USING ERRCODE = 'TR243', DETAIL = format('The lowest is %s, the highest %s.', v_low, v_high),
            HINT = 'Give NULL, which is left blank, where a value is not known.';
  END IF;
  RETURN (
    SELECT string_agg(
             CASE WHEN p.value IS NULL THEN ' '
                  WHEN v_high = v_low THEN '▄'
                  ELSE substr('▁▂▃▄▅▆▇█',
                              1 + floor((p.value / 2 - v_low / 2) / (v_high / 2 - v_low / 2) * 7.999)::int, 1)
             END, '' ORDER BY p.place)
      FROM (SELECT s.place * least(sparkline.width, cardinality(sparkline.series))
                   / cardinality(sparkline.series) AS place,
                   (array_agg(s.value ORDER BY s.place DESC) FILTER (WHERE s.value IS NOT NULL))[1] AS value
              FROM (SELECT u.value, u.number - 1 AS place
                      FROM unnest(sparkline.series) WITH ORDINALITY AS u (value, number)) AS s
             GROUP BY 1) AS p);
END
$$;
COMMENT ON FUNCTION trading.sparkline(float8[], int) IS
  'Numbers as a line of block characters, the lowest as ▁ and the highest as █: of more than width numbers the last of '
  'each equal part; a blank where none is known. NULL without numbers. Error TR243.';
