import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// An instrument for each length of the built-in strategies, in a database and as plain arrays: real days, and made-up
/// minutes and ticks.
struct TruncationMarkets {
  struct Row {
    let candle: Candle
    let closedAt: Timestamp
    let clock: ClockView
  }

  struct Market {
    let symbol: String
    /// Candles of the strategies' length, in order.
    var own: [Row] = []
    /// Takes away what begins at $1 or later.
    let cut: String
  }

  /// Of each day, by where it begins, the longer candles that it is part of.
  typealias Calendar = [Timestamp: [RuleLength: (bucket: Timestamp, closesAt: Timestamp)]]

  private(set) var days = Market(
    symbol: "AAPL", cut: "DELETE FROM market.bars WHERE resolution = '1 day' AND ts >= $1")
  private(set) var minutes = Market(
    symbol: "MINUTES", cut: "DELETE FROM market.bars WHERE resolution = '1 minute' AND ts >= $1")
  private(set) var ticks = Market(symbol: "TICKS", cut: "DELETE FROM market.ticks WHERE ts >= $1")
  /// Days of what stands for every other instrument.
  private(set) var other: [Row] = []

  /// - Parameter others: symbols of instruments that strategies look at beside their own.
  init(_ connection: Connection, others: [String]) async throws {
    let symbols = Set(others + [days.symbol, minutes.symbol, ticks.symbol]).sorted()
    try await connection.query("SELECT market.ensure_instruments($1)", [.texts(symbols)])
    let sessions = try await Self.sessions(connection)
    (days.own, other) = try Self.readDays(sessions)
    try await Self.insert(days.own, days.symbol, "1 day", connection)
    for symbol in Set(others) { try await Self.insert(other, symbol, "1 day", connection) }
    // What comes later may be a split, too.
    try await connection.query("SELECT market.add_split($1, '2005-02-28', 2, 1)", [.text(days.symbol)])
    for symbol in Set(others) {
      try await connection.query("SELECT market.add_split($1, '2003-02-18', 2, 1)", [.text(symbol)])
    }
    var random = SeededGenerator(seed: 1)
    let made = try Self.makeMinutes(sessions, &random)
    minutes.own = made.fives
    try await Self.insert(made.minutes, minutes.symbol, "1 minute", connection)
    ticks.own = try Self.makeTicks(sessions, &random)
    try await insertTicks(connection)
  }

  func market(of timeframe: CandleLength) -> Market {
    if timeframe.days > 0 { return days }
    return timeframe.microseconds > 0 ? minutes : ticks
  }

  /// Takes the last part of everything away.
  /// - Returns: the candles that are left, by symbol.
  func truncate(to share: Double, _ connection: Connection) async throws -> [String: Int] {
    var lengths: [String: Int] = [:]
    for market in [days, minutes, ticks] {
      var count = Int(share * Double(market.own.count))
      while market.own[count].candle.bucket == market.own[count - 1].candle.bucket { count += 1 }
      try await connection.query(market.cut, [.timestamptz(market.own[count].candle.bucket.microseconds)])
      lengths[market.symbol] = count
    }
    return lengths
  }

  /// The days and longer candles that a program looks at beside its own.
  func calendar(of program: StrategyProgram, _ connection: Connection) async throws -> Calendar {
    var calendar: Calendar = [:]
    for length in program.series.compactMap(\.length) {
      let rows = try await connection.query(
        """
        SELECT d AT TIME ZONE x.time_zone, b.bucket, max(b.closes_at) OVER (PARTITION BY b.bucket)
          FROM market.instruments AS i JOIN market.exchanges AS x USING (exchange_id)
         CROSS JOIN generate_series(timestamp '2000-01-01', '2014-12-31', '1 day') AS d
         CROSS JOIN LATERAL (
           SELECT s.closes_at, market.any_bucket(s.opens_at, $2::text::interval, x.time_zone, x.day_starts, x.grid_starts)
             FROM market.session_bounds(x.exchange_id, d::date) AS s) AS b (closes_at, bucket)
         WHERE i.symbol = $1
        """, [.text(days.symbol), .text(length.interval)])
      for row in rows { calendar[try row[0].time, default: [:]][length] = (try row[1].time, try row[2].time) }
    }
    return calendar
  }

  // MARK: Making

  private struct Session {
    let begin: Timestamp
    let opensAt: Timestamp
    let closesAt: Timestamp
    let weekday: Int

    /// At a time of the day, in its session.
    func clock(at time: Timestamp) -> ClockView {
      ClockView(
        minuteOfDay: Double(time.microseconds(since: begin)) / 60_000_000, weekday: weekday,
        session: (opensAt, closesAt))
    }
  }

  /// Of New York, by day.
  private static func sessions(_ connection: Connection) async throws -> [String: Session] {
    let rows = try await connection.query(
      """
      SELECT d::date::text, d AT TIME ZONE x.time_zone, b.opens_at, b.closes_at, extract(isodow FROM d)::int
        FROM market.exchanges AS x
       CROSS JOIN generate_series(timestamp '2000-01-01', '2014-12-31', '1 day') AS d
       CROSS JOIN LATERAL market.session_bounds(x.exchange_id, d::date) AS b
       WHERE x.exchange_id = (SELECT i.exchange_id FROM market.instruments AS i ORDER BY i.instrument_id LIMIT 1)
      """)
    var sessions: [String: Session] = [:]
    for row in rows {
      sessions[try row[0].string] = Session(
        begin: try row[1].time, opensAt: try row[2].time, closesAt: try row[3].time, weekday: try row[4].int)
    }
    return sessions
  }

