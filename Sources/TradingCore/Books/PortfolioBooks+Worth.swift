/// What a portfolio's return is measured against.
struct Worth: Sendable {
  var netDeposits: Money
  /// The index at the last flow of capital, and the equity right after it.
  var baseIndex = ReturnIndex.one
  var baseEquity: Money
  /// Highest index at a snapshot or flow.
  var peak = ReturnIndex.one
  /// The same with orders that a drawdown was measured for.
  var limitPeak = ReturnIndex.one

  init(capital: Money) {
    netDeposits = capital
    baseEquity = capital
  }

  func index(at equity: Money) throws(ArithmeticError) -> ReturnIndex {
    try baseIndex.moved(from: baseEquity, to: equity)
  }
}

/// How a portfolio does at the latest prices.
struct Performance {
  let equity: Money
  /// Equity less net deposits.
  let profit: Money
  let index: ReturnIndex
}

/// What a portfolio had made when a day or week of an exchange began.
struct PeriodMark: Sendable {
  let at: Timestamp
  let profit: Money
  let index: ReturnIndex
}

extension PortfolioBooks {
  /// How it does at the latest prices, or at the latest until a time; what has no price counts as it was valued last.
  func performance(until time: Timestamp = .latest, _ market: BooksMarket) throws(ArithmeticError) -> Performance {
    var equity = try cash + margin
    for place in positions.indices where !positions[place].quantity.isZero {
      if let last = try market.last(place, until: time) {
        try equity += positions[place].value(at: last, market.instruments[place].terms)
      } else {
        try equity += positions[place].marketValue
      }
    }
    return Performance(
      equity: equity, profit: try equity - worth.netDeposits, index: try worth.index(at: equity))
  }

  /// Values all that is held at the latest prices.
  mutating func revalue(_ market: BooksMarket) throws(ArithmeticError) {
    for place in positions.indices where !positions[place].quantity.isZero {
      try value(place, at: market.last(place), market)
    }
  }

  /// Books capital that came in: the index is taken to right before it, and goes on from what there is after it.
  mutating func bookFlow(_ amount: Money, _ market: BooksMarket) throws(ArithmeticError) {
    try revalue(market)
    let equity = try cash + margin + positionsValue
    if worth.baseEquity.isPositive {
      worth.baseIndex = max(try worth.index(at: equity - amount), .least)
    }
    try worth.netDeposits += amount
    worth.baseEquity = max(equity, .zero)
    worth.peak = max(worth.peak, worth.baseIndex)
    worth.limitPeak = max(worth.limitPeak, worth.baseIndex)
  }

  // MARK: Periods

  /// Called before anything is booked at a time: keeps what the portfolio was worth when the days and weeks of exchanges
  /// began that have begun since the last booking.
  ///
  /// - Returns: when the next begins.
  mutating func markPeriods(at time: Timestamp, _ market: BooksMarket) throws(ArithmeticError) -> Timestamp {
    guard time > markedUntil else { return markedUntil }
    // What happens at the very moment at which a day ends is still part of it.
    let before = Timestamp.clamping(time.microseconds - 1)
    var next = Timestamp.latest
    for calendar in market.calendars {
      next = min(next, calendar.nextStart(after: before))
      // Only limits of losses look back.
      if !market.hasLossLimits { continue }
      for isWeek in [false, true] {
        let start = calendar.periodStart(at: before, isWeek: isWeek)
        if start < markedUntil || mark(at: start) != nil { continue }
        let performance = try performance(until: start, market)
        marks.append(PeriodMark(at: start, profit: performance.profit, index: performance.index))
      }
    }
    let midnight = Timestamp.clamping(
      (ExchangeCalendar.days(before.microseconds) + 1) * Timestamp.microsecondsPerDay)
    markedUntil = min(next, clock.map { market.calendars[$0].nextMidnight(after: before) } ?? midnight)
    return markedUntil
  }

  /// A mark was made at most a week after the time that it is of.
  func mark(at start: Timestamp) -> PeriodMark? {
    for mark in marks.reversed() {
      if mark.at == start { return mark }
      if mark.at.microseconds < start.microseconds - 8 * Timestamp.microsecondsPerDay { break }
    }
    return nil
  }

  // MARK: Snapshots

  /// Values the portfolio and keeps that as the snapshot of its interval.
  mutating func recordSnapshot(at time: Timestamp, _ market: BooksMarket) throws(ArithmeticError) {
    _ = try markPeriods(at: time, market)
    if clock == nil, let first = fills.first, let place = market.place(of: first.instrument) {
      clock = market.calendarPlaces[place]
    }
    try revalue(market)
    let equity = try cash + margin + positionsValue
    let index = try worth.index(at: equity)
    let bucket = bucket(of: time, market)
    if let last = snapshots.last, last.bucket == bucket {
      if last.at > time { return }
      snapshots.removeLast()
    }
    let ratio = try index.ratio(to: max(worth.peak, index))
    let drawdown = try divideRounded(
      (ratio?.raw ?? ReturnIndex.unit) - ReturnIndex.unit, by: ReturnIndex.unit / 100_000_000)
    snapshots.append(
      SnapshotRecord(
        at: time, cash: cash, margin: margin, positionsValue: positionsValue, equity: equity,
        netDeposits: worth.netDeposits, index: index, drawdown: try Ratio(wideRaw: drawdown), bucket: bucket))
    worth.peak = max(worth.peak, index)
    worth.limitPeak = max(worth.limitPeak, index)
  }

  /// Begin of a snapshot's interval: one of whole days begins at midnight of the portfolio's clock, others count from
  /// 2000-01-01 UTC.
  private func bucket(of time: Timestamp, _ market: BooksMarket) -> Int64 {
    let interval = terms.snapshotInterval
    guard interval % Timestamp.microsecondsPerDay == 0, let clock else {
      return time.microseconds - time.microseconds.modulo(interval)
    }
    let local = market.calendars[clock].local(time)
    return market.calendars[clock].instant(local: local - local.modulo(interval)).microseconds
  }
}
