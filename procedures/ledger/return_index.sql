CREATE OR REPLACE FUNCTION ledger.return_index(base_index numeric, base_equity numeric, equity numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN $2 > 0 THEN round(round($1, 28) * greatest($3, 0) / $2, 28) ELSE $1 END
$$;
COMMENT ON FUNCTION ledger.return_index(numeric, numeric, numeric) IS
  'Index of the time-weighted return at an equity, from the index and the equity at the last flow of capital '
  '(trading.portfolio_values); it never goes below 0, and stays where it is while there is no capital.';
