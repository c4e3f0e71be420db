-- reads research.backtests, backtest_orders, backtest_fills, backtest_trades, trading.orders, trading.fills,
-- strategy.agents, market.instruments; errors TR211, TR533, TR552
CREATE OR REPLACE FUNCTION research.compare_trades(run bigint, VARIADIC portfolios text[])
RETURNS TABLE (portfolio text, symbol text, trade_no int, side trading.order_side, at timestamptz, profit numeric,
               difference numeric, causes text[], detail text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_run       research.backtests;
  v_portfolio text;
  v_id        int;
BEGIN
  SELECT b.* INTO v_run FROM research.backtests AS b WHERE b.run_id = compare_trades.run;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'there is no backtest %', coalesce(compare_trades.run::text, 'NULL')
      USING ERRCODE = 'TR533', DETAIL = format('%s are stored.', (SELECT count(*) FROM research.backtests)),
            HINT = 'SELECT run_id, symbols, created_at FROM research.backtests lists them.';
  END IF;
  IF coalesce(cardinality(compare_trades.portfolios), 0) NOT BETWEEN 1 AND 50 THEN
    RAISE EXCEPTION 'a backtest is compared with one to fifty portfolios'
      USING ERRCODE = 'TR552',
            DETAIL = format('%s are named.', coalesce(cardinality(compare_trades.portfolios), 0)),
            HINT = format('SELECT * FROM research.compare_trades(%s, ''paper'', ''live'').', v_run.run_id);
  END IF;
  FOREACH v_portfolio IN ARRAY compare_trades.portfolios LOOP
    v_id := trading.portfolio_id(v_portfolio);
    IF NOT EXISTS (SELECT FROM strategy.agents AS a
                    WHERE a.portfolio_id = v_id AND a.strategy_id = v_run.strategy_id) THEN
      RAISE EXCEPTION 'no agent of portfolio % runs the strategy of this backtest', v_portfolio
        USING ERRCODE = 'TR552', DETAIL = format('Run %s is of strategy %s.', v_run.run_id, v_run.strategy_id),
              HINT = 'SELECT portfolio, agent, strategy FROM strategy.agent_performance lists agents.';
    END IF;
    RETURN QUERY
      SELECT v_portfolio, c.* FROM research.compare_orders(v_run.run_id, v_id) AS c;
  END LOOP;
END
$$;
COMMENT ON FUNCTION research.compare_trades(bigint, text[]) IS
  'A backtest against portfolios on which agents run the same strategy, such as paper and live ones, trade by trade: '
  'profit is what the trade of the backtest made after fees (NULL: open, or none), difference what the portfolio '
  'made more (NULL while either is open), and causes why: price, time, quantity, fees; refused (one of them was '
  'refused), unfilled (only one filled), missing (the portfolio has no such order), extra (the backtest has none); '
  'none where they are the same. Orders belong together by the candle and the role for which the strategy sent them. '
  'trade_no is NULL for orders that belong to no trade of the backtest. Amounts are in the instrument''s currency. '
  'Errors TR211, TR533, TR552.';
