import LibPQ
import Tracing
import TradingCore

/// A step on the way from a signal to its fills. What joins them is the key of the order
/// (docs/decisions/one-id-from-tick-to-fill.md).
package struct OrderStep: Sendable {
  package enum Kind: String, Sendable {
    case signal
    case submitted = "order submitted"
    case ended = "order ended"
    case fill
    case refusedFill = "fill refused"

    var span: String {
      switch self {
      case .signal: "bourse.signal"
      case .submitted: "bourse.order"
      case .ended: "bourse.order_end"
      case .fill: "bourse.fill"
      case .refusedFill: "bourse.refused_fill"
      }
    }
  }

  package let kind: Kind
  package let portfolio: Int32
  package let at: Timestamp
  /// Nil: no order came of the signal.
  package let clientOrderID: String?
  /// Nil: it is the order's.
  package var instrument: Int32?
  /// Number of the order in the portfolio.
  package var order: Int64?
  /// Why not, or why it ended.
  package var code: String?
  /// What else there is to say.
  package var details: [(name: String, value: String)] = []

  init(
    _ kind: Kind, _ portfolio: Int32, _ clientOrderID: String?, instrument: Int32? = nil, order: Int64? = nil,
    code: String? = nil, at: Timestamp, _ details: [(name: String, value: String)] = []
  ) {
    self.kind = kind
    self.portfolio = portfolio
    self.at = at
    self.clientOrderID = clientOrderID
    self.instrument = instrument
    self.order = order
    self.code = code
    self.details = details
  }

  init(_ signal: SessionSignal) {
    self.init(
      .signal, signal.portfolio, signal.clientOrderID, instrument: signal.instrument, code: signal.signal.refusal?.code,
      at: signal.at,
      [
        ("action", signal.signal.action.sql), ("agent", "\(signal.agent)"), ("number", "\(signal.signal.number)"),
        ("price", "\(signal.signal.price)"),
      ] + (signal.signal.reason.map { [("reason", $0.sql)] } ?? []))
  }

  /// - Parameters:
  ///   - row: the order as it is now, or the one that stays in its place.
  ///   - old: the order whose place it was to take.
  init(_ order: SessionOrder, _ row: Row, replacing old: OrderKey? = nil) throws {
    let number = try row["order_id"].int64
    let isRefused = old.map { $0.order == number } ?? false
    self.init(
      .submitted, order.portfolio, order.clientOrderID, instrument: order.instrument, order: isRefused ? nil : number,
      code: try row["reason_code"].ifPresent?.string, at: order.at,
      [
        ("agent", "\(order.agent)"), ("quantity", "\(order.request.quantity)"), ("side", order.request.side.sql),
        ("status", isRefused ? "refused" : try row["status"].string), ("type", order.request.terms.type.sql),
      ] + (old.map { [("replaces", "\($0.order)")] } ?? []))
  }

  init(_ fill: PaperFill, of clientOrderID: String, code: String?) {
    self.init(
      code == nil ? .fill : .refusedFill, fill.key.portfolio, clientOrderID, order: fill.key.order, code: code,
      at: fill.at,
      [("price", "\(fill.price)"), ("quantity", "\(fill.quantity)"), ("side", fill.side.sql)])
  }

  /// As a span of its own, since that is what is looked for by its attributes.
  func record(by tracer: any Tracer, in context: ServiceContext, since begin: some TracerInstant) {
    let span = tracer.startSpan(kind.span, context: context, at: begin)
    var attributes = span.attributes
    attributes["bourse.client_order_id"] = clientOrderID
    attributes["bourse.portfolio_id"] = Int(portfolio)
    if let order { attributes["bourse.order_id"] = Int(order) }
    if let instrument { attributes["bourse.instrument_id"] = Int(instrument) }
    if let code { attributes["bourse.code"] = code }
    attributes["bourse.at"] = at.description
    for detail in details { attributes["bourse.\(detail.name)"] = detail.value }
    span.attributes = attributes
    span.end()
  }
}
