CREATE OR REPLACE FUNCTION internal.describe_signal(p_signal strategy.signals)
RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN concat_ws(', ', p_signal.action || coalesce(' (' || p_signal.reason || ')', '')
                         || coalesce(' at ' || p_signal.price, ''), p_signal.code,
                   (SELECT string_agg(format('%s = %s', e.key, coalesce(e.value, 'unknown')), ', ' ORDER BY e.key)
                      FROM jsonb_each_text(p_signal.operands) AS e));
END
$$;
COMMENT ON FUNCTION internal.describe_signal(strategy.signals) IS
  'A signal in words: what it wanted and why, at which price, and what its rules compared.';
