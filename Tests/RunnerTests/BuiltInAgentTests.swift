import LibPQ
import Logging
import TestSupport
import Testing
import TradingCore

@testable import EngineStore
@testable import Runner

/// Agents of the strategies of `sql/reference` that look at days, on real ones: what they did up to a day is the same
/// whether or not later days, and a split among them, exist. Days before the first are their past.
@Suite(.needsServer, .commonTimeLimit)
struct BuiltInAgentTests {
  private static let symbols = ["AAPL", "IBM", "MSFT"]
  private static let (first, last) = ("2004-07-01", "2005-08-31")
  private static let splits = [("AAPL", "2000-06-21"), ("MSFT", "2003-02-18"), ("AAPL", "2005-02-28")]

  /// Each strategy on a portfolio of its own and all symbols, but a pair on one.
  private static let agents = """
    SELECT trading.create_portfolio(name => s.name, capital => 1000000, account_type => 'margin', at => '2004-06-01'),
           strategy.create_agent(s.name, s.name, s.name,
             CASE WHEN v.parameters ? 'legs' THEN '{MSFT}' ELSE '{AAPL,IBM,MSFT}' END::text[],
             params => CASE WHEN v.parameters ? 'legs' THEN '{"other": "IBM"}' ELSE '{}' END::jsonb, at => '2004-06-01'),
           strategy.start_agent(s.name, s.name, at => '2004-06-01')
      FROM strategy.strategies AS s JOIN strategy.strategy_versions AS v USING (strategy_id)
     WHERE v.timeframe = '1 day' ORDER BY s.name;
    """

  /// What a replay leaves: signals in the order of time, and what agents remember.
  private struct Outcome {
    let signals: [String]
    let memories: [String]
  }

  /// Replays what comes before `end` from a database whose last day is `last`.
  private func replay(_ last: String, before end: String? = nil) async throws -> Outcome {
    let days = RealDay.all.filter { Self.symbols.contains($0.ticker) && $0.date <= last }.map {
      "('\($0.ticker)', '\($0.date)'::timestamp, \($0.open), \($0.high), \($0.low), \($0.close), \($0.volume))"
    }
    let splits = Self.splits.filter { $0.1 <= last }.map { "SELECT market.add_split('\($0.0)', '\($0.1)', 2, 1);" }
    return try await TestDatabase.withSchema(
      """
      SELECT market.ensure_instruments('{\(Self.symbols.joined(separator: ","))}');
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT market.instrument_id(b.symbol), '1 day', b.day AT TIME ZONE 'America/New_York', b.o, b.h, b.l, b.c, b.v
        FROM (VALUES \(days.joined(separator: ","))) AS b (symbol, day, o, h, l, c, v);
      """ + splits.joined()
    ) { options, connection in
      let runner = Runner(
        options: RunnerOptions(database: options),
        feed: BarFeed(
          options: options, resolution: 86_400_000_000, from: try Timestamp("\(Self.first)T00:00:00Z"),
          until: try end.map { try Timestamp("\($0)T00:00:00Z") }),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
      try await runner.checkVersions(connection)
      try await connection.script(Self.agents)
      try await runner.run()
      func texts(_ query: String) async throws -> [String] {
        try await connection.query(query).map { try $0[0].string }
      }
      return Outcome(
        signals: try await texts(
          """
          SELECT (s.at AT TIME ZONE 'UTC')::date || ' ' || a.name || ' ' || (to_jsonb(s) - 'recorded_at')::text
            FROM strategy.signals AS s JOIN strategy.agents AS a USING (portfolio_id, agent_id)
           ORDER BY s.at, a.name, s.instrument_id, s.signal_no
          """),
        memories: try await texts(
          """
          SELECT a.name || ' ' || to_jsonb(i)::text
            FROM strategy.agent_instruments AS i JOIN strategy.agents AS a USING (portfolio_id, agent_id)
           ORDER BY a.name, i.instrument_id
          """))
    }
  }

  @Test func signalsDoNotDependOnDaysThatFollow() async throws {
    let all = try await replay(Self.last).signals
    let names = Set(all.map { $0.split(separator: " ")[1] })
    #expect(names.count == 5, "\(names) alone have signals")
    let last = "2005-02-24"
    expectEqual(try await replay(last).signals, all.prefix { $0 < last + "~" })
  }

  /// Of the past that an agent is shown first, too: a week has begun, and a split is known ahead.
  @Test(arguments: [("2004-07-01", "2004-07-02"), ("2004-07-07", "2004-07-08")])
  func memoriesDoNotDependOnDaysThatFollow(last: String, end: String) async throws {
    let (found, expected) = (try await replay(Self.last, before: end), try await replay(last))
    expectEqual(found.memories, expected.memories)
    expectEqual(found.signals, expected.signals)
    #expect(found.memories.count == 14)
  }
}
