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
