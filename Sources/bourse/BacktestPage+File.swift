import EngineStore
import FoundationEssentials
import Glibc

extension BacktestPage {
  /// Writes the page of a run into a file.
  static func write(_ report: BacktestReport, _ store: BacktestReportStore, to path: String) async throws {
    var candles: [String: [BacktestReport.Candle]] = [:]
    for instrument in charted(report) {
      candles[instrument.symbol] = try await store.candles(of: instrument, in: report)
    }
    try writePage(BacktestPage(report, candles: candles).html, of: "report", to: path)
  }
}

/// Writes a page whole, or not at all.
/// - Parameter name: what it shows, for errors.
func writePage(_ html: String, of name: String, to path: String) throws {
  do {
    try Data(html.utf8).write(to: URL(filePath: path), options: .atomic)
  } catch {
    let cause = (error as? CocoaError)?.userInfo["NSUnderlyingError"] as? POSIXError
    let reason = cause.map { String(cString: strerror($0.code.rawValue)) } ?? "\(error)"
    throw UserError("the \(name) could not be written to \(path): \(reason)")
  }
}
