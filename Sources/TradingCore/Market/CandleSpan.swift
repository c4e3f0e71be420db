/// Candles of whole days, weeks or months as an exchange has them: its trading days and sessions decide where they end.
public struct CandleCalendar: Sendable, Equatable {
  public let exchange: Int32
  /// One of both is zero.
  public let months: Int32
  public let days: Int32

  public init(exchange: Int32, months: Int32, days: Int32) {
    self.exchange = exchange
    self.months = months
    self.days = days
  }
}

/// One candle of a calendar: from the begin of its first trading day to the close of its last session.
public struct CandleSpan: Sendable, Equatable {
  public let begin: Timestamp
  /// The candle is called by its first opening, as a bar of that length is.
  public let opensAt: Timestamp
  public let closesAt: Timestamp
  /// Where the next one begins.
  public let next: Timestamp

  public init(begin: Timestamp, opensAt: Timestamp, closesAt: Timestamp, next: Timestamp) {
    self.begin = begin
    self.opensAt = opensAt
    self.closesAt = closesAt
    self.next = next
  }

  /// Microseconds behind the last time that belongs to it: what trades at the close still does, what trades when the next one
  /// begins does not.
  var end: Int64 { min(closesAt.microseconds + 1, next.microseconds) }
}
