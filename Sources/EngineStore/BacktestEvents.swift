import LibPQ
import TradingCore

/// What backtests are fed with, as the database's cursors give it.
struct BacktestEvents {
  private let connection: Connection
  /// Events that go in at once.
  private static let chunk = 4_096

  init(_ connection: Connection) { self.connection = connection }

  /// Everything that a run with this specification reads, in its order.
  func forEachChunk(
    of specification: String, _ feed: Backtest.Feed, _ body: (BacktestChunk) throws -> Void
  ) async throws {
    switch feed {
    case .bars:
      var bars = CandleColumns()
      try await forEachRow(of: "research.backtest_bars", specification) { row in
        try bars.add(row, from: 1)
        if bars.instruments.count == Self.chunk {
          try body(.bars(bars))
          bars = CandleColumns()
        }
      }
      try body(.bars(bars))
    case .ticks:
      var past = CandleColumns()
      try await forEachRow(of: "research.backtest_past", specification) { row in
        past.series.append(try row[1].int32)
        try past.add(row, from: 2)
      }
      try body(.past(past))
      var ticks = TickColumns()
      try await forEachRow(of: "research.backtest_ticks", specification) { row in
        try ticks.add(row)
        if ticks.instruments.count == Self.chunk {
          try body(.ticks(ticks))
          ticks = TickColumns()
        }
      }
      try body(.ticks(ticks))
    }
  }

  /// All rows of the cursor that a function opens.
  private func forEachRow(of function: String, _ specification: String, _ body: (Row) throws -> Void) async throws {
    let cursor = try await connection.query("SELECT \(function)($1)::text", [.jsonb(specification)]).only()[0].string
    let fetch = "FETCH \(Self.chunk) FROM \(quotedIdentifier(cursor))"
    var count = Self.chunk
    while count == Self.chunk {
      count = try await connection.forEachRow(fetch, format: .binary) { row in
        try body(row)
        return .next
      }
    }
    _ = try await connection.query("CLOSE \(quotedIdentifier(cursor))")
  }
}

/// Events that go in together.
enum BacktestChunk: Sendable {
  case past(CandleColumns)
  case bars(CandleColumns)
  case ticks(TickColumns)

  var count: Int {
    switch self {
    case .past(let candles), .bars(let candles): candles.instruments.count
    case .ticks(let ticks): ticks.instruments.count
    }
  }

  /// Nil: there is none, or it is the past.
  var lastTime: Timestamp? {
    switch self {
    case .past: nil
    case .bars(let bars): bars.begins.last.map { Timestamp.clamping($0) }
    case .ticks(let ticks): ticks.times.last.map { Timestamp.clamping($0) }
    }
  }

  /// - Parameter begins: bars that open before are left out.
  func feed(_ backtest: inout Backtest, from begins: Int64 = .min) throws(BacktestError) {
    switch self {
    case .past(let past):
      try backtest.addPast(
        instruments: past.instruments.span, series: past.series.span, buckets: past.begins.span,
        closesAt: past.closes.span, open: past.open.span, high: past.high.span, low: past.low.span,
        close: past.close.span, volume: past.volumes.span)
    case .bars(let bars):
      let rows = (bars.begins.firstIndex { $0 >= begins } ?? bars.begins.endIndex)..<bars.begins.endIndex
      try backtest.addBars(
        instruments: bars.instruments.span.extracting(rows), opensAt: bars.begins.span.extracting(rows),
        closesAt: bars.closes.span.extracting(rows), open: bars.open.span.extracting(rows),
        high: bars.high.span.extracting(rows), low: bars.low.span.extracting(rows),
        close: bars.close.span.extracting(rows), volume: bars.volumes.span.extracting(rows))
    case .ticks(let ticks):
      try backtest.addTicks(
        instruments: ticks.instruments.span, times: ticks.times.span, prices: ticks.prices.span,
        sizes: ticks.sizes.span)
    }
  }
}

/// Columns of candles.
struct CandleColumns: Sendable {
  var instruments: [Int32] = []
  /// Of candles of the past.
  var series: [Int32] = []
  var begins: [Int64] = []
  var closes: [Int64] = []
  var open: [Double] = []
  var high: [Double] = []
  var low: [Double] = []
  var close: [Double] = []
  var volumes: [Double] = []

  /// - Parameter first: the column behind instrument and series.
  mutating func add(_ row: Row, from first: Int) throws {
    instruments.append(try row[0].int32)
    begins.append(try row[first].time.microseconds)
    closes.append(try row[first + 1].time.microseconds)
    open.append(try row[first + 2].double)
    high.append(try row[first + 3].double)
    low.append(try row[first + 4].double)
    close.append(try row[first + 5].double)
    volumes.append(try row[first + 6].double)
  }
}

/// Columns of ticks.
struct TickColumns: Sendable {
  var instruments: [Int32] = []
  var times: [Int64] = []
  var prices: [Double] = []
  var sizes: [Double] = []

  mutating func add(_ row: Row) throws {
    instruments.append(try row[0].int32)
    times.append(try row[1].time.microseconds)
    prices.append(try row[2].double)
    sizes.append(try row[3].ifPresent?.double ?? .nan)
  }
}
