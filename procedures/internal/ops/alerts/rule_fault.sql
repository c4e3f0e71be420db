-- reads the catalogue of schema reporting
CREATE OR REPLACE FUNCTION internal.rule_fault(p_rule ops.alert_rules)
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
  SELECT CASE
    WHEN (p_rule.name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$') IS NOT TRUE
      THEN 'a name begins with a letter or digit and has up to 63 letters, digits, dots, dashes and underscores'
    WHEN p_rule.kind IS NULL THEN 'kind is missing: sql, threshold or price'
    WHEN (p_rule.severity IS NOT NULL AND p_rule.enabled IS NOT NULL) IS NOT TRUE THEN 'severity or enabled is missing'
    WHEN p_rule.kind IN ('sql', 'price') AND (length(p_rule.condition) BETWEEN 1 AND 10000) IS NOT TRUE
      THEN 'a condition of 1 to 10,000 characters is missing'
    WHEN p_rule.kind = 'threshold' AND num_nonnulls(p_rule.source, p_rule.measure, p_rule.comparison, p_rule.bound) < 4
      THEN 'a threshold has a source, a measure, a comparison and a bound'
    WHEN p_rule.kind <> 'threshold' AND num_nonnulls(p_rule.source, p_rule.measure) > 0
         OR p_rule.kind = 'threshold' AND p_rule.condition IS NOT NULL
         OR p_rule.kind <> 'price' AND p_rule.instrument_id IS NOT NULL
         OR p_rule.kind = 'sql' AND p_rule.comparison IS NOT NULL
      THEN 'it has terms of another kind of rule'
    WHEN p_rule.kind = 'price' AND p_rule.instrument_id IS NULL THEN 'a rule of prices has a symbol'
    WHEN p_rule.comparison NOT IN ('<', '<=', '>', '>=', '=', '<>') THEN 'a comparison is one of < <= > >= = <>'
    WHEN abs(p_rule.bound) < 'Infinity' IS FALSE THEN 'the bound is not finite'
    WHEN (jsonb_typeof(p_rule.filter) = 'object' AND octet_length(p_rule.filter::text) <= 4096) IS NOT TRUE
      THEN 'the filter is no object of at most 4 kB'
    WHEN p_rule.kind = 'threshold'
         AND (SELECT count(DISTINCT a.attname) FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
               WHERE c.relnamespace = 'reporting'::regnamespace AND c.relname = p_rule.source AND a.attnum > 0
                 AND NOT a.attisdropped
                 AND (a.attname = p_rule.measure AND format_type(a.atttypid, NULL) IN ('double precision', 'integer',
                                                                                       'bigint')
                      OR p_rule.filter ? a.attname::text AND a.attname <> p_rule.measure))
             <> 1 + (SELECT count(*) FROM jsonb_object_keys(p_rule.filter))
      THEN 'no view of reporting has this measure and these columns'
    WHEN (p_rule.timeframe BETWEEN '0' AND '31 days' AND p_rule.lookback BETWEEN '1 second' AND '366 days'
          AND p_rule.for_duration BETWEEN '0' AND '31 days' AND p_rule.cooldown BETWEEN '0' AND '31 days'
          AND coalesce(p_rule.escalate_after, '1 second') BETWEEN '1 second' AND '31 days'
          AND p_rule.evaluate_every BETWEEN '0' AND '31 days') IS NOT TRUE
      THEN 'an interval is missing, negative or too long'
    WHEN (p_rule.quiet_from IS NULL) <> (p_rule.quiet_until IS NULL) OR p_rule.quiet_from = p_rule.quiet_until
      THEN 'quiet hours have a beginning and another end'
    -- Looking them up reads hundreds of files.
    WHEN p_rule.quiet_zone IS DISTINCT FROM 'UTC'
         AND NOT EXISTS (SELECT FROM pg_timezone_names AS z WHERE z.name = p_rule.quiet_zone) THEN 'unknown time zone'
    WHEN (cardinality(p_rule.channels) BETWEEN 1 AND 20) IS FALSE OR array_position(p_rule.channels, NULL) IS NOT NULL
      THEN 'channels are 1 to 20 names, or NULL'
    WHEN length(p_rule.description) > 1000 THEN 'the description is longer than 1,000 characters' END
$$;
COMMENT ON FUNCTION internal.rule_fault(ops.alert_rules) IS
  'Why there can be no such rule of alerts; NULL: there can be.';
