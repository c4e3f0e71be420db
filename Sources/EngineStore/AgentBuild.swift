import TradingCore

/// Puts an agent together from its rows: its program, what of it is kept, and its open orders.
struct AgentBuild {
  let row: SessionLoader.AgentRow
  let instrument: SessionInstrument
  let instruments: [Int32: SessionInstrument]
  /// By the symbols that rules have.
  let identifiers: [String: Int32]
  let grids: [Int32: CandleGrid]
  let legs: [Int32]
  let barResolution: Int64?

  private static let day: Int64 = 86_400_000_000

  /// - Returns: the agent, and why its rules have to be shown the past although it is not new.
  func agent(
    _ program: StrategyProgram, _ orders: [BookedOrder]
  ) throws -> (agent: SessionAgent, outdated: String?) {
    guard row.instrumentTrades else {
      throw SessionLoader.Unfit(
        description: "its instrument \(instrument.symbol) trades no more (is_active is false)")
    }
    if let barResolution, barResolution != row.timeframe {
      throw SessionLoader.WrongFeed(
        description:
          "agent \"\(row.name)\" looks at candles of \(row.timeframe / 1_000_000) s, and this feed has bars of \(barResolution / 1_000_000) s"
      )
    }
    let calendar = calendar(months: row.months, days: row.isWholeDays ? row.days : 0, instrument)
    if barResolution == nil, calendar == nil, row.timeframe >= Self.day {
      throw SessionLoader.Unfit(
        description: "its candles are neither of whole days nor of whole months, or longer than ten years")
    }
    let terms = try TradingTerms(
      tickSize: instrument.tickSize, lot: instrument.lot, multiplier: instrument.multiplier,
      initialMargin: instrument.initialMargin)
    let isLeg = row.leg != nil
    let plan = AgentPlan(
      exits: isLeg ? [] : program.definition.exits, sizing: program.definition.sizing, terms: terms,
      capitalPerTrade: row.capitalPerTrade, isOnTicks: row.timeframe == 0)
    var agent = SessionAgent(
      id: row.id, portfolio: row.portfolio, instrument: instrument.id, name: row.name, isActive: row.isActive,
      runtime: AgentRuntime(plan), memory: isLeg ? nil : StrategyMemory(program),
      builder: try builder(row.timeframe, calendar, instrument), calendar: calendar, isOnTicks: row.timeframe == 0,
      others: isLeg ? [] : try program.series.dropFirst().map(series), schedule: row.schedule,
      maximumPositions: row.maximumPositions, legs: legs, entersByRules: row.entersByRules)
    guard let state = row.state else {
      agent.isNew = true
      return (agent, nil)
    }
    do {
      let outdated = try restore(&agent, plan, program, state, own(orders))
      return (agent, outdated)
    } catch let error as ParameterError {
      throw StoreError("\(error)")
    }
  }

  /// - Returns: why the rules' part is none to go on from.
  private func restore(
    _ agent: inout SessionAgent, _ plan: AgentPlan, _ program: StrategyProgram, _ state: [UInt8], _ orders: [AgentOrder]
  ) throws -> String? {
    guard let parts = SessionAgent.split(state: state) else { throw StoreError("its length is wrong") }
    agent.runtime = try AgentRuntime(plan, state: parts.runtime, orders: orders)
    guard agent.memory != nil else {
      try agent.restoreCandles(parts.candles)
      return nil
    }
    do {
      agent.memory = try StrategyMemory(program, state: parts.rules)
    } catch .outdated {
      return "what its rules remembered is of another release"
    } catch .badState {
      throw StoreError("the rules' part is damaged")
    }
    try agent.restoreCandles(parts.candles)
    return nil
  }

  private func own(_ orders: [BookedOrder]) -> [AgentOrder] {
    let prefix = "\(row.name)/\(instrument.symbol)/"
    return orders.filter {
      $0.agent == row.id && $0.instrument == instrument.id && $0.clientOrderID.hasPrefix(prefix)
    }
    .compactMap { booked in
      AgentOrder(clientOrderID: String(booked.clientOrderID.dropFirst(prefix.count)), booked.order)
    }
  }

  // MARK: Series

  private func series(_ key: SeriesKey) throws -> SessionSeries {
    var other = instrument
    if let symbol = key.symbol {
      guard let known = identifiers[symbol].flatMap({ instruments[$0] }) else {
        throw SessionLoader.Unfit(description: "its rules look at \(symbol), which is no instrument, or several")
      }
      other = known
    }
    guard let length = key.length else {
      let calendar = calendar(months: row.months, days: row.isWholeDays ? row.days : 0, other)
      return SessionSeries(
        instrument: other.id, isOfBaseLength: true, calendar: calendar,
        builder: try builder(row.timeframe, calendar, other))
    }
    let calendar: CandleCalendar? =
      switch length.unit {
      case .month: self.calendar(months: Int32(clamping: length.count), days: 0, other)
      case .week: self.calendar(months: 0, days: Int32(clamping: 7 * length.count), other)
      case .day: self.calendar(months: 0, days: Int32(clamping: length.count), other)
      case .second, .minute, .hour: nil
      }
    return SessionSeries(
      instrument: other.id, isOfBaseLength: false, calendar: calendar,
      builder: try builder(length.microseconds, calendar, other))
  }

  /// The calendar of candles of whole days or months; nil when they are of another length.
  private func calendar(months: Int32, days: Int32, _ instrument: SessionInstrument) -> CandleCalendar? {
    guard (months == 0) != (days == 0), months <= 120, days <= 3_650 else { return nil }
    return CandleCalendar(exchange: instrument.feeGroup.exchange, months: months, days: days)
  }

  private func builder(
    _ length: Int64, _ calendar: CandleCalendar?, _ instrument: SessionInstrument
  ) throws(ParameterError) -> CandleBuilder {
    if calendar != nil { return .onCalendar() }
    if length == 0 { return try CandleBuilder(resolution: 1) }
    return try CandleBuilder(
      resolution: length, origin: grids[instrument.feeGroup.exchange]?.origin(ofLength: length) ?? 0)
  }
}

/// Where an exchange's candles of fixed width begin.
struct CandleGrid {
  /// Of an hour, in microseconds since the full hour.
  let hour: Int64
  /// The first opening of a day, in microseconds since midnight UTC, by the standard time of the exchange.
  let opening: Int64

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
