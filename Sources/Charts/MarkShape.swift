/// Signs that differ by shape as well as by colour.
package enum MarkShape: Int, CaseIterable, Sendable {
  case buyEntry, sellEntry, exit

  var name: String {
    switch self {
    case .buyEntry: "Entry (long)"
    case .sellEntry: "Entry (short)"
    case .exit: "Exit"
    }
  }

  /// How far from its price it stands, so that it does not hide the candle: downwards is positive.
  var offset: Double {
    switch self {
    case .buyEntry: 9
    case .sellEntry: -9
    case .exit: 0
    }
  }

  func draw(x: Double, y: Double, title: String, into markup: inout Markup) {
    let move = { (across: Double, down: Double) in "\(String(pixel: x + across)) \(String(pixel: y + down))" }
    let path: String
    let name: String
    switch self {
    case .buyEntry:
      path = "M\(move(0, -5.5))L\(move(5, 4))L\(move(-5, 4))Z"
      name = "mark entry"
    case .sellEntry:
      path = "M\(move(0, 5.5))L\(move(5, -4))L\(move(-5, -4))Z"
      name = "mark entry"
    case .exit:
      path = "M\(move(0, -5))L\(move(5, 0))L\(move(0, 5))L\(move(-5, 0))Z"
      name = "mark exit"
    }
    if title.isEmpty {
      markup.element("path", ["class": name, "d": path])
    } else {
      markup.element("path", ["class": name, "d": path]) { $0.element("title", text: title) }
    }
  }
}
