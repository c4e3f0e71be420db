-- reads strategy.strategies, strategy.strategy_versions; errors TR501
CREATE OR REPLACE FUNCTION internal.named_version(p_strategy text)
RETURNS strategy.strategy_versions
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
AS $$
BEGIN
  RETURN internal.find_version(
    regexp_replace(p_strategy, '@[0-9]{1,9}$', ''), substring(p_strategy FROM '@([0-9]{1,9})$')::int);
END
$$;
COMMENT ON FUNCTION internal.named_version(text) IS
  'The version that name@version says, or the latest one of the strategy of this name. Error TR501.';
