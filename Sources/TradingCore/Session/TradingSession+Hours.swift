/// When exchanges are open, which the books are asked for as soon as an order rests on one of their instruments.
extension TradingSession {
  /// Asks when an instrument's exchange is open, if an order rests there and it is not known up to a time.
  ///
  /// - Returns: whether there is something to wait for.
  mutating func askForSessions(of lane: Int, at time: Timestamp) -> Bool {
    lanes[lane].openOrders > 0 && !knowsSessions(of: lane, at: time) && askForHours(at: time)
  }

  /// The same for bars; those of days are part of a session anyway.
  mutating func askForSessions(of bars: [(event: BarEvent, lane: Int)]) -> Bool {
    var areKnown = true
    for (bar, lane) in bars where !bar.isOfDays && lanes[lane].openOrders > 0 {
      if !knowsSessions(of: lane, at: bar.closesAt) { areKnown = false }
    }
    return !areKnown && askForHours(at: bars[0].event.closesAt)
  }

  private mutating func knowsSessions(of lane: Int, at time: Timestamp) -> Bool {
    let place = lanes[lane].clock ?? clock(of: lanes[lane].instrument.feeGroup.exchange)
    lanes[lane].clock = place
    return time < clocks[place].hours?.until ?? .earliest
  }

  private func hours(of lane: Int) -> SessionHours? { lanes[lane].clock.flatMap { clocks[$0].hours } }

  /// Whether orders meet what trades at a time up to which the sessions are known.
  mutating func isOpen(_ lane: Int, at time: Timestamp) -> Bool {
    if let known = lanes[lane].stretch, known.contains(time) { return known.isOpen }
    guard let hours = hours(of: lane) else { return true }
    let stretch = hours.stretch(at: time)
    lanes[lane].stretch = stretch
    return stretch.isOpen
  }

  /// The time until which orders have met what the tape showed: that of the last price, or the close before it when that price
  /// came outside of the sessions.
  func tapeTime(of lane: Int) -> Timestamp {
    let last = lanes[lane].lastTime
    if let known = lanes[lane].stretch, known.contains(last), known.isOpen { return last }
    guard last > .earliest, let stretch = hours(of: lane)?.stretch(at: last), !stretch.isOpen else { return last }
    return .clamping(stretch.from.microseconds - 1)
  }

  /// What of a bar orders can meet; nil when it is outside of the sessions. When one begins or ends inside, nobody knows which of
  /// the bar's prices were in it: the bar counts whole, at times of the session.
  mutating func part(of event: BarEvent, _ lane: Int) -> (bar: Bar, closesAt: Timestamp)? {
    if event.isOfDays { return (event.bar, event.closesAt) }
    let isOpen = isOpen(lane, at: event.opensAt)
    if let known = lanes[lane].stretch, known.contains(event.closesAt) {
      return isOpen ? (event.bar, event.closesAt) : nil
    }
    guard let hours = hours(of: lane) else { return (event.bar, event.closesAt) }
    guard let part = hours.part(from: event.opensAt, until: event.closesAt) else { return nil }
    var bar = event.bar
    bar.bucket = part.opensAt
    return (bar, part.closesAt)
  }
}
