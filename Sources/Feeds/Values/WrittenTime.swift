import TradingCore

/// A time as a file writes it.
struct WrittenTime: Equatable {
  /// Microseconds from 2000-01-01 00:00 to the date and time of day as they are written.
  var wall: Int64
  /// Seconds east of Greenwich; nil when the text names no zone.
  var offset: Int32?
  /// Whether there is a time of day, not only a date.
  var hasTimeOfDay: Bool

  static let microsecondsPerDay: Int64 = 86_400_000_000

  /// The day as written when the time of day is midnight or absent.
  var day: Int32? {
    let (day, rest) = wall.quotientAndRemainder(flooredBy: Self.microsecondsPerDay)
    return rest == 0 ? Int32(day) : nil
  }
}

/// Reads times: ISO 8601 with `T` or a space, with or without seconds and their decimals, with `Z`, an offset (`+0530`,
/// `-05:00`, `+01`) or no zone; dates `2000-03-01` and `20000301`; and numbers of seconds, milliseconds, microseconds or
/// nanoseconds since 1970-01-01 UTC, told apart by their size. Digits finer than a microsecond are rounded as PostgreSQL does.
/// What vendors write besides is read by ``VendorTime``.
struct TimeParser {
  /// Order of day and month where a file's dates leave it open; nil refuses these.
  var dateOrder: DateOrder?
  /// The date read last, its first and last eight bytes, because dates repeat.
  private var dateStart: UInt64 = 0
  private var dateEnd: UInt64 = 0
  private var dateWall: Int64 = 0

  init(dateOrder: DateOrder? = nil) { self.dateOrder = dateOrder }

  @inline(__always)
  mutating func parse(_ field: Field) -> WrittenTime? {
    guard field.count >= 10, field[4] == .hyphen || field[4] == .slash || field[4] == .period else {
      return parseOther(field)
    }
    let start = field.word()
    let end = field.word(at: 2)
    if start != dateStart || end != dateEnd {
      guard let wall = Self.date(field) else { return parseOther(field) }
      dateStart = start
      dateEnd = end
      dateWall = wall
    }
    if field.count == 10 { return WrittenTime(wall: dateWall, offset: nil, hasTimeOfDay: false) }
    return timeOfDay(field) ?? VendorTime(field, dateOrder).time
  }

  private func parseOther(_ field: Field) -> WrittenTime? {
    if VendorTime.isCompact(field) { return VendorTime.compact(field) ?? VendorTime(field, dateOrder).time }
    return Self.parseNumber(field) ?? VendorTime(field, dateOrder).time
  }

  // MARK: ISO 8601

  private static func date(_ field: Field) -> Int64? {
    guard field[7] == field[4], let century = twoDigits(field, 0), let year = twoDigits(field, 2),
      let month = twoDigits(field, 5), let day = twoDigits(field, 8),
      let number = dayNumber(year: century * 100 + year, month: month, day: day)
    else { return nil }
    return number * WrittenTime.microsecondsPerDay
  }

  @inline(__always)
  private func timeOfDay(_ field: Field) -> WrittenTime? {
    guard field.count >= 16, field[10] | 0x20 == 0x74 || field[10] == 0x20, field[13] == .colon,
      let hours = Self.twoDigits(field, 11), hours < 24, let minutes = Self.twoDigits(field, 14), minutes < 60
    else { return nil }
    var microseconds = (hours * 3600 + minutes * 60) * 1_000_000
    var index = 16
    if index < field.count, field[index] == .colon {
      guard field.count >= 19, let seconds = Self.twoDigits(field, 17), seconds < 60 else { return nil }
      microseconds += seconds * 1_000_000
      index = 19
      if index < field.count, field[index] == .period {
        index += 1
        guard let fraction = Self.fraction(field, &index) else { return nil }
        microseconds += fraction
      }
    }
    var time = WrittenTime(wall: dateWall + microseconds, offset: nil, hasTimeOfDay: true)
    if index == field.count { return time }
    if index == field.count - 1, field[index] | 0x20 == 0x7A {
      time.offset = 0
      return time
    }
    guard let offset = Self.offset(field, index) else { return nil }
    time.offset = offset
    return time
  }

