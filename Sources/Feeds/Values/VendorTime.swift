import TradingCore

/// Which comes first where a date has the month as a number and the year last.
package enum DateOrder: String, Sendable, CaseIterable {
  case dayFirst = "dmy"
  case monthFirst = "mdy"
}

/// Times as vendors write them besides ISO 8601 and numbers: `20240102093000`, `202401020930`, `20240102 09:30:00`,
/// `2024/01/02 09:30`, `2024.01.02`, `03-JUL-2023`, `3 Jul 2023`, `Jul 03, 2023`, `02.01.2024 09:30` where the order of day and
/// month is said; times of day with one digit, without colons, or with AM and PM; `UTC`, `GMT` and, for India's, `IST` behind
/// them. Years have four digits.
struct VendorTime {
  /// Nil when the text is no such time; ``problem`` says why.
  private(set) var time: WrittenTime?
  /// What to do about a time that is not read; nil when there is nothing more to say.
  private(set) var problem: String?

  private var rest: Substring.UTF8View
  private let order: DateOrder?

  init(_ field: Field, _ order: DateOrder?) { self.init(field.count <= 64 ? field.string : "", order) }

  init(_ text: String, _ order: DateOrder? = nil) {
    rest = Substring(text).utf8
    self.order = order
    guard text.utf8.count <= 64, let day = date() else {
      if problem == nil, let number = Double(text), number >= 20_000, number < 80_000,
        text.prefix(5).allSatisfy(\.isNumber)
      {
        problem = "is a spreadsheet's serial number; format the column as a date (yyyy-mm-dd)"
      }
      return
    }
    var time = WrittenTime(wall: day * WrittenTime.microsecondsPerDay, offset: nil, hasTimeOfDay: false)
    skipBlanks()
    var hasSeparator = false
    if let first = rest.first, first | 0x20 == UInt8(ascii: "t") || first == .hyphen || first == UInt8(ascii: ",") {
      rest.removeFirst()
      skipBlanks()
      hasSeparator = true
    }
    if hasSeparator || !rest.isEmpty {
      guard let (microseconds, offset) = timeOfDay() else { return }
      time.wall += microseconds
      time.offset = offset
      time.hasTimeOfDay = true
    }
    self.time = time
  }

  /// The day in the form of ISO 8601; nil when it is none of the years 1900 to 2199, or has a time of day.
  var isoDay: String? {
    guard let time, !time.hasTimeOfDay, let instant = try? Timestamp(microseconds: time.wall) else { return nil }
    let text = instant.description.prefix(10)
    return ("1900"..<"2200").contains(text.prefix(4)) ? String(text) : nil
  }

  /// Microseconds from midnight to a time of day in a column of its own, and the zone behind it.
  static func timeOfDay(_ field: Field) -> (microseconds: Int64, offset: Int32?)? {
    guard field.count <= 32 else { return nil }
    // Nearly always it is one of these.
    if field.count == 5 || field.count == 8, field[2] == .colon, let hours = TimeParser.twoDigits(field, 0),
      let minutes = TimeParser.twoDigits(field, 3), hours < 24, minutes < 60
    {
      if field.count == 5 { return ((hours * 60 + minutes) * 60_000_000, nil) }
      if field[5] == .colon, let seconds = TimeParser.twoDigits(field, 6), seconds < 60 {
        return ((hours * 3600 + minutes * 60 + seconds) * 1_000_000, nil)
      }
    }
    var scanner = VendorTime(rest: Substring(field.string).utf8)
    return scanner.timeOfDay()
  }

  private init(rest: Substring.UTF8View) {
    self.rest = rest
    order = nil
  }

  /// Whether a text has as many digits as a date and a time of day of the years 1900 to 2199. Milliseconds of 1976 have, too; a file
  /// of that year has none.
  static func isCompact(_ field: Field) -> Bool {
    guard field.count == 12 || field.count == 14 || field.count == 17 else { return false }
    return field.bytes.allSatisfy { $0 &- 0x30 < 10 }
      && (field.count > 12 || field[0] == UInt8(ascii: "1") && field[1] == UInt8(ascii: "9")
        || field[0] == UInt8(ascii: "2") && field[1] < UInt8(ascii: "2"))
  }

  /// `yyyymmddhhmm`, `yyyymmddhhmmss` or `yyyymmddhhmmssfff`; nil when these digits are none.
  static func compact(_ field: Field) -> WrittenTime? {
    var pairs: [Int64] = []
    for index in stride(from: 0, to: field.count - field.count % 2, by: 2) {
      guard let pair = TimeParser.twoDigits(field, index) else { return nil }
      pairs.append(pair)
    }
    guard (19...21).contains(pairs[0]), pairs[4] < 24, pairs[5] < 60, pairs.count < 7 || pairs[6] < 60,
      let day = TimeParser.dayNumber(year: pairs[0] * 100 + pairs[1], month: pairs[2], day: pairs[3])
    else { return nil }
    var milliseconds: Int64 = 0
    if field.count == 17 {
      let last = field[16] &- 0x30
      guard last < 10 else { return nil }
      milliseconds = pairs[7] * 10 + Int64(last)
    }
    let seconds = pairs[4] * 3600 + pairs[5] * 60 + (pairs.count > 6 ? pairs[6] : 0)
    return WrittenTime(
      wall: day * WrittenTime.microsecondsPerDay + seconds * 1_000_000 + milliseconds * 1_000, offset: nil,
      hasTimeOfDay: true)
  }

  // MARK: Dates

