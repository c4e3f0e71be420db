import Testing
import TradingCore

@Suite struct ExplanationTests {
  @Test(arguments: [
    ("close > highest(high, 20)[1]", "the close is above the highest high of the last 20 candles one candle before"),
    ("rsi(14) <= 30", "the 14-candle relative strength index of the close is at most 30"),
    ("macd().histogram > 0", "the histogram of the MACD (12, 26, 9) of the close is above 0"),
    (
      "close < bbands(20, 2).lower",
      "the close is below the lower Bollinger band (20 candles, 2 standard deviations) of the close"
    ),
    ("stoch().k != 20", "%K of the slow stochastic (5, 3, 3) differs from 20"),
    (
      "keltner().upper = close",
      "the upper Keltner channel (20 candles, 2 average true ranges of 10 candles) equals the close"
    ),
    ("close > -2.5 * (high - low) + $fast", "the close is above -2.5 times (the high minus the low) plus 20"),
    (
      "close / (high / low) >= -close", "the close divided by (the high divided by the low) is at least minus the close"
    ),
    ("sma(high - low, 5) > 1", "the 5-candle average of (the high minus the low) is above 1"),
    ("sma(volume, $fast)[5] > 1", "the 20-candle average of the volume 5 candles before is above 1"),
    (
      "ema(close, 50)@1h > close@1d",
      "the 50-candle exponential average of the close on 1-hour candles is above the close on daily candles"
    ),
    ("'NSE:NIFTY 50'.close > $other.open", "the close of NSE:NIFTY 50 is above the open of NSE:TCS"),
    ("(close > open)[1]", "(the close is above the open) one candle before"),
    ("(close > open)@1w", "(the close is above the open) on weekly candles"),
    ("close > open for 3 bars", "(the close is above the open) for 3 candles in a row"),
    (
      "count(close > open, 10) >= 7",
      "the number of the last 10 candles at which the close is above the open is at least 7"
    ),
    ("hammer() > 0 and engulfing() < 0", "a hammer forms and a bearish engulfing pattern forms"),
    ("morning_star() = 1", "the morning star pattern (1 or 0) equals 1"),
    ("time between '09:30' and '15:00'", "the time is between 09:30 and 15:00"),
    (
      "close > 1 and (high > 2 or low > 3) and not volume > 4",
      "the close is above 1, (the high is above 2 or the low is above 3) and it is not so that the volume is above 4"
    ),
    ("crosses_below(close, vwap())", "the close crosses below the volume-weighted average price of the session"),
    ("prediction('net', 2h) > 0.5", "the prediction of net (at most 2 hours old) is above 0.5"),
    (
      "min(abs(close), sqrt(open)) > 0",
      "the smaller of the size of the close and the square root of the open is above 0"
    ),
  ])
  func rulesAreSaidInPlainWords(rule: String, words: String) throws {
    let json =
      #"{"entry":"\#(rule)","sizing":{"method":"fixed_quantity","quantity":10},"params":{"fast":20,"other":"NSE:TCS"}}"#
    let text = try StrategyDefinition(type: .custom, json: json).explain()
    #expect(text == "Buys when \(words). Never leaves on its own. Trades 10 units at a time.")
  }

  @Test func bothSidesExitsAndLegsAreSaid() throws {
    let definition = try StrategyDefinition(
      type: .swing,
      json: #"""
        {"entry":"close > 2","exit":"close < 2","short_entry":"close < 1","short_exit":"close > 1",
         "exits":[{"type":"percent_stop","percent":2},{"type":"chandelier"},{"type":"break_even","at_r":1},
           {"type":"take_profit","at_r":2,"portion_percent":50},{"type":"take_profit","percent":4},
           {"type":"session_end"},{"type":"volatility_exit","multiple":2}],
         "legs":[{"symbol":"NSE:TCS","ratio":-1}],"sizing":{"method":"fixed_value","value":10000}}
        """#)
    #expect(
      definition.explain()
        == "Buys when the close is above 2. Sells again when the close is below 2. Sells short when the close is below 1. "
        + "Buys back when the close is above 1. Protects the position with a stop 2 % of the close from the "
        + "entry price. Lets a stop follow the highest high of the last 22 candles minus 3 times the average true range "
        + "(22 candles) below a long position and the lowest low of the last 22 candles plus 3 times the average true range "
        + "(22 candles) above a short one. Moves the stop to the entry price once the open profit is 1 initial stop distance. "
        + "Takes profit on 50 % of what was entered at 2 initial stop distances. Takes profit on all of it at a distance of "
        + "4 % of the close from the entry price. Before the session ends it leaves: when the time until the "
        + "session closes in minutes is at most 5. Leaves when the average true range (14 candles) is 2 times what it was at "
        + "the entry. Along with each unit it trades units of NSE:TCS, on the other side when negative: -1. Puts an "
        + "amount of 10000 into each position.")
  }

  @Test func aSizingThatNeedsAStopSaysSo() throws {
    let definition = try StrategyDefinition(
      type: .custom, json: #"{"short_entry":"close < 1","exits":[{"type":"time_stop","bars":5}]}"#)
    #expect(
      definition.explain()
        == "Sells short when the close is below 1. After a time it leaves: when the number of candles since the entry is at "
        + "least 5. Risks 1 % of the equity between the entry price and the stop. Without a stop there is no such distance, and "
        + "nothing is traded.")
  }

  /// Whatever rule it is, it can be said.
  @Test func eachRandomRuleHasWords() throws {
    var rules = RandomRules(seed: 3)
    for _ in 0..<300 {
      let rule = rules.condition()
      let words = StrategyDefinition(entry: rule).explain()
      #expect(words.hasPrefix("Buys when ") && !words.contains("{") && !words.contains("  "), "\(rule.text)")
    }
  }
}