  /// Microseconds of the decimals from `index` on, rounded to the nearest.
  @inline(__always)
  static func fraction(_ field: Field, _ index: inout Int) -> Int64? {
    let first = index
    var value: Int64 = 0
    var unit: Int64 = 1_000_000
    while index < field.count {
      let digit = field[index] &- 0x30
      guard digit < 10 else { break }
      if unit > 1 {
        unit /= 10
        value += Int64(digit) * unit
      } else if index == first + 6, digit >= 5 {
        value += 1
      }
      index += 1
    }
    return index > first ? value : nil
  }

  /// Seconds east of Greenwich of `+hh`, `+hhmm` or `+hh:mm`, after at most one space.
  static func offset(_ field: Field, _ start: Int) -> Int32? {
    var index = start
    if field[index] == 0x20 { index += 1 }
    guard field.count - index >= 3, field[index] == 0x2B || field[index] == .hyphen else { return nil }
    let sign: Int32 = field[index] == .hyphen ? -1 : 1
    guard let hours = twoDigits(field, index + 1), hours < 16 else { return nil }
    index += 3
    var minutes: Int64 = 0
    if index < field.count {
      if field[index] == .colon { index += 1 }
      guard field.count - index == 2, let value = twoDigits(field, index), value < 60 else { return nil }
      minutes = value
    }
    return sign * Int32(hours * 3600 + minutes * 60)
  }

  // MARK: Numbers

  /// Days from 2000-01-01 back to 1970-01-01, in microseconds.
  private static let epoch: Int64 = -10_957 * WrittenTime.microsecondsPerDay

  private static func parseNumber(_ field: Field) -> WrittenTime? {
    let isNegative = field.count > 0 && field[0] == .hyphen
    var index = isNegative ? 1 : 0
    let first = index
    var value: Int64 = 0
    while index < field.count {
      let digit = field[index] &- 0x30
      guard digit < 10 else { break }
      guard index - first < 19 else { return nil }
      value = value &* 10 &+ Int64(digit)
      index += 1
    }
    let digits = index - first
    guard digits > 0, value >= 0 else { return nil }
    // Days since 1900, as spreadsheets keep dates, are hours after 1970 for nobody.
    if digits == 5, value >= 20_000, value < 80_000, !isNegative { return nil }
    if digits == 8, index == field.count, !isNegative {
      guard let day = dayNumber(year: value / 10_000, month: value / 100 % 100, day: value % 100) else { return nil }
      return WrittenTime(wall: day * WrittenTime.microsecondsPerDay, offset: nil, hasTimeOfDay: false)
    }
    var microseconds: Int64
    switch digits {
    case ...11:
      microseconds = value * 1_000_000
      if index < field.count, field[index] == .period {
        index += 1
        guard let fraction = fraction(field, &index) else { return nil }
        microseconds += fraction
      }
    // Of 14 and 17 digits are none but dates.
    case 12, 13: microseconds = value * 1_000
    case 15, 16: microseconds = value
    case 14, 17: return nil
    default: microseconds = value / 1_000 + (value % 1_000 >= 500 ? 1 : 0)
    }
    guard index == field.count else { return nil }
    if isNegative { microseconds = -microseconds }
    return WrittenTime(wall: epoch + microseconds, offset: 0, hasTimeOfDay: true)
  }

  // MARK: Pieces

  @inline(__always)
  static func twoDigits(_ field: Field, _ index: Int) -> Int64? {
    let tens = field[index] &- 0x30
    let ones = field[index + 1] &- 0x30
    return tens < 10 && ones < 10 ? Int64(tens) * 10 + Int64(ones) : nil
  }

  /// Days from 2000-01-01 to a date of the years 1 to 9999; nil when there is no such date. After Howard Hinnant,
  /// "chrono-Compatible Low-Level Date Algorithms".
  static func dayNumber(year: Int64, month: Int64, day: Int64) -> Int64? {
    guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1 else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let length: Int64 = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    guard day <= length else { return nil }
    let shifted = month <= 2 ? year - 1 : year
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return 365 * shifted + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 730_425
  }
}

extension Int64 {
  /// Quotient rounded down, and the remainder that is never negative. `divisor` must be positive.
  @inline(__always)
  func quotientAndRemainder(flooredBy divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

extension UInt8 {
  static let hyphen: UInt8 = 0x2D
  static let period: UInt8 = 0x2E
  static let slash: UInt8 = 0x2F
  static let colon: UInt8 = 0x3A
}
