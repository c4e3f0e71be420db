/// A strategy as data: the `parameters` of one of its versions, parsed and checked. `docs/rules.md` describes them.
public struct StrategyDefinition: Sendable {
  /// Conditions; a side without an entry is taken only when a signal from outside says so.
  public var entry: Rule?
  public var exit: Rule?
  public var shortEntry: Rule?
  public var shortExit: Rule?
  public var sizing: PositionSizing
  public var exits: [ExitRule]
  /// Values of `$name`, in the order in which they are written.
  public var parameters: [(name: String, value: ParameterValue)]
  /// What is traded along with each entry, such as the other half of a pair.
  public var legs: [Leg]

  public enum ParameterValue: Sendable {
    case number(RuleNumber)
    case symbol(String)
  }

  public struct Leg: Sendable {
    public var symbol: RuleSymbol
    /// Units of the leg for each unit of the instrument itself, evaluated at the signal; negative: the other side.
    public var ratio: Rule
  }

  public init(
    entry: Rule? = nil, exit: Rule? = nil, shortEntry: Rule? = nil, shortExit: Rule? = nil,
    sizing: PositionSizing = .standard, exits: [ExitRule] = [],
    parameters: [(name: String, value: ParameterValue)] = [],
    legs: [Leg] = []
  ) {
    self.entry = entry
    self.exit = exit
    self.shortEntry = shortEntry
    self.shortExit = shortExit
    self.sizing = sizing
    self.exits = exits
    self.parameters = parameters
    self.legs = legs
  }
}

/// A way out of a position that the agent's runtime takes care of. Distances are in price units and positive, prices are
/// levels; what the rules inside give is looked at when each candle closes.
public enum ExitRule: Sendable {
  /// A resting stop at this distance from the average entry price, as it was at the signal.
  case stop(distance: Rule)
  /// A stop at this distance from the best price since the entry; it only moves towards the price.
  case trailingStop(distance: Rule)
  /// A stop at a level, one for each side; it only moves towards the price (chandelier).
  case stopLevel(long: Rule, short: Rule)
  /// Once the open profit has reached so many initial stop distances the stop is at the entry price.
  case breakEven(atR: Ratio)
  /// A resting limit order at this distance from the average entry price for a part of what was entered.
  case takeProfit(distance: Rule, portionPercent: Ratio)
  /// The same at so many initial stop distances.
  case takeProfitAtR(Ratio, portionPercent: Ratio)
  /// Out at the market when the condition holds.
  case when(Rule, reason: ExitReason)
  /// Out when the value is this many times what it was at the entry.
  case expansion(of: Rule, multiple: Ratio)
}

/// Why an agent leaves a position.
public enum ExitReason: SQLSpelling {
  /// The strategy's exit rule.
  case rule
  case timeStop, sessionEnd, volatility
  case stop, takeProfit
  /// A person stopped the agent, or an outside program said so.
  case request
  /// The other legs are gone.
  case leg

  public var sql: String {
    switch self {
    case .rule: "rule"
    case .timeStop: "time_stop"
    case .sessionEnd: "session_end"
    case .volatility: "volatility"
    case .stop: "stop"
    case .takeProfit: "take_profit"
    case .request: "request"
    case .leg: "leg"
    }
  }
}
