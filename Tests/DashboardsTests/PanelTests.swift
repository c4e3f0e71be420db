import Charts
import EngineStore
import FoundationEssentials
import Testing

@testable import Dashboards

struct PanelTests {
  static let hostile = "<script>alert('1')</script>&\"]]>"

  /// A dashboard of one panel.
  static func dashboard(
    _ type: String, title: String = "Panel", defaults: String = "", overrides: String = "", span: String = "now-30d"
  ) throws -> Dashboard {
    let quoted = String(decoding: try JSONEncoder().encode(title), as: UTF8.self)
    let text = """
      {"uid": "bourse-test", "title": "Bourse: Test", "description": "About it.", "time": {"from": "\(span)", "to": "now"},
       "templating": {"list": [
         {"type": "query", "name": "portfolio", "label": "Portfolio", "query": "SELECT 1", "multi": true, "current": {"value": ["$__all"]}},
         {"type": "custom", "name": "resolution", "label": "Candles", "query": "1 hour,1 day", "multi": false, "current": {"value": "1 day"}}]},
       "panels": [{"type": "row", "title": "Heading", "gridPos": {"h": 1, "w": 24, "x": 0, "y": 0}},
         {"type": "\(type)", "title": \(quoted), "description": "What it shows.", "gridPos": {"h": 8, "w": 12, "x": 12, "y": 1},
          "targets": [{"rawSql": "SELECT 1"}],
          "fieldConfig": {"defaults": {"noValue": "nothing here"\(defaults.isEmpty ? "" : ", ")\(defaults)}, "overrides": [\(overrides)]}}]}
      """
    return try Dashboard.read(Data(text.utf8), file: "test.json")
  }

  /// The page of a dashboard with one panel.
  static func page(_ dashboard: Dashboard, _ table: PanelTable, others: [Dashboard] = []) -> DashboardPage.Result {
    let span = ChartTime(year: 2012, month: 1)...ChartTime(year: 2013, month: 1)
    let interval = Interval(span: 31_536_000, points: 50)
    let contents = ([dashboard] + others).map { dashboard in
      var content = DashboardPage.Content(
        dashboard, values: ["portfolio": ["main", hostile], "resolution": ["1 day"]])
      content.answers = [nil, .table(table, interval)]
      return content
    }
    return DashboardPage(contents, span: span, lead: "", footer: "").draw()
  }

  static let kinds = ["timeseries", "candlestick", "table", "stat", "bargauge"]

  static func row(_ day: Int, _ values: Double...) -> [PanelTable.Value] {
    [.time(ChartTime(year: 2012, month: 1, day: day).seconds)] + values.map { .number($0) }
  }

  static let candleColumns: [PanelTable.Column] =
    [.init("time", .time)] + ["open", "high", "low", "close", "volume", "bought"].map { .init($0, .number) }

  /// A table that each kind of panel can draw.
  static func table(_ kind: String, _ values: [PanelTable.Value]) -> PanelTable {
    switch kind {
    case "timeseries":
      return PanelTable(
        [.init("time", .number), .init("metric", .text), .init("value", .number)],
        values.enumerated().map { [.number(1.33e9 + Double($0.offset) * 86_400), .text(hostile), $0.element] })
    case "candlestick":
      return PanelTable(
        candleColumns,
        values.enumerated().map { place, value in
          [.time(1.33e9 + Double(place) * 86_400)] + Array(repeating: value, count: 6)
        })
    case "stat": return PanelTable([.init(hostile, .number)], values.map { [$0] })
    default:
      return PanelTable([.init(hostile, .text), .init("value", .number)], values.map { [.text(hostile), $0] })
    }
  }

  // MARK: Odd values

  @Test(arguments: kinds)
  func nothingIsSaidInThePanelsOwnWords(kind: String) throws {
    let result = Self.page(try Self.dashboard(kind), PanelTable([], []))
    #expect(result.faults.isEmpty && result.panels == 1)
    #expect(result.html.contains("<p class=\"empty\">nothing here</p>"))
  }

