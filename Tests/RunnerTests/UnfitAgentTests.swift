import LibPQ
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import EngineStore
@testable import Runner

/// An agent that cannot run goes out of service with the reason, alone: the other one of its portfolio and everybody else
/// go on.
@Suite(.needsServer, .commonTimeLimit)
struct UnfitAgentTests {
  private static let good = #"{"fast":1,"slow":2,"atr":1,"atr_multiple":2,"risk_percent":1}"#

  /// Two portfolios with an agent each, "good" and "other", on bars that fall once and then rise.
  private static let setup = """
    SELECT market.ensure_instruments('{AAA,BBB}');
    INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
    SELECT i, '1 day', (date '2013-01-06' + d)::timestamp AT TIME ZONE 'America/New_York', c, c + 1, c - 1, c, 100
      FROM (SELECT d, i, (ARRAY[10, 8, 12, 13, 14])[d] AS c FROM generate_series(1, 5) AS d, generate_series(1, 2) AS i) AS b;
    SELECT trading.create_portfolio(name => n, capital => 100000, at => '2013-01-01') FROM unnest('{main,beside}'::text[]) AS n;
    SELECT strategy.create_strategy('good', 'trend', '1 day', '\(good)', at => '2013-01-01');
    SELECT strategy.create_strategy('swing', 'swing', '1 day', '{"entry": "close > no_such_word"}', at => '2013-01-01');
    SELECT strategy.create_strategy('lost', 'custom', '1 day', '{"entry": "close > ''XYZ''.close"}', at => '2013-01-01');
    SELECT strategy.create_strategy('nonsense', 'trend', '1 day', '{"fast": 60, "slow": 50}', at => '2013-01-01');
    SELECT strategy.create_strategy('crooked', 'trend', '36 hours', '\(good)', at => '2013-01-01');
    SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;
    SELECT strategy.create_agent('good', 'main', 'good', '{AAA}', at => '2013-01-01'),
           strategy.create_agent('other', 'beside', 'good', '{AAA}', at => '2013-01-01'),
           strategy.start_agent('main', 'good', at => '2013-01-01'), strategy.start_agent('beside', 'other', at => '2013-01-01');
    """

  static func bad(_ strategy: String, _ more: String = "") -> String {
    """
    SELECT strategy.create_agent('bad', 'main', '\(strategy)', '{AAA,BBB}', at => '2013-01-01'),
           strategy.start_agent('main', 'bad', at => '2013-01-01');
    \(more);
    """
  }

