/// Agents at their candles: what the rules see, and what of it is carried out.
extension TradingSession {
  // MARK: Seats

  /// Gives an agent its place beside the market.
  mutating func seat(_ agent: SessionAgent, _ lane: Int, _ portfolio: Int) throws(ParameterError) {
    var calendars = [agent.calendar.map { place(of: $0) }]
    for other in agent.others { calendars.append(other.calendar.map { place(of: $0) }) }
    var slot = Slot(
      agent: agent, portfolio: portfolio, calendars: calendars, symbol: lanes[lane].instrument.symbol)
    let exchange = lanes[lane].instrument.feeGroup.exchange
    if agent.schedule != nil { slot.scheduleClock = clock(of: exchange) }
    if let program = agent.memory?.program {
      guard program.series.count == agent.others.count + 1 else {
        throw ParameterError(.badState, "agent \(agent.id) has not the series of its program")
      }
      for series in program.series.indices {
        var clock: Int?
        if program.needsClock(ofSeries: series) {
          let instrument = series == 0 ? agent.instrument : agent.others[series - 1].instrument
          guard let other = index(ofInstrument: instrument) else {
            throw ParameterError(.badState, "agent \(agent.id) looks at an instrument that is not in the session")
          }
          clock = self.clock(of: lanes[other].instrument.feeGroup.exchange)
        }
        slot.clocks.append(clock)
      }
      for key in program.predictions {
        slot.predictions.append(
          (track(of: key.model, agent.instrument, for: agent.portfolio), key.maximumAge.microseconds))
      }
    }
    slot.asksForMore = slot.clocks.contains { $0 != nil } || !slot.predictions.isEmpty
    lanes[lane].slots.append(slot)
  }

  /// Once all have their places: who looks at whom.
  mutating func introduce() {
    for lane in lanes.indices {
      for slot in lanes[lane].slots.indices {
        let agent = lanes[lane].slots[slot].agent
        for other in agent.others {
          guard let source = index(ofInstrument: other.instrument), source != lane,
            !lanes[source].watchers.contains(where: { $0.lane == lane && $0.slot == slot })
          else { continue }
          lanes[source].watchers.append((lane, slot))
        }
        for instrument in agent.legs {
          guard let leg = find(agent: agent.id, instrument: instrument) else { continue }
          lanes[lane].slots[slot].legs.append(leg)
          lanes[leg.lane].slots[leg.slot].primaries.append((lane, slot))
        }
        findNextEnd(lane, slot)
      }
    }
    findNextCandle()
  }

  static func tracks(_ predictions: [SessionPrediction]) -> [PredictionTrack] {
    var tracks: [PredictionTrack] = []
    for prediction in predictions {
      let known = tracks.firstIndex { $0.isOf(prediction.portfolio, prediction.model, prediction.instrument) }
      if known == nil {
        tracks.append(
          PredictionTrack(
            portfolio: prediction.portfolio, model: prediction.model, instrument: prediction.instrument))
      }
      tracks[known ?? tracks.count - 1].append(prediction)
    }
    return tracks
  }

  private mutating func track(of model: String, _ instrument: Int32, for portfolio: Int32) -> Int {
    if let known = tracks.firstIndex(where: { $0.isOf(portfolio, model, instrument) })
      ?? tracks.firstIndex(where: { $0.isOf(nil, model, instrument) })
    {
      return known
    }
    tracks.append(PredictionTrack(portfolio: nil, model: model, instrument: instrument))
    return tracks.count - 1
  }

  // MARK: Clocks

  mutating func clock(of exchange: Int32) -> Int {
    if let known = clocks.firstIndex(where: { $0.exchange == exchange }) { return known }
    clocks.append((exchange, nil))
    nextHours = .earliest
    return clocks.count - 1
  }

  mutating func findNextQuestion() {
    nextHours = .latest
    for clock in clocks { nextHours = min(nextHours, clock.hours?.until ?? .earliest) }
    nextQuestion = inbox.isEmpty ? min(nextSpan, nextHours) : .earliest
  }