  @Test(arguments: kinds, ["null", "nan", "5", "infinity 1", "1e300 -1e300", "0 null -3", "many"])
  func valuesOfAnyKindAreDrawn(kind: String, text: String) throws {
    let values =
      text == "many"
      ? Array(repeating: .number(7), count: 2_000)
      : text.split(separator: " ").map { $0 == "null" ? PanelTable.Value.null : .number(Double($0) ?? .nan) }
    let result = Self.page(try Self.dashboard(kind), Self.table(kind, values))
    #expect(result.faults.isEmpty)
    let body = result.html.split(separator: "<body").last ?? ""
    #expect(!body.lowercased().replacing("finance", with: "").contains("nan") && !body.contains("inf"), "\(body)")
    #expect(!body.contains("<script>alert"))
    #expect(result.html.utf8.count < 500_000, "\(kind)")
  }

  @Test(arguments: kinds)
  func namesCannotBreakOut(kind: String) throws {
    let html = Self.page(
      try Self.dashboard(kind, title: Self.hostile), Self.table(kind, [.number(1), .number(2), .number(3)])
    ).html
    #expect(!html.contains("alert('1')") && !html.contains("<script>a"))
    #expect(html.contains("&lt;script&gt;alert(&#39;1&#39;)"))
    // Nothing is fetched: the only addresses are names of XML, and links lead to the page itself.
    #expect(
      html.split(separator: "http").dropFirst().allSatisfy {
        $0.hasPrefix("://www.w3.org/2000/") || $0.hasPrefix("-equiv")
      })
    #expect(!html.contains("src=") && html.split(separator: "href=\"").dropFirst().allSatisfy { $0.hasPrefix("#") })
  }

  // MARK: Each kind

  @Test func seriesAreLinesBarsOrPoints() throws {
    let columns: [PanelTable.Column] = [.init("time", .time), .init("metric", .text), .init("value", .number)]
    let rows = (1...6).flatMap { day in
      ["main", "swing"].map { [Self.row(day)[0], .text($0), .number(Double(day) * ($0 == "main" ? 1 : -1))] }
    }
    let table = PanelTable(columns, rows)
    let lines = Self.page(try Self.dashboard("timeseries", defaults: #""unit": "percentunit""#), table).html
    #expect(lines.contains("class=\"line c0\"") && lines.contains("class=\"line c1\"") && lines.contains(">swing<"))
    #expect(lines.contains("main from 100\u{A0}% to 600\u{A0}%"))
    let custom = { (style: String, mode: String) in
      #""custom": {"drawStyle": "\#(style)", "stacking": {"mode": "\#(mode)"}}"#
    }
    let bars = Self.page(try Self.dashboard("timeseries", defaults: custom("bars", "normal")), table).html
    #expect(bars.contains("class=\"bar c0\"") && bars.contains("class=\"bar c1\"") && !bars.contains("class=\"line"))
    let points = Self.page(try Self.dashboard("timeseries", defaults: custom("points", "none")), table).html
    #expect(points.contains("class=\"dot signs c1\""))
  }

  @Test func oneSeriesHasItsNameAboveIt() throws {
    let table = PanelTable([.init("time", .time), .init("ticks", .number)], [Self.row(1, 4), Self.row(2, 6)])
    let html = Self.page(try Self.dashboard("timeseries", defaults: #""unit": "suffix: /s""#), table).html
    #expect(html.contains(">ticks, /s</text>") && html.contains("class=\"area c0\""))
  }

  @Test func moreSeriesThanCanBeToldApartAreCounted() throws {
    let rows = (0..<60).map { [Self.row(1)[0], .text("s\($0)"), .number(1)] }
    let table = PanelTable([.init("time", .time), .init("metric", .text), .init("value", .number)], rows)
    #expect(Self.page(try Self.dashboard("timeseries"), table).html.contains("The first 40 of 60 series are drawn."))
  }

  @Test func candlesHaveVolumeAndMarks() throws {
    let mark =
      #"{"matcher": {"id": "byName", "options": "bought"}, "properties": [{"id": "custom.drawStyle", "value": "points"}]}"#
    let rows = (1...30).map { Self.row($0, 10, 12, 9, $0 % 2 == 0 ? 11 : 9.5, 1_000, $0 == 7 ? 10.5 : .nan) }
    let result = Self.page(
      try Self.dashboard("candlestick", overrides: mark), PanelTable(Self.candleColumns, rows))
    #expect(result.faults.isEmpty)
    #expect(result.html.contains("candle rose") && result.html.contains("candle fell"))
    #expect(result.html.contains("<title>7 Jan 2012: bought 10.50</title>") && result.html.contains(">bought</text>"))
    #expect(result.html.contains(">Volume</text>"))
    let bare = PanelTable(Array(Self.candleColumns[..<5]), [Self.row(1, 1, 2, 1, 2)])
    #expect(!Self.page(try Self.dashboard("candlestick"), bare).html.contains(">Volume</text>"))
  }

  @Test func tablesRespectUnitsColoursAndLinks() throws {
    let steps = #"{"mode": "absolute", "steps": [{"color": "green", "value": null}, {"color": "red", "value": 0.5}]}"#
    let overrides = """
      {"matcher": {"id": "byName", "options": "share"}, "properties": [{"id": "unit", "value": "percentunit"},
        {"id": "thresholds", "value": \(steps)}, {"id": "custom.cellOptions", "value": {"type": "color-text"}}]},
      {"matcher": {"id": "byName", "options": "age"}, "properties": [{"id": "unit", "value": "s"}]},
      {"matcher": {"id": "byName", "options": "price"}, "properties": [{"id": "decimals", "value": 3}]},
      {"matcher": {"id": "byName", "options": "symbol"}, "properties": [{"id": "links", "value": [{"title": "x", "url": "/d/bourse-other?var-symbol=1&y"}]}]}
      """
    let columns: [PanelTable.Column] = [
      .init("symbol", .text), .init("share", .number), .init("age", .number), .init("price", .number),
      .init("at", .time),
      .init("stale", .truth),
    ]
    let table = PanelTable(
      columns,
      [
        [.text("A&B"), .number(0.25), .number(90), .number(1_234.5), .time(1.33e9), .truth(true)],
        [.text("C"), .number(0.5), .number(0.004), .null, .time(.infinity), .null],
      ])
    let dashboard = try Self.dashboard("table", overrides: overrides)
    let html = Self.page(dashboard, table).html
    for text in [
      "<td class=\"number tone2\">25\u{A0}%</td>", "<td class=\"number tone6\">50\u{A0}%</td>",
      ">1.5\u{A0}min<", ">4\u{A0}ms<", ">1234.500<", ">2012-02-23 12:26:40<", ">for ever<", ">yes<", "A&amp;B",
      "<td class=\"number\"></td>",
    ] {
      #expect(html.contains(text), "\(text)")
    }
    // A link to what is not on the page is left out.
    #expect(!html.contains("href=\"#bourse-other\""))
    let text =
      #"{"uid": "bourse-other", "title": "Other", "time": {"from": "now-1h"}, "templating": {"list": []}, "panels": []}"#
    let both = Self.page(dashboard, table, others: [try Dashboard.read(Data(text.utf8), file: "other.json")]).html
    #expect(
      both.contains("<a href=\"#bourse-other\">A&amp;B</a>") && both.contains("<h2 id=\"bourse-other\">Other</h2>"))
  }

  @Test func figuresHaveTheColourOfTheirThreshold() throws {
    let defaults =
      #""unit": "bytes", "thresholds": {"steps": [{"color": "green", "value": null}, {"color": "orange", "value": 2000}]}"#
    let dashboard = try Self.dashboard("stat", defaults: defaults)
    let columns: [PanelTable.Column] = [.init("last", .number), .init("bid", .number), .init("ask", .number)]
    let html = Self.page(dashboard, PanelTable(columns, [[.number(1_000), .number(2_048), .null]])).html
    #expect(html.contains("<dt>last</dt><dd class=\"tone2\">1,000\u{A0}B</dd>"))
    #expect(html.contains("<dt>bid</dt><dd class=\"tone1\">2\u{A0}KiB</dd>"))
    #expect(html.contains("<dt>ask</dt><dd class=\"tone5\">nothing here</dd>"))
    #expect(!Self.page(dashboard, PanelTable([.init("only", .number)], [[.number(1)]])).html.contains("<dt>only"))
  }

  @Test func barsHaveTheColourOfTheirThreshold() throws {
    let defaults =
      #""unit": "locale", "thresholds": {"steps": [{"color": "red", "value": null}, {"color": "green", "value": 0}]}"#
    let table = PanelTable(
      [.init("symbol", .text), .init("profit", .number)], [[.text("A"), .number(5)], [.text("B"), .number(-5.5)]])
    let html = Self.page(try Self.dashboard("bargauge", defaults: defaults), table).html
    #expect(html.contains("class=\"bar c2\"") && html.contains("class=\"bar c6\"") && html.contains("B: \u{2212}5.50"))
  }

  // MARK: What cannot be drawn

  @Test func aFaultIsShownInItsPlaceAndTold() throws {
    let dashboard = try Self.dashboard("timeseries")
    let noTime = Self.page(dashboard, PanelTable([.init("value", .number)], [[.number(1)]]))
    #expect(noTime.faults == ["Test, Panel: the first column is value, and not time"])
    #expect(noTime.html.contains("<p class=\"fault\">the first column is value, and not time</p>"))
    var content = DashboardPage.Content(dashboard, values: [:])
    content.answers = [nil, .failed("relation \"<x>\" does not exist")]
    let span = ChartTime(day: 0)...ChartTime(day: 1)
    let failed = DashboardPage([content], span: span, lead: "", footer: "").draw()
    #expect(failed.faults.count == 1 && failed.html.contains("relation &quot;&lt;x&gt;&quot; does not exist"))
    for kind in ["candlestick", "bargauge"] {
      #expect(Self.page(try Self.dashboard(kind), PanelTable([.init("time", .time)], [[.time(0)]])).faults.count == 1)
    }
  }

  @Test(arguments: [
    ("piechart", "", "type piechart"), ("stat", #""unit": "currencyUSD""#, "unit currencyUSD"),
    ("stat", #""thresholds": {"steps": [{"color": "pink", "value": null}]}"#, "colour pink"),
    ("timeseries", #""custom": {"drawStyle": "stairs"}"#, "drawStyle"),
  ])
  func whatCannotBeDrawnIsNamed(type: String, defaults: String, word: String) {
    let error = #expect(throws: DashboardError.self) { try Self.dashboard(type, defaults: defaults) }
    #expect(error?.description.contains("test.json") == true && error?.description.contains(word) == true, "\(error!)")
  }

  @Test(arguments: ["", "{", "[]", "{}", #"{"uid": 5}"#])
  func otherFilesAreNoDashboards(text: String) {
    #expect(throws: DashboardError.self) { try Dashboard.read(Data(text.utf8), file: "test.json") }
    #expect(throws: DashboardError.self) { try Self.dashboard("stat", span: "yesterday") }
  }

  @Test func variablesAreRead() throws {
    let variables = try Self.dashboard("stat").variables
    #expect(variables.map(\.name) == ["portfolio", "resolution"] && variables.map(\.isMultiple) == [true, false])
    #expect(variables.map(\.initial) == [nil, "1 day"])
  }
}
