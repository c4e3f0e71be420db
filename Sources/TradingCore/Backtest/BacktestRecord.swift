/// What is kept of a run beside its books: the worth of each day and of each moment, and the trades.
struct BacktestRecord: Sendable {
  struct Day: Sendable {
    /// Since 2000-01-01.
    let day: Int64
    /// The last event.
    let at: Timestamp
    let equity: Money
    /// Collateral included.
    let cash: Money
  }

  /// So many points of the curve are kept.
  static let longestCurve = 20_000

  /// The past is over.
  var isActive = false
  private(set) var days: [Day] = []
  private(set) var curve: [(at: Timestamp, equity: Money)] = []
  private(set) var events: Int64 = 0
  private(set) var fingerprint: UInt64 = 0xcbf2_9ce4_8422_2325
  var trades: BacktestTrades
  /// Whose trading days are counted.
  private let calendar: ExchangeCalendar
  /// The trading day of the latest event, and when the next one begins.
  private var day: Int64?
  private var dayEnd = Timestamp.earliest
  /// The latest event that counted.
  private var last: Timestamp?
  /// Every so manieth point of the curve is kept.
  private var stride = 1
  private var points = 0

  init(_ specification: BacktestSpecification) {
    let first = specification.terms.instruments.first { $0.terms.id == specification.agent.instruments.first }
    let exchange = first?.terms.feeGroup.exchange
    calendar =
      specification.terms.calendars.first { $0.exchange == exchange } ?? ExchangeCalendar(exchange: exchange ?? 0)
    trades = BacktestTrades(specification.terms)
  }

  // MARK: Days

  /// Called before an event: the day that is over is valued.
  mutating func pass(
    to time: Timestamp, _ session: inout TradingSession, _ books: inout MemoryBooks
  ) throws(BacktestError) {
    guard isActive else { return }
    events += 1
    if time >= dayEnd {
      try value(&session, &books)
      day = calendar.day(at: time)
      dayEnd = calendar.nextStart(after: time)
    }
    last = time
  }

  private mutating func value(_ session: inout TradingSession, _ books: inout MemoryBooks) throws(BacktestError) {
    guard let day, let last else { return }
    for price in session.takePrices() { books.market.observe(price.instrument, price.price, at: price.time) }
    do throws(ArithmeticError) {
      let portfolio = books.portfolios[0]
      days.append(
        Day(
          day: day, at: last, equity: try portfolio.performance(books.market).equity,
          cash: try portfolio.cash + portfolio.margin))
    } catch {
      throw BacktestError(BooksError(error), at: last)
    }
  }

  /// The feed is at its end.
  mutating func end(_ session: inout TradingSession, _ books: inout MemoryBooks) throws(BacktestError) {
    try value(&session, &books)
    if let day = days.last, curve.last?.at != day.at { curve.append((day.at, day.equity)) }
    try trades.end(session, books)
  }

  // MARK: Events

  /// What the books did.
  mutating func take(_ session: inout TradingSession, _ books: MemoryBooks) throws(BacktestError) {
    do throws(ArithmeticError) {
      try trades.take(&session, books)
    } catch {
      throw BacktestError(BooksError(error), at: session.time)
    }
  }

  mutating func see(_ bar: BarEvent, _ session: TradingSession) throws(BacktestError) {
    if trades.areOpen { try see(bar.instrument, low: bar.bar.low, high: bar.bar.high, isCandle: true, session) }
  }

  mutating func see(_ tick: Tick, _ session: TradingSession) throws(BacktestError) {
    if trades.areOpen { try see(tick.instrument, low: tick.price, high: tick.price, isCandle: false, session) }
    mark(at: tick.time, session)
  }

  private mutating func see(
    _ instrument: Int32, low: Double, high: Double, isCandle: Bool, _ session: TradingSession
  ) throws(BacktestError) {
    do throws(ArithmeticError) {
      try trades.see(instrument, low: low, high: high, isCandle: isCandle, session)
    } catch {
      throw BacktestError(BooksError(error), at: session.time)
    }
  }

  /// A point of the curve.
  mutating func mark(at time: Timestamp, _ session: TradingSession) {
    guard isActive else { return }
    points += 1
    if (points - 1) % stride != 0 { return }
    guard let equity = try? session.equity(of: 0) else { return }
    if curve.count == Self.longestCurve {
      // Of an even number every second one stays.
      curve = Swift.stride(from: 0, to: curve.count, by: 2).map { curve[$0] }
      stride *= 2
      if (points - 1) % stride != 0 { return }
    }
    curve.append((time, equity))
  }

  // MARK: Fingerprint

  mutating func mix(_ instrument: Int32, _ time: Int64, _ candle: Candle) {
    mix(UInt64(bitPattern: Int64(instrument)))
    mix(UInt64(bitPattern: candle.bucket.microseconds))
    mix(UInt64(bitPattern: time))
    mix(candle.open.bitPattern)
    mix(candle.high.bitPattern)
    mix(candle.low.bitPattern)
    mix(candle.close.bitPattern)
    mix(candle.volume.bitPattern)
  }

  mutating func mix(_ tick: Tick) {
    mix(UInt64(bitPattern: Int64(tick.instrument)))
    mix(UInt64(bitPattern: tick.time.microseconds))
    mix(tick.price.bitPattern)
    mix(tick.size.bitPattern)
  }

  @inline(__always)
  private mutating func mix(_ word: UInt64) {
    fingerprint = (fingerprint ^ word) &* 0x9e37_79b9_7f4a_7c15
    fingerprint ^= fingerprint >> 32
  }
}