  /// Asks for the clocks that are not known up to `time`.
  /// - Returns: whether there are any.
  mutating func askForHours(at time: Timestamp) -> Bool {
    if time < nextHours { return false }
    // A candle that closes now may have begun long ago.
    var from = time
    for lane in lanes {
      for slot in lane.slots {
        for until in slot.agent.knownUntil { if let until { from = min(from, until) } }
      }
      // Whether its last price came in a session.
      if lane.openOrders > 0, lane.lastTime > .earliest { from = min(from, lane.lastTime) }
    }
    let until = Timestamp(
      unchecked: min(time.microseconds, Timestamp.latest.microseconds - Self.hoursAhead) + Self.hoursAhead)
    for clock in clocks where time >= clock.hours?.until ?? .earliest {
      requests.append(.hours(exchange: clock.exchange, from: from, until: until))
    }
    return true
  }

  /// So far ahead clocks are asked for, in microseconds: a calendar that changes is known within a week.
  private static let hoursAhead = 7 * day

  mutating func know(_ hours: SessionHours) {
    if let place = clocks.firstIndex(where: { $0.exchange == hours.exchange }) {
      clocks[place].hours = hours
      for lane in lanes.indices where lanes[lane].clock == place { lanes[lane].stretch = nil }
    }
    findNextQuestion()
  }

  func clock(ofSeries series: Int, at close: Timestamp, _ lane: Int, _ slot: Int) -> ClockView? {
    guard series < lanes[lane].slots[slot].clocks.count, let clock = lanes[lane].slots[slot].clocks[series] else {
      return nil
    }
    return clocks[clock].hours?.clock(at: close)
  }

  // MARK: Candles

  /// A candle of the agent's own is complete: the agent looks.
  @inline(__always)
  mutating func close(_ bar: Candle, closedAt: Timestamp, at time: Timestamp, _ lane: Int, _ slot: Int) {
    let portfolio = lanes[lane].slots[slot].portfolio
    let hasFees = lanes[lane].fees[portfolio]?.place(at: time) != nil
    let held = lanes[lane].held[portfolio].quantity
    var clock: ClockView?
    if lanes[lane].slots[slot].asksForMore {
      clock = self.clock(ofSeries: 0, at: closedAt, lane, slot)
      predict(at: closedAt, lane, slot)
    } else if !predictionValues.isEmpty {
      predictionValues.removeAll(keepingCapacity: true)
    }
    switch lanes[lane].slots[slot].look(
      at: bar, closedAt, at: time, clock, predictionValues, held, hasFees: hasFees, isWatching: isWatching)
    {
    case .nothing: break
    case .rests: balanceLegs(lane, slot, time)
    case .wants(let action): act(on: action, bar, closedAt, at: time, lane, slot)
    }
  }

  private mutating func act(
    on action: StrategyIntent.Action?, _ bar: Candle, _ closedAt: Timestamp, at time: Timestamp, _ lane: Int,
    _ slot: Int
  ) {
    let intent =
      lanes[lane].slots[slot].agent.memory?.intent(action, after: bar)
      ?? StrategyIntent(action: action, price: bar.close)
    let refusal = entryRefusal(intent, at: closedAt, lane, slot)
    act(lane, slot, price: bar.close, isEntry: intent.isEntry, at: time) {
      runtime, account, legPrices, actions throws(ArithmeticError) in
      try runtime.act(
        on: intent, bar: bar, at: time, account: account, entryRefusal: refusal, legPrices: legPrices, into: &actions)
    }
  }

  /// What models said of the instrument by now.
  private mutating func predict(at closedAt: Timestamp, _ lane: Int, _ slot: Int) {
    predictionValues.removeAll(keepingCapacity: true)
    for (track, age) in lanes[lane].slots[slot].predictions {
      predictionValues.append(tracks[track].value(at: closedAt, age: age))
    }
  }

