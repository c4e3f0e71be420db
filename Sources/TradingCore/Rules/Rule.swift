/// An expression of the rule language: a number or a condition of each candle.
///
/// People write it as text, machines as JSON; both forms and this value say the same and turn into one another without
/// loss. `docs/rules.md` is the language's page.
public indirect enum Rule: Sendable {
  /// `25`, `1.5`, `-5`
  case number(RuleNumber)
  /// `'09:30'`: minutes since midnight, the exchange's.
  case timeOfDay(minutes: Int)
  /// `$fast`: a number or a symbol that the strategy's `params` name.
  case parameter(String)
  /// `close`
  case field(CandleField)
  /// `bars_since_entry`
  case trade(TradeField)
  /// `session_minutes`
  case clock(ClockField)
  /// `macd(close, 12, 26, 9).histogram`: all inputs, then all constants; `output` counts the function's outputs from 0.
  case call(RuleFunction, [Rule], output: Int)
  /// `a + b`, `not a`, `x between a and b`, `a and b and c`: `and` and `or` have two or more operands.
  case operation(RuleOperator, [Rule])
  /// `close[1]`: the value so many candles before, a number or a parameter from 1 to 10,000.
  case ago(Rule, Rule)
  /// `close@1h`: of candles of another length, the last closed one. Position, clock and predictions have no such length.
  case on(Rule, RuleLength)
  /// `'NSE:NIFTY 50'.close`, `$other.close`: of another instrument, again without position, clock and predictions.
  case of(RuleSymbol, Rule)
  /// `close > open for 3 bars`: as with a lookback, a number or a parameter.
  case lasting(Rule, Rule)
  /// `prediction('trend-net', 1h)`: the latest value of a model, no older than this.
  case prediction(model: String, maximumAge: RuleLength)
}

/// What is known of a candle.
public enum CandleField: Int, CaseIterable, Sendable {
  case open, high, low, close, volume
}

/// What is known of the agent's position in the instrument; without one they have no value, but for `position`.
public enum TradeField: Int, CaseIterable, Sendable {
  /// 1 long, -1 short, 0 flat.
  case position
  /// Candles closed since the entry: 1 at the first one behind it.
  case barsSinceEntry
  case secondsSinceEntry
  /// Average price of the entry.
  case entryPrice
  /// What the position has gained for each unit at this close, in price units.
  case openProfit
  /// Open profit in units of the initial stop distance.
  case openProfitR
}

/// What the exchange's clock says at the close of the candle.
public enum ClockField: Int, CaseIterable, Sendable {
  /// Minutes since midnight, the exchange's.
  case time
  /// Minutes since the session opened; no value outside of sessions.
  case sessionMinutes
  /// Minutes until the session closes; no value outside of sessions.
  case minutesToClose
  /// 1 Monday … 7 Sunday, the exchange's.
  case weekday
}

public enum RuleOperator: Int, CaseIterable, Sendable {
  case negate, add, subtract, multiply, divide
  case less, lessOrEqual, greater, greaterOrEqual, equal, notEqual
  /// Lower bound <= value <= upper bound; of times of the day also across midnight.
  case between
  case not, and, or
}

/// A number as it is written: `digits` × 10^-`decimals`, at most 15 digits and 15 decimals, so that it is one `Double`
/// exactly rounded, whoever reads it.
public struct RuleNumber: Sendable, Hashable {
  public let digits: Int64
  public let decimals: Int

  /// Without trailing zeros behind the point.
  /// - Parameter digits: below 10^15 in size.
  /// - Parameter decimals: 0...15.
  public init(digits: Int64, decimals: Int = 0) {
    var (digits, decimals) = (digits, decimals)
    while decimals > 0, digits % 10 == 0 {
      digits /= 10
      decimals -= 1
    }
    self.digits = digits
    self.decimals = decimals
  }

  /// Both are exact as `Double`, hence the quotient is rounded once.
  public var double: Double {
    var divisor = 1.0
    for _ in 0..<decimals { divisor *= 10 }
    return Double(digits) / divisor
  }
}

/// The length of candles, or an age: `15m`, `1h`, `1d`, `1w`, `1mo`.
public struct RuleLength: Sendable, Hashable {
  public enum Unit: Int, CaseIterable, Sendable {
    case second, minute, hour, day, week, month
  }
  /// 1 or more.
  public let count: Int
  public let unit: Unit

  public init(count: Int, unit: Unit) {
    self.count = count
    self.unit = unit
  }
}

public enum RuleSymbol: Sendable {
  /// `'NSE:NIFTY 50'`
  case name(String)
  /// `$other`
  case parameter(String)
}