  /// AAPL, and MSFT as the other one.
  private static func readDays(_ sessions: [String: Session]) throws -> (own: [Row], other: [Row]) {
    var rows: [String: [Row]] = [:]
    for day in RealDay.all where day.ticker == "AAPL" || day.ticker == "MSFT" {
      let session = try #require(sessions[day.date], "no session on \(day.date)")
      rows[day.ticker, default: []].append(
        Row(
          candle: Candle(
            bucket: session.begin, open: day.open, high: day.high, low: day.low, close: day.close, volume: day.volume),
          closedAt: session.closesAt, clock: session.clock(at: session.closesAt)))
    }
    return (rows["AAPL"]!, rows["MSFT"]!)
  }

  /// Minutes of some sessions, a tenth of them without trades, and the candles of five minutes that they make.
  private static func makeMinutes(
    _ sessions: [String: Session], _ random: inout SeededGenerator
  ) throws -> (minutes: [Row], fives: [Row]) {
    var (minutes, fives): ([Row], [Row]) = ([], [])
    var price = 100.0
    for day in 7...25 {
      guard let session = sessions["2013-10-\(day < 10 ? "0" : "")\(day)"] else { continue }
      for number in 0..<390 as Range<Int64> where random.next() % 10 != 0 {
        let start = try session.opensAt.advanced(byMicroseconds: number * 60_000_000)
        let open = price
        price *= 1 + 0.003 * (random.uniform() - 0.5)
        let volume = (1_000 / (0.02 + random.uniform())).rounded()
        let candle = Candle(
          bucket: start, open: open, high: max(open, price) + 0.01 * random.uniform(),
          low: min(open, price) - 0.01 * random.uniform(), close: price, volume: volume)
        let end = try start.advanced(byMicroseconds: 60_000_000)
        minutes.append(Row(candle: candle, closedAt: end, clock: session.clock(at: end)))
        let bucket = try session.opensAt.advanced(byMicroseconds: number / 5 * 300_000_000)
        if let last = fives.last?.candle, last.bucket == bucket {
          let whole = Candle(
            bucket: bucket, open: last.open, high: max(last.high, candle.high), low: min(last.low, candle.low),
            close: price, volume: last.volume + volume)
          fives[fives.count - 1] = Row(candle: whole, closedAt: fives.last!.closedAt, clock: fives.last!.clock)
        } else {
          var part = candle
          part.bucket = bucket
          let close = try bucket.advanced(byMicroseconds: 300_000_000)
          fives.append(Row(candle: part, closedAt: close, clock: session.clock(at: close)))
        }
      }
    }
    return (minutes, fives)
  }

  /// Ticks that jump between a bid and an ask a cent apart, now and then farther, several of them at one time.
  private static func makeTicks(_ sessions: [String: Session], _ random: inout SeededGenerator) throws -> [Row] {
    let session = sessions["2013-10-07"]!
    var (time, middle) = (session.opensAt, 100.0)
    return try (0..<3_000).map { _ in
      if random.next() % 4 != 0 {
        time = try time.advanced(byMicroseconds: Int64(random.uniform() * 15_000_000))
      }
      middle += 0.005 * (random.uniform() - 0.5) + (random.next() % 60 == 0 ? 0.2 * (random.uniform() - 0.5) : 0)
      let price = middle + (random.next() % 2 == 0 ? 0.005 : -0.005)
      let size = (1 + 900 * random.uniform()).rounded()
      return Row(
        candle: Candle(bucket: time, open: price, high: price, low: price, close: price, volume: size),
        closedAt: time, clock: session.clock(at: time))
    }
  }

  private static func insert(
    _ rows: [Row], _ symbol: String, _ resolution: String, _ connection: Connection
  ) async throws {
    let values = rows.map(\.candle).map {
      "('\($0.bucket)'::timestamptz, \($0.open), \($0.high), \($0.low), \($0.close), \($0.volume))"
    }
    try await connection.script(
      """
      INSERT INTO market.bars (instrument_id, resolution, ts, open, high, low, close, volume)
      SELECT market.instrument_id('\(symbol)'), '\(resolution)', b.* FROM (VALUES \(values.joined(separator: ","))) AS b;
      """)
  }

  private func insertTicks(_ connection: Connection) async throws {
    let values = ticks.own.map(\.candle).enumerated().map {
      "('\($1.bucket)'::timestamptz, \($1.close), \($1.volume), \($0))"
    }
    try await connection.script(
      """
      SELECT market.ensure_tick_partitions('2013-10-07', '2013-10-08');
      INSERT INTO market.ticks (instrument_id, ts, price, size, seq)
      SELECT market.instrument_id('\(ticks.symbol)'), t.* FROM (VALUES \(values.joined(separator: ","))) AS t;
      """)
  }
}
