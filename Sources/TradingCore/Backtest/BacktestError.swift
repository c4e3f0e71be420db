/// Why a backtest cannot be made, or cannot go on: what the database raises it as.
public struct BacktestError: Error, Sendable, CustomStringConvertible {
  /// Of `sql/errcodes.txt`.
  public let code: String
  public let description: String
  public let detail: String
  public let hint: String

  init(_ code: String, _ description: String, detail: String, hint: String) {
    self.code = code
    self.description = description
    self.detail = detail
    self.hint = hint
  }

  /// Why a trial has no result, as `research.record_trials` takes it.
  public var json: String {
    var writer = RuleWriter()
    writer.raw(#"{"code":"#)
    writer.string(code)
    writer.raw(#","error":"#)
    writer.string("\(description): \(detail)")
    writer.raw("}")
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  /// The specification is not one: it was not made by `research.backtest_specification`.
  static func malformed(_ detail: String) -> Self {
    Self(
      "TR530", "this is not the specification of a backtest", detail: detail,
      hint: "research.backtest_specification(...) makes one.")
  }

  init(_ refusal: BooksRefusal) {
    self.init(
      "TR531", "a backtest cannot judge this: \(refusal.name)", detail: refusal.description + ".",
      hint: "Leave it out of the run, or replay the strategy on a paper portfolio.")
  }

  init(_ error: RuleError) {
    self.init(
      "TR510", error.message,
      detail: error.position.utf8.isEmpty ? "It concerns the strategy as a whole." : error.position + ".",
      hint: "docs/rules.md lists what rules can say.")
  }

  init(_ error: BooksError, at time: Timestamp?) {
    self.init(
      error.code, "the backtest cannot go on: \(error.description)",
      detail: "At \(time?.description ?? "its beginning").", hint: "Nothing of the run is kept.")
  }

  static func failed(_ reason: String, at time: Timestamp) -> Self {
    Self(
      "TR532", "the agent of the backtest cannot go on: \(reason)", detail: "At \(time.description).",
      hint: "Nothing of the run is kept; change the strategy or the settings.")
  }
}
