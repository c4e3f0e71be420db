/// A table of values as coloured cells, each with its number: blue above zero, orange below, the stronger the further.
package struct HeatMap: Chart {
  package let title: String
  package let summary: String
  private let rows: [String]
  private let columns: [String]
  /// By row and column; nil where there is none.
  private let values: [[Double?]]
  /// What stands behind each row, such as its year.
  private let totals: [Double?]
  private let totalName: String
  private let format: ValueFormat

  /// - Parameters:
  ///   - values: fractions, by row and column.
  ///   - totals: one for each row; empty for none.
  package init(
    _ title: String, summary: String, rows: [String], columns: [String], values: [[Double?]], totals: [Double?] = [],
    totalName: String = "", format: ValueFormat = .percent()
  ) {
    self.title = title
    self.summary = summary
    self.rows = rows
    self.columns = columns
    self.values = values
    self.totals = totals
    self.totalName = totalName
    self.format = format
  }

  /// Returns of months, a row for each year with its own return behind it.
  ///
  /// - Parameters:
  ///   - months: in any order.
  ///   - years: by year.
  package static func months(
    _ title: String, _ months: [(year: Int, month: Int, value: Double)], years: [Int: Double]
  ) -> HeatMap {
    let known = months.filter { $0.value.magnitude < ValueScale.limit && (1...12).contains($0.month) }
    guard let first = known.map(\.year).min(), let last = known.map(\.year).max(), last - first < 1_000 else {
      return HeatMap(title, summary: "No month has a return.", rows: [], columns: [], values: [])
    }
    var values = Array(repeating: [Double?](repeating: nil, count: 12), count: last - first + 1)
    for month in known { values[month.year - first][month.month - 1] = month.value }
    let best = known.max { $0.value < $1.value }!
    let worst = known.min { $0.value < $1.value }!
    let format = ValueFormat.percent()
    let say = { (month: (year: Int, month: Int, value: Double)) in
      "\(ChartTime.name(ofMonth: month.month)) \(month.year) (\(format.signed(month.value)))"
    }
    return HeatMap(
      title, summary: "\(known.count) months, the best \(say(best)), the worst \(say(worst)).",
      rows: (first...last).map { "\($0)" }, columns: (1...12).map(ChartTime.name(ofMonth:)), values: values,
      totals: (first...last).map { years[$0] }, totalName: "Year")
  }

  private static let head = 22.0
  private static let row = 26.0

  package func height(width: Double) -> Double { Self.head + Self.row * Double(max(rows.count, 1)) + 4 }

  package func draw(width: Double, into markup: inout Markup) {
    guard !rows.isEmpty else {
      return markup.text("nothing to show", x: width / 2, y: Self.head + 8, class: "tick", anchor: "middle")
    }
    let isNarrow = width < 560
    let left = (rows.map(textWidth).max() ?? 0) + (isNarrow ? 4 : 12)
    let extra = totals.isEmpty ? 0.0 : (isNarrow ? 36 : 68)
    let cell = (width - left - extra - 2) / Double(max(columns.count, 1))
    let strongest = values.joined().compactMap { $0 }.filter(\.isFinite).map(\.magnitude).sorted()
    // One wild month does not make all others pale.
    let full = strongest.isEmpty ? 1 : strongest[(strongest.count - 1) * 95 / 100]
    for (place, name) in columns.enumerated() {
      let shown = isNarrow ? String(name.prefix(cell < 30 ? 1 : 3)) : name
      markup.text(shown, x: left + (Double(place) + 0.5) * cell, y: 14, class: "tick", anchor: "middle")
    }
    if !totals.isEmpty {
      markup.text(totalName, x: width - 2, y: 14, class: "tick", anchor: "end")
    }
    for (place, name) in rows.enumerated() {
      let y = Self.head + Double(place) * Self.row
      markup.text(name, x: 0, y: y + 17, class: "tick")
      for (column, value) in values[place].enumerated() {
        let x = left + Double(column) * cell
        guard let value, value.magnitude < ValueScale.limit else { continue }
        draw(
          value, named: "\(columns[column]) \(name)", x: x, y: y, width: cell - 2, full: full, isNarrow: isNarrow,
          into: &markup)
      }
      if place < totals.count, let total = totals[place] {
        markup.text(
          isNarrow ? ValueFormat.percent(digits: 0).text(total) : format.text(total), x: width - 2, y: y + 17,
          class: "cell name", anchor: "end")
      }
    }
  }

  private func draw(
    _ value: Double, named name: String, x: Double, y: Double, width: Double, full: Double, isNarrow: Bool,
    into markup: inout Markup
  ) {
    let level = full > 0 ? min(value.magnitude / full, 1) : 0
    let opacity = value == 0 ? 0.0 : 0.1 + 0.8 * level
    markup.element(
      "rect",
      [
        "class": value < 0 ? "loss" : "gain", "fill-opacity": ValueFormat.fixed(opacity, digits: 2),
        "x": String(pixel: x), "y": String(pixel: y), "width": String(pixel: width),
        "height": String(pixel: Self.row - 2), "rx": "3",
      ]
    ) { $0.element("title", text: "\(name): \(format.signed(value))") }
    let text = ValueFormat.fixed(value * 100, digits: isNarrow ? 0 : (width < 44 ? 1 : 2))
    markup.text(
      text, x: x + width / 2, y: y + 16, class: "cell\(opacity > 0.55 ? " strong" : "")", anchor: "middle")
  }
}
