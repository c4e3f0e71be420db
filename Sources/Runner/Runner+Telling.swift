import EngineStore
import Logging
import Tracing

/// What a runner tells of a batch: spans while it lasts, and each step of its orders once it has committed.
extension Runner {
  /// Whether somebody wants to know of each order.
  var follows: Bool { tracer != nil || logger.logLevel <= .debug }

  /// Runs `body` within a span, where there is a tracer.
  func span<Result>(
    _ name: String, isolation: isolated (any Actor)? = #isolation, _ body: ((any Span)?) async throws -> Result
  ) async throws -> Result {
    guard let tracer else { return try await body(nil) }
    let span = tracer.startSpan(name)
    defer { span.end() }
    do {
      return try await ServiceContext.$current.withValue(span.context) { try await body(span) }
    } catch {
      span.recordError(error)
      throw error
    }
  }

  /// - Parameter symbols: of the instruments, by their identifiers.
  func tell(_ steps: [OrderStep], _ symbols: [Int32: String]) {
    for step in steps {
      logger.debug("\(step.kind.rawValue)", metadata: metadata(of: step, symbols))
    }
  }

  private func metadata(of step: OrderStep, _ symbols: [Int32: String]) -> Logger.Metadata {
    var metadata: Logger.Metadata = ["portfolio": "\(name(of: step.portfolio))", "at": "\(step.at)"]
    if let id = step.clientOrderID { metadata["client_order_id"] = "\(id)" }
    if let order = step.order { metadata["order"] = "\(order)" }
    if let instrument = step.instrument { metadata["symbol"] = "\(symbols[instrument] ?? "\(instrument)")" }
    if let code = step.code { metadata["code"] = "\(code)" }
    for detail in step.details { metadata[detail.name] = "\(detail.value)" }
    return metadata
  }
}
