@testable import TradingCore

/// A session with two instruments, 1 and 2, and an agent on each for each portfolio: an entry when the close rises, an exit
/// when it falls, a stop 2 true ranges below.
struct SessionScene {
  static let parameters = #"{"fast":1,"slow":2,"atr":1,"atr_multiple":2}"#
  var session: TradingSession
  var books: SessionBooks

  init(
    portfolios: [Int32] = [1], splits: [SessionSplit] = [], duties: [SessionDuty] = [], isActive: Bool = true,
    agents: Bool = true,
    books: SessionBooks? = nil, states: [[Int32]: [UInt8]] = [:], time: Timestamp? = nil, participation: Ratio? = nil,
    futures: [Int32] = [], costs: [[Int32]: Money] = [:], fees: FeePlan = .free, calendar: CandleCalendar? = nil,
    nextPeriod: Timestamp = .latest
  ) throws {
    let books =
      try books ?? SessionBooks(cash: Dictionary(uniqueKeysWithValues: portfolios.map { ($0, try Money("100000")) }))
    let instruments = try [Int32(1), 2].map {
      SessionInstrument(
        id: $0, symbol: $0 == 1 ? "ONE" : "TWO", tickSize: try Price("0.01"), lot: try Quantity("1"), multiplier: .one,
        kind: futures.contains($0) ? .future : .equity, last: books.last[$0])
    }
    var all: [SessionAgent] = []
    for portfolio in agents ? portfolios : [] {
      for instrument in instruments {
        let id = portfolio * 10 + instrument.id
        all.append(
          try AgentKit(
            id: id, portfolio: portfolio, instrument: instrument, name: "walker", isActive: isActive,
            json: Self.parameters, calendar: calendar
          ).agent(books, state: states[[portfolio, instrument.id]]))
      }
    }
    session = try TradingSession(
      portfolios: portfolios.map {
        SessionPortfolio(
          id: $0, fees: fees, slippageBasisPoints: .zero, participation: participation, marketOrderBuffer: .zero,
          snapshotInterval: 86_400_000_000, nextPeriod: nextPeriod,
          account: SessionAccount(cash: books.cash[$0]!, available: books.cash[$0]!))
      },
      instruments: instruments, agents: all,
      orders: books.open.values.sorted { $0.order.key.order < $1.order.key.order },
      positions: books.positions.map {
        SessionPosition(
          portfolio: $0[0], instrument: $0[1], holding: SessionHolding(quantity: $1, cost: costs[$0] ?? .zero))
      }, splits: splits, duties: duties, time: time
    )
    self.books = books
  }

  /// The time of day `day` (0 is 2013-10-01) at this hour.
  static func time(_ day: Int, _ hour: Int) throws -> Timestamp {
    try Timestamp("2013-10-01T00:00:00Z").advanced(byMicroseconds: Int64(day * 24 + hour) * 3_600_000_000)
  }

  /// Sessions from 14:00 to 20:00 UTC of an exchange that is two hours ahead.
  static func hours(_ exchange: Int32, _ from: Timestamp, _ until: Timestamp) -> SessionHours {
    let day = Timestamp.microsecondsPerDay
    let first = from.microseconds - from.microseconds.modulo(day) - day
    let days = (until.microseconds - first) / day + 2
    return SessionHours(
      exchange: exchange, until: until,
      sessions: (0..<days).map { index in
        let begin = first + index * day
        return (.clamping(begin + 14 * 3_600_000_000), .clamping(begin + 20 * 3_600_000_000))
      }, offsets: [(.earliest, 2 * 3_600_000_000)])
  }

  /// The candle of a day whose session is from 14:00 to 20:00.
  static func span(_ at: Timestamp) throws -> CandleSpan {
    let begin = try CandleBuilder(resolution: 86_400_000_000).bucket(of: at)
    return try CandleSpan(
      begin: begin, opensAt: begin.advanced(byMicroseconds: 14 * 3_600_000_000),
      closesAt: begin.advanced(byMicroseconds: 20 * 3_600_000_000),
      next: begin.advanced(byMicroseconds: 86_400_000_000))
  }

  /// A day's bar from 14:00 to 20:00.
  static func bar(_ instrument: Int32, _ day: Int, _ open: Double, _ close: Double, low: Double? = nil) throws
    -> BarEvent
  {
    let opensAt = try time(day, 14)
    return BarEvent(
      instrument: instrument, opensAt: opensAt, closesAt: try time(day, 20),
      bar: Bar(
        bucket: opensAt, open: open, high: max(open, close), low: low ?? min(open, close), close: close, volume: 1_000))
  }

  /// Closes of instrument 1 from day 0 on, each opening at the close before.
  mutating func closes(_ closes: [Double], from day: Int = 0) throws {
    for (index, close) in closes.enumerated() {
      try show([Self.bar(1, day + index, index == 0 ? close : closes[index - 1], close)])
    }
  }

  mutating func show(_ bars: [BarEvent]) throws {
    books.bars += bars
    session.begin(bars)
    try books.settle(&session)
  }

  mutating func show(_ tick: Tick) throws {
    books.ticks.append(tick)
    session.begin(tick)
    try books.settle(&session)
  }
}
