/// A line without axes, as small as a word, with a dot where it ends.
package struct Sparkline: Chart {
  package let title: String
  private let values: [Double]
  private let format: ValueFormat
  private let colour: Style.Colour

  /// - Parameter values: in equal distances; NaN interrupts the line.
  package init(_ title: String, _ values: [Double], _ format: ValueFormat, _ colour: Style.Colour = .blue) {
    self.title = title
    self.values = values
    self.format = format
    self.colour = colour
  }

  package var summary: String {
    let known = values.filter { $0.magnitude < ValueScale.limit }
    guard let first = known.first, let last = known.last, let low = known.min(), let high = known.max() else {
      return "There is nothing to show."
    }
    return
      "From \(format.text(first)) to \(format.text(last)), at least \(format.text(low)), at most \(format.text(high))."
  }

  package func height(width: Double) -> Double { 32 }

  package func draw(width: Double, into markup: inout Markup) {
    let scale = ValueScale(values, includesZero: false, bottom: 28, top: 4, ticks: 2)
    let step = (width - 10) / Double(max(values.count - 1, 1))
    let points = Thinning.columns(
      values.enumerated().lazy.map { Thinning.Point(x: 4 + Double($0.offset) * step, y: $0.element) })
    var path = ""
    var isOpen = false
    for point in points {
      if point.y.isNaN {
        isOpen = false
        continue
      }
      path += "\(isOpen ? "L" : "M")\(String(pixel: point.x)) \(String(pixel: scale.position(point.y)))"
      isOpen = true
    }
    guard let last = points.last else { return }
    markup.element("path", ["class": "line c\(colour.rawValue)", "d": path])
    markup.element(
      "circle",
      [
        "class": "dot c\(colour.rawValue)", "cx": String(pixel: last.x), "cy": String(pixel: scale.position(last.y)),
        "r": "2.5",
      ])
  }
}
