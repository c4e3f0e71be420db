import LibPQ

/// The figures that the demo ends with; amounts in the portfolio's currency, shares in percent. What does not name another
/// portfolio is of "main".
package struct DemoResult: Encodable, Sendable {
  package struct Position: Encodable, Sendable {
    package let symbol, quantity, realised, unrealised, fees, total: String
    package let orders, fills: Int
  }

  package struct Portfolio: Encodable, Sendable {
    package let portfolio, strategy, equity, totalReturn, maxDrawdown, fees: String
    package let orders, fills: Int
    /// Closed round trips, and which share of them won, in percent; nil without any.
    package let trades: Int
    package let winRate: String?
  }

  /// The strategy of "main" once more, on its terms, with books in memory.
  package struct Backtest: Encodable, Sendable {
    package let run: Int64
    package let strategy, equity, totalReturn, maxDrawdown: String
    package let orders, fills, trades: Int
    package let winRate: String?
    /// Fills of the run that "main" has not, or the other way round.
    package let differingFills: Int
    package let seconds: Double
    /// Why the program ran it, and not the server; nil: the server did.
    package let obstacle: String?
    /// Where its page is.
    package let report: String
  }

  package let events, transactions, orders, fills, invariantViolations: Int
  package let seconds: Double
  package let equity, cash, positionsValue, totalReturn, maxDrawdown, fees, fingerprint: String
  package let positions: [Position]
  package let portfolios: [Portfolio]
  package let backtest: Backtest
}

extension EngineStore {
  /// What a demo finds in the present database.
  package struct DemoState: Sendable {
    package let database: String
    /// It has our schema.
    package let isInstalled: Bool
    /// It carries the mark of an earlier demo.
    package let isDemo: Bool
    /// Tables of somebody else; nil when there are none.
    package let otherTables: String?
    /// Our schema, if it is there, holds what somebody has put in.
    package let hasData: Bool
  }

  package nonisolated(nonsending) func demoState(mark: String) async throws -> DemoState {
    let row = try await connection.query(
      """
      SELECT pg_catalog.current_database(), pg_catalog.to_regclass('ops.migrations') IS NOT NULL,
             coalesce(pg_catalog.shobj_description(d.oid, 'pg_database') = $1, false),
             (SELECT string_agg(x.name, ', ' ORDER BY x.name) FROM (
                SELECT format('%I.%I', n.nspname, c.relname) AS name
                  FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
                 WHERE c.relkind IN ('r', 'p', 'm', 'f') AND n.nspname !~ '^(pg_|_timescaledb|information_schema$)'
                   AND n.nspname NOT IN (
                     'market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'identity', 'ops', 'internal',
                     'archive')
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS e WHERE e.classid = 'pg_class'::regclass
                                                                           AND e.objid = c.oid AND e.deptype = 'e')
                 ORDER BY 1 LIMIT 3) AS x)
        FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
      """, [.text(mark)]
    ).only()
    let isInstalled = try row[1].bool
    let isDemo = try row[2].bool
    let hasData =
      isInstalled && !isDemo
      ? try await connection.query(
        """
        SELECT EXISTS (SELECT FROM trading.portfolios) OR EXISTS (SELECT FROM market.instruments)
               OR EXISTS (SELECT FROM risk.limits)
               OR EXISTS (SELECT FROM ops.imports) OR EXISTS (SELECT FROM ops.events)
        """
      ).only()[0].bool : false
    return DemoState(
      database: try row[0].string, isInstalled: isInstalled, isDemo: isDemo, otherTables: try row[3].ifPresent?.string,
      hasData: hasData)
  }

  package nonisolated(nonsending) func demoBacktest(
    _ run: Int64, obstacle: String?, seconds: Double, report: String
  ) async throws -> DemoResult.Backtest {
    let row = try await connection.query(
      """
      SELECT s.name, round(b.final_equity, 2), round(100 * b.total_return::numeric, 2), round(100 * b.max_drawdown::numeric, 2), b.orders, b.fills, b.trades,
             round(100 * b.win_rate::numeric, 1),
             (WITH fills AS (SELECT f.run_id IS NULL AS is_live, f.instrument_id, f.side, f.quantity, f.price, f.fee, f.realised_pnl, f.at
                               FROM (SELECT NULL AS run_id, l.instrument_id, l.side, l.quantity, l.price, l.fee, l.realised_pnl, l.at
                                       FROM trading.fills AS l WHERE l.portfolio_id = trading.portfolio_id('main')
                                     UNION ALL
                                     SELECT n.run_id, n.instrument_id, n.side, n.quantity, n.price, n.fee, n.realised_pnl, n.at
                                       FROM research.backtest_fills AS n WHERE n.run_id = $1) AS f)
              SELECT coalesce(sum(abs(d.surplus)), 0)::bigint
                FROM (SELECT sum(CASE WHEN f.is_live THEN 1 ELSE -1 END) AS surplus
                        FROM fills AS f GROUP BY f.instrument_id, f.side, f.quantity, f.price, f.fee, f.realised_pnl, f.at) AS d)
        FROM research.backtests AS b JOIN strategy.strategies AS s USING (strategy_id)
       WHERE b.run_id = $1
      """, [.int8(run)]
    ).only()
    return DemoResult.Backtest(
      run: run, strategy: try row[0].string, equity: try row[1].string, totalReturn: try row[2].string,
      maxDrawdown: try row[3].string, orders: try row[4].int, fills: try row[5].int, trades: try row[6].int,
      winRate: try row[7].ifPresent?.string, differingFills: try row[8].int, seconds: seconds, obstacle: obstacle,
      report: report)
  }

