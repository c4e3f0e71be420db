import TradingCore

extension StrategyStore {
  /// What a strategy would have done on an instrument: the same rows as `strategy.preview`.
  ///
  /// - Parameters:
  ///   - from: the first candle begins then or later, and `until`: before that.
  ///   - body: is given each row with its candle.
  /// - Throws: TR101, TR103, TR104, and what `body` throws.
  package func preview(
    _ strategy: StoredStrategy, _ report: StrategyReport, on symbol: String, from: Timestamp, until: Timestamp,
    _ body: (Candle, StrategyPreview.Row) throws -> Void
  ) async throws {
    var preview = StrategyPreview(report.program, from: from)
    try await forEachCandle(
      of: symbol, timeframe: strategy.timeframeText, report: report.json, from: from, until: until
    ) { candle in
      if let row = preview.take(candle.candle, predictions: candle.predictions) { try body(candle.candle.candle, row) }
    }
  }

  /// At how many candles of an instrument the conditions of a strategy hold: the same as `strategy.check`.
  ///
  /// - Throws: TR101, TR103, TR104.
  package func check(
    _ strategy: StoredStrategy, _ report: StrategyReport, on symbol: String, from: Timestamp, until: Timestamp
  ) async throws -> StrategyCheck {
    var check = try StrategyCheck(report.program, from: from)
    try await forEachCandle(
      of: symbol, timeframe: strategy.timeframeText, report: report.json, from: from, until: until
    ) { candle in
      check.take(candle.candle, predictions: candle.predictions)
    }
    return check
  }
}
