/// The position of an agent from its entry to its end: what it owns, and where its stop and its targets belong.
struct AgentTrade: Sendable {
  /// A step of the take-profit ladder.
  struct Target: Sendable {
    /// From the average entry price.
    var distance: Price
    /// How much of what was entered it and the steps before it take.
    var percent: Ratio
    var filled = Quantity.zero
  }

  /// Of the entry.
  var side: Side
  /// The time of the first fill, before it of the signal.
  var enteredAt: Timestamp
  /// Candles closed since the entry was asked for.
  var bars = 0
  /// Entered by this agent and not left since, without sign.
  var owned = Quantity.zero
  /// The fills of the entry.
  var entered = Quantity.zero
  var cost = Money.zero
  /// Of the initial stop from the average entry price.
  var stopDistance: Price?
  /// Where a stop level was at the signal.
  var stopLevel: Price?
  /// Distance of the initial stop from the price of the signal: the unit of R.
  var risk: Price?
  /// The best place that the stop has come to since.
  var ratchet: Price?
  /// The best price since the entry.
  var best: Price?
  /// A stop has begun to fill: nothing moves any more.
  var isStoppedOut = false
  var targets: [Target] = []
  /// What the volatility exits measured at the signal, in price units; one for each.
  var measures: [Double] = []
  /// It is being left.
  var exitReason: ExitReason?

  init(side: Side, enteredAt: Timestamp) {
    self.side = side
    self.enteredAt = enteredAt
  }

  /// Nil when the plan has stops and where none of them belongs is known: the position would be without protection.
  init?(_ side: Side, _ intent: StrategyIntent, _ plan: AgentPlan, at time: Timestamp) throws(ArithmeticError) {
    self.init(side: side, enteredAt: time)
    guard let price = Self.usable(intent.price) else { return nil }
    var hasStops = false
    let values = plan.values(of: intent, side)
    for (exit, value) in values {
      switch exit {
      case .stop, .trailingStop:
        hasStops = true
        guard let distance = Self.usable(value) else { continue }
        stopDistance = min(stopDistance ?? distance, distance)
        risk = min(risk ?? distance, distance)
      case .stopLevel:
        hasStops = true
        guard let level = try Self.usable(value)?.rounded(toTick: plan.terms.tickSize), level.isPositive else {
          continue
        }
        let distance = side == .buy ? try price - level : try level - price
        guard distance.isPositive else { continue }
        stopLevel = tighter(stopLevel, level)
        risk = min(risk ?? distance, distance)
      case .expansion: measures.append(value)
      case .breakEven, .takeProfit, .takeProfitAtR, .when: break
      }
    }
    if hasStops && risk == nil { return nil }
    var percent = Ratio.zero
    for (exit, value) in values {
      let (distance, portion): (Price?, Ratio)
      switch exit {
      case .takeProfit(_, let percent): (distance, portion) = (Self.usable(value), percent)
      case .takeProfitAtR(let multiple, let percent):
        portion = percent
        distance = try risk?.scaled(by: multiple.raw, over: fixedPointScale)
      default: continue
      }
      percent = try min(percent + portion, Ratio(unchecked: 100 * fixedPointScale))
      if let distance, distance.isPositive { targets.append(Target(distance: distance, percent: percent)) }
    }
  }

  /// The price or distance that a rule gives; nil when it is not known, or none that there can be.
  static func usable(_ value: Double) -> Price? {
    guard value > 0, let price = try? Price(value), price.isPositive else { return nil }
    return price
  }

  // MARK: Prices

  var averagePrice: Price { get throws(ArithmeticError) { try cost.price(per: entered) } }

  /// Where the stop belongs, on the tick grid; nil when there is none, or no such price.
  func stopPrice(tickSize: Price) throws(ArithmeticError) -> Price? {
    guard entered.isPositive else { return nil }
    var stop = tighter(stopLevel, ratchet)
    if let stopDistance {
      stop = tighter(stop, try moved(averagePrice, against: stopDistance).rounded(toTick: tickSize))
    }
    guard let stop, stop.isPositive else { return nil }
    return stop
  }

  /// Where a target belongs: on the tick grid, away from the market.
  func targetPrice(_ index: Int, tickSize: Price) throws(ArithmeticError) -> Price? {
    let distance = targets[index].distance
    let price = side == .buy ? try averagePrice + distance : try averagePrice - distance
    let rounded = try price.rounded(toTick: tickSize, side == .buy ? .up : .down)
    return rounded.isPositive ? rounded : nil
  }

