import LibPQ
import TradingCore

/// What a check for look-ahead says of one thing: `research.check_lookahead` by a program.
package struct LookaheadRow: Sendable {
  /// `truncation`, `history`, `predictions`, `revisions` or `prices`.
  package let kind: String
  package let symbol: String
  /// As PostgreSQL writes it; nil, as the others, where nothing was found.
  package let moment: String?
  package let seen: String?
  package let otherwise: String?
  package let finding: String?
}

extension StrategyStore {
  /// Whether a strategy sees what nobody could have seen, or what depends on where the history begins.
  ///
  /// - Parameter params: values for its named parameters, a JSON object, with which `strategy` and `report` were made.
  /// - Throws: TR101, TR103, TR104, TR501, TR502, TR530.
  package func checkLookahead(
    _ strategy: StoredStrategy, _ report: StrategyReport, symbols: [String], from: String, until: String,
    params: String
  ) async throws -> [LookaheadRow] {
    let terms: [Value] = [
      .text("\(strategy.name)@\(strategy.version)"), .texts(symbols), .text(from), .text(until), .jsonb(params),
      .jsonb(report.json),
    ]
    let runs = try await connection.query(
      """
      SELECT r.number, r.symbol, r.begins_at, r.ends_at, r.warm_up
        FROM research.lookahead_runs($1, $2, $3::text::timestamptz, $4::text::timestamptz, $5, $6) AS r
      """, terms
    ).map {
      (
        number: try $0[0].int32, symbol: try $0[1].string, from: try $0[2].time, until: try $0[3].time,
        warmUp: try $0[4].string
      )
    }
    var results: [String] = []
    for run in runs {
      var preview = StrategyPreview(report.program, from: run.from)
      var rows: [String] = []
      try await forEachCandle(
        of: run.symbol, timeframe: strategy.timeframeText, report: run.warmUp, from: run.from, until: run.until
      ) { candle in
        guard let row = preview.take(candle.candle, predictions: candle.predictions) else { return }
        let action = row.action.map { "\"\($0.sql)\"" } ?? "null"
        let operands = report.program.operandsJSON(row.operands)
        rows.append(
          #"{"bucket":\#(candle.candle.candle.bucket.microseconds),"action":\#(action),"operands":\#(operands)}"#)
      }
      results.append(#"{"number":\#(run.number),"rows":[\#(rows.joined(separator: ","))]}"#)
    }
    return try await connection.query(
      """
      SELECT f.kind, f.symbol, f.moment, f.seen, f.otherwise, f.finding
        FROM research.lookahead_findings($1, $2, $3::text::timestamptz, $4::text::timestamptz, $5, $6, $7) AS f
      """, terms + [.jsonb("[\(results.joined(separator: ","))]")]
    ).map {
      LookaheadRow(
        kind: try $0[0].string, symbol: try $0[1].string, moment: try $0[2].ifPresent?.string,
        seen: try $0[3].ifPresent?.string, otherwise: try $0[4].ifPresent?.string,
        finding: try $0[5].ifPresent?.string)
    }
  }
}