  private mutating func date() -> Int64? {
    if let month = monthName() {
      // Jul 03, 2023
      skipSeparators()
      guard let (day, _) = number(), day <= 31 else { return nil }
      skipSeparators()
      return dayNumber(number(), month, day)
    }
    guard let (first, digits) = number() else { return nil }
    if digits == 8 { return TimeParser.dayNumber(year: first / 10_000, month: first / 100 % 100, day: first % 100) }
    guard let separator = rest.first, "/.- ".utf8.contains(separator) || separator | 0x20 >= 0x61 else { return nil }
    skipSeparators()
    if let month = monthName() {
      // 03-JUL-2023
      skipSeparators()
      return digits <= 2 ? dayNumber(number(), month, first) : nil
    }
    guard let (second, middleDigits) = number(), rest.first == separator else { return nil }
    rest.removeFirst()
    guard let (third, lastDigits) = number() else { return nil }
    if digits == 4, separator != UInt8(ascii: " ") {
      // ISO 8601 has two digits.
      guard separator != .hyphen || middleDigits == 2 && lastDigits == 2 else { return nil }
      return TimeParser.dayNumber(year: first, month: second, day: third)
    }
    guard digits <= 2, lastDigits == 4 else {
      if lastDigits == 2 { problem = "has a year of two digits; write four" }
      return nil
    }
    guard let order else {
      problem = "may be day or month first; say which with --date-order dmy or --date-order mdy"
      return nil
    }
    return order == .dayFirst
      ? TimeParser.dayNumber(year: third, month: second, day: first)
      : TimeParser.dayNumber(year: third, month: first, day: second)
  }

  private mutating func dayNumber(_ year: (Int64, Int)?, _ month: Int64, _ day: Int64) -> Int64? {
    guard let (year, digits) = year else { return nil }
    if digits == 2 { problem = "has a year of two digits; write four" }
    return digits == 4 ? TimeParser.dayNumber(year: year, month: month, day: day) : nil
  }

  private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
  private static let longMonths = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
  ]

  private mutating func monthName() -> Int64? {
    let word = rest.prefix { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }
    let name = String(Substring(word)).lowercased()
    guard
      let month = Self.months.firstIndex(of: name) ?? Self.longMonths.firstIndex(of: name) ?? (name == "sept" ? 8 : nil)
    else { return nil }
    rest = rest.dropFirst(word.count)
    return Int64(month + 1)
  }

  // MARK: Times of day

  private mutating func timeOfDay() -> (Int64, Int32?)? {
    guard let (first, digits) = number() else { return nil }
    var parts = [first, 0, 0]
    if rest.first == .colon {
      guard digits <= 2 else { return nil }
      for index in 1...2 where rest.first == .colon {
        rest.removeFirst()
        guard let (value, digits) = number(), digits == 2 else { return nil }
        parts[index] = value
      }
    } else {
      switch digits {
      case 3, 4: parts = [first / 100, first % 100, 0]
      case 5, 6: parts = [first / 10_000, first / 100 % 100, first % 100]
      case 9: parts = [first / 10_000_000, first / 100_000 % 100, first / 1_000 % 100, first % 1_000]
      default: return nil
      }
    }
    var microseconds: Int64 = parts.count == 4 ? parts[3] * 1_000 : 0
    if rest.first == .period {
      rest.removeFirst()
      var unit: Int64 = 100_000
      guard let digit = rest.first, digit &- 0x30 < 10 else { return nil }
      while let digit = rest.first, digit &- 0x30 < 10 {
        microseconds += Int64(digit - 0x30) * unit
        unit /= 10
        rest.removeFirst()
      }
    }
    skipBlanks()
    if let half = rest.first.map({ $0 | 0x20 }), half == UInt8(ascii: "a") || half == UInt8(ascii: "p"),
      rest.dropFirst().first.map({ $0 | 0x20 }) == UInt8(ascii: "m")
    {
      guard (1...12).contains(parts[0]) else { return nil }
      parts[0] = parts[0] % 12 + (half == UInt8(ascii: "p") ? 12 : 0)
      rest = rest.dropFirst(2)
      skipBlanks()
    }
    guard parts[0] < 24, parts[1] < 60, parts[2] < 60, let offset = zone() else { return nil }
    return ((parts[0] * 3600 + parts[1] * 60 + parts[2]) * 1_000_000 + microseconds, offset)
  }

  /// What is left: nothing, a name or an offset. Outer nil when it is something else.
  private mutating func zone() -> Int32?? {
    if rest.isEmpty { return .some(nil) }
    switch String(Substring(rest)).uppercased() {
    case "Z", "UTC", "GMT": return 0
    case "IST": return 19_800
    default: break
    }
    let bytes = Array(rest) + [UInt8](repeating: 0, count: 8)
    let offset = bytes.withUnsafeBufferPointer {
      TimeParser.offset(Field(start: $0.baseAddress!, count: rest.count), 0)
    }
    if offset == nil, rest.allSatisfy({ $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A }) {
      problem = "names a time zone that means several; write an offset such as +05:30, or use --time-zone"
    }
    return offset.map { .some($0) } ?? nil
  }

  // MARK: Pieces

  private mutating func number() -> (value: Int64, digits: Int)? {
    let digits = rest.prefix { $0 &- 0x30 < 10 }
    guard !digits.isEmpty, digits.count <= 9 else { return nil }
    rest = rest.dropFirst(digits.count)
    return (digits.reduce(0) { $0 * 10 + Int64($1 - 0x30) }, digits.count)
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == 0x20 || $0 == 0x09 } }

  private mutating func skipSeparators() { rest = rest.drop { "/.-, ".utf8.contains($0) } }
}
