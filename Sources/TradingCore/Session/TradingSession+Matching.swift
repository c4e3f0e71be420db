/// What the paper exchange does is asked of the books.
extension TradingSession {
  mutating func match(
    _ lane: Int, _ portfolio: Int, _ tapeTime: Timestamp, _ body: (inout PaperBook, inout [PaperAction]) -> Void
  ) {
    if lanes[lane].books[portfolio].isEmpty { return }
    paperActions.removeAll(keepingCapacity: true)
    lanes[lane].books[portfolio].tapeTime = tapeTime
    body(&lanes[lane].books[portfolio], &paperActions)
    if paperActions.isEmpty { return }
    lanes[lane].countOrders()
    for action in paperActions {
      switch action {
      case .fill(let fill): requests.append(.fill(fill))
      case .trigger(let key, let at): requests.append(.trigger(key, at: at))
      case .trail(let key, let stop, let at): trails[key] = TrailedStop(key: key, stop: stop, at: at)
      case .expire(let key, let at): requests.append(.end(key, .expired, at: at))
      case .reject(let key, let at): requests.append(.end(key, .wouldTake, at: at))
      case .cancel(let key, let reason, let at):
        requests.append(.end(key, reason == .nothingToReduce ? .nothingToReduce : .unfillable, at: at))
      }
    }
  }

  // MARK: Events

  /// Orders that rest meet a tick of a session; outside of one they can only run out.
  mutating func match(_ tick: Tick, _ lane: Int) {
    if lanes[lane].openOrders == 0 { return }
    let isOpen = isOpen(lane, at: tick.time)
    let before = tapeTime(of: lane)
    for portfolio in portfolios.indices {
      match(lane, portfolio, before) {
        if isOpen { $0.match(tick, into: &$1) } else { $0.expire(at: tick.time, into: &$1) }
      }
    }
  }

  mutating func matchOpens(of bars: [(event: BarEvent, lane: Int)]) {
    for (bar, lane) in bars {
      let before = tapeTime(of: lane)
      lanes[lane].setPrice(bar.bar.open, .nan, bar.opensAt)
      if lanes[lane].openOrders == 0 { continue }
      let traded = part(of: bar, lane)
      for portfolio in portfolios.indices {
        match(lane, portfolio, before) {
          if let traded { $0.matchOpen(traded.bar, into: &$1) } else { $0.expire(at: bar.opensAt, into: &$1) }
        }
      }
    }
  }

  mutating func matchRanges(of bars: [(event: BarEvent, lane: Int)]) {
    for (bar, lane) in bars where lanes[lane].openOrders > 0 {
      guard let traded = part(of: bar, lane) else { continue }
      let before = max(tapeTime(of: lane), traded.bar.bucket)
      for portfolio in portfolios.indices {
        match(lane, portfolio, before) { $0.matchRange(traded.bar, at: traded.closesAt, into: &$1) }
      }
    }
  }

  /// Fills the orders that wait for a close until the end of these bars: at the close itself, or with the bar, when it is of days.
  mutating func matchCloses(of bars: [(event: BarEvent, lane: Int)]) {
    let (end, isOfDays) = (bars[0].event.closesAt, bars[0].event.isOfDays)
    matchCloses(of: bars.map { $0.lane }, at: isOfDays ? end : min(end, nextClose), until: end)
  }

  // MARK: Research

  /// - Returns: whether something came of it.
  mutating func matchRests(of bars: [(event: BarEvent, lane: Int)]) -> Bool {
    if askForSessions(of: bars) { return true }
    for (bar, lane) in bars where lanes[lane].openOrders > 0 {
      guard let traded = part(of: bar, lane) else { continue }
      for portfolio in portfolios.indices {
        match(lane, portfolio, traded.closesAt) { $0.matchRest(traded.bar, at: traded.closesAt, into: &$1) }
      }
    }
    return !requests.isEmpty
  }

  /// Between events, for research only: market orders that agents have sent at the close of these bars fill at it.
  public mutating func fillAtClose(_ bars: [BarEvent]) {
    for bar in bars {
      guard let lane = index(ofInstrument: bar.instrument), lanes[lane].openOrders > 0 else { continue }
      if !bar.isOfDays {
        if askForSessions(of: lane, at: bar.closesAt) { return }
        if !isOpen(lane, at: bar.closesAt) { continue }
      }
      for portfolio in portfolios.indices {
        match(lane, portfolio, bar.closesAt) { $0.matchLateOrders(bar.bar, at: bar.closesAt, into: &$1) }
      }
    }
  }
}
