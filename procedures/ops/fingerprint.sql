-- reads trading.orders, trading.fills, trading.settlements, trading.dividends, trading.borrow_charges,
-- trading.position_adjustments, trading.portfolios, market.instruments
CREATE OR REPLACE FUNCTION ops.fingerprint(portfolio text DEFAULT NULL)
RETURNS text
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
SET timezone = 'UTC'
SET datestyle = 'ISO, YMD'
SET extra_float_digits = 1
AS $$
  WITH lines AS (
    SELECT p.portfolio_id, p.name AS portfolio, 1 AS part, o.order_id AS number,
           ROW('order', p.name, o.order_id, o.client_order_id, e.code, i.symbol, o.side, o.type, o.time_in_force,
               o.product, trim_scale(o.quantity), trim_scale(o.limit_price), trim_scale(o.stop_price), o.expires_at,
               o.status, o.version, trim_scale(o.filled_quantity), trim_scale(o.filled_value),
               trim_scale(o.fees), o.reason_code, o.submitted_at, o.closed_at)::text AS line
      FROM trading.orders AS o JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
    UNION ALL
    SELECT p.portfolio_id, p.name, 2, f.fill_id,
           ROW('fill', p.name, f.fill_id, f.order_id, f.side, trim_scale(f.quantity), trim_scale(f.price),
               trim_scale(f.value), trim_scale(f.fee), trim_scale(f.realised_pnl), f.at)::text
      FROM trading.fills AS f JOIN trading.portfolios AS p USING (portfolio_id)
    UNION ALL
    SELECT p.portfolio_id, p.name, 3, s.first_transfer_id,
           ROW('settlement', p.name, s.day, s.kind, e.code, i.symbol, trim_scale(s.price), trim_scale(s.quantity),
               trim_scale(s.realised_pnl), trim_scale(s.margin_delta), trim_scale(s.advanced), trim_scale(s.fees),
               s.at)::text
      FROM trading.settlements AS s JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
    UNION ALL
    SELECT p.portfolio_id, p.name, 4, coalesce(d.transfer_id, 0),
           ROW('dividend', p.name, e.code, i.symbol, a.ex_date, trim_scale(d.quantity), trim_scale(d.amount),
               trim_scale(d.advanced), d.at)::text
      FROM trading.dividends AS d
      JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.corporate_actions AS a USING (action_id)
      JOIN market.instruments AS i ON i.instrument_id = d.instrument_id JOIN market.exchanges AS e USING (exchange_id)
    UNION ALL
    SELECT p.portfolio_id, p.name, 5, n.first_transfer_id,
           ROW('cash in lieu', p.name, e.code, i.symbol, n.ex_date, trim_scale(n.lieu_quantity),
               trim_scale(n.lieu_price), trim_scale(n.lieu_amount), trim_scale(n.realised_pnl), trim_scale(n.advanced),
               n.at)::text
      FROM trading.position_adjustments AS n JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
     WHERE n.lieu_quantity <> 0
    UNION ALL
    SELECT p.portfolio_id, p.name, 6, coalesce(b.transfer_id, 0),
           ROW('borrow', p.name, e.code, i.symbol, b.day, b.days, trim_scale(b.quantity), trim_scale(b.price),
               trim_scale(b.percent), trim_scale(b.amount), trim_scale(b.advanced), b.at)::text
      FROM trading.borrow_charges AS b JOIN trading.portfolios AS p USING (portfolio_id)
      JOIN market.instruments AS i USING (instrument_id) JOIN market.exchanges AS e USING (exchange_id)
  )
  SELECT encode(sha256(convert_to(coalesce(string_agg(
           l.line, E'\n' ORDER BY l.portfolio COLLATE "C", l.portfolio_id, l.part, l.number,
           l.line COLLATE "C"), ''), 'UTF8')), 'hex')
    FROM lines AS l
   WHERE $1 IS NULL OR l.portfolio_id = trading.portfolio_id($1)
$$;
COMMENT ON FUNCTION ops.fingerprint(text) IS
  'SHA-256 over all orders, fills, settlements, dividends, borrow charges and fractions paid in cash of a portfolio '
  '(NULL: of all), in their order, event times included and clock times not: two runs over the same input agree.';
