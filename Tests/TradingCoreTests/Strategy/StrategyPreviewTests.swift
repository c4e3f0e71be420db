import Testing

@testable import TradingCore

/// What a strategy is shown to do, and what is counted of its rules.
@Suite struct StrategyPreviewTests {
  private static let day: Int64 = 86_400_000_000

  /// Candles of days with a range of 1 around the close.
  private static func candles(_ closes: [Double]) throws -> [ClosedCandle] {
    try closes.enumerated().map { index, close in
      ClosedCandle(
        Candle(
          bucket: try Timestamp(microseconds: Int64(index) * day), open: close, high: close + 0.5, low: close - 0.5,
          close: close, volume: 1),
        ofSeries: 0, closedAt: try Timestamp(microseconds: Int64(index + 1) * day), clock: nil)
    }
  }

  private static func report(_ parameters: String) throws -> StrategyReport {
    try StrategyReport(type: "custom", timeframe: RuleLength(count: 1, unit: .day), parameters: parameters)
  }

  /// One letter for each candle: b, s, x (exit) or a point.
  private func actions(_ parameters: String, _ closes: [Double], from: Int = 0) throws -> String {
    var preview = StrategyPreview(
      try Self.report(parameters).program, from: try Timestamp(microseconds: Int64(from) * Self.day))
    return try Self.candles(closes).compactMap { candle in
      preview.take(candle, predictions: []).map { row in
        switch row.action {
        case .buy: "b"
        case .sell: "s"
        case .exit: "x"
        case nil: "."
        }
      }
    }.joined()
  }

