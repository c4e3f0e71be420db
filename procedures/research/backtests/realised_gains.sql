-- reads trading.lot_closures, round_trips, fills, settlements, research.backtests, backtest_lots, market.instruments;
-- errors TR211, TR533, TR604
CREATE OR REPLACE FUNCTION research.realised_gains(portfolio text, long_term interval DEFAULT '1 year')
RETURNS TABLE (lot bigint, symbol text, direction text, quantity numeric, opened_at timestamptz, closed_at timestamptz,
               term text, cost numeric, proceeds numeric, fees numeric, gain numeric, currency text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_portfolio_id int := trading.portfolio_id(realised_gains.portfolio);
  v_owner        text;
  v_name         text;
BEGIN
  SELECT p.owner, p.name INTO v_owner, v_name FROM trading.portfolios AS p WHERE p.portfolio_id = v_portfolio_id;
  RETURN QUERY
    WITH closures AS (
      SELECT c.*, c.cost - c.settled_pnl AS entry,
             round(coalesce(f.fee / f.quantity, s.fees / abs(s.quantity), 0) * abs(c.quantity), 8) AS closing_fee
        FROM trading.lot_closures AS c
        LEFT JOIN trading.fills AS f ON f.portfolio_id = c.portfolio_id AND f.fill_id = c.fill_id
        LEFT JOIN trading.settlements AS s
          ON c.fill_id = 0 AND s.portfolio_id = c.portfolio_id AND s.instrument_id = c.instrument_id
         AND s.kind <> 'daily' AND s.at = c.closed_at
       WHERE c.portfolio_id = v_portfolio_id
    ), shared AS (
      SELECT c.*, l.symbol, l.currency,
             -- Of the fees of the lot what is not of its closes is the opening's, by the value of what was closed.
             c.closing_fee + round((t.fees - sum(c.closing_fee) OVER w)
               * coalesce(abs(c.entry) / nullif(sum(abs(c.entry)) OVER w, 0), 1.0 / count(*) OVER w), 8) AS fees,
             market.trading_day(i.exchange_id, c.opened_at) AS opened_day,
             market.trading_day(i.exchange_id, c.closed_at) AS closed_day
        FROM closures AS c
        JOIN market.instruments AS i USING (instrument_id)
        JOIN market.listings AS l USING (instrument_id)
        JOIN (SELECT r.opening_fill_id, r.symbol, r.fees FROM trading.round_trips AS r
               WHERE r.owner = v_owner AND r.portfolio = v_name) AS t
          ON t.opening_fill_id = c.lot_fill_id AND t.symbol = l.symbol
      WINDOW w AS (PARTITION BY c.instrument_id, c.lot_fill_id)
    )
    SELECT s.lot_fill_id, s.symbol, CASE WHEN s.quantity > 0 THEN 'long' ELSE 'short' END,
           trim_scale(abs(s.quantity)), s.opened_at, s.closed_at,
           CASE WHEN s.closed_day > s.opened_day + realised_gains.long_term THEN 'long' ELSE 'short' END,
           trim_scale(CASE WHEN s.quantity > 0 THEN s.entry ELSE -s.value END),
           trim_scale(CASE WHEN s.quantity > 0 THEN s.value ELSE -s.entry END), trim_scale(s.fees),
           trim_scale(s.value - s.entry - s.fees), s.currency::text
      FROM shared AS s
     ORDER BY s.closed_at, s.lot_fill_id, s.fill_id;
END
$$;
COMMENT ON FUNCTION research.realised_gains(text, interval) IS
  'What a portfolio has realised, a row for each close of a lot, first in first out. lot: the fill that opened it; '
  'term: long when it was held for more than long_term, by trading days of its exchange, else short; cost: what buying '
  'took; proceeds: what selling brought; fees: of the close and its share of the opening; gain: proceeds less cost and '
  'fees, in the currency of the instrument. Error TR211.';

CREATE OR REPLACE FUNCTION research.realised_gains(run bigint, long_term interval DEFAULT '1 year')
RETURNS TABLE (lot bigint, symbol text, direction text, quantity numeric, opened_at timestamptz, closed_at timestamptz,
               term text, cost numeric, proceeds numeric, fees numeric, gain numeric, currency text)
LANGUAGE plpgsql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
BEGIN
  IF NOT EXISTS (SELECT FROM research.backtests AS b WHERE b.run_id = realised_gains.run) THEN
    RAISE EXCEPTION 'there is no backtest %', coalesce(realised_gains.run::text, 'NULL')
      USING ERRCODE = 'TR533', DETAIL = format('%s are stored.', (SELECT count(*) FROM research.backtests)),
            HINT = 'SELECT run_id, symbols, created_at FROM research.backtests lists them.';
  END IF;
  RETURN QUERY
    SELECT c.lot_fill_id, l.symbol, CASE WHEN c.quantity > 0 THEN 'long' ELSE 'short' END,
           trim_scale(abs(c.quantity::numeric)), c.opened_at, c.closed_at,
           CASE WHEN market.trading_day(i.exchange_id, c.closed_at)
                     > market.trading_day(i.exchange_id, c.opened_at) + realised_gains.long_term
                THEN 'long' ELSE 'short' END,
           trim_scale(CASE WHEN c.quantity > 0 THEN n.entry ELSE -n.value END),
           trim_scale(CASE WHEN c.quantity > 0 THEN n.value ELSE -n.entry END), trim_scale(c.fees::numeric),
           trim_scale(n.value - n.entry - c.fees), b.currency::text
      FROM research.backtest_lots AS c
      JOIN research.backtests AS b USING (run_id)
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.listings AS l USING (instrument_id)
      CROSS JOIN LATERAL (SELECT (c.cost - c.settled_pnl)::numeric, c.value::numeric) AS n (entry, value)
     WHERE c.run_id = realised_gains.run
     ORDER BY c.closed_at, c.lot_fill_id, c.fill_id;
END
$$;
COMMENT ON FUNCTION research.realised_gains(bigint, interval) IS
  'What a backtest has realised, a row for each close of a lot, first in first out: the columns of a portfolio''s '
  'gains, in the currency of the run; lot is the fill of the run that opened it. Error TR533.';
