/// One bar for each name, to the right above zero and to the left below it, with its value in full.
package struct BarChart: Chart {
  package let title: String
  private let bars: [(name: String, value: Double)]
  private let format: ValueFormat
  private let colour: (@Sendable (Double) -> Style.Colour)?

  /// - Parameters:
  ///   - bars: from top to bottom; those with a value that is not finite are left out.
  ///   - colour: of a value; nil tells what is above zero from what is below it.
  package init(
    _ title: String, _ bars: [(name: String, value: Double)], _ format: ValueFormat,
    colour: (@Sendable (Double) -> Style.Colour)? = nil
  ) {
    self.title = title
    self.bars = bars.filter { $0.value.magnitude < ValueScale.limit }
    self.format = format
    self.colour = colour
  }

  package var summary: String {
    bars.isEmpty
      ? "There is nothing to show."
      : bars.prefix(12).map { "\($0.name) \(format.text($0.value))" }.joined(separator: ", ")
        + (bars.count > 12 ? ", and \(bars.count - 12) more." : ".")
  }

  private static let row = 28.0

  package func height(width: Double) -> Double { Self.row * Double(max(bars.count, 1)) + 6 }

  package func draw(width: Double, into markup: inout Markup) {
    guard !bars.isEmpty else {
      return markup.text("nothing to show", x: width / 2, y: 18, class: "tick", anchor: "middle")
    }
    let names = min((bars.map { textWidth($0.name) }.max() ?? 0) + 10, width * 0.4)
    let numbers = (bars.map { textWidth(format.text($0.value)) }.max() ?? 0) + 10
    let scale = ValueScale(
      bars.map(\.value), includesZero: true, bottom: names, top: max(width - numbers, names + 20), ticks: 4)
    let zero = scale.position(0)
    for (place, bar) in bars.enumerated() {
      let y = Double(place) * Self.row + 3
      let end = scale.position(bar.value)
      var name = bar.name
      while textWidth(name) > names - 4, name.count > 2 { name = String(name.dropLast(2)) + "…" }
      markup.text(name, x: 0, y: y + 16, class: "name")
      markup.rectangle(
        x: min(zero, end), y: y + 2, width: max((end - zero).magnitude, 0.8), height: Self.row - 9,
        class: colour.map { "bar c\($0(bar.value).rawValue)" } ?? (bar.value < 0 ? "loss" : "gain"),
        title: "\(bar.name): \(format.text(bar.value))")
      markup.text(format.text(bar.value), x: width, y: y + 16, class: "name", anchor: "end")
    }
    markup.line(x1: zero, y1: 0, x2: zero, y2: Self.row * Double(bars.count) + 4, class: "zero")
  }
}
