-- reads nothing; errors TR243, TR604
CREATE OR REPLACE FUNCTION trading.trade_stats(
  pnl float8[], opened_at timestamptz[] DEFAULT NULL, closed_at timestamptz[] DEFAULT NULL, mae float8[] DEFAULT NULL,
  mfe float8[] DEFAULT NULL)
RETURNS trading.trade_figures
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SECURITY INVOKER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
  v_trades  bigint := coalesce(cardinality(trade_stats.pnl), 0);
  v_fault   text;
  v_spread  record;
  v_figures trading.trade_figures;
BEGIN
  IF cardinality(trade_stats.opened_at) <> v_trades OR cardinality(trade_stats.closed_at) <> v_trades
     OR cardinality(trade_stats.mae) <> v_trades OR cardinality(trade_stats.mfe) <> v_trades THEN
    RAISE EXCEPTION 'the arrays of trades do not fit together'
      USING ERRCODE = 'TR604',
            DETAIL = format('%s profits, %s opens, %s closes, %s adverse and %s favourable excursions.', v_trades,
                            cardinality(trade_stats.opened_at), cardinality(trade_stats.closed_at),
                            cardinality(trade_stats.mae), cardinality(trade_stats.mfe)),
            HINT = 'Give one of each for every trade, or leave an array out.';
  END IF;
  SELECT concat_ws(', ', n.pnl, n.opened_at, n.closed_at, n.mae, n.mfe) INTO v_fault
    FROM unnest(trade_stats.pnl, trade_stats.opened_at, trade_stats.closed_at, trade_stats.mae, trade_stats.mfe)
         AS n (pnl, opened_at, closed_at, mae, mfe)
   WHERE greatest(abs(n.pnl), abs(n.mae), abs(n.mfe)) > 1e30
      OR NOT least(n.opened_at, n.closed_at, '0001-01-01Z') >= '0001-01-01Z'
      OR NOT greatest(n.opened_at, n.closed_at) < '10000-01-01Z' OR n.opened_at > n.closed_at
   LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'statistics need finite profits and times of trades that close after they open'
      USING ERRCODE = 'TR243', DETAIL = format('The first that is not: %s.', v_fault),
            HINT = 'Give NULL, which is left out, where a profit is not known.';
  END IF;

  WITH trades AS (
    SELECT n.*, row_number() OVER (ORDER BY n.closed_at, n.place) AS turn
      FROM unnest(trade_stats.pnl, trade_stats.opened_at, trade_stats.closed_at, trade_stats.mae, trade_stats.mfe)
           WITH ORDINALITY AS n (pnl, opened_at, closed_at, mae, mfe, place)
     WHERE n.pnl IS NOT NULL AND (trade_stats.closed_at IS NULL OR n.closed_at IS NOT NULL)
  ), streaks AS (
    SELECT sign(s.pnl) AS outcome, count(*) AS length
      FROM (SELECT t.pnl, t.turn - row_number() OVER (PARTITION BY sign(t.pnl) ORDER BY t.turn) AS streak
              FROM trades AS t) AS s
     GROUP BY sign(s.pnl), s.streak
  )
  SELECT count(*), count(*) FILTER (WHERE t.pnl > 0), count(*) FILTER (WHERE t.pnl < 0), NULL::float8,
         avg(t.pnl) FILTER (WHERE t.pnl > 0), avg(t.pnl) FILTER (WHERE t.pnl < 0),
         max(t.pnl) FILTER (WHERE t.pnl > 0), min(t.pnl) FILTER (WHERE t.pnl < 0), NULL::float8,
         NULL::float8, avg(t.pnl), NULL::float8,
         (SELECT coalesce(max(s.length), 0) FROM streaks AS s WHERE s.outcome > 0),
         (SELECT coalesce(max(s.length), 0) FROM streaks AS s WHERE s.outcome < 0),
         justify_hours(avg(t.closed_at - t.opened_at)),
         justify_hours(avg(t.closed_at - t.opened_at) FILTER (WHERE t.pnl > 0)),
         justify_hours(avg(t.closed_at - t.opened_at) FILTER (WHERE t.pnl < 0)), max(t.closed_at - t.opened_at),
         avg(t.mae), min(t.mae), avg(t.mfe), max(t.mfe)
    INTO v_figures
    FROM trades AS t;
  SELECT stddev_samp(n.pnl) AS deviation, max(abs(n.pnl)) AS largest, sum(greatest(n.pnl, 0)) AS gains,
         -sum(least(n.pnl, 0)) AS losses
    INTO v_spread
    FROM unnest(trade_stats.pnl, trade_stats.closed_at) AS n (pnl, closed_at)
   WHERE trade_stats.closed_at IS NULL OR n.closed_at IS NOT NULL;
  v_figures.win_rate := v_figures.winning_trades::float8 / nullif(v_figures.trades, 0);
  v_figures.payoff := v_figures.average_win / -v_figures.average_loss;
  v_figures.profit_factor := v_spread.gains / nullif(v_spread.losses, 0);
  IF v_spread.deviation > 1e-14 * v_spread.largest THEN
    v_figures.sqn := sqrt(v_figures.trades) * v_figures.expectancy / v_spread.deviation;
  END IF;
  RETURN v_figures;
END
$$;
COMMENT ON FUNCTION trading.trade_stats(float8[], timestamptz[], timestamptz[], float8[], float8[]) IS
  'How round trips did: one row with the columns of trading.trade_figures, from the profit of each, best after fees, '
  'when it was opened and closed, and its worst and best open profit. They are taken in the order of their closes, or '
  'as they come without times; trades without a profit or a close are left out. Errors TR243, TR604.';
