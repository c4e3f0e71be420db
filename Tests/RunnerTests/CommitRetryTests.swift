import LibPQ
import Logging
import TestSupport
import Testing

@testable import EngineStore
@testable import Runner

/// Batches that collide with other transactions.
@Suite(.needsServer, .commonTimeLimit)
struct CommitRetryTests {
  /// A portfolio with an order on an instrument with five days of bars. Prices that are stored collide as long as the
  /// sequence, which no rollback takes back, is below `collisions`.
  private static func setup(collisions: Int) -> String {
    """
    SELECT market.add_instrument(symbol => 'AAA');
    INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
    SELECT 1, '1 day', (date '2013-01-06' + d)::timestamp AT TIME ZONE 'America/New_York', 10, 11, 9, 10, 100 FROM generate_series(1, 5) AS d;
    SELECT market.upsert_quotes('{1}', '{2013-01-04 21:00Z}', '{10}', '{NULL}');
    SELECT trading.create_portfolio(name => 'main', capital => 1000, at => '2013-01-01');
    SELECT trading.submit_order('main', 'AAA', 'buy', 1, time_in_force => 'gtc', at => '2013-01-04 21:00Z');
    CREATE SEQUENCE collisions;
    CREATE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
      IF nextval('public.collisions') <= \(collisions) THEN RAISE SQLSTATE '40001'; END IF;
      RETURN NEW;
    END $$;
    CREATE TRIGGER collide BEFORE INSERT OR UPDATE ON market.quotes FOR EACH ROW EXECUTE FUNCTION collide();
    """
  }

  private func runner(_ options: ConnectionOptions, attempts: Int) -> Runner {
    Runner(
      options: RunnerOptions(
        database: options,
        commitRetry: RetryPolicy(
          maximumAttempts: attempts, firstDelay: .milliseconds(1), maximumDelay: .milliseconds(2))),
      feed: BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  @Test func aBatchThatCollidesIsTriedAgain() async throws {
    try await TestDatabase.withSchema(Self.setup(collisions: 2)) { options, connection in
      let runner = runner(options, attempts: 3)
      try await runner.run()
      #expect(runner.figures.end == .finished)
      #expect(try await connection.query("SELECT count(*) FROM trading.fills").only()[0].string == "1")
    }
  }

  @Test func aBatchThatCollidesTooOftenEndsTheRunnerAndLeavesNothing() async throws {
    try await TestDatabase.withSchema(Self.setup(collisions: 1_000)) { options, connection in
      let error = await #expect(throws: BatchLoop.BatchFailure.self) { try await runner(options, attempts: 4).run() }
      #expect(error?.attempts == 4)
      #expect(error?.cause.sqlState == .serializationFailure)
      #expect(try await connection.query("SELECT count(*) FROM trading.fills").only()[0].string == "0")
      #expect(try await connection.query("SELECT last_value FROM collisions").only()[0].string == "4")
      // Nobody has the portfolio any more.
      try await connection.script("DROP TRIGGER collide ON market.quotes")
      try await runner(options, attempts: 1).run()
      #expect(try await connection.query("SELECT count(*) FROM trading.fills").only()[0].string == "1")
    }
  }
}
