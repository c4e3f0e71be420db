-- reads trading.*, market.*, ledger.accounts
CREATE OR REPLACE FUNCTION ops.check_terms_invariants()
RETURNS TABLE (invariant text, portfolio_id int, detail text)
LANGUAGE sql STABLE PARALLEL RESTRICTED SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
  WITH terms AS (
    SELECT DISTINCT ON (t.instrument_id) t.* FROM trading.instrument_terms AS t
     ORDER BY t.instrument_id, t.version DESC
  ), changed AS (
    SELECT i.instrument_id, format('%s: %s', i.symbol, concat_ws(', ',
             CASE WHEN i.exchange_id <> t.exchange_id THEN 'exchange' END,
             CASE WHEN i.symbol <> t.symbol THEN 'symbol ' || t.symbol END,
             CASE WHEN i.kind <> t.kind THEN 'kind ' || t.kind END,
             CASE WHEN i.currency <> t.currency THEN 'currency ' || t.currency END,
             CASE WHEN i.multiplier <> t.multiplier THEN 'multiplier ' || trim_scale(t.multiplier) END,
             CASE WHEN i.strike IS DISTINCT FROM t.strike THEN 'strike ' || trim_scale(t.strike) END,
             CASE WHEN i.option_right IS DISTINCT FROM t.option_right THEN 'right ' || t.option_right END,
             CASE WHEN i.underlying_id IS DISTINCT FROM t.underlying_id
                  THEN 'underlying ' || coalesce(t.underlying_id::text, 'none') END,
             CASE WHEN i.expires_on IS DISTINCT FROM t.expires_on
                  THEN 'last day ' || coalesce(t.expires_on::text, 'none') END,
             CASE WHEN i.lot_size <> t.lot_size THEN 'lot ' || trim_scale(t.lot_size) END,
             CASE WHEN i.tick_size <> t.tick_size THEN 'tick ' || trim_scale(t.tick_size) END,
             CASE WHEN i.initial_margin <> t.initial_margin
                  THEN 'initial margin ' || trim_scale(t.initial_margin) END,
             CASE WHEN i.maintenance_margin <> t.maintenance_margin
                  THEN 'maintenance margin ' || trim_scale(t.maintenance_margin) END)) AS detail
      FROM market.instruments AS i JOIN terms AS t USING (instrument_id)
     WHERE (i.exchange_id, i.symbol::text, i.kind, i.currency::text, i.multiplier, i.strike, i.option_right,
            i.underlying_id, i.expires_on, i.lot_size, i.tick_size, i.initial_margin, i.maintenance_margin)
           IS DISTINCT FROM
           (t.exchange_id, t.symbol::text, t.kind, t.currency::text, t.multiplier, t.strike, t.option_right,
            t.underlying_id, t.expires_on, t.lot_size, t.tick_size, t.initial_margin, t.maintenance_margin)
  )
  SELECT 'an instrument keeps the terms that it was traded on', n.portfolio_id,
         format('instrument %s was recorded with other terms than it has: %s', c.instrument_id, c.detail)
    FROM changed AS c JOIN trading.positions AS n USING (instrument_id)
  UNION ALL
  SELECT 'a position is of its instrument and portfolio', n.portfolio_id,
         format('instrument %s: multiplier %s, is_future %s, is_foreign %s; the instrument has multiplier %s, kind %s '
                'and currency %s, the portfolio %s', n.instrument_id, n.multiplier, n.is_future, n.is_foreign,
                i.multiplier, i.kind, i.currency, p.currency)
    FROM trading.positions AS n
    JOIN market.instruments AS i USING (instrument_id)
    JOIN trading.portfolios AS p USING (portfolio_id)
   WHERE n.multiplier <> i.multiplier OR n.is_future <> (i.kind = 'future')
      OR n.is_foreign <> (i.currency <> p.currency)
  UNION ALL
  SELECT 'the terms of what was ordered are recorded', n.portfolio_id, format('instrument %s', n.instrument_id)
    FROM trading.positions AS n LEFT JOIN terms AS t USING (instrument_id)
   WHERE t.instrument_id IS NULL AND identity.is_staff()  -- who alone reads them
  UNION ALL
  SELECT 'a portfolio keeps the terms of its books', p.portfolio_id,
         format('%s account in %s from %s; recorded is %s', p.account_type, p.currency, p.opened_at,
                coalesce(format('%s in %s from %s', t.account_type, t.currency, t.opened_at), 'nothing'))
    FROM trading.portfolios AS p
    LEFT JOIN (SELECT DISTINCT ON (x.portfolio_id) x.* FROM trading.portfolio_terms AS x
                ORDER BY x.portfolio_id, x.version DESC) AS t USING (portfolio_id)
   WHERE (p.account_type, p.currency::text, p.opened_at)
         IS DISTINCT FROM (t.account_type, t.currency::text, t.opened_at)
  UNION ALL
  SELECT 'the first accounts are in the base currency', p.portfolio_id,
         format('%s, the first accounts %s', p.currency, a.currency)
    FROM trading.portfolios AS p JOIN ledger.accounts AS a USING (portfolio_id)
   WHERE a.account_id = 1 AND a.currency <> p.currency
  UNION ALL
  SELECT 'a split was applied as it stands', a.portfolio_id,
         format('action %s: %s:%s of %s for instrument %s was applied, it is %s now', a.action_id,
                trim_scale(a.numerator), trim_scale(a.denominator), a.ex_date, a.instrument_id,
                coalesce(format('%s, %s:%s of %s for instrument %s', c.kind, trim_scale(c.numerator),
                                trim_scale(c.denominator), c.ex_date, c.instrument_id), 'gone'))
    FROM trading.position_adjustments AS a LEFT JOIN market.corporate_actions AS c USING (action_id)
   WHERE (c.kind IN ('split', 'bonus'), a.instrument_id, a.numerator, a.denominator, a.ex_date)
         IS DISTINCT FROM (true, c.instrument_id, c.numerator, c.denominator, c.ex_date)
  UNION ALL
  SELECT 'a dividend was paid as it stands', d.portfolio_id,
         format('action %s: %s per unit on %s for instrument %s was paid, %s for %s; it is %s now', d.action_id,
                trim_scale(d.per_unit), d.ex_date, d.instrument_id, trim_scale(d.amount), trim_scale(d.quantity),
                coalesce(format('%s, %s on %s for instrument %s', c.kind, trim_scale(c.amount), c.ex_date,
                                c.instrument_id), 'gone'))
    FROM trading.dividends AS d LEFT JOIN market.corporate_actions AS c USING (action_id)
   WHERE (c.kind, d.instrument_id, d.per_unit, d.ex_date)
         IS DISTINCT FROM ('dividend', c.instrument_id, c.amount, c.ex_date)
      OR d.amount <> round(d.quantity * d.per_unit, 8)
  UNION ALL
  SELECT 'orders move as they always did', NULL,
         format('the move from %s to %s is %s', from_status, to_status,
                CASE WHEN t.is_there IS NULL THEN 'missing in trading.order_transitions' ELSE 'none of the engine''s'
                END)
    FROM (SELECT m.from_status, m.to_status, true AS is_known FROM trading.order_moves() AS m) AS m
    FULL JOIN (SELECT x.from_status, x.to_status, true AS is_there FROM trading.order_transitions AS x) AS t
         USING (from_status, to_status)
   WHERE m.is_known IS NULL OR t.is_there IS NULL
$$;
COMMENT ON FUNCTION ops.check_terms_invariants() IS
  'The part of ops.check_invariants that compares what books rest on (instruments, portfolios, corporate actions, the '
  'moves of orders) with what was recorded when it was used.';
