import Testing

@testable import Charts

struct ChartTests {
  static func chart(_ values: [Double]) -> TimeChart {
    let points = values.enumerated().map { ChartPanel.Point(ChartTime(day: 12_000 + $0.offset), $0.element) }
    return TimeChart(
      "Equity", summary: "",
      panels: [
        ChartPanel("Equity", .number("USD"), share: 3, lines: [.init("", points, isFilled: true)]),
        ChartPanel("Drawdown", .percent(), includesZero: true, lines: [.init("", points, .orange, isFilled: true)]),
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
    let shapes = MarkShape.allCases.map { shape in
      var markup = Markup()
      shape.draw(x: 10, y: 10, title: "at \(time.text)", into: &markup)
      return markup.text
    }
    #expect(Set(shapes.map { $0.split(separator: " d=")[1] }).count == MarkShape.allCases.count)
    #expect(shapes.allSatisfy { $0.contains("<title>at ") })
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
  }
}
