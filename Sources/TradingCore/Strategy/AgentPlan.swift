/// What of a strategy and of the agent that runs it says how intents become orders.
public struct AgentPlan: Sendable {
  public let exits: [ExitRule]
  public let sizing: PositionSizing
  public let terms: TradingTerms
  /// The most that one entry may cost with its fees; nil: what the portfolio has.
  public let capitalPerTrade: Money?
  /// Every tick is a candle of its own, so that two may have the same time.
  public let isOnTicks: Bool
  /// An exit of it looks at each candle while something is owned.
  let followsCandles: Bool

  public init(
    exits: [ExitRule], sizing: PositionSizing, terms: TradingTerms, capitalPerTrade: Money? = nil,
    isOnTicks: Bool = false
  ) {
    self.exits = exits
    self.sizing = sizing
    self.terms = terms
    self.capitalPerTrade = capitalPerTrade
    self.isOnTicks = isOnTicks
    followsCandles = exits.contains { exit in
      switch exit {
      case .trailingStop, .stopLevel, .breakEven, .when, .expansion: true
      case .stop, .takeProfit, .takeProfitAtR: false
      }
    }
  }

  /// Each exit with what its rule says in `intent`; of a stop level what it says for `side`.
  func values(of intent: StrategyIntent, _ side: Side) -> [(exit: ExitRule, value: Double)] {
    var pairs: [(exit: ExitRule, value: Double)] = []
    pairs.reserveCapacity(exits.count)
    var index = 0
    for exit in exits {
      var place = index
      if case .stopLevel = exit {
        if side == .sell { place += 1 }
        index += 1
      }
      index += 1
      pairs.append((exit, place < intent.exitValues.count ? intent.exitValues[place] : .nan))
    }
    return pairs
  }
}
