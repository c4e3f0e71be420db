@testable import TradingCore

/// A session with instruments 1 (ONE), 2 (TWO) and 3 (THREE), and agents of rules.
struct RuleScene {
  static let minute: Int64 = 60_000_000
  var session: TradingSession
  var books: SessionBooks

  static func instrument(_ id: Int32, last: Tick? = nil) -> SessionInstrument {
    SessionInstrument(
      id: id, symbol: ["ONE", "TWO", "THREE"][Int(id) - 1], tickSize: try! Price("0.01"), lot: try! Quantity("1"),
      multiplier: .one, last: last)
  }

  /// - Parameter states: of an earlier scene's agents, by agent and instrument.
  init(
    _ kits: [AgentKit], books: SessionBooks? = nil, states: [[Int32]: [UInt8]] = [:], splits: [SessionSplit] = [],
    predictions: [SessionPrediction] = [], inbox: [OutsideSignal] = [], time: Timestamp? = nil
  ) throws {
    let books = try books ?? SessionBooks(cash: [1: Money("100000")])
    self.books = books
    session = try TradingSession(
      portfolios: [
        SessionPortfolio(
          id: 1, fees: .free, slippageBasisPoints: .zero, marketOrderBuffer: .zero, snapshotInterval: 86_400_000_000,
          account: SessionAccount(cash: books.cash[1]!, available: books.cash[1]!))
      ],
      instruments: [1, 2, 3].map { Self.instrument($0, last: books.last[$0]) },
      agents: kits.map { try $0.agent(books, state: states[[$0.id, $0.instrument.id]]) },
      orders: books.open.values.sorted { $0.order.key.order < $1.order.key.order },
      positions: books.positions.map {
        SessionPosition(
          portfolio: $0[0], instrument: $0[1], holding: SessionHolding(quantity: $1, cost: .zero))
      }, splits: splits, predictions: predictions, inbox: inbox, time: time)
  }

  /// The memories of all agents, by agent and instrument.
  mutating func states() -> [[Int32]: [UInt8]] {
    var states: [[Int32]: [UInt8]] = [:]
    for state in session.takeStates() { states[[state.agent, state.instrument]] = state.state }
    return states
  }

  mutating func tick(_ instrument: Int32, _ seconds: Double, _ price: Double, size: Double = 100) throws {
    let tick = Tick(instrument: instrument, time: try Self.time(seconds), price: price, size: size)
    books.ticks.append(tick)
    session.begin(tick)
    try books.settle(&session)
  }

  mutating func bars(_ bars: [BarEvent]) throws {
    books.bars += bars
    session.begin(bars)
    try books.settle(&session)
  }

  /// Seconds after 2013-10-07T15:00Z, a Monday, 17:00 at the exchange, in its session.
  static func time(_ seconds: Double) throws -> Timestamp {
    try Timestamp("2013-10-07T15:00:00Z").advanced(byMicroseconds: Int64(seconds * 1e6))
  }

  static func bar(_ instrument: Int32, minute: Int, of minutes: Int = 1, _ close: Double) throws -> BarEvent {
    let opensAt = try time(Double(minute) * 60)
    return BarEvent(
      instrument: instrument, opensAt: opensAt, closesAt: try time(Double(minute + minutes) * 60),
      bar: Bar(bucket: opensAt, open: close, high: close, low: close, close: close, volume: 10))
  }

  /// Value of an operand at the last signal.
  func operand(_ name: String) -> Double? {
    guard let operands = books.signals.last?.operands else { return nil }
    return operands.program.operandNames.firstIndex(of: name).map { operands.values[$0] }
  }
}

extension AgentKit {
  init(_ json: String, on instrument: Int32 = 1, resolution: Int64 = RuleScene.minute) {
    self.init(instrument: RuleScene.instrument(instrument), json: json, resolution: resolution)
  }

  func with(_ change: (inout AgentKit) -> Void) -> AgentKit {
    var kit = self
    change(&kit)
    return kit
  }
}