  package nonisolated(nonsending) func demoResult(
    events: Int, transactions: Int, seconds: Double, backtest: DemoResult.Backtest
  ) async throws -> DemoResult {
    let stats = try await connection.query(
      """
      SELECT round(s.equity, 2), round(s.cash, 2), round(s.positions_value, 2), round(100 * s.total_return, 2), round(100 * s.max_drawdown, 2), round(s.fees, 2), s.orders, s.fills,
             (SELECT count(*) FROM ops.check_invariants()), ops.fingerprint('main')
        FROM trading.get_portfolio_stats('main') AS s
      """
    ).only()
    let positions = try await connection.query(
      """
      SELECT p.symbol, p.quantity, round(p.realised_pnl, 2), round(p.unrealised_pnl, 2), round(p.fees, 2), round(p.total_pnl, 2),
             (SELECT count(*) FROM trading.orders AS o WHERE o.portfolio_id = n.portfolio_id AND o.instrument_id = i.instrument_id),
             (SELECT count(*) FROM trading.fills AS f WHERE f.portfolio_id = n.portfolio_id AND f.instrument_id = i.instrument_id)
        FROM trading.position_pnl AS p
        JOIN trading.portfolios AS n ON n.owner = p.owner AND n.name = p.portfolio
        JOIN market.listings AS i ON i.symbol = p.symbol
       WHERE p.portfolio = 'main' ORDER BY p.symbol
      """
    ).map { row in
      DemoResult.Position(
        symbol: try row[0].string, quantity: try row[1].string, realised: try row[2].string,
        unrealised: try row[3].string, fees: try row[4].string, total: try row[5].string, orders: try row[6].int,
        fills: try row[7].int)
    }
    let portfolios = try await connection.query(
      """
      SELECT p.name, (SELECT string_agg(DISTINCT s.name, ', ') FROM strategy.agents AS a JOIN strategy.strategies AS s USING (strategy_id) WHERE a.portfolio_id = p.portfolio_id),
             s.orders, s.fills, count(t.*) FILTER (WHERE t.closed_at IS NOT NULL), round(100 * avg((t.net_pnl > 0)::int) FILTER (WHERE t.closed_at IS NOT NULL), 1),
             round(s.equity, 2), round(100 * s.total_return, 2), round(100 * s.max_drawdown, 2), round(s.fees, 2)
        FROM trading.portfolios AS p
        CROSS JOIN LATERAL trading.get_portfolio_stats(p.owner || '/' || p.name) AS s
        LEFT JOIN strategy.agent_trades AS t ON t.owner = p.owner AND t.portfolio = p.name
       GROUP BY p.portfolio_id, p.name, s.orders, s.fills, s.equity, s.total_return, s.max_drawdown, s.fees
       ORDER BY p.portfolio_id
      """
    ).map { row in
      DemoResult.Portfolio(
        portfolio: try row[0].string, strategy: try row[1].string, equity: try row[6].string,
        totalReturn: try row[7].string, maxDrawdown: try row[8].string, fees: try row[9].string,
        orders: try row[2].int, fills: try row[3].int, trades: try row[4].int, winRate: try row[5].ifPresent?.string)
    }
    return DemoResult(
      events: events, transactions: transactions, orders: try stats[6].int, fills: try stats[7].int,
      invariantViolations: try stats[8].int, seconds: seconds,
      equity: try stats[0].string, cash: try stats[1].string, positionsValue: try stats[2].string,
      totalReturn: try stats[3].string, maxDrawdown: try stats[4].string, fees: try stats[5].string,
      fingerprint: try stats[9].string, positions: positions, portfolios: portfolios, backtest: backtest)
  }
}
