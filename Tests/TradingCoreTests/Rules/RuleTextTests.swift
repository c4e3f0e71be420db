import Testing
import TradingCore

@Suite struct RuleTextTests {
  @Test(arguments: [
    ("close", "close"),
    (" CLOSE\n>\topen ", "close > open"),
    ("rsi(14)", "rsi(close, 14)"), ("rsi()", "rsi(close, 14)"), ("RSI(high)", "rsi(high, 14)"),
    ("rsi(14, 3)", "rsi(14, 3)"),
    ("ema($fast)", "ema(close, $fast)"),
    ("stddev(close)", "stdev(close, 5)"), ("linearreg_slope(20)", "linreg_slope(close, 20)"),
    ("correl(close, open, 20)", "correlation(close, open, 20)"), ("CDLDOJI()", "doji()"),
    ("macd().histogram", "macd(close, 12, 26, 9).histogram"),
    ("macd(5, 35, 5).Signal", "macd(close, 5, 35, 5).signal"),
    ("macd(close, 5).macd", "macd(close, 5, 26, 9).macd"),
    ("bbands(close, 20, 2).lower", "bbands(close, 20, 2).lower"), ("bbands(20).upper", "bbands(close, 20, 2).upper"),
    ("adx()", "adx(14)"), ("sar()", "sar(0.02, 0.2)"), ("volume_surge()", "volume_surge(volume, 20)"),
    ("vwap ( )", "vwap()"), ("opening_high(15)", "opening_high(15)"),
    ("highest(high, 20)[1]", "highest(high, 20)[1]"),
    ("close[1]@1h", "close[1]@1h"), ("close@1h[1]", "(close@1h)[1]"), ("(close@1h)[1]", "(close@1h)[1]"),
    ("((close))", "close"), ("close@1mo", "close@1mo"), ("ema(close@15m, 20)@1d", "ema(close@15m, 20)@1d"),
    ("'NSE:NIFTY 50'.close", "'NSE:NIFTY 50'.close"),
    ("'NSE:NIFTY 50'.ema(close, 20)@1h", "'NSE:NIFTY 50'.ema(close, 20)@1h"),
    ("('A'.close)@1h", "'A'.close@1h"), ("'A'.(close@1h)", "'A'.(close@1h)"), ("'A'.(close)", "'A'.close"),
    ("'A'.(close - open)", "'A'.(close - open)"), ("'^GSPC'.close", "'^GSPC'.close"),
    ("$other.close / close", "$other.close / close"), ("'A'.'B'.close", "'A'.'B'.close"),
    ("1.50", "1.5"), ("00012", "12"), ("1e3", "1000"), ("1E-2", "0.01"), ("2.5e+1", "25"), ("0.000", "0"),
    ("999999999999999", "999999999999999"), ("0.000000000000001", "0.000000000000001"),
    ("123456789.123456000000000", "123456789.123456"), ("100000000000000000000e-10", "10000000000"),
    ("-5", "-5"), ("- 5", "-5"), ("--5", "-(-5)"), ("-(5)", "-(5)"), ("-0", "0"), ("-close", "-close"),
    ("--close", "--close"), ("-5[1]", "-5[1]"), ("(-5)[1]", "(-5)[1]"), ("close - -5", "close - -5"),
    ("-close[1]", "-close[1]"), ("(-close)[1]", "(-close)[1]"), ("-(close + open)", "-(close + open)"),
    ("close-1", "close - 1"), ("2*-close", "2 * -close"),
    ("close==open", "close = open"), ("close<>open", "close != open"), ("close<=open", "close <= open"),
    ("close > open FOR 3 BARS", "close > open for 3 bars"), ("close > open for 1 bar", "close > open for 1 bar"),
    ("close > open for $n bars", "close > open for $n bars"),
    ("close > open for 3 bars for 2 bars", "close > open for 3 bars for 2 bars"),
    ("(close > open and high > low) for 3 bars", "(close > open and high > low) for 3 bars"),
    ("(close > open)[1]", "(close > open)[1]"),
    ("count(close > open, 10) >= 7", "count(close > open, 10) >= 7"),
    ("time between '09:30' and '15:00'", "time between '09:30' and '15:00'"),
    ("time >= '09:30'", "time >= '09:30'"), ("time - '09:15' < 30", "time - '09:15' < 30"),
    ("time + 15 > '15:30'", "time + 15 > '15:30'"), ("time > 570", "time > 570"),
    ("time[1] < '10:00'", "time[1] < '10:00'"), ("weekday = 5", "weekday = 5"),
    ("prediction('trend-net', 1h) > 0.6", "prediction('trend-net', 1h) > 0.6"),
    ("open_profit_r > 1 and position = 1", "open_profit_r > 1 and position = 1"),
    ("not close > open", "not close > open"), ("not not close > open", "not not close > open"),
    ("not (close > open) and high > low", "not close > open and high > low"),
    ("not (close > open and high > low)", "not (close > open and high > low)"),
    ("(close > open and high > low) and volume > 1", "(close > open and high > low) and volume > 1"),
    ("close > open and (high > low and volume > 1)", "close > open and (high > low and volume > 1)"),
    (
      "crosses_above(ema(close, 20), ema(close, 50)) and adx(14) > 25 and ema(close, 50)@1h > ema(close, 200)@1h and volume > 1.5 * sma(volume, 20) and time between '09:30' and '15:00'",
      "crosses_above(ema(close, 20), ema(close, 50)) and adx(14) > 25 and ema(close, 50)@1h > ema(close, 200)@1h and volume > 1.5 * sma(volume, 20) and time between '09:30' and '15:00'"
    ),
  ])
  func textHasANormalForm(text: String, normal: String) throws {
    #expect(try Rule.parse(text).text == normal)
    #expect(try Rule.parse(normal).text == normal)
  }

