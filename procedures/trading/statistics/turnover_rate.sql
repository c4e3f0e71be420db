-- reads nothing; errors TR243
CREATE OR REPLACE FUNCTION trading.turnover_rate(
  traded float8, equity float8[], periods_per_year float8 DEFAULT 252)
RETURNS float8
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_days record;
BEGIN
  SELECT count(e.equity) FILTER (WHERE e.place > 1) AS n, sum(e.equity) FILTER (WHERE e.place > 1) AS total,
         max(abs(e.equity)) AS largest
    INTO v_days
    FROM unnest(turnover_rate.equity) WITH ORDINALITY AS e (equity, place);
  IF greatest(abs(turnover_rate.traded), v_days.largest) > 1e30
     OR (turnover_rate.periods_per_year BETWEEN 1 AND 1e6) IS NOT TRUE THEN
    RAISE EXCEPTION 'turnover needs finite amounts and 1 to 1000000 periods in a year'
      USING ERRCODE = 'TR243',
            DETAIL = format('Traded %s, largest equity %s, periods_per_year %s.', turnover_rate.traded, v_days.largest,
                            coalesce(turnover_rate.periods_per_year::text, 'NULL')),
            HINT = 'Give NULL, which is left out, where a value is not known.';
  END IF;
  RETURN CASE WHEN v_days.total > 1e-30
              THEN CASE WHEN abs(turnover_rate.traded) < 1e-30 THEN 0
                        ELSE turnover_rate.traded / v_days.total * turnover_rate.periods_per_year END END;
END
$$;
COMMENT ON FUNCTION trading.turnover_rate(float8, float8[], float8) IS
  'How many times a year the mean equity of the days after the first was traded, purchases and sales added up; NULL '
  'without such days, or when it is not positive. Error TR243.';
