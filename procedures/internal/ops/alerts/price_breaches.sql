-- reads ops.alert_rules, market.quotes, market.listings
CREATE OR REPLACE FUNCTION internal.price_breaches()
RETURNS internal.breach[]
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  SELECT ARRAY(
    SELECT (r.rule_id, l.symbol, NULL, q.last, NULL, false)::internal.breach
      FROM ops.alert_rules AS r
      JOIN market.quotes AS q USING (instrument_id)
      JOIN market.listings AS l USING (instrument_id)
     WHERE r.kind = 'price' AND r.enabled AND r.comparison IS NOT NULL AND r.timeframe = '0'
       AND CASE r.comparison WHEN '<' THEN q.last < r.bound WHEN '<=' THEN q.last <= r.bound
                             WHEN '>' THEN q.last > r.bound ELSE q.last >= r.bound END)
$$;
COMMENT ON FUNCTION internal.price_breaches() IS
  'What rules find that compare the latest price with a number: all of them at once, since prices are everybody''s.';
