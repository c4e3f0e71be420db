import LibPQ

/// The figures that the demo ends with; amounts in the portfolio's currency, shares in percent.
package struct DemoResult: Encodable, Sendable {
  package struct Position: Encodable, Sendable {
    package let symbol, quantity, realised, unrealised, fees, total: String
    package let orders, fills: Int
  }

  package let events, transactions, orders, fills, invariantViolations: Int
  package let seconds: Double
  package let equity, cash, positionsValue, totalReturn, maxDrawdown, fees, fingerprint: String
  package let positions: [Position]
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
                     'market', 'ledger', 'trading', 'risk', 'strategy', 'research', 'ops', 'internal', 'archive')
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

  package nonisolated(nonsending) func demoResult(events: Int, transactions: Int, seconds: Double) async throws
    -> DemoResult
  {
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
             (SELECT count(*) FROM trading.orders AS o JOIN market.listings AS i USING (instrument_id) WHERE i.symbol = p.symbol),
             (SELECT count(*) FROM trading.fills AS f JOIN market.listings AS i USING (instrument_id) WHERE i.symbol = p.symbol)
        FROM trading.position_pnl AS p WHERE p.portfolio = 'main' ORDER BY p.symbol
      """
    ).map { row in
      DemoResult.Position(
        symbol: try row[0].string, quantity: try row[1].string, realised: try row[2].string,
        unrealised: try row[3].string, fees: try row[4].string, total: try row[5].string, orders: try row[6].int,
        fills: try row[7].int)
    }
    return DemoResult(
      events: events, transactions: transactions, orders: try stats[6].int, fills: try stats[7].int,
      invariantViolations: try stats[8].int, seconds: seconds,
      equity: try stats[0].string, cash: try stats[1].string, positionsValue: try stats[2].string,
      totalReturn: try stats[3].string, maxDrawdown: try stats[4].string, fees: try stats[5].string,
      fingerprint: try stats[9].string, positions: positions)
  }
}
