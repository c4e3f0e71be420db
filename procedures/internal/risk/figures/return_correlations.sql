-- reads what internal.day_returns reads
CREATE OR REPLACE FUNCTION internal.return_correlations(p_instrument_ids int[], p_other_ids int[], p_at timestamptz)
RETURNS TABLE (instrument_id int, other_id int, correlation float8)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
#variable_conflict use_column
BEGIN
  RETURN QUERY
    WITH series AS MATERIALIZED (
      SELECT n.instrument_id, r.day, r.return
        FROM (SELECT DISTINCT u.instrument_id FROM unnest(p_instrument_ids || p_other_ids) AS u (instrument_id)) AS n
        CROSS JOIN LATERAL internal.day_returns(n.instrument_id, p_at) AS r
    )
    SELECT a.instrument_id, b.instrument_id, corr(a.return, b.return)
      FROM series AS a JOIN series AS b USING (day)
     WHERE a.instrument_id = ANY (p_instrument_ids) AND b.instrument_id = ANY (p_other_ids)
       AND a.instrument_id <> b.instrument_id
     GROUP BY a.instrument_id, b.instrument_id
    HAVING count(*) >= 20;
END
$$;
COMMENT ON FUNCTION internal.return_correlations(int[], int[], timestamptz) IS
  'Correlations of the daily returns of instruments with those of others, over up to 60 days of which both have at '
  'least 20; no row where they have not. NULL where one of both did not move.';
