-- reads trading.portfolios, trading.fee_plans
CREATE OR REPLACE FUNCTION internal.fee_users(p_names text[])
RETURNS int[]
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
BEGIN
  RETURN ARRAY(SELECT p.portfolio_id FROM trading.portfolios AS p
                WHERE p.fee_schedule = ANY (p_names)
                   OR p.fee_schedule IN (SELECT n.name FROM trading.fee_plans AS n
                                          WHERE n.fee_schedule = ANY (p_names)));
END
$$;
COMMENT ON FUNCTION internal.fee_users(text[]) IS
  'Portfolios that name one of these fee schedules or plans, or a plan with one of these schedules.';
