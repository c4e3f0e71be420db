import Charts

/// One panel of a ``Dashboard``.
package struct Panel: Sendable, Decodable {
  package enum Kind: String, Sendable, CaseIterable {
    case timeSeries = "timeseries"
    case candlestick, table, stat
    case barGauge = "bargauge"
    /// A heading.
    case row
  }

  private struct Place: Decodable {
    let x, y, w, h: Int
  }

  private struct Target: Decodable {
    let rawSql: String
  }

  private struct FieldConfig: Decodable {
    let defaults: PanelField
    let overrides: [PanelField.Override]
  }

  package let kind: Kind
  package let title: String
  package let description: String
  package let place: Board.Place
  /// With macros and variables in it; empty for a row.
  package let sql: String
  private let defaults: PanelField
  private let overrides: [PanelField.Override]

  private enum Key: String, CodingKey { case type, title, description, gridPos, targets, fieldConfig }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    title = try values.decode(String.self, forKey: .title)
    let type = try values.decode(String.self, forKey: .type)
    guard let kind = Kind(rawValue: type) else {
      let known = Kind.allCases.map(\.rawValue).joined(separator: ", ")
      throw DecodingError.dataCorruptedError(
        forKey: .type, in: values, debugDescription: "panel \"\(title)\" is of type \(type); drawn are \(known)")
    }
    self.kind = kind
    description = try values.decodeIfPresent(String.self, forKey: .description) ?? ""
    let grid = try values.decode(Place.self, forKey: .gridPos)
    place = Board.Place(x: grid.x, y: grid.y, width: grid.w, height: grid.h)
    guard kind != .row else {
      (sql, defaults, overrides) = ("", PanelField(), [])
      return
    }
    let targets = try values.decode([Target].self, forKey: .targets)
    guard targets.count == 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: .targets, in: values, debugDescription: "panel \"\(title)\" has \(targets.count) queries; one is drawn")
    }
    sql = targets[0].rawSql
    let fields = try values.decode(FieldConfig.self, forKey: .fieldConfig)
    (defaults, overrides) = (fields.defaults, fields.overrides)
  }

  /// How a column is shown.
  package func field(_ column: String) -> PanelField {
    overrides.lazy.filter { $0.column == column }.reduce(defaults) { $1.applied(to: $0) }
  }

  /// What is shown in place of nothing.
  package var noValue: String { defaults.noValue ?? "nothing to show" }
  package var drawing: PanelField.Drawing { defaults.drawing ?? .line }
  package var isLogarithmic: Bool { defaults.isLogarithmic ?? false }
  package var isStacked: Bool { defaults.isStacked ?? false }
  /// How columns are shown of which nothing else is said.
  var field: PanelField { defaults }
}
