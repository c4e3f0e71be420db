/// How the candles of an agent on one instrument are made: of what, how long they are, and where they begin and end.
public struct CandlePlan: Sendable {
  /// Why an agent cannot have its candles.
  public struct Problem: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// The length of the agent's own candles: whole months, whole days, or neither.
  public let months: Int32
  public let days: Int32
  /// The same in microseconds; 0: every tick is a candle.
  public let length: Int64
  /// Of the feed's bars; nil: it has ticks.
  public let barResolution: Int64?
  /// All that the session knows.
  private let instruments: [Int32: SessionInstrument]
  /// What the symbols in rules name.
  private let symbols: [(symbol: String, instrument: Int32)]
  private let grids: [CandleGrid]

  public init(
    months: Int32, days: Int32, length: Int64, barResolution: Int64?, instruments: [Int32: SessionInstrument],
    symbols: [(symbol: String, instrument: Int32)], grids: [CandleGrid]
  ) {
    self.months = months
    self.days = days
    self.length = length
    self.barResolution = barResolution
    self.instruments = instruments
    self.symbols = symbols
    self.grids = grids
  }

  /// The feed has bars that are shorter than the agent's candles.
  public var isMadeOfBars: Bool { barResolution.map { $0 != length } ?? false }

  /// Whether bars of this length make such candles: whole ones of them, or of their days.
  public static func canBeMade(of bars: Int64, months: Int32, days: Int32, length: Int64) -> Bool {
    if bars == length { return true }
    guard bars > 0, bars < length else { return false }
    return (months == 0 && days == 0 ? length : Timestamp.microsecondsPerDay) % bars == 0
  }

  /// The calendar of the agent's own candles; nil when they are of fixed width.
  public func calendar(of instrument: SessionInstrument) throws(Problem) -> CandleCalendar? {
    let calendar = Self.calendar(months: months, days: days, instrument)
    if barResolution == nil || isMadeOfBars, calendar == nil, length >= Timestamp.microsecondsPerDay {
      throw Problem(description: "its candles are neither of whole days nor of whole months, or longer than ten years")
    }
    return calendar
  }

  /// What makes the agent's own candles.
  public func builder(of instrument: SessionInstrument) throws(ParameterError) -> CandleBuilder {
    try builder(length, Self.calendar(months: months, days: days, instrument), instrument)
  }

  /// The series of a program behind the first.
  public func series(
    of program: StrategyProgram, _ instrument: SessionInstrument
  ) throws(Problem) -> [SessionSeries] {
    var all: [SessionSeries] = []
    for key in program.series.dropFirst() { all.append(try series(key, instrument)) }
    return all
  }

  private func series(_ key: SeriesKey, _ own: SessionInstrument) throws(Problem) -> SessionSeries {
    var other = own
    if let symbol = key.symbol {
      guard let known = symbols.first(where: { isSame($0.symbol, symbol) }).flatMap({ instruments[$0.instrument] })
      else { throw Problem(description: "its rules look at \(symbol), which is no instrument, or several") }
      other = known
    }
    do throws(ParameterError) {
      guard let length = key.length else {
        let calendar = Self.calendar(months: months, days: days, other)
        return SessionSeries(
          instrument: other.id, isOfBaseLength: !isMadeOfBars, calendar: calendar,
          builder: try builder(self.length, calendar, other))
      }
      let calendar: CandleCalendar? =
        switch length.unit {
        case .month: Self.calendar(months: Int32(clamping: length.count), days: 0, other)
        case .week: Self.calendar(months: 0, days: Int32(clamping: 7 * length.count), other)
        case .day: Self.calendar(months: 0, days: Int32(clamping: length.count), other)
        case .second, .minute, .hour: nil
        }
      return SessionSeries(
        instrument: other.id, isOfBaseLength: false, calendar: calendar,
        builder: try builder(length.microseconds, calendar, other))
    } catch {
      throw Problem(description: error.description)
    }
  }

  /// The calendar of candles of whole days or months; nil when they are of another length.
  private static func calendar(months: Int32, days: Int32, _ instrument: SessionInstrument) -> CandleCalendar? {
    guard (months == 0) != (days == 0), months <= 120, days <= 3_650 else { return nil }
    return CandleCalendar(exchange: instrument.feeGroup.exchange, months: months, days: days)
  }

  private func builder(
    _ length: Int64, _ calendar: CandleCalendar?, _ instrument: SessionInstrument
  ) throws(ParameterError) -> CandleBuilder {
    if calendar != nil { return .onCalendar() }
    if length == 0 { return try CandleBuilder(resolution: 1) }
    let grid = grids.first { $0.exchange == instrument.feeGroup.exchange }
    return try CandleBuilder(resolution: length, origin: grid?.origin(ofLength: length) ?? 0)
  }
}

/// Where an exchange's candles of fixed width begin.
public struct CandleGrid: Sendable {
  public let exchange: Int32
  /// Of an hour, in microseconds since the full hour.
  public let hour: Int64
  /// The first opening of a day, in microseconds since midnight UTC, by the standard time of the exchange.
  public let opening: Int64

  public init(exchange: Int32, hour: Int64, opening: Int64) {
    self.exchange = exchange
    self.hour = hour
    self.opening = opening
  }

  /// A boundary between candles of this length: as `market.candles` has them, but for lengths of more than an hour in daylight
  /// saving time.
  func origin(ofLength length: Int64) -> Int64 {
    let minute: Int64 = 60_000_000
    return switch length {
    case minute, 5 * minute, 15 * minute: 0
    case 60 * minute: hour
    default: opening
    }
  }
}
