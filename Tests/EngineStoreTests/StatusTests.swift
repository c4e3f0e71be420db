import LibPQ
import TestSupport
import Testing

@testable import EngineStore

/// What `bourse status` reads.
@Suite(.needsServer, .commonTimeLimit)
struct StatusTests {
  @Test func anEmptyDatabaseHasAServerAlone() async throws {
    try await TestDatabase.withSchema { _, connection in
      let status = try await EngineStore(connection).status()
      #expect(status.server.version.hasPrefix("1") && !status.server.isStandby)
      #expect(status.server.health["connections"] ?? 0 >= 1)
      #expect(status.portfolios.rows.isEmpty && status.runners.rows.isEmpty && status.openOrders.total == 0)
      #expect(status.invariantViolations == 0 && status.halts == 0)
      #expect(try await EngineStore(connection).status(checksInvariants: false).invariantViolations == nil)
    }
  }

  private static let trading = """
    SELECT market.ensure_instruments('{IBM}');
    SELECT trading.create_portfolio(name => 'main', capital => 1000, at => '2024-01-02 15:00Z');
    SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), '{2024-01-02 15:00Z}', '{10}', '{1}');
    SELECT trading.submit_order(portfolio => 'main', symbol => 'IBM', side => 'buy', quantity => 5, type => 'limit', limit_price => 9,
      time_in_force => 'gtc', client_order_id => 'mine', at => '2024-01-02 15:00Z');
    SELECT trading.record_snapshots(trading.portfolio_ids('{main}'), timestamptz '2024-01-02 21:00Z' + n * interval '1 day')
      FROM generate_series(0, 60) AS n;
    SELECT strategy.create_strategy('s', 'custom', '1 day', '{"entry": "close > 100"}', at => '2024-01-02 14:00Z');
    SELECT strategy.record_check('s', 1, 'checked', at => '2024-01-02 14:00Z');
    SELECT strategy.create_agent('a', 'main', 's', '{IBM}', at => '2024-01-02 14:00Z');
    SELECT strategy.set_agent_status('main', 'a', 'running', at => '2024-01-02 15:00Z');
    INSERT INTO market.feed_positions (feed, instrument_id, seq, ts, stored_at)
    SELECT 'wss://source', market.instrument_id('IBM'), 1, now() - interval '3 seconds', now() - interval '1 second';
    INSERT INTO ops.feed_cursors (portfolio_id, feed, position, sequence, at, is_finished)
    SELECT 1, 'live/' || market.instrument_id('IBM'), 1, 0, '2024-01-02 14:59:30Z', false;
    """

  @Test func aPortfolioIsShownWithWhatItDoes() async throws {
    try await TestDatabase.withSchema(Self.trading) { _, connection in
      let status = try await EngineStore(connection).status()
      let portfolio = try #require(status.portfolios.rows.first)
      #expect(portfolio.name == "main" && portfolio.equity == "1000.00" && portfolio.available == "955.00")
      #expect(portfolio.openOrders == 1 && portfolio.agents == 1 && portfolio.runningAgents == 1)
      // Of the last 30 days, at equal distances.
      #expect((20...25).contains(portfolio.trend.count) && portfolio.trend.allSatisfy { $0 == 1_000 })
      #expect(portfolio.sparkline == String(repeating: "▄", count: portfolio.trend.count))
      #expect(portfolio.lagSeconds == 30)
      let order = try #require(status.openOrders.rows.first)
      #expect(order.clientOrderID == "mine" && order.symbol == "US:IBM" && order.limitPrice == "9")
      #expect(order.submittedAt == "2024-01-02T15:00:00Z")
      let feed = try #require(status.feeds.rows.first)
      #expect(feed.name == "wss://source" && feed.symbols == 1 && feed.lagSeconds == 2 && feed.ticksPerSecond == 0)
      #expect(feed.ageSeconds ?? 0 >= 1)
      #expect(status.agents.rows.map(\.status) == ["running"])
    }
  }

  @Test func ofManyTheFirstAreReadAndAllAreCounted() async throws {
    try await TestDatabase.withSchema(
      Self.trading
        + "SELECT trading.create_portfolio(name => 'p' || n, capital => 1) FROM generate_series(1, 199) AS n;"
    ) { _, connection in
      let store = EngineStore(connection)
      let status = try await store.status(limit: 5)
      #expect(status.portfolios.rows.count == 5 && status.portfolios.total == 200)
      // What trades comes first.
      #expect(status.portfolios.rows[0].name == "main")
      #expect(try await store.status(checksInvariants: false).portfolios.rows.count == 200)
    }
  }

  @Test func whoBlocksWhomIsShown() async throws {
    try await TestDatabase.withSchema(Self.trading) { options, connection in
      let other = try await Connection.connect(options)
      let (blocker, waiter) = (await connection.backendPID, await other.backendPID)
      try await connection.transaction { _ in
        try await connection.script("LOCK TABLE risk.breaches IN ACCESS EXCLUSIVE MODE")
        async let waiting = other.query("SELECT FROM risk.breaches")
        let third = try await Connection.connect(options)
        try await eventually {
          try await EngineStore(third).status(checksInvariants: false).waits.rows.contains {
            $0.processID == Int(waiter) && $0.blockerID == Int(blocker) && $0.waitsFor == "risk.breaches"
          }
        }
        await third.close()
        other.cancelRunning()
        do {
          _ = try await waiting
          Issue.record("it did not wait")
        } catch is PostgresError {}
      }
      await other.close()
    }
  }
}
