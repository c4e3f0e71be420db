/// An instant: microseconds since 2000-01-01T00:00:00Z, as PostgreSQL counts them.
///
/// Only the years 1 to 9999 exist, so that every timestamp prints as ISO 8601 and sums of a timestamp and a duration of
/// some thousand years cannot overflow. PostgreSQL's `infinity` and `-infinity` are outside and thus refused.
public struct Timestamp: Sendable, Hashable, Comparable {
  public let microseconds: Int64

  /// 0001-01-01T00:00:00Z
  public static let earliest = Timestamp(unchecked: -63_082_281_600_000_000)
  /// 9999-12-31T23:59:59.999999Z
  public static let latest = Timestamp(unchecked: 252_455_615_999_999_999)

  init(unchecked microseconds: Int64) { self.microseconds = microseconds }

  /// - Throws: `outOfRange` outside `earliest`...`latest`.
  public init(microseconds: Int64) throws(TimestampError) {
    guard microseconds >= Self.earliest.microseconds, microseconds <= Self.latest.microseconds else {
      throw TimestampError(.outOfRange, "a time outside the years 1 to 9999, or infinite")
    }
    self.microseconds = microseconds
  }

  public static func < (left: Timestamp, right: Timestamp) -> Bool { left.microseconds < right.microseconds }

  /// - Throws: `outOfRange`.
  public func advanced(byMicroseconds duration: Int64) throws(TimestampError) -> Timestamp {
    let (sum, overflow) = microseconds.addingReportingOverflow(duration)
    return try Timestamp(microseconds: overflow ? .max : sum)
  }

  /// This time, or the earliest or latest there is.
  public static func clamping(_ microseconds: Int64) -> Timestamp {
    Timestamp(unchecked: min(max(microseconds, earliest.microseconds), latest.microseconds))
  }

  /// Microseconds from `earlier` to this time.
  public func microseconds(since earlier: Timestamp) -> Int64 { microseconds - earlier.microseconds }
}

/// Why there is no such time.
public struct TimestampError: Error, Sendable, CustomStringConvertible {
  public enum Code: Sendable {
    case malformed
    /// Outside the years 1 to 9999, or infinite.
    case outOfRange
    /// Finer than a microsecond.
    case inexact
  }

  public let code: Code
  public let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