  private func runner(_ options: ConnectionOptions, live: Bool) -> Runner {
    Runner(
      options: RunnerOptions(database: options),
      feed: live
        ? StoredTickFeed(options: options, follows: true)
        : BarFeed(options: options, resolution: 86_400_000_000, from: nil, until: nil),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func agents(_ connection: Connection) async throws -> [String] {
    try await connection.query("SELECT a.name || ' ' || a.status FROM strategy.agents AS a ORDER BY a.name")
      .map { try $0[0].string }
  }

  @Test(arguments: [
    ("rules", bad("swing")),
    ("an instrument that there is not", bad("lost")),
    ("parameters", bad("nonsense")),
    ("memory", bad("good", "UPDATE strategy.agent_instruments SET state = '\\x7ff8000000000000' WHERE agent_id = 3")),
    (
      "cut memory",
      bad("good", "UPDATE strategy.agent_instruments SET state = '\\x0400000000000000' WHERE agent_id = 3")
    ),
    (
      "one of two memories",
      bad("good", "UPDATE strategy.agent_instruments SET state = '' WHERE agent_id = 3 AND instrument_id = 2")
    ),
    ("instruments", bad("good", "DELETE FROM strategy.agent_instruments WHERE agent_id = 3")),
    ("instrument", bad("good", "UPDATE market.instruments SET is_active = false WHERE symbol = 'BBB'")),
  ])
  func theOthersGoOn(what: String, script: String) async throws {
    try await TestDatabase.withSchema(Self.setup + script) { options, connection in
      try await runner(options, live: false).run()
      #expect(try await agents(connection) == ["bad error", "good running", "other running"])
      let row = try await connection.query(
        """
        SELECT a.error <> '', e.payload->>'error' = a.error,
               (SELECT count(DISTINCT o.portfolio_id) FROM trading.orders AS o), (SELECT count(*) FROM trading.orders WHERE agent_id = 3)
          FROM strategy.agents AS a JOIN ops.events AS e ON e.kind = 'agent.error' AND e.portfolio_id = a.portfolio_id
         WHERE a.name = 'bad'
        """
      ).only()
      #expect(try [row[0].bool, row[1].bool] == [true, true])
      #expect(try row[2].int == 2)
      #expect(try row[3].int == 0)
      let status = try await EngineStore(connection).status()
      #expect(status.agents.rows.first?.agent == "bad" && status.agents.rows.first?.status == "error")
      #expect(
        status.agents.rows.first?.error
          == (try await connection.query("SELECT error FROM strategy.agents WHERE name = 'bad'").only()[0].string))
    }
  }

  /// There are no fees to reckon with: found out in the middle of a batch, at the first candle of each instrument.
  @Test func anAgentThatFailsInABatchFailsAsAWhole() async throws {
    try await TestDatabase.withSchema(
      Self.setup + """
        INSERT INTO trading.fee_schedules (name, valid_from, per_order) VALUES ('later', '2014-01-01', 1);
        SELECT trading.create_portfolio(name => 'dated', capital => 1000, fee_schedule => 'later', at => '2013-01-01');
        SELECT strategy.create_agent('bad', 'dated', 'good', '{AAA,BBB}', at => '2013-01-01'),
               strategy.start_agent('dated', 'bad', at => '2013-01-01');
        """
    ) { options, connection in
      try await runner(options, live: false).run()
      #expect(try await agents(connection) == ["bad error", "good running", "other running"])
      // One event, however many instruments.
      #expect(
        try await connection.query("SELECT count(*) FROM ops.events WHERE kind = 'agent.error'").only()[0].int == 1)
    }
  }

  @Test func aRunningServiceLosesOnlyTheAgentThatCannotRun() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      let runner = runner(options, live: true)
      try await RunningService.run(runner) {
        try await eventually(connection, "SELECT EXISTS (SELECT FROM ops.leases)")
        // Started while it runs.
        try await connection.script(Self.bad("crooked"))
        try await eventually(connection, "SELECT a.status = 'error' FROM strategy.agents AS a WHERE a.name = 'bad'")
        #expect(try await agents(connection) == ["bad error", "good running", "other running"])
        // Mended by hand, and broken again: the memory of another one.
        try await connection.script(
          """
          SELECT strategy.stop_agent('main', 'bad', at => '2013-01-10');
          UPDATE strategy.agent_instruments SET state = '\\x01' WHERE agent_id = 1;
          SELECT strategy.pause_agent('main', 'good', at => '2013-01-10');
          """)
        try await eventually(connection, "SELECT a.status = 'error' FROM strategy.agents AS a WHERE a.name = 'good'")
        // The service still works what people want.
        try await connection.script(
          """
          SELECT market.upsert_quotes('{1}', '{2013-01-11 21:00Z}', '{10}', '{1}');
          SELECT trading.submit_order('beside', 'AAA', 'buy', 1, time_in_force => 'gtc', at => '2013-01-14 15:00Z');
          INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (1, '2013-01-14 15:00:01Z', 0, 10, 100);
          """)
        try await eventually(connection, "SELECT EXISTS (SELECT FROM trading.fills)")
      }
      #expect(try await agents(connection) == ["bad stopped", "good error", "other running"])
      #expect(runner.figures.reconnects == 0)
    }
  }
}
