/// A distance on the calendar: of the ticks of an axis, or of the candles of a chart.
package struct CalendarStep: Sendable, Equatable {
  private enum Unit: Sendable { case seconds, days, weeks, months }

  private let unit: Unit
  private let count: Int
  package let name: String

  /// From a second to a century.
  package static let ladder: [CalendarStep] =
    [
      (1, "1 second"), (5, "5 seconds"), (15, "15 seconds"), (30, "30 seconds"), (60, "1 minute"), (300, "5 minutes"),
      (900, "15 minutes"), (1_800, "30 minutes"), (3_600, "1 hour"), (7_200, "2 hours"), (14_400, "4 hours"),
      (28_800, "8 hours"), (43_200, "12 hours"),
    ].map { CalendarStep(unit: .seconds, count: $0.0, name: $0.1) }
    + [
      CalendarStep(unit: .days, count: 1, name: "1 day"), CalendarStep(unit: .weeks, count: 1, name: "1 week"),
      CalendarStep(unit: .weeks, count: 2, name: "2 weeks"),
    ]
    + [
      (1, "1 month"), (2, "2 months"), (3, "3 months"), (6, "6 months"), (12, "1 year"), (24, "2 years"),
      (60, "5 years"), (120, "10 years"), (240, "20 years"), (600, "50 years"), (1_200, "100 years"),
    ].map { CalendarStep(unit: .months, count: $0.0, name: $0.1) }

  /// About so many seconds.
  package var seconds: Double {
    switch unit {
    case .seconds: Double(count)
    case .days: Double(count) * 86_400
    case .weeks: Double(count) * 604_800
    case .months: Double(count) * 2_629_746
    }
  }

  /// The finest step that is at least so long.
  package static func atLeast(seconds: Double) -> CalendarStep {
    ladder.first { $0.seconds >= seconds * 0.999 } ?? ladder[ladder.count - 1]
  }

  /// Where the step that holds this time begins.
  package func start(of time: ChartTime) -> ChartTime {
    switch unit {
    case .seconds:
      let size = Double(count)
      return ChartTime(seconds: (time.seconds / size).rounded(.down) * size)
    case .days: return ChartTime(day: time.day)
    case .weeks:
      let monday = time.day - time.weekday
      // 1970-01-05 was a Monday.
      let week = (monday - 4) / 7
      return ChartTime(day: monday - 7 * ((week % count + count) % count))
    case .months:
      let (year, month, _) = time.date
      let months = year * 12 + month - 1
      return ChartTime(year: 0, month: months - (months % count + count) % count + 1)
    }
  }

  /// The next beginning after that of the step that holds this time.
  func next(after time: ChartTime) -> ChartTime {
    let start = start(of: time)
    switch unit {
    case .seconds: return ChartTime(seconds: start.seconds + Double(count))
    case .days: return ChartTime(day: start.day + count)
    case .weeks: return ChartTime(day: start.day + 7 * count)
    case .months:
      let (year, month, _) = start.date
      return ChartTime(year: year, month: month + count)
    }
  }

  /// What a tick at this time says: what is new since the tick before.
  func label(_ time: ChartTime, after previous: ChartTime?) -> String {
    let (year, month, day) = time.date
    let before = previous?.date
    switch unit {
    case .seconds:
      if let previous, previous.day == time.day { return time.clockText }
      return previous == nil
        ? "\(day) \(ChartTime.name(ofMonth: month)) \(year)" : "\(day) \(ChartTime.name(ofMonth: month))"
    case .days, .weeks:
      return before == nil || before!.year != year
        ? "\(day) \(ChartTime.name(ofMonth: month)) \(year)" : "\(day) \(ChartTime.name(ofMonth: month))"
    case .months:
      if count >= 12 { return "\(year)" }
      if before == nil { return month == 1 ? "\(year)" : "\(ChartTime.name(ofMonth: month)) \(year)" }
      return before!.year != year ? "\(year)" : ChartTime.name(ofMonth: month)
    }
  }
}
