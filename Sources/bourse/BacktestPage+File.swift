import EngineStore
import FoundationEssentials

extension BacktestPage {
  /// Writes the page of a run into a file.
  static func write(_ report: BacktestReport, _ store: BacktestReportStore, to path: String) async throws {
    var candles: [String: [BacktestReport.Candle]] = [:]
    for instrument in charted(report) {
      candles[instrument.symbol] = try await store.candles(of: instrument, in: report)
    }
    do {
      try Data(BacktestPage(report, candles: candles).html.utf8).write(to: URL(filePath: path), options: .atomic)
    } catch {
      throw UserError("the report could not be written to \(path): \(error)")
    }
  }
}
