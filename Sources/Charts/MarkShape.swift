/// Signs that differ by shape as well as by colour.
package enum MarkShape: Int, CaseIterable, Sendable {
  case buyEntry, sellEntry, exit, bought, sold

  var name: String {
    switch self {
    case .buyEntry: "Entry (long)"
    case .sellEntry: "Entry (short)"
    case .exit: "Exit"
    case .bought: "Bought"
    case .sold: "Sold"
    }
  }

  /// How far from its price it stands, so that it does not hide the candle: downwards is positive.
  var offset: Double {
    switch self {
    case .buyEntry, .bought: 9
    case .sellEntry, .sold: -9
    case .exit: 0
    }
  }

  func draw(x: Double, y: Double, title: String, into markup: inout Markup) {
    let (sign, kind): (Sign, String) =
      switch self {
      case .buyEntry, .bought: (.upwards, "entry")
      case .sellEntry: (.downwards, "entry")
      case .sold: (.downwards, "exit")
      case .exit: (.diamond, "exit")
      }
    let attributes: KeyValuePairs<StaticString, String> = [
      "class": "mark \(kind)", "d": sign.path(x: x, y: y, size: 5),
    ]
    if title.isEmpty {
      markup.element("path", attributes)
    } else {
      markup.element("path", attributes) { $0.element("title", text: title) }
    }
  }
}

/// A small figure around a point.
package enum Sign: Int, CaseIterable, Sendable {
  case dot, upwards, downwards, diamond

  /// - Parameter size: about half of its width.
  func path(x: Double, y: Double, size: Double) -> String {
    let move = { (across: Double, down: Double) in "\(String(pixel: x + across)) \(String(pixel: y + down))" }
    switch self {
    case .dot:
      let (radius, width) = (String(pixel: size * 0.8), String(pixel: size * 1.6))
      return "M\(move(-size * 0.8, 0))a\(radius) \(radius) 0 1 0 \(width) 0a\(radius) \(radius) 0 1 0 -\(width) 0Z"
    case .upwards: return "M\(move(0, -size * 1.1))L\(move(size, size * 0.8))L\(move(-size, size * 0.8))Z"
    case .downwards: return "M\(move(0, size * 1.1))L\(move(size, -size * 0.8))L\(move(-size, -size * 0.8))Z"
    case .diamond: return "M\(move(0, -size))L\(move(size, 0))L\(move(0, size))L\(move(-size, 0))Z"
    }
  }
}