  /// Lets the runtime of an agent act, with what its portfolio has.
  private mutating func act(
    _ lane: Int, _ slot: Int, price: Double, isEntry: Bool, at time: Timestamp,
    _ body: (inout AgentRuntime, AccountView, [Double], inout [AgentAction]) throws(ArithmeticError) -> Void
  ) {
    agentActions.removeAll(keepingCapacity: true)
    let portfolio = lanes[lane].slots[slot].portfolio
    guard let fees = feeSchedule(lane, slot, at: time) else { return }
    var legPrices: [Double] = []
    for leg in lanes[lane].slots[slot].legs { legPrices.append(lanes[leg.lane].lastPrice ?? .nan) }
    do throws(ArithmeticError) {
      // What only an entry asks for.
      let equity = isEntry ? try equity(of: portfolio) : .zero
      let cash = isEntry ? try spendable(portfolio, lane, close: price) : .zero
      let account = AccountView(
        equity: equity, cash: cash, position: lanes[lane].held[portfolio].quantity, fees: fees)
      try body(&lanes[lane].slots[slot].agent.runtime, account, legPrices, &agentActions)
    } catch {
      fail(lane, slot, error.description, time)
    }
    carryOut(lane, slot, time)
  }

  /// What an agent's orders of now are charged; without terms it cannot go on.
  private mutating func feeSchedule(_ lane: Int, _ slot: Int, at time: Timestamp) -> FeeSchedule? {
    if let fees = lanes[lane].fees[lanes[lane].slots[slot].portfolio]?.schedule(at: time) { return fees }
    let symbol = lanes[lane].instrument.symbol
    fail(lane, slot, "the portfolio's fee schedule has no terms for \(symbol) at \(time.description)", time)
    return nil
  }

  /// Why an agent must not open what it wants to open.
  private func entryRefusal(
    _ intent: StrategyIntent, at time: Timestamp, _ lane: Int, _ slot: Int
  ) -> Signal.Refusal? {
    guard intent.isEntry else { return nil }
    if let schedule = lanes[lane].slots[slot].agent.schedule, let clock = lanes[lane].slots[slot].scheduleClock,
      let view = clocks[clock].hours?.clock(at: time), !schedule.allows(view)
    {
      return .schedule
    }
    if let most = lanes[lane].slots[slot].agent.maximumPositions {
      let id = lanes[lane].slots[slot].agent.id
      var count = 1 + lanes[lane].slots[slot].agent.legs.count
      for lane in lanes {
        for slot in lane.slots where slot.agent.id == id && slot.agent.runtime.side != 0 { count += 1 }
      }
      if count > most { return .maximumPositions }
    }
    return nil
  }

  // MARK: Outside programs

  /// Has agents do what outside programs want, at the price of the moment.
  mutating func heed(at time: Timestamp) {
    if inbox.isEmpty { return }
    let signals = inbox
    inbox = []
    for signal in signals {
      guard let (lane, slot) = find(agent: signal.agent, instrument: signal.instrument),
        lanes[lane].slots[slot].agent.isActive, !lanes[lane].slots[slot].hasFailed
      else { continue }
      // Without a price nothing can be sized: it waits for one.
      guard let price = lanes[lane].lastPrice, var memory = lanes[lane].slots[slot].agent.memory else {
        inbox.append(signal)
        continue
      }
      let action: StrategyIntent.Action =
        switch signal.action {
        case .buy: .enterLong
        case .sell: .enterShort
        case .exit: .exit(.request)
        }
      lanes[lane].slots[slot].change(at: time)
      let intent = memory.intent(action, price: price)
      let refusal = entryRefusal(intent, at: time, lane, slot)
      let before = lanes[lane].slots[slot].agent.runtime.signals
      act(lane, slot, price: price, isEntry: intent.isEntry, at: time) {
        runtime, account, legPrices, actions throws(ArithmeticError) in
        try runtime.perform(
          intent, at: time, account: account, entryRefusal: refusal, legPrices: legPrices, into: &actions)
      }
      let after = lanes[lane].slots[slot].agent.runtime.signals
      requests.append(.handled(signal, number: after > before ? before + 1 : nil, at: time))
    }
    findNextQuestion()
  }

  // MARK: Legs

