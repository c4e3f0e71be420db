import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// The same agents over the same market, with the books in the database and with those in memory.
@Suite(.needsServer, .serialized, .commonTimeLimit)
struct BooksSessionTests {
  private static let minute: Int64 = 60_000_000
  private static let day = 1_440 * minute

  private static func setup(_ timeframe: String, _ random: inout SeededGenerator) -> String {
    func strategy(_ name: String, _ parameters: String) -> String {
      """
      SELECT strategy.create_strategy('\(name)', 'custom', '\(timeframe)', '\(parameters)', at => '2013-01-01');

      """
    }
    func agent(_ name: String, _ portfolio: String, _ strategy: String, _ symbols: String) -> String {
      """
      SELECT strategy.create_agent('\(name)', '\(portfolio)', '\(strategy)', '\(symbols)', at => '2013-01-01');
      SELECT strategy.start_agent('\(portfolio)', '\(name)', at => '2013-01-01');

      """
    }
    let limits =
      random.chance(0.5) ? ["('portfolio', 2, 'position_share', 35)", "('portfolio', 2, 'daily_loss_share', 1.5)"] : []
    return """
      SELECT market.add_instrument('AAA', sector => 'tech');
      SELECT market.add_instrument('BBB', tick_size => 0.05);
      SELECT market.add_instrument('FFF', kind => 'future', tick_size => 0.25, multiplier => 5, expires_on => '2013-03-15', underlying => 'US:AAA', initial_margin => 0.1, maintenance_margin => 0.05);
      SELECT trading.create_portfolio(name => 'main', capital => 30000, fee_schedule => 'us_equity', slippage_bps => 3, at => '2013-01-01 15:00Z');
      SELECT trading.create_portfolio(name => 'margin', capital => 60000, account_type => 'margin', fee_schedule => 'free', participation_percent => 20, at => '2013-01-01 15:00Z');
      """ + "\n"
        + strategy(
          "ladder",
          #"{"entry": "close > sma(close, 3)", "exit": "close < sma(close, 8)", "sizing": {"method": "fixed_fractional", "risk_percent": 2}, "exits": [{"type": "atr_stop", "multiple": 2, "period": 3}, {"type": "take_profit", "at_r": 1, "portion_percent": 50}, {"type": "take_profit", "at_r": 2, "portion_percent": 30}, {"type": "break_even", "at_r": 1}]}"#
        )
        + strategy(
          "both",
          #"{"entry": "crosses_above(close, sma(close, 5))", "exit": "close < sma(close, 5)", "short_entry": "crosses_below(close, sma(close, 5))", "short_exit": "close > sma(close, 5)", "sizing": {"method": "fixed_value", "value": 15000}, "exits": [{"type": "percent_trailing", "percent": 3}]}"#
        )
        + strategy(
          "often",
          #"{"entry": "close > close[1]", "exit": "close < close[1]", "sizing": {"method": "fixed_quantity", "quantity": 40}, "exits": [{"type": "percent_stop", "percent": 1}]}"#
        )
        + "SELECT strategy.record_check(u.strategy, u.version, 'checked') FROM strategy.unchecked_versions AS u;\n"
        + agent("a", "main", "ladder", "{AAA,BBB}") + agent("b", "main", "often", "{BBB}")
        + agent("c", "margin", "both", "{AAA,BBB,FFF}") + agent("d", "margin", "ladder", "{AAA}")
          + """
          SELECT market.add_split('AAA', '2013-02-20', 3, 2);
          SELECT market.add_dividend('BBB', 0.4, '2013-02-14');
          INSERT INTO trading.borrow_rates (instrument_id, valid_from, percent) VALUES (market.instrument_id('AAA'), '2013-02-06', 12), (market.instrument_id('BBB'), '-infinity', 0.3);
          INSERT INTO risk.protections (scope, per, pause, kind, trades, set_at) VALUES ('system', 'instrument', '1 day', 'cooldown', 1, '2013-01-01');

          """
        + limits.map {
          """
          INSERT INTO risk.limits (scope, scope_id, metric, bound, set_at) SELECT s::risk.scope, i, m::risk.metric, b, '2013-01-01' FROM (VALUES \($0)) AS v (s, i, m, b);

          """
        }.joined()
  }

  /// Prices that wander, the same for both.
  private struct Market {
    var random: SeededGenerator
    var prices = [100.0, 60, 101]

    mutating func next(_ index: Int, by width: Double) -> Double {
      prices[index] = min(max(prices[index] * (1 + Double.random(in: -width...width, using: &random)), 20), 300)
      let tick = [0.01, 0.05, 0.25][index]
      return ((prices[index] / tick).rounded() * tick * 10_000).rounded() / 10_000
    }

    enum Event {
      case bars([BarEvent])
      case tick(Tick)
      case end

      func begin(_ session: inout TradingSession) {
        switch self {
        case .bars(let bars): session.begin(bars)
        case .tick(let tick): session.begin(tick)
        case .end: session.finish()
        }
      }
    }

