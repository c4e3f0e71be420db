-- reads market.exchanges, market.instruments; errors TR531
CREATE OR REPLACE FUNCTION internal.backtest_portfolio(
  p_settings jsonb, p_portfolio trading.portfolios, p_capital numeric)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER
AS $$
DECLARE
  v_clock int;
BEGIN
  IF p_portfolio.time_zone IS NOT NULL THEN
    SELECT min(e.exchange_id) INTO v_clock
      FROM market.exchanges AS e
     WHERE e.time_zone = p_portfolio.time_zone
       AND EXISTS (SELECT FROM market.instruments AS i WHERE i.exchange_id = e.exchange_id);
    IF v_clock IS NULL THEN
      RAISE EXCEPTION 'a backtest cannot judge this: time_zone'
        USING ERRCODE = 'TR531',
              DETAIL = format('Portfolio "%s" counts its days by %s, and no exchange with instruments is there.',
                              p_portfolio.name, p_portfolio.time_zone),
              HINT = 'Give its terms as settings instead of its name.';
    END IF;
  END IF;
  RETURN jsonb_build_object(
    'id', coalesce(p_portfolio.portfolio_id, 1), 'owner', coalesce(p_portfolio.owner, ops.actor()),
    'currency', p_settings ->> 'currency',
    'account_type', p_settings ->> 'account_type', 'capital', p_capital::text,
    'fee_schedule', coalesce(p_settings ->> 'fee_schedule', 'commission'),
    'slippage_bps', p_settings ->> 'slippage_bps', 'slippage_ticks', (p_settings ->> 'slippage_ticks')::int,
    'impact_bps', p_settings ->> 'impact_bps',
    'latency', (extract(epoch FROM (p_settings ->> 'latency')::interval) * 1000000)::bigint,
    'participation', round((p_settings ->> 'participation_percent')::numeric / 100, 8)::text,
    'market_order_buffer', p_settings ->> 'market_order_buffer',
    'snapshot_interval', (extract(epoch FROM coalesce(p_portfolio.snapshot_interval, '1 day')) * 1000000)::bigint,
    'clock', v_clock, 'requires_approval', coalesce(p_portfolio.requires_approval, false));
END
$$;
COMMENT ON FUNCTION internal.backtest_portfolio(jsonb, trading.portfolios, numeric) IS
  'The portfolio of a backtest as its specification has it. Error TR531.';
