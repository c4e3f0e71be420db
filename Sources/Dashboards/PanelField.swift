import Charts

/// How the values of a panel, or of a column of it, are shown.
package struct PanelField: Sendable, Equatable, Decodable {
  package enum Drawing: String, Sendable, Decodable { case line, bars, points }

  package enum Unit: Sendable, Equatable {
    /// Grouped: with its thousands set apart.
    case number(suffix: String, isGrouped: Bool)
    case share, seconds, milliseconds, bytes, time
  }

  package struct Step: Sendable, Equatable, Decodable {
    /// Nil: from minus infinity on.
    let value: Double?
    let colour: Style.Colour

    private enum Key: String, CodingKey { case value, color }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      value = try values.decodeIfPresent(Double.self, forKey: .value)
      let name = try values.decode(String.self, forKey: .color)
      guard let colour = PanelField.colours[name] else {
        throw DecodingError.dataCorruptedError(
          forKey: .color, in: values,
          debugDescription:
            "the colour \(name) is not drawn; write \(PanelField.colours.keys.sorted().joined(separator: ", "))")
      }
      self.colour = colour
    }
  }

  private struct Thresholds: Decodable {
    let steps: [Step]
  }

  private struct Custom: Decodable {
    struct Stacking: Decodable {
      let mode: String
    }

    struct Scale: Decodable {
      let type: String
    }

    let drawStyle: Drawing?
    let stacking: Stacking?
    let scaleDistribution: Scale?
  }

  private struct Cell: Decodable {
    let type: String
  }

  private struct Link: Decodable {
    let url: String
  }

  fileprivate static let colours: [String: Style.Colour] = [
    "blue": .blue, "orange": .orange, "green": .green, "red": .red, "gray": .grey,
  ]

  package var unit: Unit?
  package var decimals: Int?
  package var steps: [Step]?
  package var noValue: String?
  package var drawing: Drawing?
  package var isStacked: Bool?
  package var isLogarithmic: Bool?
  /// Its text has the colour of its threshold.
  package var isColoured = false
  /// The identifier of the dashboard that it leads to.
  package var link: String?

  package init() {}

  private enum Key: String, CodingKey { case unit, decimals, thresholds, noValue, custom }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    unit = try values.decodeIfPresent(Unit.self, forKey: .unit)
    decimals = try values.decodeIfPresent(Int.self, forKey: .decimals)
    steps = try values.decodeIfPresent(Thresholds.self, forKey: .thresholds)?.steps
    noValue = try values.decodeIfPresent(String.self, forKey: .noValue)
    let custom = try values.decodeIfPresent(Custom.self, forKey: .custom)
    drawing = custom?.drawStyle
    isStacked = custom?.stacking.map { $0.mode == "normal" }
    isLogarithmic = custom?.scaleDistribution.map { $0.type == "log" }
  }

  /// What is different about one column.
  package struct Override: Sendable, Decodable {
    private struct Matcher: Decodable {
      let options: String
    }

    private struct Property: Decodable {
      let change: @Sendable (inout PanelField) -> Void

      private enum Key: String, CodingKey { case id, value }

      init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        switch try values.decode(String.self, forKey: .id) {
        case "unit":
          let unit = try values.decode(Unit.self, forKey: .value)
          change = { $0.unit = unit }
        case "decimals":
          let decimals = try values.decode(Int.self, forKey: .value)
          change = { $0.decimals = decimals }
        case "thresholds":
          let steps = try values.decode(Thresholds.self, forKey: .value).steps
          change = { $0.steps = steps }
        case "custom.cellOptions":
          let isColoured = try values.decode(Cell.self, forKey: .value).type == "color-text"
          change = { $0.isColoured = isColoured }
        case "custom.drawStyle":
          let drawing = try values.decode(Drawing.self, forKey: .value)
          change = { $0.drawing = drawing }
        case "links":
          let url = try values.decode([Link].self, forKey: .value).first?.url ?? ""
          // /d/IDENTIFIER?…
          let identifier = url.hasPrefix("/d/") ? String(url.dropFirst(3).prefix { $0 != "?" }) : nil
          change = { $0.link = identifier }
        default: change = { _ in }
        }
      }
    }

    let column: String
    private let properties: [Property]

    private enum Key: String, CodingKey { case matcher, properties }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      column = try values.decode(Matcher.self, forKey: .matcher).options
      properties = try values.decode([Property].self, forKey: .properties)
    }

    func applied(to field: PanelField) -> PanelField {
      var field = field
      for property in properties { property.change(&field) }
      return field
    }
  }

  /// How values are written that stand beside each other.
  func format(_ values: [Double]) -> ValueFormat {
    let digits = { (values: [Double]) in min(max(decimals ?? ValueFormat.digits(for: values), 0), 8) }
    switch unit ?? .number(suffix: "", isGrouped: false) {
    case .number(let suffix, let isGrouped): return .number(suffix, digits: digits(values), isGrouped: isGrouped)
    case .share: return .percent(digits: min(digits(values.map { $0 * 100 }), 2))
    case .seconds, .milliseconds: return .duration
    case .bytes: return .bytes
    case .time: return .number()
    }
  }

  /// A value in the unit that its format is of.
  func scaled(_ value: Double) -> Double { unit == .milliseconds ? value / 1_000 : value }

  /// The colour of the last threshold that a value has reached.
  func colour(_ value: Double) -> Style.Colour? {
    value.isFinite ? steps?.last { $0.value ?? -.infinity <= value }?.colour : nil
  }
}

extension PanelField.Unit: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let name = try container.decode(String.self)
    switch name {
    case "none": self = .number(suffix: "", isGrouped: false)
    case "short", "locale": self = .number(suffix: "", isGrouped: true)
    case "percentunit": self = .share
    case "s": self = .seconds
    case "ms": self = .milliseconds
    case "bytes": self = .bytes
    case "dateTimeAsIso": self = .time
    default:
      guard name.hasPrefix("suffix:") else {
        throw DecodingError.dataCorruptedError(
          in: container,
          debugDescription: "the unit \(name) is not drawn; "
            + "write short, none, locale, percentunit, s, ms, bytes, dateTimeAsIso or suffix: …")
      }
      self = .number(suffix: String(name.dropFirst(7).drop { $0 == " " }), isGrouped: true)
    }
  }
}
