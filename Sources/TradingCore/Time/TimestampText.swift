extension Timestamp: CustomStringConvertible {
  /// Reads ISO 8601 as PostgreSQL and feeds write it: `2013-10-07T14:30:00.123456Z`, with a space for the `T`, without
  /// seconds, with an offset (`+00`, `+0530`, `-05:00`) for the `Z`. A time without zone is refused.
  ///
  /// - Throws: `malformed`; `inexact` for digits beyond the microsecond that are not zero; `outOfRange`.
  public init(_ text: String) throws(TimestampError) {
    try self.init(utf8: text.utf8)
  }

  public init(utf8 text: some Sequence<UInt8>) throws(TimestampError) {
    var scanner = Scanner(bytes: Array(text))
    try self.init(microseconds: scanner.timestamp())
  }

  /// `2013-10-07T14:30:00Z`, with up to six decimals of a second when they are not zero.
  public var description: String {
    let microsecondsOfDay = microseconds.modulo(Self.microsecondsPerDay)
    let day = (microseconds - microsecondsOfDay) / Self.microsecondsPerDay
    let date = CivilDate(day: day)
    let seconds = Int(microsecondsOfDay / 1_000_000)
    var fraction = Int(microsecondsOfDay % 1_000_000)

    var text: [UInt8] = []
    text.reserveCapacity(27)
    func append(_ value: Int, digits: Int) {
      var unit = 1
      for _ in 1..<digits { unit *= 10 }
      while unit > 0 {
        text.append(UInt8(ascii: "0") + UInt8(value / unit % 10))
        unit /= 10
      }
    }
    append(date.year, digits: 4)
    text.append(UInt8(ascii: "-"))
    append(date.month, digits: 2)
    text.append(UInt8(ascii: "-"))
    append(date.day, digits: 2)
    text.append(UInt8(ascii: "T"))
    append(seconds / 3600, digits: 2)
    text.append(UInt8(ascii: ":"))
    append(seconds / 60 % 60, digits: 2)
    text.append(UInt8(ascii: ":"))
    append(seconds % 60, digits: 2)
    if fraction != 0 {
      var digits = 6
      while fraction % 10 == 0 {
        fraction /= 10
        digits -= 1
      }
      text.append(UInt8(ascii: "."))
      append(fraction, digits: digits)
    }
    text.append(UInt8(ascii: "Z"))
    return String(decoding: text, as: UTF8.self)
  }

  static let microsecondsPerDay: Int64 = 86_400_000_000
}

extension Int64 {
  /// The remainder that is never negative; `divisor` must be positive.
  func modulo(_ divisor: Int64) -> Int64 {
    let rest = self % divisor
    return rest < 0 ? rest + divisor : rest
  }
}

/// A date of the proleptic Gregorian calendar. Both conversions follow Howard Hinnant, "chrono-Compatible Low-Level Date
/// Algorithms": years begin in March, so that the leap day is the last one, and repeat every 400 years.
struct CivilDate {
  let year: Int
  let month: Int
  let day: Int

  /// Days from 0000-03-01 to 2000-01-01.
  private static let daysToEpoch: Int64 = 730_425
  private static let daysPerEra: Int64 = 146_097

