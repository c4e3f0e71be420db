import TestSupport
import Testing
import TradingCore

@Suite struct StrategyDefinitionTests {
  private func definition(_ json: String, _ type: StrategyType = .custom) throws -> StrategyDefinition {
    try StrategyDefinition(type: type, json: json)
  }

  @Test func everyPartIsRead() throws {
    let definition = try definition(
      #"""
      {"short_exit": {">": ["close", {"ema": ["close", "$fast"]}]}, "legs": [{"symbol": "$other",
        "ratio": "-hedge_ratio(close, $other.close, 60)"}], "entry": "crosses_above(ema(close, $fast), 5)",
       "exit": {"and": ["close < open", {"not": ["hammer() > 0"]}]}, "short_entry": "close < 'NSE:TCS'.close",
       "sizing": {"method": "fixed_quantity", "quantity": 100}, "exits": [{"type": "atr_stop", "multiple": 3}],
       "params": {"fast": 20, "other": "NSE:TCS"}}
      """#)
    #expect(definition.entry?.text == "crosses_above(ema(close, $fast), 5)")
    #expect(definition.exit?.text == "close < open and not hammer() > 0")
    #expect(definition.shortEntry?.text == "close < 'NSE:TCS'.close")
    #expect(definition.shortExit?.text == "close > ema(close, $fast)")
    #expect(try definition.sizing == .fixedQuantity(Quantity("100")))
    #expect(definition.legs.count == 1 && definition.legs[0].ratio.text == "-hedge_ratio(close, $other.close, 60)")
    guard case .symbol("NSE:TCS")? = definition.value(of: "other"),
      case .number(let fast)? = definition.value(of: "fast")
    else {
      Issue.record("parameters")
      return
    }
    #expect(fast == RuleNumber(digits: 20) && definition.value(of: "slow") == nil)
  }

  @Test(arguments: [
    (#"{"type":"stop","distance":"2 * atr(14)"}"#, #"{"type":"stop","distance":"2 * atr(14)"}"#),
    (#"{"type":"stop","distance":5}"#, #"{"type":"stop","distance":"5"}"#),
    (#"{"type":"atr_stop","multiple":2.5}"#, #"{"type":"stop","distance":"2.5 * atr(14)"}"#),
    (#"{"type":"atr_stop","multiple":"$m","period":"$n"}"#, #"{"type":"stop","distance":"$m * atr($n)"}"#),
    (#"{"type":"percent_stop","percent":2}"#, #"{"type":"stop","distance":"close * 2 / 100"}"#),
    (#"{"type":"trailing_stop","distance":"stdev(20)"}"#, #"{"type":"trailing_stop","distance":"stdev(close, 20)"}"#),
    (#"{"type":"atr_trailing","multiple":3,"period":10}"#, #"{"type":"trailing_stop","distance":"3 * atr(10)"}"#),
    (#"{"type":"percent_trailing","percent":0.5}"#, #"{"type":"trailing_stop","distance":"close * 0.5 / 100"}"#),
    (
      #"{"type":"chandelier"}"#,
      #"{"type":"stop_level","long":"highest(high, 22) - 3 * atr(22)","short":"lowest(low, 22) + 3 * atr(22)"}"#
    ),
    (
      #"{"type":"stop_level","long":"lowest(low, 5)","short":"highest(high, 5)"}"#,
      #"{"type":"stop_level","long":"lowest(low, 5)","short":"highest(high, 5)"}"#
    ),
    (#"{"type":"break_even","at_r":1}"#, #"{"type":"break_even","at_r":1}"#),
    (#"{"type":"take_profit","at_r":2}"#, #"{"type":"take_profit","at_r":2,"portion_percent":100}"#),
    (
      #"{"type":"take_profit","at_r":"$m","portion_percent":50}"#,
      #"{"type":"take_profit","at_r":2.5,"portion_percent":50}"#
    ),
    (
      #"{"type":"take_profit","distance":"atr(5)"}"#,
      #"{"type":"take_profit","distance":"atr(5)","portion_percent":100}"#
    ),
    (
      #"{"type":"take_profit","percent":4,"portion_percent":33.3}"#,
      #"{"type":"take_profit","distance":"close * 4 / 100","portion_percent":33.3}"#
    ),
    (#"{"type":"time_stop","bars":10}"#, #"{"type":"time_stop","when":"bars_since_entry >= 10"}"#),
    (#"{"type":"time_stop","seconds":600}"#, #"{"type":"time_stop","when":"seconds_since_entry >= 600"}"#),
    (#"{"type":"session_end"}"#, #"{"type":"session_end","when":"minutes_to_close <= 5"}"#),
    (#"{"type":"session_end","minutes":15}"#, #"{"type":"session_end","when":"minutes_to_close <= 15"}"#),
    (#"{"type":"volatility_exit","multiple":2}"#, #"{"type":"volatility_exit","of":"atr(14)","multiple":2}"#),
    (
      #"{"type":"volatility_exit","multiple":2,"of":"stdev(20)"}"#,
      #"{"type":"volatility_exit","of":"stdev(close, 20)","multiple":2}"#
    ),
    (#"{"type":"rule","when":"rsi(14) > 80"}"#, #"{"type":"rule","when":"rsi(close, 14) > 80"}"#),
  ])
  func exitsBecomeRules(written: String, normal: String) throws {
    let start = #"{"entry":"close > open","sizing":{"method":"fixed_value","value":10000},"exits":["#
    let end = #"],"params":{"m":2.5,"n":20}}"#
    let first = try definition(start + written + end)
    #expect(first.normalizedJSON == start + normal + end)
    #expect(try definition(first.normalizedJSON).normalizedJSON == first.normalizedJSON)
  }

  @Test(arguments: [
    (#"{"method":"fixed_quantity","quantity":100}"#, #"{"method":"fixed_quantity","quantity":100}"#),
    (#"{"method":"fixed_fractional"}"#, #"{"method":"fixed_fractional","risk_percent":1}"#),
    (#"{"method":"volatility"}"#, #"{"method":"volatility","risk_percent":1,"atr_multiple":2}"#),
    (#"{"method":"deviation"}"#, #"{"method":"deviation","risk_percent":1,"deviations":2,"period":20}"#),
    (
      #"{"method":"kelly","win_rate":0.55,"payoff":1.5}"#,
      #"{"method":"kelly","win_rate":0.55,"payoff":1.5,"fraction":0.5,"cap_percent":25}"#
    ),
  ])
  func sizingIsWrittenInFull(written: String, normal: String) throws {
    let normalized = try definition(#"{"entry":"close > open","sizing":\#(written)}"#).normalizedJSON
    #expect(normalized == #"{"entry":"close > open","sizing":\#(normal)}"#)
    #expect(try definition(normalized).normalizedJSON == normalized)
  }

  @Test func rulesAreWrittenAsTextOrAsJSON() throws {
    let definition = try definition(
      #"{"entry":"rsi(14) < $low","legs":[{"symbol":"NSE:TCS","ratio":-1}],"params":{"low":30}}"#)
    #expect(
      definition.json(rulesAsText: false)
        == #"{"entry":{"<":[{"rsi":["close",14]},"$low"]},"sizing":{"method":"fixed_fractional","risk_percent":1},"#
        + #""params":{"low":30},"legs":[{"symbol":"NSE:TCS","ratio":-1}]}"#)
    #expect(
      try self.definition(definition.json(rulesAsText: false)).normalizedJSON == definition.normalizedJSON)
  }

  /// The parameters that trends had before there were rules.
  @Test func aTrendWithoutAnEntryFollowsTwoAverages() throws {
    let standard = try definition("{}", .trend)
    #expect(
      standard.normalizedJSON
        == #"{"entry":"crosses_above(ema(close, $fast), ema(close, $slow))","#
        + #""exit":"crosses_below(ema(close, $fast), ema(close, $slow))","#
        + #""sizing":{"method":"fixed_fractional","risk_percent":1},"#
        + #""exits":[{"type":"stop","distance":"$atr_multiple * atr($atr)"}],"#
        + #""params":{"fast":20,"slow":50,"atr":14,"atr_multiple":3}}"#)
    #expect(try definition(standard.normalizedJSON, .trend).normalizedJSON == standard.normalizedJSON)
    let other = try definition(#"{"fast":5,"slow":8,"atr":3,"atr_multiple":2.5,"risk_percent":0.1}"#, .trend)
    #expect(other.normalizedJSON.hasSuffix(#""params":{"fast":5,"slow":8,"atr":3,"atr_multiple":2.5}}"#))
    #expect(try other.sizing == .fixedFractional(riskPercent: Ratio("0.1")))
  }

  @Test func onlyCustomStrategiesLeaveTheirEntriesToOthers() throws {
    let json = #"{"exit":"close > 9","exits":[{"type":"percent_stop","percent":20}]}"#
    let custom = try definition(json)
    #expect(
      custom.explain().hasPrefix("Enters when a signal from outside says so. Sells again when the close is above 9."))
    #expect(try definition(custom.normalizedJSON).normalizedJSON == custom.normalizedJSON)
    #expect(try definition("{}").explain().contains("Never leaves on its own"))
    for type in [StrategyType.meanReversion, .momentum, .arbitrage, .scalping, .swing] {
      let error = try #require(throws: RuleError.self) { try definition(json, type) }
      #expect(error.description.contains("a strategy without an entry"))
    }
  }

  @Test(arguments: [
    (#"{"fast":0}"#, "fast"), (#"{"fast":5.5}"#, "fast"), (#"{"fast":"5"}"#, "fast"), (#"{"slow":10001}"#, "slow"),
    (#"{"slow":99999999999999999999999}"#, "slow"), (#"{"atr":-1}"#, "atr"), (#"{"atr":[14]}"#, "atr"),
    (#"{"fast":50,"slow":50}"#, "fast"), (#"{"fast":60}"#, "fast"), (#"{"atr_multiple":0}"#, "atr_multiple"),
    (#"{"atr_multiple":1e400}"#, "atr_multiple"), (#"{"atr_multiple":100.1}"#, "atr_multiple"),
    (#"{"risk_percent":0.000000001}"#, "risk_percent"), (#"{"risk_percent":101}"#, "risk_percent"),
    (#"{"risk_percent":true}"#, "risk_percent"), (#"{"sizing":1}"#, "sizing"), (#"{"sizing":{}}"#, "sizing.method"),
    (#"{"risk_percent":1,"sizing":{"method":"fixed_fractional"}}"#, "sizing"), (#"{"fats":5}"#, "fats"),
    (#"{"direction":"both"}"#, "direction"), (#"{"fast\u0041":5}"#, "fastA"),
  ])
  func aBadTrendIsRefusedByItsKey(json: String, path: String) throws {
    let error = try #require(throws: RuleError.self) { try definition(json, .trend) }
    #expect(error.path == path, "\(error)")
    expectReadable(error)
  }

  @Test(arguments: [
    (#"{"entry":"close >"}"#, "entry, line 1, column 8: expected a number"),
    (#"{"entry":"close"}"#, "entry, line 1, column 1: expected a condition, found close, a number; write close > 0"),
    (#"{"entry":5}"#, "entry: expected a condition, found 5, a number"),
    (#"{"entry":true}"#, "entry: expected a rule: a number, a text or an object, found true or false"),
    (#"{"entry":["close > open"]}"#, "entry: expected a rule: a number, a text or an object, found an array"),
    (#"{"entry":{}}"#, "entry: expected an object with one key, found 0 keys"),
    (#"{"entry":{"and":["close > open"]}}"#, "entry.and: expected two or more operands, found 1"),
    (
      #"{"entry":{"and":["close > open", {"<":["close", "opne"]}]}}"#,
      "entry.and[1].<[1], line 1, column 1: expected a number, a field such as close, or a call such as "
        + "ema(close, 20), found opne; did you mean open?"
    ),
    (#"{"entry":{">":["close"]}}"#, "entry.>: expected 2 operands, found 1"),
    (#"{"entry":{">":"close"}}"#, #"entry.>: expected an array with what it is applied to, found "close""#),
    (
      #"{"entry":{">":[{"ema":["close",0]},1]}}"#,
      "entry.>[0].ema[1]: expected a whole number from 1 to 10000 for n, found 0"
    ),
    (#"{"entry":{">":[{"emaa":["close",5]},1]}}"#, #"entry.>[0]: expected a function, an operator"#),
    (#"{"entry":{">":[{"macd":[]},1]}}"#, "entry.>[0].field: expected macd, signal or histogram, found no field"),
    (
      #"{"entry":{">":[{"macd":[],"field":"x"},1]}}"#,
      #"entry.>[0].field: expected macd, signal or histogram, found "x""#
    ),
    (#"{"entry":{">":[{"rsi":[],"field":"x"},1]}}"#, "entry.>[0].field: rsi has one value and no fields"),
    (#"{"entry":{">":[{"+":[1,2],"field":"x"},1]}}"#, "entry.>[0]: only a function has a field"),
    (
      #"{"entry":{">":[{"ago":["close",0]},1]}}"#, "entry.>[0].ago[1]: expected a whole number from 1 to 10000, found 0"
    ),
    (#"{"entry":{">":[{"on":["close","1x"]},1]}}"#, #"entry.>[0].on[1]: expected a length of candles"#),
    (#"{"entry":{">":[{"on":["position","1h"]},1]}}"#, "entry.>[0].on[0], line 1, column 1: position has no candles"),
    (#"{"entry":{">":[{"of":["$x","close"]},1]}}"#, "entry.>[0].of[0]: expected a parameter of the strategy, found $x"),
    (#"{"entry":{">":[{"of":["a\"b","close"]},1]}}"#, "entry.>[0].of[0]: expected a symbol"),
    (#"{"entry":{">":[{"prediction":["m",5]},1]}}"#, "entry.>[0].prediction: expected [name of a model, age"),
    (
      #"{"entry":{">":["time",{"time":"25:00"}]}}"#,
      #"entry.>[1].time: expected a time of the day such as "09:30", found "25:00""#
    ),
    (
      #"{"entry":{">":["close",1e300]}}"#,
      "entry.>[1]: expected a number of at most 15 digits and 15 decimals, found 1e300"
    ),
    (
      #"{"entry":"ema(close, $fast) > 1"}"#,
      "entry, line 1, column 12: expected a parameter of the strategy, found $fast"
    ),
    (#"{"entry":"close > 1","params":{"a b":1}}"#, "params.a b: expected a name of letters"),
    (#"{"entry":"close > 1","params":{"a":"b;c"}}"#, #"params.a: expected a number or a symbol, found "b;c""#),
    (#"{"entry":"close > 1","params":[]}"#, "params: expected an object, found an array"),
    (#"{"entry":"close > 1","params":{"n":0.1234567890123456}}"#, "params.n: expected a number of at most 15"),
    (#"{"short_entry":"close > 1","exit":"close > 1"}"#, "exit: an exit without an entry"),
    (#"{"entry":"close > 1","short_exit":"close > 1"}"#, "short_exit: a short exit without a short entry"),
    (
      #"{"entry":"close > 1","sizing":{"method":"fixed_quantity","quantity":0}}"#,
      "sizing.quantity: quantity must be above 0"
    ),
    (#"{"entry":"close > 1","stops":[]}"#, "stops: an unknown key; known are entry, exit"),
    (#"{"entry":"close > 1","exits":{}}"#, "exits: expected an array, found an object"),
    (#"{"entry":"close > 1","exits":["stop"]}"#, #"exits[0]: expected an object, found "stop""#),
    (#"{"entry":"close > 1","exits":[{}]}"#, "exits[0]: type is missing"),
    (
      #"{"entry":"close > 1","exits":[{"type":"stopp"}]}"#,
      #"exits[0].type: "stopp" is no type of exit; known are stop"#
    ),
    (#"{"entry":"close > 1","exits":[{"type":"stop"}]}"#, "exits[0]: distance is missing"),
    (
      #"{"entry":"close > 1","exits":[{"type":"stop","distance":"close > 1"}]}"#,
      "exits[0].distance, line 1, column 1: expected a number"
    ),
    (#"{"entry":"close > 1","exits":[{"type":"stop","distance":1,"x":1}]}"#, "exits[0].x: an unknown key"),
    (
      #"{"entry":"close > 1","exits":[{"type":"atr_stop","multiple":0}]}"#,
      "exits[0].multiple: expected a number above 0"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"atr_stop","multiple":1,"period":1.5}]}"#,
      "exits[0].period: expected a whole number"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"atr_stop","multiple":"$k"}]}"#,
      "exits[0].multiple: expected a parameter of the strategy"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"percent_stop","percent":101}]}"#,
      "exits[0].percent: expected a number above 0 and at most 100"
    ),
    (#"{"entry":"close > 1","exits":[{"type":"take_profit"}]}"#, "exits[0]: expected at_r, distance or percent"),
    (
      #"{"entry":"close > 1","exits":[{"type":"take_profit","at_r":1,"percent":1}]}"#,
      "exits[0].percent: percent and at_r exclude"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"break_even","at_r":0.123456789}]}"#,
      "exits[0].at_r: expected a number of at most eight decimals"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"time_stop","bars":1,"seconds":1}]}"#,
      "exits[0].seconds: seconds and bars exclude"
    ),
    (
      #"{"entry":"close > 1","exits":[{"type":"session_end","minutes":1,"when":"close > 1"}]}"#,
      "exits[0].minutes: minutes and when exclude"
    ),
    (#"{"entry":"close > 1","exits":[1,2,3,4,5,6,7,8,9]}"#, "exits: expected at most 8 elements, found 9"),
    (#"{"entry":"close > 1","legs":[1,2,3,4,5]}"#, "legs: expected at most 4 elements, found 5"),
    (#"{"entry":"close > 1","legs":[{"symbol":5,"ratio":1}]}"#, "legs[0].symbol: expected a symbol, found 5"),
    (#"{"entry":"close > 1","legs":[{"symbol":"A"}]}"#, "legs[0]: ratio is missing"),
    (#"{"entry":"close > 1","entry":"close > 2"}"#, "a JSON object that names a key twice"),
    (#"{"entry":"close > 1","params":{"a":1,"\u0061":2}}"#, "a JSON object that names a key twice"),
    (#"{"entry":{">":["close",1,]}}"#, "not one well-formed JSON object"),
    (#"{"entry":{">":["close",01]}}"#, "not one well"),
    (#"{"entry":{">":["close",NaN]}}"#, "not one well"), (#"{"entry":{">":["close",-Infinity]}}"#, "not one well"),
    (#"{"entry":{">":["close",1.]}}"#, "not one well"), (#"{"entry":{">":["close",+1]}}"#, "not one well"),
    (#"{"entry":"\ud800"}"#, "not one well"), (#"{"entry":"\udc00\ud800"}"#, "not one well"),
    (#"{"entry":"close\u0000"}"#, "not one well"), (#"{"entry":"\x41"}"#, "not one well"),
    ("{\"entry\":\"a\tb\"}", "not one well"),
    (#"{"entry":TRUE}"#, "not one well"), (#"/* */{"entry":"close > 1"}"#, "not one well"),
    (#"{'entry':"close > 1"}"#, "not one well"),
  ])
  func whatIsWrongIsNamed(json: String, message: String) throws {
    let error = try #require(throws: RuleError.self) { try definition(json) }
    #expect(error.description.hasPrefix(message), "\(error)")
    expectReadable(error)
  }

  @Test func whatIsNullIsLeftOut() throws {
    let json =
      #"{"entry":"close > 1","exit":null,"short_entry":null,"exits":null,"sizing":null,"params":null,"legs":null}"#
    #expect(try definition(json).normalizedJSON == definition(#"{"entry":"close > 1"}"#).normalizedJSON)
  }

  @Test func deepAndLongJSONIsRefused() throws {
    let deep = String(repeating: #"{"abs":["#, count: 63) + #""close""# + String(repeating: "]}", count: 63)
    #expect(try definition(#"{"entry":"close > 1","exits":[{"type":"stop","distance":\#(deep)}]}"#).exits.count == 1)
    for json in [
      #"{"entry":"close > 1","exits":[{"type":"stop","distance":{"abs":[\#(deep)]}}]}"#,
      #"{"entry":"# + String(repeating: "[", count: 60_000),
      #"{"entry":"# + String(repeating: #"{"not":["#, count: 8_000),
      #"{"entry":"close > 1"}"# + String(repeating: " ", count: 1 << 20),
      #"{"entry":""# + String(repeating: "a", count: 60_000) + #""}"#,
      #"{"entry":{"or":["# + String(repeating: #""1>0","#, count: 400) + #""1>0"]}}"#,
    ] {
      expectReadable(try #require(throws: RuleError.self) { try definition(json) })
    }
  }
}