  /// What each target has to take of `sellable`: whole lots, the first ones first.
  func targetQuantities(of sellable: Quantity, lot: Quantity) throws(ArithmeticError) -> [Quantity] {
    var rest = sellable
    var before = Quantity.zero
    var quantities: [Quantity] = []
    for target in targets {
      let whole = try entered.scaled(by: target.percent.raw, over: 100 * fixedPointScale).roundedDown(toLot: lot)
      let quantity = try min(max(whole - before - target.filled, .zero).roundedDown(toLot: lot), rest)
      before = whole
      rest = try rest - quantity
      quantities.append(quantity)
    }
    return quantities
  }

  private func moved(_ price: Price, against distance: Price) throws(ArithmeticError) -> Price {
    side == .buy ? try price - distance : try price + distance
  }

  /// The one of two stop prices that is closer to the market.
  func tighter(_ one: Price?, _ other: Price?) -> Price? {
    guard let one, let other else { return one ?? other }
    return side == .buy ? max(one, other) : min(one, other)
  }

  // MARK: Events

  /// Moves the stop towards the price as far as a closed candle says.
  ///
  /// - Returns: whether the price is through the new place already.
  mutating func follow(
    _ bar: Candle, _ intent: StrategyIntent, _ plan: AgentPlan
  ) throws(ArithmeticError) -> Bool {
    guard bar.isUsable, let close = Self.usable(bar.close), !isStoppedOut else { return false }
    let entry = try averagePrice
    if let extreme = Self.usable(side == .buy ? bar.high : bar.low) {
      let before = best ?? entry
      best = side == .buy ? max(before, extreme) : min(before, extreme)
    }
    let tickSize = plan.terms.tickSize
    let gain = side == .buy ? try close - entry : try entry - close
    var stop: Price?
    for (exit, value) in plan.values(of: intent, side) {
      switch exit {
      case .trailingStop:
        if let distance = Self.usable(value) {
          stop = tighter(stop, try moved(best ?? entry, against: distance).rounded(toTick: tickSize))
        }
      case .stopLevel:
        if let level = Self.usable(value) { stop = tighter(stop, try level.rounded(toTick: tickSize)) }
      case .breakEven(let multiple):
        if let risk, try gain >= risk.scaled(by: multiple.raw, over: fixedPointScale) {
          stop = tighter(stop, try entry.rounded(toTick: tickSize))
        }
      case .stop, .takeProfit, .takeProfitAtR, .when, .expansion: break
      }
    }
    guard let stop, stop.isPositive else { return false }
    let before = try stopPrice(tickSize: tickSize)
    guard tighter(before, stop) != before else { return false }
    ratchet = stop
    return side == .buy ? stop >= close : stop <= close
  }

  /// The first of the plan's conditions that holds.
  func condition(_ intent: StrategyIntent, _ plan: AgentPlan) -> ExitReason? {
    var measure = 0
    for (exit, value) in plan.values(of: intent, side) {
      switch exit {
      case .when(_, let reason): if value > 0 { return reason }
      case .expansion(_, let multiple):
        if measure < measures.count, measures[measure] > 0, value >= measures[measure] * multiple.double {
          return .volatility
        }
        measure += 1
      default: break
      }
    }
    return nil
  }

  /// No more is owned than the portfolio holds.
  mutating func limit(to position: Quantity) {
    owned = min(owned, max(side == .buy ? position : -position, .zero))
  }

  /// The position is gone. Where the stop would belong is kept for an entry that fills after all.
  mutating func end() {
    owned = .zero
    entered = .zero
    cost = .zero
    bars = 0
    ratchet = nil
    best = nil
    isStoppedOut = false
    exitReason = nil
    for index in targets.indices { targets[index].filled = .zero }
  }

  mutating func apply(_ split: StockSplit, tickSize: Price) throws(ArithmeticError) {
    // As the books restate the order that rests there.
    if let stop = try stopPrice(tickSize: tickSize) {
      ratchet = try split.price(stop, side.opposite, tickSize: tickSize)
    }
    if let stopLevel { self.stopLevel = try split.price(stopLevel, side.opposite, tickSize: tickSize) }
    owned = try split.quantity(owned)
    entered = try split.quantity(entered)
    stopDistance = try Self.restated(stopDistance, split)
    risk = try Self.restated(risk, split)
    best = try Self.restated(best, split)
    for index in targets.indices {
      targets[index].distance = try split.distance(targets[index].distance)
      targets[index].filled = try split.quantity(targets[index].filled)
    }
    for index in measures.indices { measures[index] *= split.priceRatio }
  }

  private static func restated(_ distance: Price?, _ split: StockSplit) throws(ArithmeticError) -> Price? {
    guard let distance else { return nil }
    return try split.distance(distance)
  }
}
