extension BacktestReportStore {
  static let head = """
    SELECT s.name, s.type, b.version, v.explanation, b.currency,
           to_char(b.from_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           to_char(b.until_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
           to_char(b.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), b.owner, b.engine_version,
           trim_scale(b.capital), b.settings ->> 'benchmark',
           format('SELECT research.run_backtest(%L, %L, %L, %L, %s,' || chr(10) || '  %L);', s.name || '@' || b.version,
                  b.symbols, to_char(b.from_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                  to_char(b.until_time AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), trim_scale(b.capital), b.settings),
           extract(epoch FROM v.timeframe)
      FROM research.backtests AS b
      JOIN strategy.strategies AS s USING (strategy_id)
      JOIN strategy.strategy_versions AS v USING (strategy_id, version)
     WHERE b.run_id = $1
    """

  /// Months and years from the capital on.
  static let returns = """
    SELECT p.period, extract(year FROM r.from_day)::int, extract(month FROM r.from_day)::int, r.return
      FROM (SELECT array_agg(e.day ORDER BY e.day) AS days, array_agg(e.equity::float8 ORDER BY e.day) AS equity
              FROM research.backtest_equity AS e WHERE e.run_id = $1 HAVING count(*) > 0) AS d
      CROSS JOIN (SELECT b.capital::float8 AS capital FROM research.backtests AS b WHERE b.run_id = $1) AS b
      CROSS JOIN unnest('{month,year}'::text[]) AS p (period)
      CROSS JOIN LATERAL trading.period_returns(d.days[1:1] || d.days, b.capital || d.equity, p.period) AS r
    """

  /// The benchmark begins with the close of the day before the first, or with its first one.
  static let days = """
    SELECT e.day - date '1970-01-01', e.equity::float8, e.drawdown, b.capital::float8 * c.closes[e.place + 1] / f.close
      FROM (SELECT d.*, row_number() OVER (ORDER BY d.day) AS place
              FROM research.backtest_equity AS d WHERE d.run_id = $1) AS e
      CROSS JOIN (SELECT n.capital, n.settings ->> 'benchmark' AS benchmark
                    FROM research.backtests AS n WHERE n.run_id = $1) AS b
      LEFT JOIN LATERAL (
        SELECT market.day_closes(b.benchmark, (min(d.day) - 1) || array_agg(d.day ORDER BY d.day)) AS closes
          FROM research.backtest_equity AS d WHERE d.run_id = $1 AND b.benchmark IS NOT NULL
        HAVING count(*) > 0) AS c ON true
      LEFT JOIN LATERAL (SELECT n.close FROM unnest(c.closes) WITH ORDINALITY AS n (close, place)
                          WHERE n.close IS NOT NULL ORDER BY n.place LIMIT 1) AS f ON true
     ORDER BY e.day
    """

  /// A mark stands where the first and the last fill were, at the price of that day.
  static let trades = """
    SELECT t.trade_no, l.symbol, t.side = 'buy', trim_scale(t.quantity::numeric),
           extract(epoch FROM t.opened_at AT TIME ZONE e.time_zone), t.entry_price,
           extract(epoch FROM t.closed_at AT TIME ZONE e.time_zone), t.exit_price, t.net_pnl, t.fees, t.return, t.bars,
           t.exit_reason, coalesce(o.price, t.entry_price), coalesce(c.price, t.exit_price)
      FROM research.backtest_trades AS t
      JOIN market.instruments AS i USING (instrument_id)
      JOIN market.exchanges AS e USING (exchange_id)
      JOIN market.listings AS l USING (instrument_id)
      LEFT JOIN (SELECT f.instrument_id, f.at, f.side, min(f.price) AS price FROM research.backtest_fills AS f
                  WHERE f.run_id = $1 GROUP BY 1, 2, 3) AS o
        ON o.instrument_id = t.instrument_id AND o.at = t.opened_at AND o.side = t.side
      LEFT JOIN (SELECT f.instrument_id, f.at, f.side, max(f.price) AS price FROM research.backtest_fills AS f
                  WHERE f.run_id = $1 GROUP BY 1, 2, 3) AS c
        ON c.instrument_id = t.instrument_id AND c.at = t.closed_at AND c.side <> t.side
     WHERE t.run_id = $1 ORDER BY t.trade_no
    """

  /// None when there would be too many.
  static let candles = """
    SELECT extract(epoch FROM (c.bucket AT TIME ZONE e.time_zone)
                              - CASE WHEN $3 >= 86400 THEN e.day_starts ELSE interval '0' END),
           c.open, c.high, c.low, c.close
      FROM research.backtests AS b
      JOIN market.instruments AS i ON i.instrument_id = $2
      JOIN market.exchanges AS e USING (exchange_id)
      JOIN market.listings AS l USING (instrument_id)
      CROSS JOIN LATERAL (SELECT CASE WHEN $3 >= 86400 THEN interval '1 day' ELSE $3 * interval '1 second' END AS length) AS n
      CROSS JOIN LATERAL market.candles(l.symbol, n.length, b.from_time, b.until_time) AS c
     WHERE b.run_id = $1 AND ($3 >= 86400 OR extract(epoch FROM b.until_time - b.from_time) <= $3 * $4)
     ORDER BY c.bucket
    """
}