  /// Each pair is one rule.
  @Test(arguments: [
    ("open + close * 2", "open + (close * 2)"),
    ("open - close - low", "(open - close) - low"), ("open / close * low", "(open / close) * low"),
    ("-open * 2", "(-open) * 2"), ("-open[1]", "-(open[1])"), ("-open@1h", "-(open@1h)"),
    ("open + 1 > close - 1", "(open + 1) > (close - 1)"),
    ("open > 1 and close > 1 or low > 1", "(open > 1 and close > 1) or low > 1"),
    ("open > 1 or close > 1 and low > 1", "open > 1 or (close > 1 and low > 1)"),
    ("not open > 1 and close > 1", "(not open > 1) and close > 1"),
    ("not open > 1 for 3 bars", "not (open > 1 for 3 bars)"),
    ("open > 1 and close > 1 for 3 bars", "open > 1 and (close > 1 for 3 bars)"),
    ("close between open + 1 and high - 1 and low > 1", "(close between (open + 1) and (high - 1)) and low > 1"),
    ("close between open and high for 3 bars", "(close between open and high) for 3 bars"),
    ("hammer() > 0 for 3 bars or open > 1", "((hammer() > 0) for 3 bars) or open > 1"),
    ("'A'.close + 1", "('A'.close) + 1"), ("'A'.close[1]", "('A'.close)[1]"),
  ])
  func operatorsHoldTogetherAsDocumented(text: String, parenthesised: String) throws {
    #expect("\(try Rule.parse(text))" == "\(try Rule.parse(parenthesised))")
  }

