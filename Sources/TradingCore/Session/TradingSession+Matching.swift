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

  // MARK: Research

  /// - Returns: whether something came of it.
  mutating func matchRests(of bars: [(event: BarEvent, lane: Int)]) -> Bool {
    for (bar, lane) in bars {
      for portfolio in portfolios.indices {
        match(lane, portfolio, bar.closesAt) { $0.matchRest(bar.bar, at: bar.closesAt, into: &$1) }
      }
    }
    return !requests.isEmpty
  }

  /// Between events, for research only: market orders that agents have sent at the close of these bars fill at it.
  public mutating func fillAtClose(_ bars: [BarEvent]) {
    for bar in bars {
      guard let lane = index(ofInstrument: bar.instrument) else { continue }
      for portfolio in portfolios.indices {
        match(lane, portfolio, bar.closesAt) { $0.matchLateOrders(bar.bar, at: bar.closesAt, into: &$1) }
      }
    }
  }
}
