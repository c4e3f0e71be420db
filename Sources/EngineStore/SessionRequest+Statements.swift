import LibPQ
import TradingCore

extension SessionRequest {
  enum Kind {
    case submit, replace, end, fill, trigger, trail, squareOff, signal, snapshot, periods, split, duty, span, hours
    case recollect, handled, fail
  }

  var kind: Kind {
    switch self {
    case .submit: .submit
    case .replace: .replace
    case .end: .end
    case .fill: .fill
    case .trigger: .trigger
    case .trail: .trail
    case .squareOff: .squareOff
    case .signal: .signal
    case .snapshot: .snapshot
    case .periods: .periods
    case .split: .split
    case .duty: .duty
    case .span: .span
    case .hours: .hours
    case .recollect: .recollect
    case .handled: .handled
    case .fail: .fail
    }
  }

  /// Whether several of the kind make one statement.
  var travelsInArrays: Bool {
    switch kind {
    case .submit, .replace, .end, .fill, .trigger, .trail, .signal, .recollect, .handled: true
    case .squareOff, .snapshot, .periods, .split, .duty, .span, .hours, .fail: false
    }
  }

  /// The first requests that make one statement. An order that joins a group comes in a later statement than the one that
  /// may begin it.
  static func run(at first: SessionRequest, of rest: ArraySlice<SessionRequest>) -> ArraySlice<SessionRequest> {
    if !first.travelsInArrays { return rest.prefix(1) }
    var groups: Set<[Int32]> = []
    return rest.prefix { request in
      guard request.kind == first.kind else { return false }
      guard case .submit(let order) = request, order.request.ocoLeg != nil else { return true }
      return groups.insert([order.portfolio, order.agent, order.instrument]).inserted
    }
  }
}

extension EngineStore {
  /// Where trailing stops stand by now.
  package static func trailOrders(_ stops: [TrailedStop]) -> Request {
    Request(
      "SELECT trading.trail_orders($1, $2, $3, $4)",
      [
        .int4s(stops.map(\.key.portfolio)), .int8s(stops.map(\.key.order)), .numerics(stops.map(\.stop.description)),
        .timestamptzs(stops.map(\.at.microseconds)),
      ])
  }
}

extension PaperFill {
  /// The same in every replay, and another for every fill: each leaves more of the order filled. The time tells fills
  /// before a split from those after it.
  var executionID: String { "\(key.portfolio)-\(key.order)-\(at.microseconds)-\(filled)" }
}

extension SessionSignal {
  var operandsJSON: String { operands.map { $0.program.operandsJSON($0.values) } ?? "{}" }
}

extension StrategyProgram {
  /// Names and values of what the rules compared; what is not known is null.
  func operandsJSON(_ values: [Double]) -> String {
    var members: [String] = []
    for (name, value) in zip(operandNames, values) {
      members.append("\"\(Self.escaped(name))\":\(value.isFinite ? "\(value)" : "null")")
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  private static func escaped(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { escaped += "\\" }
      escaped.unicodeScalars.append(scalar)
    }
    return escaped
  }
}
