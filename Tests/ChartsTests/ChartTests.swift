import Testing

@testable import Charts

struct ChartTests {
  static func chart(_ values: [Double]) -> TimeChart {
    let points = values.enumerated().map { ChartPanel.Point(ChartTime(day: 12_000 + $0.offset), $0.element) }
    return TimeChart(
      "Equity", summary: "",
      panels: [
        ChartPanel("Equity", .number("USD"), share: 3, lines: [.init("", points, .blue, .area)]),
        ChartPanel("Drawdown", .percent(), includesZero: true, lines: [.init("", points, .orange, .area)]),
      ])
  }

  @Test(arguments: [
    [], [1_000_000], [.nan], [.nan, 5, .nan], [7, 7, 7], [.infinity, 1, -.infinity], [0, 0], [1e300, 1], [-1, 1],
  ])
  func seriesOfAnyKindAreDrawn(values: [Double]) {
    for width in [360.0, 920] {
      let svg = Self.chart(values).svg(width: width).text
      #expect(WellFormed(svg).fault == nil)
      #expect(!svg.contains("nan") && !svg.contains("inf"), "\(svg)")
      #expect(svg.contains("nothing to show") == !values.contains { $0.magnitude < 1e100 })
    }
  }

  @Test func longSeriesStaySmall() {
    let many = (0..<200_000).map { 1_000_000 + Double(($0 * 7_919) % 100_003) }
    #expect(Self.chart(many).svg(width: 920).text.utf8.count < 250_000)
  }

  @Test func hoverTellsTheValuesOfEachStop() {
    let hover = Self.chart([1, 2, .nan]).hover(width: 920)
    #expect(hover.contains(#""text":["9 Nov 2002"#.replacing("9 Nov 2002", with: ChartTime(day: 12_000).text)))
    #expect(hover.contains("2.00\u{A0}USD") && hover.contains("200.00\u{A0}%"))
    #expect(Self.chart([]).hover(width: 920).isEmpty && Self.chart([1]).hover(width: 920).isEmpty)
  }

  @Test func entriesAndExitsDifferByShape() {
    let time = ChartTime(day: 12_000)
    for kinds in [[MarkShape.buyEntry, .sellEntry, .exit], [.bought, .sold]] {
      let shapes = kinds.map { shape in
        var markup = Markup()
        shape.draw(x: 10, y: 10, title: "at \(time.text)", into: &markup)
        return markup.text
      }
      #expect(Set(shapes.map { $0.split(separator: " d=")[1] }).count == kinds.count)
      #expect(shapes.allSatisfy { $0.contains("<title>at ") })
    }
    #expect(Set(Sign.allCases.map { $0.path(x: 10, y: 10, size: 5) }).count == Sign.allCases.count)
  }

  @Test func marksThatCoverEachOtherAreCounted() {
    let candles = (0..<2_000).map { place in
      ChartCandle(ChartTime(day: 12_000 + place), open: 10, high: 12, low: 9, close: 11)
    }
    let marks = candles.map { ChartPanel.Mark($0.time, 10, .exit, title: "exit") }
    let chart = TimeChart(
      "Price", summary: "", panels: [ChartPanel("", .number(), candles: candles, marks: marks)], leavesOutGaps: true)
    let svg = chart.svg(width: 920).text
    let drawn = svg.split(separator: "class=\"mark").count - 1
    #expect(drawn < 260 && svg.contains("times: exit; exit"))
  }

