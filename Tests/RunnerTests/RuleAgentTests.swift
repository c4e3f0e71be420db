import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// Agents of rules in replays and in the service: short, with a ladder, on longer candles, on another instrument, on every
/// tick, and a pair.
@Suite(.needsServer, .commonTimeLimit)
struct RuleAgentTests {
  private static let strategies = """
    SELECT strategy.create_strategy(s.name, 'custom', s.timeframe::interval, s.parameters::jsonb, at => '2013-10-01')
      FROM (VALUES
        ('short', '20 seconds', '{"short_entry": "crosses_below(ema(close, 2), ema(close, 4))",
          "short_exit": "crosses_above(ema(close, 2), ema(close, 4))", "exits": [{"type": "percent_trailing", "percent": 2}]}'),
        ('ladder', '20 seconds', '{"entry": "close > highest(high, 5)[1]", "sizing": {"method": "fixed_quantity", "quantity": 100},
          "exits": [{"type": "atr_stop", "multiple": 2, "period": 5}, {"type": "take_profit", "percent": 1, "portion_percent": 40},
                    {"type": "take_profit", "percent": 2, "portion_percent": 60}]}'),
        ('longer', '20 seconds', '{"entry": "close > ema(close, 3)@1m and session_minutes > 5", "exit": "close < ema(close, 3)@1m",
          "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
        ('other', '20 seconds', '{"entry": "''BBB''.close > ''BBB''.close[2] and sma(''BBB''.close, 3) > $least", "exit": "''BBB''.close < ''BBB''.close[1]",
          "sizing": {"method": "fixed_quantity", "quantity": 10}, "params": {"least": 1}}'),
        ('every', '0', '{"entry": "close > close[3]", "exits": [{"type": "time_stop", "seconds": 30}],
          "sizing": {"method": "fixed_quantity", "quantity": 10}}'),
        ('pair', '20 seconds', '{"entry": "zscore(close / ''BBB''.close, 8) < -1", "exit": "zscore(close / ''BBB''.close, 8) > 0",
          "sizing": {"method": "fixed_quantity", "quantity": 10}, "legs": [{"symbol": "BBB", "ratio": "-close / ''BBB''.close"}]}'))
        AS s (name, timeframe, parameters);
    """

  private static let setup =
    """
    SELECT market.ensure_instruments('{AAA,BBB,CCC}');
    SELECT market.upsert_quotes('{1,2,3}', array_fill(timestamptz '2013-10-07 13:30Z', '{3}'), '{50,50,50}', '{1,1,1}');
    SELECT trading.create_portfolio(name => n, capital => 1000000, account_type => 'margin', at => '2013-10-01')
      FROM unnest('{main,short,ladder,longer,other,every,pair}'::text[]) AS n;
    """ + strategies

  private static let start = """
    SELECT strategy.create_agent(a.name, a.name, a.name, ARRAY[a.symbol], at => '2013-10-01'),
           strategy.start_agent(a.name, a.name, at => '2013-10-01')
      FROM (VALUES ('short', 'AAA'), ('ladder', 'AAA'), ('longer', 'BBB'), ('other', 'AAA'), ('every', 'CCC'), ('pair', 'CCC')) AS a (name, symbol);
    """

  /// Ticks `range` of the instruments, 5 seconds apart, whose prices go up and down; from number 300 on of another day.
  private static func ticks(_ range: Range<Int>) -> String {
    """
    INSERT INTO market.ticks (instrument_id, ts, seq, price, size)
    SELECT i, timestamptz '2013-10-07 14:00Z' + n * interval '5 s' + i * interval '1 s' + (n / 300) * interval '23 hours', 0,
           round((50 + 4 * sin(n / 7.0 + i) + sin(n * 1.3 * i))::numeric, 2) / CASE WHEN i = 2 AND n >= 300 THEN 2 ELSE 1 END, 1000
      FROM generate_series(\(range.lowerBound), \(range.upperBound - 1)) AS n, generate_series(1, 3) AS i;
    """
  }

  private static let split = "SELECT market.add_split('BBB', '2013-10-08', 2, 1);"