  /// - Parameter day: days since 2000-01-01.
  init(day: Int64) {
    let shifted = day + Self.daysToEpoch
    let dayOfEra = shifted.modulo(Self.daysPerEra)
    let era = (shifted - dayOfEra) / Self.daysPerEra
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    self.day = Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1)
    month = Int(monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9)
    year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
  }

  /// Nil when there is no such date.
  init?(year: Int, month: Int, day: Int) {
    self.year = year
    self.month = month
    self.day = day
    guard year >= 1, year <= 9999, month >= 1, month <= 12, day >= 1, day <= 31 else { return nil }
    // A day that the month does not have comes back as a day of the next month.
    let canonical = CivilDate(day: dayNumber)
    guard canonical.month == month, canonical.day == day else { return nil }
  }

  /// `2013-10-07`
  var text: String {
    let bytes = [year / 1000, year / 100, year / 10, year, -1, month / 10, month, -1, day / 10, day].map {
      $0 < 0 ? UInt8(ascii: "-") : UInt8(ascii: "0") + UInt8($0 % 10)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The same day a year later; of a leap day the day before.
  var nextYear: CivilDate { CivilDate(year: year + 1, month: month, day: day) ?? CivilDate(day: dayNumber + 365) }

  /// Days since 2000-01-01.
  var dayNumber: Int64 {
    let shiftedYear = Int64(month <= 2 ? year - 1 : year)
    let yearOfEra = shiftedYear.modulo(400)
    let era = (shiftedYear - yearOfEra) / 400
    let monthFromMarch = Int64(month > 2 ? month - 3 : month + 9)
    let dayOfYear = (153 * monthFromMarch + 2) / 5 + Int64(day) - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * Self.daysPerEra + dayOfEra - Self.daysToEpoch
  }
}

/// Reads the bytes of one timestamp from left to right.
private struct Scanner {
  let bytes: [UInt8]
  var next = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private var malformed: TimestampError { TimestampError(.malformed, "not an ISO 8601 time with a zone") }

  private func peek(_ character: Unicode.Scalar) -> Bool {
    next < bytes.count && bytes[next] == UInt8(ascii: character)
  }

  private mutating func skip(_ character: Unicode.Scalar) -> Bool {
    guard peek(character) else { return false }
    next += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws(TimestampError) {
    guard skip(character) else { throw malformed }
  }

  private var digit: Int? {
    guard next < bytes.count, bytes[next] >= UInt8(ascii: "0"), bytes[next] <= UInt8(ascii: "9") else { return nil }
    return Int(bytes[next] - UInt8(ascii: "0"))
  }

  private mutating func number(digits: Int) throws(TimestampError) -> Int {
    var value = 0
    for _ in 0..<digits {
      guard let digit else { throw malformed }
      value = value * 10 + digit
      next += 1
    }
    return value
  }

  private mutating func sexagesimal(below limit: Int) throws(TimestampError) -> Int {
    let value = try number(digits: 2)
    guard value < limit else { throw malformed }
    return value
  }

  mutating func timestamp() throws(TimestampError) -> Int64 {
    let year = try number(digits: 4)
    try expect("-")
    let month = try number(digits: 2)
    try expect("-")
    guard let date = CivilDate(year: year, month: month, day: try number(digits: 2)) else { throw malformed }
    guard skip("T") || skip("t") || skip(" ") else { throw malformed }

    var seconds = try sexagesimal(below: 24) * 3600
    try expect(":")
    seconds += try sexagesimal(below: 60) * 60
    var fraction = 0
    if skip(":") {
      seconds += try sexagesimal(below: 60)
      if skip(".") { fraction = try microseconds() }
    }
    seconds -= try offset()
    guard next == bytes.count else { throw malformed }
    return date.dayNumber * Timestamp.microsecondsPerDay + Int64(seconds) * 1_000_000 + Int64(fraction)
  }

  /// The decimals of a second.
  private mutating func microseconds() throws(TimestampError) -> Int {
    var value = 0
    var unit = 1_000_000
    guard digit != nil else { throw malformed }
    while let digit {
      next += 1
      if unit == 1 {
        if digit != 0 { throw TimestampError(.inexact, "finer than a microsecond") }
        continue
      }
      unit /= 10
      value += digit * unit
    }
    return value
  }

  /// The zone's seconds east of Greenwich.
  private mutating func offset() throws(TimestampError) -> Int {
    if skip("Z") || skip("z") { return 0 }
    let isWest = peek("-")
    guard skip("+") || skip("-") else { throw malformed }
    var seconds = try sexagesimal(below: 16) * 3600
    if next < bytes.count {
      _ = skip(":")
      seconds += try sexagesimal(below: 60) * 60
    }
    return isWest ? -seconds : seconds
  }
}
