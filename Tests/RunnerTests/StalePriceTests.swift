import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// What arrives late is stored and in candles, and fills no order; a replay of the same ticks is another matter.
@Suite(.needsServer, .commonTimeLimit)
struct StalePriceTests {
  private static let setup = """
    SELECT market.add_instrument('IBM');
    SELECT market.upsert_quotes('{1}', '{2013-10-07 14:30Z}', '{100}', '{1}');
    SELECT trading.create_portfolio(name => n, capital => 100000, at => '2013-10-01') FROM unnest('{live,past}'::text[]) AS n;
    SELECT trading.submit_order(n, 'IBM', 'buy', 1, time_in_force => 'gtc', client_order_id => 'first', at => '2013-10-07 14:30:01Z')
      FROM unnest('{live,past}'::text[]) AS n;
    CREATE FUNCTION tick(at text, price float8, received text, stored text) RETURNS void LANGUAGE sql AS $$
      INSERT INTO market.ticks (instrument_id, ts, price, size, received_at, stored_at)
      VALUES (1, timestamptz '2013-10-07Z' + at::interval, price, 1, timestamptz '2013-10-07Z' + received::interval, timestamptz '2013-10-07Z' + stored::interval)
    $$;
    """

  private func run(_ options: ConnectionOptions, _ portfolio: String, follows: Bool) -> Task<Void, any Error> {
    let runner = Runner(
      options: RunnerOptions(database: options, portfolios: [portfolio], name: portfolio, waitsForLease: true),
      feed: StoredTickFeed(
        options: options, follows: follows, from: follows ? nil : try? Timestamp("2013-10-07T14:30:01Z")),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return Task { try await runner.run() }
  }

  private func wait(_ connection: Connection, _ condition: String) async throws {
    try await eventually { try await connection.query("SELECT \(condition)").only()[0].bool }
  }

  private func fills(_ connection: Connection, _ portfolio: String) async throws -> [String] {
    try await connection.query(
      """
      SELECT o.client_order_id || ' ' || trim_scale(f.price) FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id)
       WHERE f.portfolio_id = trading.portfolio_id('\(portfolio)') ORDER BY f.fill_id
      """
    ).map { try $0[0].string }
  }

  @Test func ordersFillAtLivePricesOnly() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let live = run(options, "live", follows: true)
      try await wait(connection, "EXISTS (SELECT FROM ops.leases)")
      // Received late, stored late, in time.
      try await connection.script("SELECT tick('14:30:02', 90, '14:31:02.1', '14:31:02.2')")
      try await connection.script("SELECT tick('14:30:03', 91, '14:30:03.1', '14:32')")
      try await connection.script("SELECT tick('14:30:04', 101, '14:30:05', '14:31:04')")
      try await wait(connection, "EXISTS (SELECT FROM trading.fills)")
      #expect(try await fills(connection, "live") == ["first 101"])

      // An order of while the runner was away is not filled at what the market was before it.
      live.cancel()
      try? await live.value
      try await connection.script(
        """
        SELECT tick('14:35', 80, '14:35', '14:35');
        SELECT trading.submit_order('live', 'IBM', 'buy', 1, time_in_force => 'gtc', client_order_id => 'second', at => '2013-10-07 14:40Z');
        SELECT tick('14:40:01', 102, '14:40:02', '14:40:02');
        """)
      let again = run(options, "live", follows: true)
      try await wait(connection, "(SELECT count(*) = 2 FROM trading.fills)")
      #expect(try await fills(connection, "live") == ["first 101", "second 102"])
      again.cancel()
      try? await again.value
      let candles = try await connection.query(
        "SELECT sum(c.ticks)::bigint, min(c.low) FROM market.candles('IBM', '1 minute') AS c"
      ).only()
      #expect(try candles[0].int == 5 && candles[1].double == 80)

      try await run(options, "past", follows: false).value
      #expect(try await fills(connection, "past") == ["first 90"])
    }
  }
}