  @Test func gridMapFramesWhatWasChosenAndNamesTheBestCell() {
    let map = GridMap(
      "Map", rows: ["20", "50"], columns: ["5", "10", "15"], values: [[1, 2, nil], [.nan, 3.25, -1]],
      axes: (rows: "slow", columns: "fast"), .number(), chosen: (1, 1))
    #expect(
      map.summary
        == "4 cells, the best at fast 10 and slow 50 (3.25), the worst at fast 15 and slow 50 (\u{2212}1.00).")
    let text = map.figure().text
    #expect(WellFormed(text).fault == nil)
    #expect(text.contains("slow 50, fast 10: 3.25, chosen"))
    #expect(text.ranges(of: "class=\"chosen\"").count == 2)  // wide and narrow
    let empty = GridMap("Map", rows: [], columns: [], values: [], axes: (rows: "", columns: "x"), .number())
    #expect(WellFormed(empty.figure().text).fault == nil && empty.summary == "There is nothing to show.")
  }

  @Test func heatMapsSayEachValue() {
    let map = HeatMap.months(
      "Months", [(2012, 1, 0.0123), (2012, 12, -0.4), (2013, 2, .nan)], years: [2012: -0.39])
    let svg = map.svg(width: 920).text
    #expect(svg.contains("Jan 2012: +1.23\u{A0}%") && svg.contains("Dec 2012: \u{2212}40.00\u{A0}%"))
    #expect(map.summary == "2 months, the best Jan 2012 (+1.23\u{A0}%), the worst Dec 2012 (\u{2212}40.00\u{A0}%).")
    #expect(WellFormed(HeatMap.months("Months", [], years: [:]).figure().text).fault == nil)
  }

  @Test(arguments: [[], [3.0], [.nan, 1], [2, 2, 2]])
  func sparklinesTakeAnything(values: [Double]) {
    let svg = Sparkline("Equity", values, .number()).svg(width: 120).text
    #expect(WellFormed(svg).fault == nil && !svg.contains("nan"))
  }

  @Test(arguments: [
    (1_234_567.891, "1,234,567.89\u{A0}USD"), (-0.004, "0.00\u{A0}USD"), (-12.5, "\u{2212}12.50\u{A0}USD"), (.nan, "–"),
    (999.995, "1,000.00\u{A0}USD"), (0, "0.00\u{A0}USD"),
  ])
  func valuesAreWrittenInFull(value: Double, text: String) {
    #expect(ValueFormat.number("USD").text(value) == text)
  }

  @Test func ticksAreShort() {
    #expect(ValueFormat.number().tick(1_200_000, step: 200_000, largest: 1.4e6) == "1.2\u{A0}M")
    #expect(ValueFormat.number().tick(1_000_500, step: 500, largest: 1.002e6) == "1.0005\u{A0}M")
    #expect(ValueFormat.percent().tick(-0.025, step: 0.005, largest: 0.03) == "\u{2212}2.5\u{A0}%")
    #expect(ValueFormat.number().tick(0.0002, step: 0.0001, largest: 0.0004) == "0.0002")
    #expect(ValueFormat.number().tick(0, step: 1e6, largest: 4e6) == "0")
    #expect(ValueFormat.duration.tick(0.2, step: 0.2, largest: 0.9) == "200\u{A0}ms")
    #expect(ValueFormat.number(digits: 0, isGrouped: false).text(1_234_567) == "1234567")
  }

  @Test(arguments: [
    (0.0042, "4.2\u{A0}ms"), (0.0, "0\u{A0}s"), (90, "1.5\u{A0}min"), (7_200, "2\u{A0}h"),
    (4.32e8, "13.7\u{A0}years"), (.nan, "–"),
  ])
  func durationsHaveAUnitThatSuitsThem(seconds: Double, text: String) {
    #expect(ValueFormat.duration.text(seconds) == text)
  }

  @Test(arguments: [
    ([], 0), ([1, 2, .nan], 0), ([1.5, 700], 2), ([0.5, 0.25], 3), ([0.00123], 5), ([1e-30], 8), ([.infinity], 0),
  ])
  func decimalsAreAsManyAsTheValuesNeed(values: [Double], digits: Int) {
    #expect(ValueFormat.digits(for: values) == digits)
  }

  private static func bars(_ values: [[Double]], isStacked: Bool) -> ChartPanel {
    let colours = Style.Colour.series
    return ChartPanel(
      "", .number(), isStacked: isStacked,
      lines: values.enumerated().map { place, values in
        ChartPanel.Line(
          "s\(place)", values.enumerated().map { .init(ChartTime(day: 12_000 + $0.offset), $0.element) },
          colours[place % colours.count], .bars(seconds: 86_400))
      })
  }

  @Test func stackedBarsStandOnEachOther() {
    let panel = Self.bars([[1, -2, .nan], [3, 4, 5], [10, -20, 0]], isStacked: true)
    #expect(panel.bars.map { $0.map(\.base) } == [[0, 0], [1, 0, 0], [4, -2, 5]])
    #expect(panel.bars.map { $0.map(\.end) } == [[1, -2], [4, 4, 5], [14, -22, 5]])
    #expect(panel.values.max() == 14 && panel.values.min() == -22 && panel.includesZero)
    #expect(Self.bars([[1], [3]], isStacked: false).bars.joined().map(\.base) == [0, 0])
  }

  @Test func manyBarsStaySmall() {
    let values = (0..<100_000).map { Double(($0 * 7_919) % 1_003) }
    let chart = TimeChart("Bars", summary: "", panels: [Self.bars([values, values], isStacked: true)])
    #expect(chart.svg(width: 600).text.utf8.count < 150_000)
  }

  @Test func legendsThatAreTooLongTakeMoreRows() {
    let height = { (count: Int) in
      let panel = Self.bars(Array(repeating: [1, 2], count: count), isStacked: true)
      var markup = Markup()
      TimeChart("Bars", summary: "", panels: [panel]).draw(width: 200, into: &markup)
      return Set(
        markup.text.split(separator: "class=\"legend\"").dropFirst().map { $0.split(separator: "y=\"")[1].prefix(2) }
      ).count
    }
    #expect(height(3) == 1 && height(6) == 2 && height(60) == 3)
  }

  @Test func anAxisMayBeLongerThanItsData() {
    let points = [ChartPanel.Point(ChartTime(day: 15_000), 1), .init(ChartTime(day: 15_001), 2)]
    let chart = TimeChart(
      "Line", summary: "", panels: [ChartPanel("", .number(), lines: [.init("", points)])],
      range: ChartTime(day: 11_000)...ChartTime(day: 16_000))
    let svg = chart.svg(width: 600).text
    #expect(svg.contains(">2002<") && svg.contains(">2012<"))
  }
}
