import TestSupport

@testable import TradingCore

/// Who trades a market that was made up: rules, capital and costs at random.
struct MadeUpTerms {
  /// In units of 10⁻⁸.
  let capital: Int64
  let isMargin: Bool
  /// In basis points.
  let slippage: Int64
  /// The share of a volume, such as 0.05; nil: orders fill whole.
  let participation: String?
  /// Of candles of ticks, in microseconds; 0: each tick is one.
  let tickCandle: Int64
  /// JSON
  let rules: String
  let perShare, percent, minimum: Int64
  let decimals: Int

  init(_ random: inout SeededGenerator) {
    capital = random.pick([2_000, 50_000, 1_000_000, 100_000_000]) * 100_000_000
    isMargin = random.chance(0.4)
    slippage = random.pick([0, 0, 3, 200])
    participation = random.pick([nil, "0.05", "0.5", "0.00100000"])
    tickCandle = random.pick([0, 300_000_000, 1_800_000_000])
    rules = Self.rules(&random, isMargin: isMargin)
    perShare = random.pick([0, 500_000])
    percent = random.pick([0, 10_000_000, 300_001])
    minimum = random.pick([0, 100_000_000])
    decimals = random.pick([2, 8])
  }

  private static func rules(_ random: inout SeededGenerator, isMargin: Bool) -> String {
    let rising = ["close > close[1]", "close > 0", "close > sma(close, 3)", "crosses_above(close, sma(close, 4))"]
    let falling = ["close < close[1]", "close < sma(close, 3)", "bars_since_entry >= 2", "rsi(close, 3) < 40"]
    var members = [#""entry": "\#(random.pick(rising))""#]
    if random.chance(0.7) { members.append(#""exit": "\#(random.pick(falling))""#) }
    // In a cash account they are refused.
    if random.chance(isMargin ? 0.7 : 0.3) {
      members.append(
        #""short_entry": "\#(random.pick([falling[0], falling[1]]))", "short_exit": "\#(random.pick(rising))""#)
    }
    var exits: [String] = []
    let hasStop = random.chance(0.6)
    if hasStop {
      exits.append(
        random.pick([
          #"{"type": "percent_stop", "percent": 1}"#, #"{"type": "percent_trailing", "percent": 2}"#,
          #"{"type": "atr_stop", "multiple": 1, "period": 2}"#, #"{"type": "chandelier", "period": 3, "multiple": 2}"#,
        ]))
      if random.chance(0.3) { exits.append(#"{"type": "break_even", "at_r": 1}"#) }
    }
    if random.chance(0.5) { exits.append(#"{"type": "take_profit", "percent": 1, "portion_percent": 50}"#) }
    if random.chance(0.3) { exits.append(#"{"type": "time_stop", "bars": 3}"#) }
    if !exits.isEmpty { members.append(#""exits": [\#(exits.joined(separator: ", "))]"#) }
    let sizing = [
      #"{"method": "fixed_quantity", "quantity": 40}"#, #"{"method": "fixed_value", "value": 900000}"#,
      #"{"method": "fixed_fractional", "risk_percent": 2}"#,
    ]
    members.append(#""sizing": "# + random.pick(hasStop ? sizing : [sizing[0], sizing[1]]))
    return "{" + members.joined(separator: ", ") + "}"
  }

  /// One line of a schedule, as a specification has it.
  var fees: String {
    """
    {"kind": "equity", "basis": "traded", "begins": -63082091038000000, "minimum": "\(Money(unchecked: Int128(minimum)))", "percent": "\(Money(unchecked: Int128(percent)))", "decimals": \(decimals), "exchange": 1, "component": 1, "per_order": "0", "per_share": "\(Money(unchecked: Int128(perShare)))"}
    """
  }

  /// What an order has paid when so much of it has filled, worked out apart from `FeeSchedule`.
  func fee(quantity: Int128, value: Int128) -> Int128 {
    if quantity == 0 { return 0 }
    // In units of 10⁻¹⁸.
    let due = max(quantity * Int128(perShare) * 100 + value * Int128(percent), Int128(minimum) * 10_000_000_000)
    let unit: Int128 = decimals == 2 ? 10_000_000_000_000_000 : 10_000_000_000
    return (due + unit / 2) / unit * unit / 10_000_000_000
  }
}
