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
  /// Bars are the candles of the agent's.
  private let hasCandles: Bool
  /// Whose trading days are counted.
  private let calendar: ExchangeCalendar
  /// The trading day of the latest event, and when the next one begins.
  private var day: Int64?
  private var dayEnd = Timestamp.earliest
  /// The latest event that counted.
  private var last: Timestamp?
  /// Every so manieth point of the curve is kept; so many are passed over until the next.
  private var stride = 1
  private var toPass = 0
  private let hasCurve: Bool

  /// - Parameter hasCurve: the worth of each moment is kept, too.
  init(_ specification: BacktestSpecification, hasCurve: Bool) {
    self.hasCurve = hasCurve
    let first = specification.terms.instruments.first { $0.terms.id == specification.agent.instruments.first }
    let exchange = first?.terms.feeGroup.exchange
    calendar =
      specification.terms.calendars.first { $0.exchange == exchange } ?? ExchangeCalendar(exchange: exchange ?? 0)
    trades = BacktestTrades(specification.terms)
    hasCandles = specification.resolution == specification.agent.microseconds
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
    if let day = days.last, hasCurve, curve.last?.at != day.at { curve.append((day.at, day.equity)) }
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

  /// Whether there are trades for which prices are looked at.
  var hasOpenTrades: Bool { trades.areOpen }

  /// - Parameter candle: the begin of the agent's last candle.
  mutating func see(_ bar: BarEvent, candle: Timestamp?) throws(BacktestError) {
    do throws(ArithmeticError) {
      if hasCandles {
        try trades.see(bar)
      } else {
        try trades.see(bar, candle: candle)
      }
    } catch {
      throw BacktestError(BooksError(error), at: bar.closesAt)
    }
  }

  mutating func see(_ tick: Tick, candle: Timestamp?) throws(BacktestError) {
    do throws(ArithmeticError) {
      try trades.see(tick, candle: candle)
    } catch {
      throw BacktestError(BooksError(error), at: tick.time)
    }
  }

  /// Whether the next point of the curve is due at this event.
  @inline(__always)
  mutating func takesPoint() -> Bool {
    guard isActive, hasCurve else { return false }
    if toPass == 0 { return true }
    toPass -= 1
    return false
  }

  /// A point of the curve.
  ///
  /// - Parameter equity: nil when it is more than money can be.
  mutating func mark(at time: Timestamp, _ equity: Money?) {
    toPass = stride - 1
    guard let equity else { return }
    if curve.count == Self.longestCurve {
      // Of an even number every second one stays, and so this is one that does.
      curve = Swift.stride(from: 0, to: curve.count, by: 2).map { curve[$0] }
      stride *= 2
      toPass = stride - 1
    }
    curve.append((time, equity))
  }

  // MARK: Fingerprint

  @inline(__always)
  mutating func mix(_ instrument: Int32, _ time: Int64, _ candle: Candle) {
    let begin = UInt64(bitPattern: candle.bucket.microseconds)
    // The products do not wait for each other, nor for the event before.
    mix(
      Self.fold(UInt64(bitPattern: Int64(instrument)), 0x9e37_79b9_7f4a_7c15, begin, 0xbf58_476d_1ce4_e5b9)
        ^ Self.fold(
          UInt64(bitPattern: time), 0x94d0_49bb_1331_11eb, candle.volume.bitPattern, 0xd6e8_feb8_6659_fd93)
        ^ Self.fold(candle.open.bitPattern, 0xa076_1d64_78bd_642f, candle.high.bitPattern, 0xe703_7ed1_a0b4_28db)
        ^ Self.fold(candle.low.bitPattern, 0x8ebc_6af0_9c88_c6e3, candle.close.bitPattern, 0x5899_65cc_7537_4cc3))
  }

  @inline(__always)
  mutating func mix(_ tick: Tick) {
    let time = UInt64(bitPattern: tick.time.microseconds)
    mix(
      Self.fold(UInt64(bitPattern: Int64(tick.instrument)), 0x9e37_79b9_7f4a_7c15, time, 0xbf58_476d_1ce4_e5b9)
        ^ Self.fold(tick.price.bitPattern, 0xa076_1d64_78bd_642f, tick.size.bitPattern, 0xe703_7ed1_a0b4_28db))
  }

  @inline(__always)
  private mutating func mix(_ word: UInt64) {
    fingerprint = Self.fold(fingerprint, 0x1d8e_4e27_c47d_124f, word, 0xeb44_acca_b455_d165)
  }

  /// Both halves of the product of two words, each with a key of its own.
  @inline(__always)
  private static func fold(_ one: UInt64, _ key: UInt64, _ other: UInt64, _ otherKey: UInt64) -> UInt64 {
    let product = (one ^ key).multipliedFullWidth(by: other ^ otherKey)
    return product.high ^ product.low
  }
}
