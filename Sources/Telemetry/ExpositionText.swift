/// Writes the text format 0.0.4 of Prometheus, family after family.
package struct ExpositionText: Sendable {
  package enum Kind: String, Sendable { case counter, gauge, histogram }

  package typealias Label = (name: String, value: String)

  package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

  package private(set) var text = ""

  package init() {}

  /// Begins a family: its samples follow.
  package mutating func family(_ name: String, _ kind: Kind, help: String) {
    if !help.isEmpty { text += "# HELP \(name) \(Self.escape(help))\n" }
    text += "# TYPE \(name) \(kind.rawValue)\n"
  }

  /// - Parameter labels: as ``labels(_:)`` has them.
  package mutating func sample(_ name: String, _ labels: String = "", _ value: Double) {
    text += "\(name)\(labels) \(Self.number(value))\n"
  }

  /// A family of one sample.
  package mutating func single(_ name: String, _ kind: Kind, help: String, _ value: Double) {
    family(name, kind, help: help)
    sample(name, "", value)
  }

  package mutating func append(_ other: ExpositionText) { text += other.text }

  /// `{a="x",b="y"}`; nothing when there are none.
  package static func labels(_ labels: [Label]) -> String {
    if labels.isEmpty { return "" }
    return "{" + labels.map { "\($0.name)=\"\(escape($0.value, quoted: true))\"" }.joined(separator: ",") + "}"
  }

  static func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
  }

  private static func escape(_ text: String, quoted: Bool = false) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": escaped += "\\\\"
      case "\n": escaped += "\\n"
      case "\"" where quoted: escaped += "\\\""
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  /// A name that Prometheus takes: letters, digits and underscores, in names of metrics also colons.
  static func name(_ text: String, colons: Bool = true) -> String {
    var name = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
      case "0"..."9":
        if name.isEmpty { name = "_" }
        name.unicodeScalars.append(scalar)
      case ":" where colons: name += ":"
      default: name += "_"
      }
    }
    return name.isEmpty ? "_" : name
  }
}