    static func open(_ day: Int) throws -> Timestamp {
      let days = Int64(day + day / 5 * 2)
      // Clocks in New York change on 2013-03-10.
      return try Timestamp(days < 34 ? "2013-02-04T14:30:00Z" : "2013-02-04T13:30:00Z")
        .advanced(byMicroseconds: days * BooksSessionTests.day)
    }

    mutating func bars(_ day: Int) throws -> Event {
      let opensAt = try Self.open(day)
      return .bars(
        try (0..<3).map { index in
          let (open, close) = (next(index, by: 0.02), next(index, by: 0.02))
          return BarEvent(
            instrument: Int32(index + 1), opensAt: opensAt,
            closesAt: try opensAt.advanced(byMicroseconds: 390 * minute),
            bar: Bar(
              bucket: opensAt, open: open, high: max(open, close) * 1.01, low: min(open, close) * 0.99, close: close,
              volume: Double(Int.random(in: 0...3_000, using: &random))), isOfDays: true)
        })
    }

    /// A day's ticks, of which the last may be that of the close itself.
    mutating func ticks(_ day: Int) throws -> [Event] {
      let opensAt = try Self.open(day)
      return try (0...60).map { number in
        let index = Int.random(in: 0...2, using: &random)
        return .tick(
          Tick(
            instrument: Int32(index + 1),
            time: try opensAt.advanced(byMicroseconds: Int64(number) * 390 * minute / 60),
            price: next(index, by: 0.01), size: Double(Int.random(in: 1...2_000, using: &random)),
            sequence: Int64(number)))
      }
    }
  }

  @Test(arguments: seeds(UInt64(rounds(1, soak: 3)))) func overBars(_ seed: UInt64) async throws {
    try await compare(seed, "1 day", resolution: Self.day, days: 50)
  }

  @Test(arguments: seeds(UInt64(rounds(1, soak: 3)))) func overTicks(_ seed: UInt64) async throws {
    try await compare(seed, "30 minutes", resolution: nil, days: 12)
  }

  private static func compare(
    _ books: MemoryBooks, _ sql: inout SessionStore, _ terms: BooksTerms, _ connection: Connection, at day: Int
  ) async throws {
    // What waits for an answer is carried out with a question.
    let now = try Market.open(day)
    _ = try await sql.answers(to: [.hours(exchange: terms.calendars[0].exchange, from: now, until: now)], [])
    let differences = TwinDump.differences(
      TwinDump.memory(books, terms.instruments), try await TwinDump.sql(connection))
    try #require(differences.isEmpty, "before day \(day):\n\(differences.joined(separator: "\n"))")
  }

  private func compare(_ seed: UInt64, _ timeframe: String, resolution: Int64?, days: Int) async throws {
    var random = SeededGenerator(seed: seed)
    let script = Self.setup(timeframe, &random)
    try await TestDatabase.withSchema(script) { _, connection in
      let store = EngineStore(connection)
      let first = try Market.open(0)
      let terms = try await TwinMarket.terms(
        connection, from: "2013-01-01T00:00:00Z", until: "2013-07-01T00:00:00Z")
      let loader = SessionLoader(store: store, portfolios: [1, 2], barResolution: resolution)
      let instruments = try await loader.instruments()
      let loaded = try await loader.load(instruments: instruments, time: first, splitsAfter: first, past: nil).session
      let (agents, _) = try await loader.loadAgents(
        Dictionary(uniqueKeysWithValues: instruments.map { ($0.id, $0) }), [],
        WarmUp(store: store, barResolution: resolution, before: nil))
      let clocks = try await store.clocks(of: [1, 2])
      let (books, inMemory, inSQL) = try await connection.transaction { _ in
        var sql = SessionStore(
          store, portfolios: [1, 2], instruments: instruments, clocks: clocks, barResolution: resolution)
        var books = try MemoryBooks(terms)
        var inMemory = try books.session(agents: agents, time: first)
        var inSQL = loaded
        var market = Market(random: random)
        for day in 0...days {
          try await Self.compare(books, &sql, terms, connection, at: day)
          for event in try day == days ? [.end] : resolution == nil ? market.ticks(day) : [market.bars(day)] {
            event.begin(&inSQL)
            event.begin(&inMemory)
            try await sql.settle(&inSQL)
            try books.serve(&inMemory) { agent, _ in agent.memory.map { StrategyMemory($0.program) } }
          }
        }
        try await Self.compare(books, &sql, terms, connection, at: days)
        _ = try await sql.finish([])
        return (books, inMemory, inSQL)
      }
      for (mine, other) in zip(inMemory.states, inSQL.states) where mine.state != other.state {
        Issue.record("agent \(mine.agent) on \(mine.instrument) remembers something else")
      }
      let fills = books.portfolios.map(\.fills.count).reduce(0, +)
      #expect(fills > 40 && books.failures.isEmpty)
    }
  }
}

extension TradingSession {
  /// What each agent remembers.
  fileprivate var states: [(agent: Int32, instrument: Int32, state: [UInt8])] {
    var copy = self
    return copy.takeStates().map { ($0.agent, $0.instrument, $0.state) }
  }
}
