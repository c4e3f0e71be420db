/// The clock and the sessions of an exchange for a while.
public struct SessionHours: Sendable {
  public let exchange: Int32
  /// It says nothing about later times.
  public let until: Timestamp
  /// In order.
  private let sessions: [(opensAt: Timestamp, closesAt: Timestamp)]
  /// Microseconds that local time is ahead of UTC from a time on, in order.
  private let offsets: [(from: Timestamp, ahead: Int64)]

  public init(
    exchange: Int32, until: Timestamp, sessions: [(opensAt: Timestamp, closesAt: Timestamp)],
    offsets: [(from: Timestamp, ahead: Int64)]
  ) {
    self.exchange = exchange
    self.until = until
    self.sessions = sessions
    self.offsets = offsets
  }

  /// What the clock says when a candle closes at this time.
  public func clock(at close: Timestamp) -> ClockView {
    let place = offsets.prefixCount { $0.from <= close }
    let ahead = offsets.isEmpty ? 0 : offsets[max(place - 1, 0)].ahead
    let local = close.microseconds + ahead
    let ofDay = local.modulo(Timestamp.microsecondsPerDay)
    // 2000-01-01 was a Saturday.
    let weekday = ((local - ofDay) / Timestamp.microsecondsPerDay + 5).modulo(7) + 1
    // The session whose close is the first at or after this time.
    let next = sessions.prefixCount { $0.closesAt < close }
    let isInside = next < sessions.count && sessions[next].opensAt < close
    return ClockView(
      minuteOfDay: Double(ofDay) / 60_000_000, weekday: Int(weekday), session: isInside ? sessions[next] : nil)
  }
}

// MARK: Sessions

/// A while throughout which an exchange is open, or throughout which it is closed.
struct TradingStretch: Sendable {
  /// Both are part of it.
  let from: Timestamp
  let until: Timestamp
  let isOpen: Bool

  @inline(__always)
  func contains(_ time: Timestamp) -> Bool { from <= time && time <= until }
}

extension SessionHours {
  private static let twoWeeks = 14 * Timestamp.microsecondsPerDay

  /// What a time is part of: a session, from its opening to its close, or what lies between two. Where no session is known
  /// within two weeks nobody says that the exchange is closed.
  func stretch(at time: Timestamp) -> TradingStretch {
    let last = Timestamp.clamping(until.microseconds - 1)
    let next = sessions.prefixCount { $0.closesAt < time }
    if next < sessions.count, sessions[next].opensAt <= time {
      return TradingStretch(from: sessions[next].opensAt, until: sessions[next].closesAt, isOpen: true)
    }
    // Twice as far away as any time is from these.
    let close = next > 0 ? sessions[next - 1].closesAt.microseconds : 2 * Timestamp.earliest.microseconds
    let opening = next < sessions.count ? sessions[next].opensAt.microseconds : 2 * Timestamp.latest.microseconds
    let (closedUntil, closedFrom) = (close + Self.twoWeeks, opening - Self.twoWeeks)
    if time.microseconds > closedUntil, time.microseconds < closedFrom {
      return TradingStretch(
        from: .clamping(closedUntil + 1), until: min(last, .clamping(closedFrom - 1)), isOpen: true)
    }
    let isShort = closedFrom <= closedUntil + 1
    return TradingStretch(
      from: .clamping(isShort || time.microseconds <= closedUntil ? close + 1 : closedFrom),
      until: min(last, .clamping(isShort || time.microseconds >= closedFrom ? opening - 1 : closedUntil)),
      isOpen: false)
  }

  /// The part of a while, from its first session's opening to its last one's close, in which there are sessions; nil when there
  /// are none.
  func part(from begin: Timestamp, until end: Timestamp) -> (opensAt: Timestamp, closesAt: Timestamp)? {
    let first = sessions.prefixCount { $0.closesAt <= begin }
    let next = sessions.prefixCount { $0.opensAt < end }
    if first < next {
      return (max(begin, sessions[first].opensAt), min(end, sessions[next - 1].closesAt))
    }
    // At a close itself the exchange is open, behind it no more.
    return stretch(at: .clamping(begin.microseconds + 1)).isOpen ? (begin, end) : nil
  }
}

/// When an agent may open positions, by the clock of its instrument's exchange.
public struct SessionSchedule: Sendable {
  /// Bit 1 is Monday … bit 7 Sunday; nil: every day.
  private let days: UInt8?
  /// Minutes since midnight, both included; the second may be below the first: then it is of the next day.
  private let minutes: (from: Double, until: Double)?

  /// - Parameter days: 1 Monday … 7 Sunday; nil: every day.
  public init(days: [Int]?, minutes: (from: Double, until: Double)?) {
    self.days = days.map { $0.reduce(0) { $1 >= 1 && $1 <= 7 ? $0 | 1 << UInt8($1) : $0 } }
    self.minutes = minutes
  }

  func allows(_ clock: ClockView) -> Bool {
    if let days, days & 1 << UInt8(clock.weekday) == 0 { return false }
    guard let minutes else { return true }
    let time = clock.minuteOfDay
    return minutes.from <= minutes.until
      ? time >= minutes.from && time <= minutes.until : time >= minutes.from || time <= minutes.until
  }
}
