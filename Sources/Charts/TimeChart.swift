/// Lines, areas, candles and marks over time, in panels above each other that share one axis of time.
package struct TimeChart: Chart {
  package let title: String
  package let summary: String
  package let panels: [ChartPanel]
  /// Times are slots of candles, so that nights, weekends and holidays take no room.
  private let slots: [ChartTime]
  private let heights: (wide: Double, narrow: Double)
  private let range: ClosedRange<ChartTime>?

  /// - Parameters:
  ///   - panels: from top to bottom.
  ///   - leavesOutGaps: each candle of the first panel has a slot of the same width, however long it is to the next one.
  ///   - heights: at full width, and on a phone.
  ///   - range: the times of the axis; nil is those that there are.
  package init(
    _ title: String, summary: String, panels: [ChartPanel], leavesOutGaps: Bool = false,
    heights: (wide: Double, narrow: Double) = (380, 320), range: ClosedRange<ChartTime>? = nil
  ) {
    self.title = title
    self.summary = summary
    self.panels = panels
    self.heights = heights
    self.range = range
    slots = leavesOutGaps ? panels.first?.candleTimes ?? [] : []
  }

  package func height(width: Double) -> Double { width < 560 ? heights.narrow : heights.wide }

  // MARK: Places

  private struct Layout {
    let time: TimeScale
    let panels: [(panel: ChartPanel, scale: ValueScale)]
    let left: Double
    let right: Double
    let axis: Double
  }

  private static let legendRow = 20.0
  private static let axisHeight = 24.0
  private static let gap = 26.0

  private func layout(width: Double) -> Layout {
    let axis = height(width: width) - Self.axisHeight
    let rows = legendPlaces(width: width).last.map { $0.row + 1 } ?? 0
    let headed = panels.first.map { !heading(of: $0).isEmpty } ?? false
    let top = (rows > 0 ? Self.legendRow * Double(rows) + 2 : 0) + (headed ? 16 : 8)
    let room = axis - top - Self.gap * Double(max(panels.count - 1, 0))
    let whole = panels.reduce(0) { $0 + $1.share }
    var scales: [(ChartPanel, ValueScale)] = []
    var y = top
    for panel in panels {
      let height = room * panel.share / max(whole, 1e-9)
      scales.append(
        (
          panel,
          ValueScale(
            panel.values, includesZero: panel.includesZero, bottom: y + height, top: y,
            ticks: max(Int(height / 40), 3), isLogarithmic: panel.isLogarithmic)
        ))
      y += height + Self.gap
    }
    let labels = scales.flatMap { panel, scale in
      scale.ticks.map { textWidth(scale.label($0, panel.format)) }
    }
    let left = (labels.max() ?? 20) + 12
    let right = width - 12
    let time =
      slots.isEmpty
      ? range.map { TimeScale(passing: [$0.lowerBound, $0.upperBound], left: left, right: right) }
        ?? TimeScale(passing: panels.lazy.flatMap(\.times), left: left, right: right)
      : TimeScale(slots: slots, left: left, right: right)
    return Layout(time: time, panels: scales, left: left, right: right, axis: axis)
  }

  // MARK: Drawing

  package func draw(width: Double, into markup: inout Markup) {
    let layout = layout(width: width)
    drawLegend(width: width, into: &markup)
    let ticks = layout.time.ticks()
    for (panel, scale) in layout.panels {
      let headed = heading(of: panel)
      if !headed.isEmpty {
        markup.text(headed, x: layout.left, y: scale.top - 5, class: "head")
      }
      for tick in scale.ticks {
        let y = scale.position(tick)
        markup.line(x1: layout.left, y1: y, x2: layout.right, y2: y, class: tick == 0 ? "zero" : "grid")
        markup.text(
          scale.label(tick, panel.format), x: layout.left - 6, y: y + 4,
          class: "tick",
          anchor: "end")
      }
      for tick in ticks {
        markup.line(x1: tick.position, y1: scale.top, x2: tick.position, y2: scale.bottom, class: "grid")
      }
      if panel.isEmpty {
        markup.text(
          "nothing to show", x: (layout.left + layout.right) / 2, y: (scale.top + scale.bottom) / 2, class: "tick",
          anchor: "middle")
      }
      panel.draw(layout.time, scale, into: &markup)
    }
    for tick in ticks {
      markup.text(tick.label, x: tick.position, y: layout.axis + 18, class: "tick", anchor: "middle")
    }
  }

  private var legend: [(name: String, key: ChartPanel.Key)] {
    var result: [(name: String, key: ChartPanel.Key)] = []
    for panel in panels {
      for entry in panel.legend where !result.contains(where: { $0.name == entry.name }) { result.append(entry) }
    }
    return result.count > 1 || panels.contains { !$0.marks.isEmpty } ? result : []
  }

  private func heading(of panel: ChartPanel) -> String {
    [panel.title, panel.format.heading].filter { !$0.isEmpty }.joined(separator: ", ")
  }

  /// Where the entries of the legend stand. What finds no room in three rows is still told by the hover and the summary.
  private func legendPlaces(width: Double) -> [(name: String, key: ChartPanel.Key, x: Double, row: Int)] {
    var result: [(name: String, key: ChartPanel.Key, x: Double, row: Int)] = []
    var (x, row) = (0.0, 0)
    for (name, key) in legend {
      let length = 19 + textWidth(name)
      if x > 0, x + length > width { (x, row) = (0, row + 1) }
      if row > 2 { break }
      result.append((name, key, x, row))
      x += length + 16
    }
    return result
  }

  private func drawLegend(width: Double, into markup: inout Markup) {
    for (name, key, x, row) in legendPlaces(width: width) {
      let y = 10 + Double(row) * Self.legendRow
      switch key {
      case .line(let colour, let isDashed):
        let kind = isDashed ? " dashed" : ""
        markup.line(x1: x, y1: y, x2: x + 14, y2: y, class: "line c\(colour.rawValue)\(kind)")
      case .bar(let colour):
        markup.rectangle(x: x + 2, y: y - 6, width: 11, height: 11, class: "bar c\(colour.rawValue)")
      case .sign(let sign, let colour):
        markup.element("path", ["class": "dot c\(colour.rawValue)", "d": sign.path(x: x + 7, y: y, size: 4.5)])
      case .mark(let shape):
        shape.draw(x: x + 7, y: y, title: "", into: &markup)
      case .span:
        markup.rectangle(x: x, y: y - 6, width: 14, height: 12, class: "span")
      }
      markup.text(name, x: x + 19, y: y + 4, class: "legend")
    }
  }

  // MARK: Hover

  package func hover(width: Double) -> String {
    let layout = layout(width: width)
    guard let first = layout.panels.first, let last = layout.panels.last else { return "" }
    var rows: [(x: Double, text: String)] = []
    var column = -1
    for time in panels.first(where: { !$0.isEmpty })?.times ?? [] {
      let x = layout.time.position(time)
      // One stop for three pixels: the last of each.
      let own = Int(x / 3)
      var texts = [time.text]
      for (panel, _) in layout.panels { texts += panel.texts(at: time) }
      if own == column { rows.removeLast() }
      rows.append((x, texts.joined(separator: "\n")))
      column = own
    }
    guard rows.count > 1 else { return "" }
    let places = rows.map { String(pixel: $0.x) }.joined(separator: ",")
    let texts = rows.map { Markup.json($0.text) }.joined(separator: ",")
    return
      "{\"top\":\(String(pixel: first.scale.top)),\"bottom\":\(String(pixel: last.scale.bottom)),\"x\":[\(places)],\"text\":[\(texts)]}"
  }
}