  private func runner(_ options: ConnectionOptions, live: Bool, batch: Int = 10_000) -> Runner {
    Runner(
      options: RunnerOptions(database: options, batchSize: batch),
      feed: StoredTickFeed(options: options, follows: live),
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  private func text(_ connection: Connection, _ query: String) async throws -> String {
    try await connection.query(query).only()[0].ifPresent?.string ?? "-"
  }

  private func isTrue(_ connection: Connection, _ query: String) async throws -> Bool {
    try await connection.query(query).only()[0].bool
  }

  /// The instrument has been followed up to number `n`.
  private func hasSeen(_ connection: Connection, _ n: Int) async throws {
    try await eventually(
      connection,
      """
      SELECT bool_and(timestamptz '2000-01-01Z' + c.position * interval '1 microsecond'
                      >= timestamptz '2013-10-07 14:00Z' + \(n) * interval '5 s' + (\(n) / 300) * interval '23 hours')
             AND count(*) >= 3
        FROM ops.feed_cursors AS c WHERE c.feed LIKE 'live/%'
      """)
  }

  /// Signals, orders, fills and memories.
  private func rows(_ connection: Connection) async throws -> [String] {
    try await connection.query(
      """
      SELECT 'signal ' || (to_jsonb(s) - 'recorded_at')::text FROM strategy.signals AS s
      UNION ALL SELECT 'order ' || (to_jsonb(o) - 'created_at')::text FROM trading.orders AS o
      UNION ALL SELECT 'fill ' || (to_jsonb(f) - 'recorded_at')::text FROM trading.fills AS f
      UNION ALL SELECT 'memory ' || to_jsonb(m)::text FROM strategy.agent_instruments AS m
      UNION ALL SELECT 'agent ' || a.name || ' ' || a.status FROM strategy.agents AS a
      ORDER BY 1
      """
    ).map { try $0[0].string }
  }

  @Test func batchesOfAnySizeGiveTheSameRows() async throws {
    var expected: [String] = []
    for batch in [100_000, 1, 50] {
      try await TestDatabase.withSchema(Self.setup) { options, connection in
        // Whatever runs looks for versions that nobody has checked.
        let runner = runner(options, live: false, batch: batch)
        try await runner.checkVersions(connection)
        #expect(try await text(connection, "SELECT count(*) FROM strategy.unchecked_versions") == "0")
        try await connection.script(Self.start + Self.ticks(0..<500) + Self.split)
        try await runner.run()
        let found = try await rows(connection)
        if expected.isEmpty { expected = found }
        expectEqual(found, expected, "batches of \(batch)")
        #expect(try await isTrue(connection, "SELECT bool_and(status = 'running') FROM strategy.agents"))
        let acting =
          "SELECT count(DISTINCT o.agent_id) = 6 AND count(DISTINCT o.instrument_id) = 3 FROM trading.fills AS f JOIN trading.orders AS o USING (portfolio_id, order_id)"
        #expect(try await isTrue(connection, acting))
        #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
        let names =
          "SELECT bool_and(operands ? '''BBB''.close' OR a.name <> 'other') FROM strategy.signals JOIN strategy.agents AS a USING (portfolio_id, agent_id)"
        #expect(try await isTrue(connection, names))
      }
    }
    #expect(expected.count { $0.hasPrefix("signal") } > 100)
  }

  @Test func aServiceThatIsStartedAgainGoesOnAsIfItHadRun() async throws {
    var expected: [String] = []
    for stops in [[], [37, 170, 299, 310]] {
      try await TestDatabase.withSchema(Self.setup + Self.split) { options, connection in
        try await runner(options, live: true).checkVersions(connection)
        try await connection.script(Self.start)
        var from = 0
        for stop in stops + [400] {
          try await RunningService.run(runner(options, live: true)) {
            try await eventually(connection, "SELECT count(*) >= 3 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
            try await connection.script(Self.ticks(from..<stop))
            try await hasSeen(connection, stop - 1)
          }
          from = stop
        }
        let found = try await rows(connection)
        if expected.isEmpty { expected = found }
        expectEqual(found, expected)
      }
    }
    #expect(expected.count { $0.hasPrefix("signal") } > 80)
  }

  @Test func theServiceHearsOfOutsideSignalsPredictionsPausesAndStops() async throws {
    let more = """
      SELECT strategy.create_strategy('guided', 'custom', '20 seconds', '{"entry": "prediction(''net'', 1h) > 0.5", "sizing": {"method": "fixed_quantity", "quantity": 10},
        "exits": [{"type": "percent_stop", "percent": 20}]}', at => '2013-10-01');
      SELECT strategy.create_strategy('outside', 'custom', '20 seconds', '{"sizing": {"method": "fixed_quantity", "quantity": 5},
        "exits": [{"type": "percent_stop", "percent": 20}]}', at => '2013-10-01');
      """
    try await TestDatabase.withSchema(Self.setup + more) { options, connection in
      try await RunningService.run(runner(options, live: true)) {
        // The running service checks what is created meanwhile.
        try await eventually(connection, "SELECT count(*) = 0 FROM strategy.unchecked_versions")
        try await connection.script(
          """
          SELECT strategy.create_agent(n, 'main', n, '{AAA}', kind => k::strategy.agent_kind, at => '2013-10-01'), strategy.start_agent('main', n, at => '2013-10-01')
            FROM (VALUES ('guided', 'hybrid'), ('outside', 'ai_powered')) AS w (n, k);
          """)
        try await eventually(connection, "SELECT count(*) >= 1 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
        func show(_ range: Range<Int>) async throws {
          try await connection.script(Self.ticks(range))
          try await eventually(
            connection,
            """
            SELECT timestamptz '2000-01-01Z' + c.position * interval '1 microsecond' >= timestamptz '2013-10-07 14:00:01Z' + \(range.upperBound - 1) * interval '5 s'
              FROM ops.feed_cursors AS c WHERE c.feed = 'live/1'
            """)
        }
        try await show(0..<20)
        #expect(try await text(connection, "SELECT count(*) FROM strategy.signals") == "0")
        try await connection.script(
          """
          SELECT research.record_prediction('net', 'AAA', '2013-10-07 14:01:30Z', 0.9);
          SELECT strategy.record_signal('outside', 'AAA', 'buy', at => '2013-10-07 14:01:40Z', key => 'one');
          """)
        try await show(20..<30)
        let bought =
          "SELECT string_agg(a.name || ' ' || s.action || ' ' || coalesce(s.code, '-'), ', ' ORDER BY a.name) FROM strategy.signals AS s JOIN strategy.agents AS a USING (portfolio_id, agent_id)"
        #expect(try await text(connection, bought) == "guided buy -, outside buy -")
        #expect(
          try await isTrue(
            connection, "SELECT signal_no = 1 AND handled_at = '2013-10-07 14:01:41Z' FROM strategy.external_signals"))
        #expect(try await text(connection, "SELECT sum(quantity) FROM trading.positions") == "15.00000000")
        // Paused: nothing is opened, what protects stays.
        try await connection.script(
          "SELECT strategy.pause_agent('main', 'guided', at => '2013-10-07 14:02:30Z'), strategy.stop_agent('main', 'outside', flatten => true, at => '2013-10-07 14:02:30Z')"
        )
        try await show(30..<40)
        #expect(try await text(connection, "SELECT sum(quantity) FROM trading.positions") == "10.00000000")
        #expect(try await text(connection, "SELECT count(*) FROM trading.open_orders") == "1")
        // Stopped out while it is paused, and in again when it goes on.
        try await connection.script(
          "INSERT INTO market.ticks (instrument_id, ts, seq, price, size) VALUES (1, '2013-10-07 14:03:21Z', 0, 30, 1000)"
        )
        try await eventually(connection, "SELECT sum(quantity) = 0 FROM trading.positions")
        try await show(41..<60)
        #expect(try await text(connection, "SELECT count(*) FROM strategy.signals WHERE action = 'buy'") == "2")
        try await connection.script("SELECT strategy.resume_agent('main', 'guided', at => '2013-10-07 14:05:30Z')")
        try await show(60..<70)
        #expect(try await text(connection, "SELECT count(*) FROM strategy.signals WHERE action = 'buy'") == "3")
        #expect(try await connection.query("SELECT * FROM ops.check_invariants()").isEmpty)
      }
    }
  }

  @Test func rulesOfAnotherReleaseAreWarmedUpAnewAndNothingElseChanges() async throws {
    try await TestDatabase.withSchema(Self.setup) { options, connection in
      try await runner(options, live: true).checkVersions(connection)
      try await connection.script(
        "SELECT strategy.create_agent('other', 'main', 'other', '{AAA}', at => '2013-10-01'), strategy.start_agent('main', 'other', at => '2013-10-01')"
      )
      try await RunningService.run(runner(options, live: true)) {
        try await eventually(connection, "SELECT count(*) >= 2 FROM ops.feed_cursors WHERE feed LIKE 'live/%'")
        try await connection.script(Self.ticks(0..<100))
        try await eventually(connection, "SELECT count(*) > 3 FROM strategy.signals")
      }
      let signals = try await text(connection, "SELECT max(signal_no) FROM strategy.signals")
      // Another value of a parameter is another program.
      try await connection.script("UPDATE strategy.agents SET params = '{\"least\": 2}'")
      try await RunningService.run(runner(options, live: true)) {
        try await connection.script(Self.ticks(100..<200))
        try await eventually(connection, "SELECT max(signal_no) > \(signals) + 1 FROM strategy.signals")
      }
      #expect(
        try await text(
          connection, "SELECT string_agg(payload ->> 'agent', ',') FROM ops.events WHERE kind = 'agent.warmed_up'")
          == "other")
      #expect(try await isTrue(connection, "SELECT count(*) = max(signal_no) FROM strategy.signals"))
      #expect(try await isTrue(connection, "SELECT bool_and(status = 'running') FROM strategy.agents"))
    }
  }
}