  /// Enters a leg of an agent whose entry has just been asked for.
  mutating func enterLeg(_ index: Int, _ quantity: Quantity, of primary: Place, _ time: Timestamp) {
    guard index < lanes[primary.lane].slots[primary.slot].legs.count else { return }
    let bar = lanes[primary.lane].slots[primary.slot].agent.runtime.lastBar ?? time
    let leg = lanes[primary.lane].slots[primary.slot].legs[index]
    let price = lanes[leg.lane].lastPrice ?? .nan
    let position = lanes[leg.lane].held[lanes[leg.lane].slots[leg.slot].portfolio].quantity
    react(leg.lane, leg.slot, time) { runtime, actions throws(ArithmeticError) in
      try runtime.enterLeg(quantity, bar: bar, at: time, price: price, position: position, into: &actions)
    }
  }

  /// A leg whose primary is gone leaves, and so does a primary whose leg is gone.
  mutating func balanceLegs(_ lane: Int, _ slot: Int, _ time: Timestamp) {
    for leg in lanes[lane].slots[slot].legs { balance((lane, slot), leg, time) }
    for primary in lanes[lane].slots[slot].primaries { balance(primary, (lane, slot), time) }
  }

  private mutating func balance(_ primary: Place, _ leg: Place, _ time: Timestamp) {
    let primaryIsIn = lanes[primary.lane].slots[primary.slot].agent.runtime.side != 0
    let legIsIn = lanes[leg.lane].slots[leg.slot].agent.runtime.side != 0
    if primaryIsIn == legIsIn { return }
    if legIsIn {
      // Another instrument of the agent may have the same leg.
      for other in lanes[leg.lane].slots[leg.slot].primaries
      where lanes[other.lane].slots[other.slot].agent.runtime.side != 0 { return }
    }
    let place = legIsIn ? leg : primary
    if lanes[place.lane].slots[place.slot].agent.runtime.current?.exitReason != nil { return }
    let price = lanes[place.lane].lastPrice ?? .nan
    react(place.lane, place.slot, time) { runtime, actions throws(ArithmeticError) in
      try runtime.requestExit(.leg, price: price, into: &actions)
    }
  }

  // MARK: Splits

  /// What is forming and what waits is restated; what the rules remember is made anew.
  mutating func restateCandles(_ split: SessionSplit) {
    let ratio = split.split.priceRatio
    for lane in lanes.indices {
      let isOwn = lanes[lane].instrument.id == split.instrument
      for slot in lanes[lane].slots.indices {
        var isConcerned = isOwn
        if isOwn {
          lanes[lane].slots[slot].agent.builder.rescale(by: ratio)
          lanes[lane].slots[slot].agent.history?.rescale(series: 0, by: ratio)
        }
        for index in lanes[lane].slots[slot].agent.others.indices
        where lanes[lane].slots[slot].agent.others[index].instrument == split.instrument {
          lanes[lane].slots[slot].agent.others[index].builder.rescale(by: ratio)
          lanes[lane].slots[slot].agent.history?.rescale(series: index + 1, by: ratio)
          isConcerned = true
        }
        guard isConcerned else { continue }
        lanes[lane].slots[slot].change(at: split.effectiveAt)
        for index in lanes[lane].slots[slot].agent.waiting.indices {
          let series = lanes[lane].slots[slot].agent.waiting[index].series
          let instrument =
            series == 0 ? lanes[lane].instrument.id : lanes[lane].slots[slot].agent.others[series - 1].instrument
          if instrument == split.instrument { lanes[lane].slots[slot].agent.waiting[index].candle.rescale(by: ratio) }
        }
        if lanes[lane].slots[slot].agent.memory != nil {
          requests.append(.recollect(lanes[lane].slots[slot].agent, before: split.effectiveAt))
        }
      }
    }
  }
}

extension StrategyIntent {
  var isEntry: Bool { action?.isEntry ?? false }
}

extension StrategyIntent.Action {
  var isEntry: Bool {
    switch self {
    case .enterLong, .enterShort: true
    case .exit: false
    }
  }
}
