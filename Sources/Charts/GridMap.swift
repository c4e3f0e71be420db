/// Results for pairs of values as coloured cells: the better, the stronger, so that plateaus and peaks can be seen.
package struct GridMap: Chart {
  package let title: String
  package let summary: String
  private let rows: [String]
  private let columns: [String]
  /// By row and column; nil where nothing was tried.
  private let values: [[Double?]]
  private let axes: (rows: String, columns: String)
  private let format: ValueFormat
  private let chosen: (row: Int, column: Int)?

  /// - Parameters:
  ///   - axes: what rows and columns are.
  ///   - chosen: the cell that is framed.
  package init(
    _ title: String, rows: [String], columns: [String], values: [[Double?]], axes: (rows: String, columns: String),
    _ format: ValueFormat, chosen: (row: Int, column: Int)? = nil
  ) {
    self.title = title
    self.rows = rows
    self.columns = columns
    self.values = values
    self.axes = axes
    self.format = format
    self.chosen = chosen
    let known = values.enumerated().flatMap { row, cells in
      cells.enumerated().compactMap { column, value in
        value.flatMap { $0.magnitude < ValueScale.limit ? (row, column, $0) : nil }
      }
    }
    let say = { (cell: (Int, Int, Double)) in
      axes.rows.isEmpty
        ? "\(axes.columns) \(columns[cell.1]) (\(format.text(cell.2)))"
        : "\(axes.columns) \(columns[cell.1]) and \(axes.rows) \(rows[cell.0]) (\(format.text(cell.2)))"
    }
    if let best = known.max(by: { $0.2 < $1.2 }), let worst = known.min(by: { $0.2 < $1.2 }) {
      summary = "\(known.count) cells, the best at \(say(best)), the worst at \(say(worst))."
    } else {
      summary = "There is nothing to show."
    }
  }

  private static let head = 38.0
  private static let row = 26.0

  package func height(width: Double) -> Double { Self.head + Self.row * Double(max(rows.count, 1)) + 4 }

  package func draw(width: Double, into markup: inout Markup) {
    let known = values.joined().compactMap { $0 }.filter { $0.magnitude < ValueScale.limit }
    guard let low = known.min(), let high = known.max() else {
      return markup.text("nothing to show", x: width / 2, y: Self.head + 8, class: "tick", anchor: "middle")
    }
    let left = max(rows.map(textWidth).max() ?? 0, textWidth(axes.rows)) + 10
    let cell = (width - left - 2) / Double(max(columns.count, 1))
    markup.text(axes.rows, x: 0, y: 32, class: "head")
    markup.text(axes.columns, x: left, y: 13, class: "head")
    // Of labels that find no room every second or third one stands.
    let every = max(1, Int(((columns.map(textWidth).max() ?? 0) + 6) / max(cell, 1) + 1))
    for (place, name) in columns.enumerated() where place.isMultiple(of: every) {
      markup.text(name, x: left + (Double(place) + 0.5) * cell, y: 32, class: "tick", anchor: "middle")
    }
    let digits = ValueFormat.digits(for: known)
    for (place, name) in rows.enumerated() {
      let y = Self.head + Double(place) * Self.row
      markup.text(name, x: 0, y: y + 17, class: "tick")
      for (column, value) in values[place].enumerated() {
        guard let value, value.magnitude < ValueScale.limit else { continue }
        let level = high > low ? (value - low) / (high - low) : 0.5
        let x = left + Double(column) * cell
        let isChosen = chosen.map { $0 == (place, column) } ?? false
        let name =
          [axes.rows.isEmpty ? "" : "\(axes.rows) \(name), ", "\(axes.columns) \(columns[column]): "].joined()
          + format.text(value) + (isChosen ? ", chosen" : "")
        markup.element(
          "rect",
          [
            "class": "gain", "fill-opacity": ValueFormat.fixed(0.04 + 0.86 * level, digits: 2),
            "x": String(pixel: x), "y": String(pixel: y), "width": String(pixel: max(cell - 2, 1)),
            "height": String(pixel: Self.row - 2), "rx": "3",
          ]
        ) { $0.element("title", text: name) }
        if isChosen {
          markup.rectangle(x: x, y: y, width: max(cell - 2, 1), height: Self.row - 2, class: "chosen")
        }
        let text = ValueFormat.fixed(value, digits: digits)
        if textWidth(text) < cell - 2 {
          markup.text(
            text, x: x + (cell - 2) / 2, y: y + 16, class: "cell\(level > 0.6 ? " strong" : "")", anchor: "middle")
        }
      }
    }
  }
}
