/// Reads timestamps and dates in PostgreSQL's ISO output, such as `2013-10-07 14:30:00.123456+05:30` or `0044-03-15 BC`.
enum TimestampParser {
  /// Microseconds since 2000-01-01 00:00 UTC; nil for any other form. Without an offset the time is taken as UTC.
  static func microseconds(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    if bytes.elementsEqual("infinity".utf8) { return .max }
    if bytes.elementsEqual("-infinity".utf8) { return .min }
    var scanner = Scanner(bytes: bytes)
    guard var year = scanner.number(digits: 4...7), scanner.take("-"), let month = scanner.number(digits: 2...2),
      scanner.take("-"), let day = scanner.number(digits: 2...2), (1...12).contains(month), (1...31).contains(day)
    else { return nil }

    var seconds = 0
    var micros = 0
    if scanner.take(" ", followedByDigit: true) {
      guard let hour = scanner.number(digits: 2...2), scanner.take(":"), let minute = scanner.number(digits: 2...2),
        scanner.take(":"), let second = scanner.number(digits: 2...2)
      else { return nil }
      seconds = hour * 3600 + minute * 60 + second
      if scanner.take(".") {
        let start = scanner.index
        guard let fraction = scanner.number(digits: 1...6) else { return nil }
        micros = fraction
        for _ in (scanner.index - start)..<6 { micros *= 10 }
      }
      if let sign = scanner.sign() {
        guard let hours = scanner.number(digits: 2...2) else { return nil }
        var offset = hours * 3600
        if scanner.take(":") {
          guard let minutes = scanner.number(digits: 2...2) else { return nil }
          offset += minutes * 60
          if scanner.take(":") {
            guard let rest = scanner.number(digits: 2...2) else { return nil }
            offset += rest
          }
        }
        seconds -= sign * offset
      }
    }
    if scanner.take(" ") {
      guard scanner.take("B"), scanner.take("C") else { return nil }
      year = 1 - year
    }
    guard scanner.isAtEnd else { return nil }
    let days = daysSince2000(year: year, month: month, day: day)
    return (Int64(days) * 86_400 + Int64(seconds)) * 1_000_000 + Int64(micros)
  }

  /// Days of the proleptic Gregorian calendar since 2000-01-01 (Howard Hinnant, "chrono-compatible low-level date
  /// algorithms", days_from_civil).
  static func daysSince2000(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 730_425
  }

  private struct Scanner {
    let bytes: UnsafeRawBufferPointer
    var index = 0

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ character: Unicode.Scalar, followedByDigit: Bool = false) -> Bool {
      guard index < bytes.count, bytes[index] == UInt8(ascii: character) else { return false }
      if followedByDigit, !(index + 1 < bytes.count && isDigit(bytes[index + 1])) { return false }
      index += 1
      return true
    }

    mutating func sign() -> Int? {
      if take("+") { return 1 }
      if take("-") { return -1 }
      return nil
    }

    mutating func number(digits: ClosedRange<Int>) -> Int? {
      var value = 0
      let start = index
      while index < bytes.count, index - start < digits.upperBound, isDigit(bytes[index]) {
        value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
        index += 1
      }
      return digits.contains(index - start) ? value : nil
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
  }
}