  @Test(arguments: [
    // Flat at the start, in only when flat, out only when in; out and in again take two candles.
    (#"{"entry": "close > 10", "exit": "close > 10"}"#, "bxbxbx"),
    (#"{"entry": "close > 10", "exit": "close < 12"}"#, "bxb..."),
    (#"{"entry": "close > 20", "exit": "close > 0"}"#, "......"),
    // Buy goes before sell, and a side is left by its own exit.
    (#"{"entry": "close > 11", "short_entry": "close > 0", "short_exit": "close > 11"}"#, "sx" + "b..."),
    // Exits that are conditions: the first candle behind the entry is 1.
    (#"{"entry": "close > 0", "exits": [{"type": "time_stop", "bars": 2}]}"#, "b.xb.x"),
    (#"{"entry": "close > 0", "exit": "bars_since_entry = 1"}"#, "bxbxbx"),
    (#"{"entry": "close > 0", "exit": "open_profit >= 3"}"#, "b..xb."),
    // In units of the first stop, which is one price unit; the stop itself does not act.
    (#"{"entry": "close > 0", "exit": "open_profit_r >= 2", "exits": [{"type": "stop", "distance": "1"}]}"#, "b.xb.x"),
    (#"{"entry": "close > 0", "exit": "open_profit_r >= 2"}"#, "b....."),
  ])
  func itActsAsItsRulesSay(parameters: String, expected: String) throws {
    #expect(try actions(parameters, [11, 11.5, 13, 14, 15, 16]) == expected)
  }

  @Test func thePastWarmsUpAndDoesNothing() throws {
    let parameters = #"{"entry": "close > sma(close, 3)"}"#
    #expect(try actions(parameters, [1, 2, 3, 4, 5]) == "..b..")
    #expect(try actions(parameters, [1, 2, 3, 4, 5], from: 3) == "b.")
  }

  @Test func aVolatilityExitComparesWithTheEntry() throws {
    // The true range is 1 while closes stand still.
    let parameters =
      #"{"entry": "close > 0 and atr(2) > 0", "exits": [{"type": "volatility_exit", "multiple": 2, "period": 2}]}"#
    #expect(try actions(parameters, [10, 10, 10, 10, 18]) == "..b.x")
  }

  @Test func deadRulesShow() throws {
    var check = try StrategyCheck(
      try Self.report(#"{"entry": "close > 0 and close < 0 and sma(close, 9) > 0", "exit": "close > 2"}"#).program,
      from: .earliest)
    for candle in try Self.candles([1, 2, 3, 4]) { check.take(candle, predictions: []) }
    let found = check.conditions.map { "\($0.rule) \($0.text): \($0.held) of \($0.looked) \($0.finding?.text ?? "")" }
    #expect(
      found == [
        "entry close > 0 and close < 0 and sma(close, 9) > 0: 0 of 4 longer than the history",
        "entry close > 0: 4 of 4 always true", "entry close < 0: 0 of 4 never true",
        "entry sma(close, 9) > 0: 0 of 4 longer than the history", "exit close > 2: 0 of 0 ",
      ])
  }

  @Test func exitsAreCountedWhileThereIsAPosition() throws {
    var check = try StrategyCheck(
      try Self.report(
        #"{"entry": "close = 1", "exit": "close >= 3", "exits": [{"type": "chandelier"}, {"type": "time_stop", "bars": 9}]}"#
      ).program, from: .earliest)
    for candle in try Self.candles([3, 1, 2, 3, 3]) { check.take(candle, predictions: []) }
    let exit = try #require(check.conditions.last)
    #expect(exit.rule == "exit" && exit.looked == 2 && exit.held == 1 && exit.finding == nil)
  }

  @Test func aReportSaysWhatIsNeeded() throws {
    let report = try StrategyReport(
      type: "trend", timeframe: RuleLength(count: 15, unit: .minute),
      parameters: #"{"entry": "close > sma(close, 20)@1h and 'NSE:TCS'.close > 1 and prediction('net', 2h) > 0"}"#)
    #expect(report.models == ["net"])
    let needs = report.needs.map { "\($0.operand) \($0.series) \($0.candles) \($0.settles ?? 0)" }
    #expect(
      needs == [
        "close  1 1", "sma(close, 20)@1h @1h 20 20", "'NSE:TCS'.close 'NSE:TCS' 1 1", "prediction('net', 2h)  1 1",
      ])
    for part in [
      #""symbol":"NSE:TCS","length":null,"candles":10"#, #""length":"1 hour","candles":200"#,
      #""maximum_age":"2 hour""#, #""error":null"#,
    ] {
      #expect(report.json.contains(part))
    }
  }

  @Test func whatIsRefusedHasAPlace() throws {
    let error = try #require(throws: RuleError.self) { try Self.report(#"{"entry": "close > 1 and\n hammer()"}"#) }
    let json = StrategyReport.json(of: error)
    #expect(json.contains(#""detail":"entry, line 2, column 2""#) && json.contains("expected a condition"))
    #expect(throws: RuleError.self) {
      try StrategyReport(type: "none", timeframe: nil, parameters: #"{"entry": "close > 1"}"#)
    }
  }

  @Test(
    arguments: [
      (0, 0, 0, nil), (0, 0, 900_000_000, "15m"), (0, 0, 7_200_000_000, "2h"), (0, 0, 1_000_000, "1s"),
      (0, 1, 0, "1d"), (0, 14, 0, "2w"), (12, 0, 0, "12mo"),
    ] as [(Int32, Int32, Int64, String?)])
  func anIntervalIsALength(months: Int32, days: Int32, microseconds: Int64, text: String?) throws {
    #expect(try RuleLength.timeframe(months: months, days: days, microseconds: microseconds)?.text == text)
  }

  @Test(
    arguments: [(1, 1, 0), (0, 1, 1_000_000), (0, 0, 1), (0, -1, 0), (0, 0, 86_400_000_000)] as [(Int32, Int32, Int64)])
  func otherIntervalsAreNone(months: Int32, days: Int32, microseconds: Int64) {
    #expect(throws: RuleError.self) {
      try RuleLength.timeframe(months: months, days: days, microseconds: microseconds)
    }
  }
}