  @Test(arguments: [
    ("", 1, 1, "expected a number, a field such as close, or a call such as ema(close, 20), found the end of the rule"),
    ("close >", 1, 8, "found the end of the rule"),
    ("close >\n  > open", 2, 3, "found >"),
    ("close open", 1, 7, "expected the end of the rule or an operator, found open"),
    ("close $", 1, 7, "found $"), ("close # 5", 1, 7, "found #"), ("close 'abc", 1, 7, "found 'abc"),
    ("é", 1, 1, "found é"), ("\"close\" > 5", 1, 1, "found \""), ("close > open; drop", 1, 13, "found ;"),
    ("clsoe > open", 1, 1, "found clsoe; did you mean close?"), ("emma(close, 20)", 1, 1, "did you mean ema(x, n)?"),
    ("foo", 1, 1, "found foo"), ("foo(1)", 1, 1, "expected a function, found foo"),
    ("ema > 5", 1, 1, "expected ema(x, n), found ema without parentheses"),
    ("ema(close, 20, 3)", 1, 1, "expected ema(x, n), found 3 arguments"),
    ("crosses_above(close)", 1, 1, "expected crosses_above(a, b), found 1 argument"),
    ("highest(20)", 1, 1, "expected highest(x, n), found 1 argument"),
    ("adx(close, 14)", 1, 1, "found 2 arguments"), ("sma(1,2,3,4,5,6,7,8,9,10)", 1, 22, "expected )"),
    ("ema(close, 0)", 1, 12, "expected a whole number from 1 to 10000 for n, found 0"),
    ("ema(close, 10001)", 1, 12, "found 10001"), ("ema(close, 2.5)", 1, 12, "found 2.5"),
    ("ema(close, -5)", 1, 12, "found -5"), ("ema(close, volume)", 1, 12, "write a number or a parameter such as $n"),
    ("ema(close, 2 * 5)", 1, 12, "found 2 * 5"),
    ("linreg_slope(close, 1)", 1, 21, "from 2 to 10000"),
    ("bbands(close, 20, 0).upper", 1, 19, "expected a number above 0 and at most 1000 for k, found 0"),
    ("macd(close, 12, 26, 9) > 0", 1, 24, "expected .macd, signal or histogram, found >"),
    ("macd().line", 1, 8, "expected macd, signal or histogram, found line"),
    ("rsi().value", 1, 6, "rsi has one value and no fields"),
    ("close.high", 1, 6, "found ."),
    ("close[0]", 1, 7, "from 1 to 10000, found 0"), ("close[1.5]", 1, 7, "found 1.5"),
    ("close[open]", 1, 7, "found open"),
    ("close[1", 1, 8, "expected ], found the end"),
    ("close@", 1, 7, "expected a length of candles"), ("close@1", 1, 7, "found 1"), ("close@1x", 1, 7, "found 1x"),
    ("close@1M", 1, 7, "found 1M"), ("close@0h", 1, 7, "found 0h"), ("close@99999999999999999999h", 1, 7, "length"),
    ("1h > 5", 1, 1, "a length of candles stands behind @"),
    ("close > open > low", 1, 14, "a comparison of a comparison; write a < b and b < c"),
    ("hammer() and close > open", 1, 1, "expected a condition, found hammer(), a number; write hammer() > 0"),
    ("close > open and hammer()", 1, 18, "expected a condition, found hammer(), a number"),
    ("not close", 1, 5, "expected a condition"), ("close for 3 bars", 1, 1, "expected a condition"),
    ("(close > open) + 1", 1, 1, "expected a number, found close > open, a condition"),
    ("ema(close > open, 5)", 1, 5, "expected a number, found close > open, a condition"),
    ("count(close, 5)", 1, 7, "expected a condition"),
    ("close > not open", 1, 9, "put the condition into parentheses"),
    ("close > open for bars", 1, 18, "expected a number of bars, found bars"),
    ("close > open for 3", 1, 19, "expected bars"),
    ("close between 1 or 2", 1, 17, "expected and with the upper bound"),
    ("and", 1, 1, "found and"), ("close > for", 1, 9, "found for"),
    ("close > '09:30'", 1, 1, "expected time, to be compared with a time of the day, found close"),
    ("'09:30'", 1, 1, "expected a number, found '09:30'"), ("'09:30' < '10:00'", 1, 1, "found '09:30'"),
    ("time > '24:00'", 1, 8, "expected a time such as '09:30', or a symbol"), ("time > '9:30'", 1, 8, "a time such as"),
    ("time * '09:30' > 1", 1, 8, "expected a number"), ("close + '09:30' > 1", 1, 9, "expected a number"),
    ("'NSE:TCS' > 5", 1, 1, "found 'NSE:TCS'"), ("'a;b'.close", 1, 1, "expected a symbol such as 'NSE:NIFTY 50'"),
    ("''.close", 1, 1, "found ''"), ("'A'.", 1, 5, "found the end"), ("'A'.-close", 1, 5, "found -"),
    ("position@1h", 1, 1, "position has no candles of another length"),
    ("(close > 1 and time > '10:00')@1h", 1, 16, "time has no candles of another length"),
    ("'A'.(close * bars_since_entry)", 1, 14, "bars_since_entry has no candles of another instrument"),
    ("ema(prediction('m', 1h), 5)@1d", 1, 5, "prediction has no candles"),
    ("prediction(close, 1h)", 1, 12, "expected the name of a model"), ("prediction('m')", 1, 15, "expected ,"),
    ("prediction('m', 5)", 1, 17, "expected the age"), ("prediction('m', 1mo)", 1, 1, "found 1mo"),
    ("prediction('a\"b', 1h)", 1, 12, "the name of a model"), ("prediction", 1, 1, "found prediction"),
    ("1234567890123456", 1, 1, "at most 15 digits"), ("1e15", 1, 1, "at most 15 digits"),
    ("1e-16", 1, 1, "15 decimals"), ("1e99999999999999999999", 1, 1, "15 digits"), (".5", 1, 1, "found ."),
    ("5.", 1, 2, "found ."), ("close > 1,000", 1, 10, "found ,"), ("ema(close; 5)", 1, 10, "expected , or ), found ;"),
    ("ema(close,, 5)", 1, 11, "found ,"), ("(close > open", 1, 14, "expected ), found the end of the rule"),
  ])
  func whatIsWrongIsShownWhereItStands(text: String, line: Int, column: Int, message: String) throws {
    let error = try #require(throws: RuleError.self) { try Rule.parse(text) }
    #expect(error.line == line && error.column == column, "\(error)")
    #expect(error.description.contains(message), "\(error)")
  }

