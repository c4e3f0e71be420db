-- reads trading.portfolios; errors TR211, TR702
CREATE OR REPLACE FUNCTION trading.portfolio_ids(portfolios text[])
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN ARRAY(SELECT trading.portfolio_id(n.name)
                 FROM unnest(portfolio_ids.portfolios) WITH ORDINALITY AS n (name, place) ORDER BY n.place);
END
$$;
COMMENT ON FUNCTION trading.portfolio_ids(text[]) IS
  'Identifiers of the portfolios with these names, in their order; none for NULL. Error TR211.';
