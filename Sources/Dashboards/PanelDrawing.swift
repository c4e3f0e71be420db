import Charts
import EngineStore

/// Draws what the query of a panel returned.
package struct PanelDrawing {
  private let panel: Panel
  private let table: PanelTable
  private let span: ClosedRange<ChartTime>
  private let interval: Interval
  /// Identifiers of the dashboards on the same page.
  private let anchors: Set<String>

  package init(
    _ panel: Panel, _ table: PanelTable, span: ClosedRange<ChartTime>, interval: Interval, anchors: Set<String>
  ) {
    self.panel = panel
    self.table = table
    self.span = span
    self.interval = interval
    self.anchors = anchors
  }

  /// Points that fit a panel: as many as it has pixels, a third of that where each is a bar.
  package static func points(of panel: Panel) -> Double {
    panel.place.contentWidth / (panel.kind == .timeSeries && panel.drawing == .bars ? 3 : 1)
  }

  package func draw(into markup: inout Markup) throws {
    switch panel.kind {
    case .row: break
    case _ where table.rows.isEmpty: drawNothing(into: &markup)
    case .timeSeries: try drawTimeSeries(into: &markup)
    case .candlestick: try drawCandles(into: &markup)
    case .table: drawTable(into: &markup)
    case .stat: drawStat(into: &markup)
    case .barGauge: try drawBars(into: &markup)
    }
  }

  private func drawNothing(into markup: inout Markup) { markup.paragraph(panel.noValue, class: "empty") }

  private func index(_ column: String) -> Int? { table.columns.firstIndex { $0.name == column } }

  /// The room for a chart below title and description.
  private var chartHeight: Double {
    let lines = (Double(panel.description.count) * 5.6 / panel.place.contentWidth).rounded(.up)
    return max(panel.place.contentHeight - 30 - lines * 17, 90)
  }

  private func times() throws -> Int {
    guard let column = table.columns.first, column.name == "time", column.kind == .time || column.kind == .number else {
      throw DashboardError("the first column is \(table.columns.first?.name ?? "none"), and not time")
    }
    return 0
  }

  private func time(_ row: [PanelTable.Value]) -> ChartTime? {
    switch row.first {
    case .time(let seconds), .number(let seconds): seconds.magnitude < 1e13 ? ChartTime(seconds: seconds) : nil
    default: nil
    }
  }

  // MARK: Time series

  /// So many series are drawn.
  private static let mostSeries = 40

  /// Each value column of each metric, in the order in which they come.
  private func series() throws -> [(name: String, points: [ChartPanel.Point])] {
    _ = try times()
    let metric = index("metric")
    let values = table.columns.indices.dropFirst().filter { table.columns[$0].kind == .number }
    guard !values.isEmpty else { throw DashboardError("there is no column of numbers") }
    var places: [String: Int] = [:]
    var result: [(name: String, points: [ChartPanel.Point])] = []
    for row in table.rows {
      guard let time = time(row) else { continue }
      for column in values {
        let own = table.columns[column].name
        var name = own
        if let metric {
          let text = Self.text(row[metric])
          name = values.count == 1 ? text : "\(text) \(own)"
        }
        let place = places[name] ?? result.count
        if place == result.count {
          places[name] = place
          result.append((name, []))
        }
        result[place].points.append(ChartPanel.Point(time, row[column].number))
      }
    }
    return result.map { ($0.name, $0.points.sorted { $0.time < $1.time }) }
  }

  private func drawTimeSeries(into markup: inout Markup) throws {
    let field = panel.field
    let all = try series().map { series in
      (name: series.name, points: series.points.map { ChartPanel.Point($0.time, field.scaled($0.value)) })
    }
    let format = field.format(all.flatMap { $0.points.map(\.value) })
    guard all.contains(where: { $0.points.contains { $0.value.isFinite } }) else { return drawNothing(into: &markup) }
    let shown = all.prefix(Self.mostSeries)
    let lines = shown.enumerated().map { place, series in
      ChartPanel.Line(
        shown.count == 1 ? "" : series.name, series.points,
        Style.Colour.series[place % Style.Colour.series.count], drawing(place, of: shown.count))
    }
    // Of one series the name stands where the legend of several would.
    let title = shown.count == 1 && shown[0].name != "value" ? shown[0].name : ""
    let summary = shown.prefix(8).map { series in
      let known = series.points.map(\.value).filter(\.isFinite)
      guard let first = known.first, let last = known.last else { return "\(series.name) has no values" }
      return "\(series.name) from \(format.text(first)) to \(format.text(last))"
    }
    let chart = { (height: Double) in
      TimeChart(
        panel.title, summary: summary.joined(separator: ", ") + ".",
        panels: [
          ChartPanel(title, format, isLogarithmic: panel.isLogarithmic, isStacked: panel.isStacked, lines: lines)
        ], heights: (height, height),
        range: span)
    }
    markup.drawings(wide: chart(chartHeight), width: panel.place.contentWidth, narrow: chart(230))
    if shown.count < all.count {
      markup.paragraph("The first \(shown.count) of \(all.count) series are drawn.", class: "note")
    }
  }

  private func drawing(_ place: Int, of count: Int) -> ChartPanel.Line.Drawing {
    switch panel.drawing {
    case .bars: .bars(seconds: interval.seconds)
    case .points: .points(Sign.allCases[place % Sign.allCases.count])
    case .line:
      count == 1 ? .area : place / Style.Colour.series.count % 2 == 0 ? .line : .dashed
    }
  }

  // MARK: Candles

  private func drawCandles(into markup: inout Markup) throws {
    _ = try times()
    guard let open = index("open"), let high = index("high"), let low = index("low"), let close = index("close") else {
      throw DashboardError("candles have the columns time, open, high, low and close")
    }
    let volume = index("volume")
    let all = table.rows.compactMap { row in
      time(row).map {
        ChartCandle(
          $0, open: row[open].number, high: row[high].number, low: row[low].number, close: row[close].number,
          volume: volume.map { row[$0].number } ?? .nan)
      }
    }
    .filter { ![$0.open, $0.high, $0.low, $0.close].contains { !$0.isFinite } }
    guard !all.isEmpty else { return drawNothing(into: &markup) }
    let format = panel.field.format(all.map(\.close))
    let marks = marks(format)
    // What has multiplied is drawn by ratios, so that its beginning can be seen.
    let (lowest, highest) = (all.map(\.low).min() ?? 1, all.map(\.high).max() ?? 1)
    let isLogarithmic = highest > 4 * lowest
    let drawing = { (most: Int, height: Double) in
      let (candles, step) = ChartCandle.joined(all, most: most)
      let volumes = candles.map { ChartPanel.Point($0.time, $0.volume) }
      var panels = [
        ChartPanel(
          "Price", format, share: 3, isLogarithmic: isLogarithmic, candles: candles, marks: marks)
      ]
      if volumes.contains(where: { $0.value.isFinite }) {
        panels.append(
          ChartPanel("Volume", .count(), lines: [.init("", volumes, .grey, .bars(seconds: interval.seconds))]))
      }
      let chart = TimeChart(
        panel.title,
        summary: "\(all.count) candles from \(format.text(all[0].open)) to \(format.text(all[all.count - 1].close)), "
          + "\(marks.count) marks.",
        panels: panels, leavesOutGaps: true, heights: (height, height))
      return (chart: chart, step: step)
    }
    let wide = drawing(Int(panel.place.contentWidth / 5), chartHeight - 24)
    let narrow = drawing(80, 340)
    markup.drawings(wide: wide.chart, width: panel.place.contentWidth, narrow: narrow.chart)
    for (step, kind) in [(wide.step, "note wide"), (narrow.step, "note narrow")] {
      let notes = [step.map { "A candle is \($0.name)" }, isLogarithmic ? "the scale is logarithmic" : nil]
      let text = notes.compactMap { $0 }.joined(separator: ", ")
      if !text.isEmpty { markup.paragraph(text.prefix(1).uppercased() + text.dropFirst() + ".", class: kind) }
    }
  }

  /// Columns that are drawn as points. Candles are blue and orange here, so marks are neither, whatever Grafana makes of them.
  private func marks(_ format: ValueFormat) -> [ChartPanel.Mark] {
    let columns = table.columns.indices.filter { panel.field(table.columns[$0].name).drawing == .points }
    var result: [ChartPanel.Mark] = []
    for (place, column) in columns.enumerated() {
      let (name, shape) = (table.columns[column].name, [MarkShape.bought, .sold, .exit][min(place, 2)])
      for row in table.rows {
        let value = row[column].number
        guard value.isFinite, let time = time(row) else { continue }
        result.append(.init(time, value, shape, name: name, title: "\(time.text): \(name) \(format.text(value))"))
      }
    }
    return result.sorted { $0.time < $1.time }
  }

  // MARK: Tables and figures

  private func drawTable(into markup: inout Markup) {
    let columns = table.columns.indices.map { cells(of: $0) }
    markup.table(
      table.columns.map(\.name), table.rows.indices.map { row in columns.map { $0[row] } })
  }

  private func cells(of column: Int) -> [TableCell] {
    let (name, kind) = (table.columns[column].name, table.columns[column].kind)
    let field = panel.field(name)
    let values = table.rows.map { $0[column] }
    let anchor = field.link.flatMap { anchors.contains($0) ? $0 : nil }
    let format = field.format(values.map(\.number))
    let clock = Self.clock(values)
    return values.map { value in
      let cell: TableCell =
        switch (kind, value) {
        case (.number, .number(let number)): .number(format.text(field.scaled(number)))
        case (.number, _): .number("")
        case (_, .time(let seconds)): .text(clock(seconds))
        default:
          // A long text takes several lines.
          if case let text = Self.text(value), text.count > 32 { .about(text) } else { .text(Self.text(value)) }
        }
      return cell.coloured(field.isColoured ? field.colour(value.number) : nil).leading(to: anchor)
    }
  }

  /// How times of a column are written: as finely as they need.
  private static func clock(_ values: [PanelTable.Value]) -> (Double) -> String {
    let seconds = values.compactMap { if case .time(let seconds) = $0, seconds.isFinite { seconds } else { nil } }
    let areDays = seconds.allSatisfy { $0.truncatingRemainder(dividingBy: 86_400) == 0 }
    return { seconds in
      guard seconds.magnitude < 1e13 else { return seconds < 0 ? "always" : "for ever" }
      let time = ChartTime(seconds: seconds)
      return areDays ? time.isoDay : "\(time.isoDay) \(time.clockText)"
    }
  }

  private static func text(_ value: PanelTable.Value) -> String {
    switch value {
    case .null: ""
    case .number(let number): ValueFormat.fixed(number, digits: ValueFormat.digits(for: [number]))
    case .time(let seconds): clock([value])(seconds)
    case .truth(let truth): truth ? "yes" : "no"
    case .text(let text): text
    }
  }

  private func drawStat(into markup: inout Markup) {
    guard let row = table.rows.first, row.contains(where: { $0 != .null }) else { return drawNothing(into: &markup) }
    markup.figures(
      table.columns.indices.map { column in
        let (name, value) = (table.columns[column].name, row[column])
        let field = panel.field(name)
        let text: String =
          switch value {
          case .null: field.noValue ?? panel.noValue
          case .number(let number): field.format([number]).text(field.scaled(number))
          default: Self.text(value)
          }
        return (table.columns.count > 1 ? name : "", text, value == .null ? .grey : field.colour(value.number))
      })
  }

  private static let mostBars = 200

  private func drawBars(into markup: inout Markup) throws {
    guard let value = table.columns.firstIndex(where: { $0.kind == .number }),
      let name = table.columns.firstIndex(where: { $0.kind != .number })
    else { throw DashboardError("bars have a column of names and one of numbers") }
    let field = panel.field
    let bars = table.rows.prefix(Self.mostBars).compactMap { row in
      let number = row[value].number
      return number.isFinite ? (name: Self.text(row[name]), value: field.scaled(number)) : nil
    }
    guard !bars.isEmpty else { return drawNothing(into: &markup) }
    let chart = BarChart(panel.title, bars, field.format(bars.map(\.value))) { value in
      field.colour(field.unit == .milliseconds ? value * 1_000 : value) ?? .blue
    }
    markup.element("div", ["class": "scroll"]) {
      $0.drawings(wide: chart, width: panel.place.contentWidth - 12, narrow: chart)
    }
    if table.rows.count > Self.mostBars {
      markup.paragraph("The first \(Self.mostBars) of \(table.rows.count) bars are drawn.", class: "note")
    }
  }
}