  @Test func theWholeRuleHasTheTypeThatIsNeeded() throws {
    let error = try #require(throws: RuleError.self) { try Rule.parse("hammer()", as: .condition, path: "entry") }
    #expect(
      error.description == "entry, line 1, column 1: expected a condition, found hammer(), a number; write hammer() > 0"
    )
    #expect(throws: RuleError.self) { try Rule.parse("close > open", as: .number) }
    #expect(try Rule.parse("close", as: .number).text == "close")
  }

  @Test func parametersAreThoseOfTheStrategy() throws {
    let parameters: [(name: String, value: StrategyDefinition.ParameterValue)] = [
      ("fast", .number(RuleNumber(digits: 20))), ("half", .number(RuleNumber(digits: 5, decimals: 1))),
      ("other", .symbol("NSE:TCS")),
    ]
    for text in ["ema(close, $fast)", "close * $half > $other.close", "bbands(close, $fast, $half).upper"] {
      #expect(try Rule.parse(text, parameters: parameters).text == text)
    }
    for (text, column, message) in [
      ("ema(close, $slow)", 12, "expected a parameter of the strategy, found $slow"),
      ("ema(close, $half)", 12, "found $half, which is 0.5"), ("close[$half]", 7, "found $half, which is 0.5"),
      ("close > $other", 9, "found $other, the symbol NSE:TCS; write $other.close"),
      ("$fast.close > 1", 1, "expected a symbol, found $fast, the number 20"),
    ] {
      let error = try #require(throws: RuleError.self) { try Rule.parse(text, parameters: parameters) }
      #expect(error.column == column && error.description.contains(message), "\(error)")
    }
  }
}
