import Testing

@testable import Charts

struct MarkupTests {
  static let hostile = "<script>alert('1')</script>&\"]]>--><!-- \u{0}\u{8}\u{FFFF}"

  @Test func whatHasAMeaningIsEscaped() {
    #expect(Markup.escaped("a<b>&\"c'") == "a&lt;b&gt;&amp;&quot;c&#39;")
    #expect(Markup.escaped("\u{0}\u{1B}x\n") == "\u{FFFD}\u{FFFD}x\n")
    #expect(Markup.escaped("Zürich 株 😀") == "Zürich 株 😀")
    #expect(Markup.json("a\"b\\c\n\u{1}") == "\"a\\\"b\\\\c\\n\u{FFFD}\"")
  }

  @Test func elementsNest() {
    var markup = Markup()
    markup.element("g", ["class": "a\"b"]) { group in
      group.element("text", text: "1 < 2")
      group.element("line", ["x1": "0"])
    }
    #expect(markup.text == "<g class=\"a&quot;b\"><text>1 &lt; 2</text><line x1=\"0\"/></g>")
  }

  /// Every chart, with the same hostile text everywhere where a text goes.
  static var charts: [any Chart] {
    let name = hostile
    let time = ChartTime(day: 15_000)
    let candle = ChartCandle(time, open: 1, high: 3, low: 1, close: 2)
    let line = ChartPanel.Line(name, [.init(time, 1), .init(ChartTime(day: 15_001), 2)])
    return [
      TimeChart(
        name, summary: name,
        panels: [
          ChartPanel(
            name, .number(name), lines: [line, line], candles: [candle], candleName: name,
            marks: [.init(time, 2, .exit, title: name)], spans: [.init(from: time, until: time)], spanName: name)
        ]),
      HeatMap(name, summary: name, rows: [name], columns: [name], values: [[0.1]], totals: [1], totalName: name),
      GridMap(
        name, rows: [name], columns: [name], values: [[0.1]], axes: (rows: name, columns: name), .number(name),
        chosen: (0, 0)),
      Histogram(name, [1, 2, 3], .number(name), unit: name), BarChart(name, [(name, 1), (name, -1)], .number(name)),
      Sparkline(name, [1, 2], .number(name)),
    ]
  }

  @Test func namesCannotBreakOut() {
    for chart in Self.charts {
      for text in [chart.figure().text, chart.standalone()] {
        #expect(!text.contains("<script") && !text.contains("<!--") && !text.contains("]]>"))
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
        #expect(WellFormed(text).fault == nil)
      }
    }
  }

  @Test func pagesAreWellFormedAndAskNobody() {
    var page = Page(Self.hostile, lead: Self.hostile, footer: Self.hostile)
    page.section(Self.hostile) { body in
      body.table(["a", Self.hostile], [[.text(Self.hostile), .number("1")]])
      body.tiles([(Self.hostile, Self.hostile, Self.hostile)])
      body.code(Self.hostile)
      body.details(Self.hostile) { $0.paragraph(Self.hostile) }
      for chart in Self.charts { body.append(chart.figure()) }
    }
    let html = page.html
    #expect(html.hasPrefix("<!DOCTYPE html>\n") && html.contains("default-src 'none'"))
    #expect(!html.contains("alert('1')"))
    // The only addresses are names of XML itself.
    let addresses = html.split(separator: "http").dropFirst().map { $0.prefix(20) }
    #expect(addresses.allSatisfy { $0.hasPrefix("://www.w3.org/2000/") || $0.hasPrefix("-equiv") }, "\(addresses)")
  }
}

/// Looks whether the elements of a text are closed in the order in which they were opened.
struct WellFormed {
  let fault: String?

  init(_ text: String) {
    var open: [Substring] = []
    for piece in text.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
      guard let end = piece.firstIndex(of: ">") else {
        fault = "a tag has no end: \(piece.prefix(40))"
        return
      }
      let tag = piece[..<end]
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else {
          fault = "</\(tag.dropFirst())> closes nothing"
          return
        }
      } else if !tag.hasSuffix("/") {
        open.append(tag.prefix { $0 != " " })
      }
    }
    fault = open.isEmpty ? nil : "\(open) are open"
  }
}
