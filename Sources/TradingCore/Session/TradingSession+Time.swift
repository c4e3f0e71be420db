extension TradingSession {
  /// The next time at which a candle of a calendar ends or a day is settled, whatever trades then; nil when there is none.
  public var nextDue: Timestamp? {
    let due = min(nextCandleEnd, nextSettlement)
    return due == .latest ? nil : due
  }

  /// The feed is at its end: candles that form stay open, the last snapshot is taken.
  public mutating func finish() {
    if let time { requests.append(.snapshot(portfolios: portfolios.map { $0.id }, at: time)) }
  }

  /// What happens because time passes: closes of sessions, settlements and candles of calendars one after the other, then the
  /// snapshot of an interval that is over, dividends and splits.
  ///
  /// - Returns: whether there may be more before `now`.
  mutating func pass(to now: Timestamp) -> Bool {
    // What trades at the time of the close is still part of the session.
    let closing = min(nextClosing, nextSettlement, nextCandleEnd)
    let next = min(closing, now)
    if next.microseconds > nextPeriod {
      beginPeriods(at: next)
      return true
    }
    if closing < now {
      time = max(time ?? closing, closing)
      if nextClose <= closing {
        matchCloses(of: Array(lanes.indices), at: closing, until: closing)
      } else if nextClosing <= closing {
        squareOff(at: closing)
      } else if nextSettlement <= closing {
        settle(by: closing)
      } else {
        closeCandles(at: closing)
      }
      return true
    }
    if nextSpan <= now {
      for known in calendars where known.next <= now { requests.append(.span(known.calendar, at: now)) }
      return true
    }
    if askForHours(at: now) { return true }
    if now.microseconds >= nextSnapshot {
      var due: [Int32] = []
      for index in portfolios.indices where now.microseconds >= snapshotEnds[index] {
        if time != nil { due.append(portfolios[index].id) }
        snapshotEnds[index] = Self.snapshotEnd(now, portfolios[index].snapshotInterval)
      }
      nextSnapshot = snapshotEnds.min() ?? .max
      if let time, !due.isEmpty { requests.append(.snapshot(portfolios: due, at: time)) }
    }
    applyActions(until: now)
    time = max(time ?? now, now)
    return false
  }

  /// The days that are over get their snapshot, and those that begin know what they begin with.
  mutating func beginPeriods(at now: Timestamp) {
    let all = portfolios.map { $0.id }
    if let time, time.microseconds <= nextPeriod { requests.append(.snapshot(portfolios: all, at: time)) }
    for index in portfolios.indices where now.microseconds >= snapshotEnds[index] {
      snapshotEnds[index] = Self.snapshotEnd(now, portfolios[index].snapshotInterval)
    }
    nextSnapshot = snapshotEnds.min() ?? .max
    nextPeriod = .max
    requests.append(.periods(portfolios: all, at: now))
  }

  /// Fills the orders that wait for a close until `now`, at prices that may have come until `end`.
  mutating func matchCloses(of group: [Int], at now: Timestamp, until end: Timestamp) {
    if nextClose > now { return }
    for lane in group where lanes[lane].openOrders > 0 {
      let last = lanes[lane].lastTime
      let isCurrent = last <= end && now.microseconds - last.microseconds < Self.day
      let price = isCurrent ? lanes[lane].lastPrice : nil
      for portfolio in portfolios.indices { match(lane, portfolio, last) { $0.matchClose(price, at: now, into: &$1) } }
    }
    nextClose = .latest
    for lane in lanes where lane.openOrders > 0 {
      for book in lane.books { nextClose = min(nextClose, book.nextClose ?? .latest) }
    }
  }

  /// Has the portfolios squared off whose time it is.
  mutating func squareOff(at now: Timestamp) {
    while let next = squareOffs.first, next.at <= now {
      requests.append(.squareOff(portfolio: next.portfolio, at: next.at))
      squareOffs.removeFirst()
    }
  }

  /// The next time at which a session ends that concerns an order or a position.
  var nextClosing: Timestamp { min(nextClose, squareOffs.first?.at ?? .latest) }

  mutating func squareOff(_ portfolio: Int32, _ at: Timestamp) {
    if squareOffs.contains(where: { $0.at == at && $0.portfolio == portfolio }) { return }
    let index = squareOffs.firstIndex { ($0.at, $0.portfolio) > (at, portfolio) } ?? squareOffs.endIndex
    squareOffs.insert((at, portfolio), at: index)
  }

  /// Whether a bar of these times passes no boundary of time.
  @inline(__always)
  func nothingIsDue(from opensAt: Timestamp, until closesAt: Timestamp) -> Bool {
    opensAt.microseconds < nextSnapshot && closesAt.microseconds <= nextPeriod && opensAt < nextAction
      && closesAt < nextClosing && closesAt < nextSettlement && closesAt < nextQuestion && opensAt <= nextCandleEnd
  }

  static let day: Int64 = 86_400_000_000

  static func snapshotEnd(_ time: Timestamp, _ interval: Int64) -> Int64 {
    time.microseconds - time.microseconds.modulo(interval) + interval
  }
}
