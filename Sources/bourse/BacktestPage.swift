import Charts
import EngineStore

/// The page of a backtest.
struct BacktestPage {
  private let report: BacktestReport
  private let candles: [String: [BacktestReport.Candle]]
  private let money: ValueFormat

  /// So many prices are drawn, and so many trades are listed.
  private static let (charts, rows) = (12, 500)

  /// - Parameter candles: by symbol, of those that ``charted(_:)`` names.
  init(_ report: BacktestReport, candles: [String: [BacktestReport.Candle]]) {
    self.report = report
    self.candles = candles
    money = .number(report.currency)
  }

  /// The instruments whose prices are shown: those with the most trades.
  static func charted(_ report: BacktestReport) -> [BacktestReport.Instrument] {
    let counts = Dictionary(grouping: report.trades, by: \.symbol).mapValues(\.count)
    let most = report.instruments.enumerated().sorted {
      (counts[$0.element.symbol] ?? 0, $1.offset) > (counts[$1.element.symbol] ?? 0, $0.offset)
    }
    return most.prefix(charts).sorted { $0.offset < $1.offset }.map(\.element)
  }

  var html: String {
    let from = report.days.first.map { ChartTime(day: $0.day).dayText } ?? report.from
    let until = report.days.last.map { ChartTime(day: $0.day).dayText } ?? report.until
    var page = Page(
      "\(report.strategy) on \(shortened(report.symbols))",
      lead: "Backtest \(report.run) of version \(report.version), \(from) to \(until), with \(amount(report.capital)).",
      footer: "Made by Bourse \(report.engine), run \(report.run) of \(report.createdAt) by \(report.createdBy). "
        + "Results of the past say little about the future; this is no investment advice.")
    page.opening { body in
      if report.figure("research_only") == "true" {
        body.paragraph(
          "For research only: the fills assume what nobody could have done, or what bars do not say (setting fill).",
          class: "note")
      }
      body.tiles(tiles)
      if let explanation = report.explanation { body.paragraph(explanation) }
    }
    page.section("Equity") { body in
      body.append(equity.figure())
      body.append(
        HeatMap.months("Returns of months and years, in percent", report.months, years: report.years).figure())
    }
    page.section("Prices, entries and exits", drawPrices)
    page.section("Trades", drawTrades)
    page.section("Statistics", drawStatistics)
    page.section("Settings, and how to repeat it", drawSettings)
    return page.html
  }

  // MARK: Words

  private func shortened(_ symbols: [String]) -> String {
    symbols.count <= 6
      ? symbols.joined(separator: ", ") : symbols.prefix(5).joined(separator: ", ") + " and \(symbols.count - 5) more"
  }

  private func amount(_ text: String) -> String { money.text(Double(text) ?? .nan) }

  /// A figure of `research.summary`, in groups of three digits.
  private func shown(_ value: String?) -> String {
    guard let value else { return "–" }
    let parts = value.split(separator: " ", maxSplits: 1).map(String.init)
    guard let number = Double(parts[0]), parts[0].allSatisfy({ $0.isNumber || "-.".contains($0) }) else { return value }
    let digits = parts[0].firstIndex(of: ".").map { parts[0][$0...].utf8.count - 1 } ?? 0
    return ([ValueFormat.fixed(number, digits: digits)] + parts.dropFirst()).joined(separator: "\u{A0}")
  }

  private func figure(_ name: String) -> String { shown(report.figure(name)) }

  /// An amount without decimals, to be seen at a glance.
  private func whole(_ value: String?) -> String {
    guard let value, let number = Double(value.prefix { $0 != " " }) else { return "–" }
    return ValueFormat.count(report.currency).text(number)
  }

  private var tiles: [(name: String, value: String, note: String)] {
    [
      ("Final equity", whole(report.figure("final_equity")), "from \(whole(report.capital))"),
      ("Total return", figure("total_return"), "\(figure("cagr")) a year"),
      ("Deepest drawdown", figure("max_drawdown"), "the longest took \(figure("longest_drawdown_days"))"),
      ("Sharpe ratio", figure("sharpe"), "of a year; Sortino \(figure("sortino"))"),
      ("Closed trades", figure("trades"), "\(figure("win_rate")) with a profit"),
      ("Profit factor", figure("profit_factor"), "profits over losses"),
      ("Time invested", figure("exposure"), "of all days"),
      ("Fees", whole(report.figure("fees")), "of \(figure("fills")) fills"),
    ]
  }

  // MARK: Equity

  private var equity: TimeChart {
    let points = report.days.map { ChartPanel.Point(ChartTime(day: $0.day), $0.equity) }
    var lines = [ChartPanel.Line(report.benchmark == nil ? "" : "Strategy", points, .blue, .area)]
    if let benchmark = report.benchmark {
      lines.append(
        ChartPanel.Line(
          "\(benchmark), bought and held", report.days.map { .init(ChartTime(day: $0.day), $0.benchmark) }, .grey))
    }
    return TimeChart(
      "Equity at the end of each day, and how far it was below its highest value",
      summary: "Final equity \(figure("final_equity")), total return \(figure("total_return")), "
        + "deepest drawdown \(figure("max_drawdown")) on \(figure("drawdown_trough")).",
      panels: [
        ChartPanel("Equity", money, share: 2.4, lines: lines),
        ChartPanel(
          "Drawdown", .percent(), includesZero: true,
          lines: [
            .init("", report.days.map { .init(ChartTime(day: $0.day), $0.drawdown) }, .orange, .area)
          ]),
      ], heights: (420, 360))
  }

  // MARK: Prices

  private func drawPrices(_ body: inout Markup) {
    let charted = Self.charted(report)
    for instrument in charted { body.append(prices(of: instrument)) }
    if charted.count < report.instruments.count {
      body.paragraph(
        "The \(charted.count) of \(report.instruments.count) instruments with the most trades are shown.", class: "note"
      )
    }
  }

  private func prices(of instrument: BacktestReport.Instrument) -> Markup {
    let format = ValueFormat.number(instrument.currency)
    let trades = report.trades.filter { $0.symbol == instrument.symbol }
    let all = (candles[instrument.symbol] ?? []).map {
      ChartCandle(ChartTime(seconds: $0.time), open: $0.open, high: $0.high, low: $0.low, close: $0.close)
    }
    // A day that begins before midnight has its candle at midnight, and fills are shown on that day.
    let shift =
      zip(all, all.dropFirst()).allSatisfy { $1.time.seconds - $0.time.seconds >= 86_000 } ? instrument.dayStarts : 0
    let moment = { (seconds: Double) in ChartTime(seconds: seconds - shift) }
    var marks: [ChartPanel.Mark] = []
    for trade in trades {
      let direction = trade.isLong ? "long" : "short"
      marks.append(
        .init(
          moment(trade.openedAt), trade.markedEntry, trade.isLong ? .buyEntry : .sellEntry,
          title:
            "\(moment(trade.openedAt).dayText): trade \(trade.number), \(direction) \(trade.quantity) at \(format.text(trade.markedEntry))"
        ))
      if let closedAt = trade.closedAt {
        marks.append(
          .init(
            moment(closedAt), trade.markedExit, .exit,
            title:
              "\(moment(closedAt).dayText): trade \(trade.number) left at \(format.text(trade.markedExit)), \(money.signed(trade.profit))"
          ))
      }
    }
    let last = all.last?.time ?? ChartTime(seconds: 0)
    let spans = trades.map { ChartPanel.Span(from: moment($0.openedAt), until: $0.closedAt.map(moment) ?? last) }
      .sorted { $0.from < $1.from }
    marks.sort { $0.time < $1.time }
    // What has multiplied is drawn by ratios, so that its beginning can be seen.
    let (lowest, highest) = (all.map(\.low).min() ?? 1, all.map(\.high).max() ?? 1)
    let drawing = { (most: Int) in
      let (candles, step) = ChartCandle.joined(all, most: most)
      let chart = TimeChart(
        instrument.symbol,
        summary: "\(instrument.symbol): \(trades.count) trades, "
          + "\(money.signed(trades.reduce(0) { $0 + $1.profit })) after fees.",
        panels: [
          ChartPanel(
            "Price", format, isLogarithmic: highest > 4 * lowest, candles: candles, marks: marks, spans: spans,
            spanName: "held")
        ], leavesOutGaps: true)
      return (chart, step)
    }
    let (wide, step) = drawing(230)
    let (narrow, short) = drawing(90)
    let note = { (step: CalendarStep?) in
      "Prices as they were traded" + (highest > 4 * lowest ? ", on a logarithmic scale" : "")
        + (step.map { "; a candle is \($0.name)." } ?? ".")
    }
    return wide.figure(narrowChart: narrow, note: note(step), narrowNote: note(short))
  }

  // MARK: Trades

  private func drawTrades(_ body: inout Markup) {
    let closed = report.trades.filter { $0.closedAt != nil }
    guard !report.trades.isEmpty else { return body.paragraph("It never traded.") }
    body.append(
      Histogram("Returns of closed trades, before fees", closed.map(\.change), .percent(digits: 1), unit: "trades")
        .figure())
    if report.instruments.count > 1 {
      let profits = Dictionary(grouping: report.trades, by: \.symbol).mapValues { $0.reduce(0) { $0 + $1.profit } }
      let bars = profits.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { (name: $0.key, value: $0.value) }
      body.append(
        BarChart(
          "Profit after fees by instrument\(bars.count > 40 ? ", the 40 best" : "")", Array(bars.prefix(40)), money
        )
        .figure())
    }
    let shown = report.trades.prefix(Self.rows)
    body.details("All trades" + (shown.count < report.trades.count ? ", the first \(shown.count)" : "")) { details in
      details.table(
        [
          "No", "Instrument", "Side", "Quantity", "Opened", "Entry", "Closed", "Exit", "Why", "Fees", "Profit",
          "Return",
        ],
        shown.map(row))
      details.paragraph(
        "bourse report backtest \(report.run) --csv trades prints all of them with every column.", class: "note")
    }
  }

  private func row(_ trade: BacktestReport.Trade) -> [TableCell] {
    let plain = ValueFormat.number()
    return [
      .number("\(trade.number)"), .text(trade.symbol), .text(trade.isLong ? "long" : "short"), .number(trade.quantity),
      .number(ChartTime(seconds: trade.openedAt).dayText), .number(plain.text(trade.entryPrice)),
      .number(trade.closedAt.map { ChartTime(seconds: $0).dayText } ?? "still open"),
      .number(plain.text(trade.exitPrice)),
      .text(trade.exitReason?.replacing("_", with: " ") ?? ""), .number(plain.text(trade.fees)),
      .number(plain.signed(trade.profit)), .number(ValueFormat.percent().signed(trade.change)),
    ]
  }

  // MARK: Statistics and settings

  private static let topics: [(topic: String, heading: String)] = [
    ("return", "Return"), ("risk", "Risk"), ("benchmark", "Against the benchmark"), ("trades", "Trades"),
    ("result", "Orders and money"), ("run", "The run"),
  ]

  /// How a figure is called, where its name alone does not say it.
  private static let names = [
    "cagr": "Return a year (CAGR)", "sharpe": "Sharpe ratio", "sortino": "Sortino ratio", "calmar": "Calmar ratio",
    "omega": "Omega ratio", "probabilistic_sharpe": "Probabilistic Sharpe ratio",
    "deflated_sharpe": "Deflated Sharpe ratio", "sqn": "System quality number (SQN)",
    "max_drawdown": "Deepest drawdown",
    "average_mae": "Average worst open profit (MAE)", "largest_mae": "Largest worst open profit",
    "average_mfe": "Average best open profit (MFE)", "largest_mfe": "Largest best open profit",
    "conditional_value_at_risk": "Conditional value at risk", "from_time": "From", "until_time": "Until",
    "rejected": "Refused orders", "periods": "Days",
  ]

  private static func heading(_ name: String) -> String {
    names[name] ?? name.replacing("_", with: " ").capitalisedFirst
  }

  private func drawStatistics(_ body: inout Markup) {
    for (topic, heading) in Self.topics {
      let rows = report.figures.filter { $0.topic == topic && $0.name != "equity" }.map { figure in
        [
          TableCell.text(Self.heading(figure.name)), .number(shown(figure.value)),
          .about(figure.explanation),
        ]
      }
      if rows.isEmpty { continue }
      body.element("h3", text: heading)
      body.table(["Figure", "Value", "What it means"], rows, class: "stats")
    }
    body.paragraph(
      "A dash stands where there is nothing to divide by (NULL in the tables). Amounts are in \(report.currency). Each definition has its source, "
        + "and what other programs compute differently, in docs/statistics.md.", class: "note")
  }

  private func drawSettings(_ body: inout Markup) {
    body.table(
      ["Setting", "Value"], report.settings.map { [.text($0.name.replacing("_", with: " ")), .text($0.value)] })
    body.paragraph("In psql, with the extension bourse:")
    body.code(report.statement)
    body.paragraph("In a shell:")
    body.code(command)
    body.paragraph(
      "The same data (fingerprint \(figure("data_fingerprint"))), engine and settings give the same rows.",
      class: "note")
  }

  private var command: String {
    let parts =
      [
        "bourse backtest \(Self.quoted("\(report.strategy)@\(report.version)"))",
        "--symbols \(Self.quoted(report.symbols.joined(separator: ",")))",
        "--from \(report.from) --until \(report.until) --capital \(report.capital)",
      ]
      + report.settings.map { setting in
        // A text stands without its quotes.
        let value = setting.value.hasPrefix("\"") ? String(setting.value.dropFirst().dropLast()) : setting.value
        return "--setting \(Self.quoted("\(setting.name)=\(value)"))"
      }
    return parts.joined(separator: " \\\n  ")
  }

  /// As a shell reads it.
  static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_.,:@=/+%".utf8.contains(byte)
      }
    }
    return isPlain && !text.isEmpty ? text : "'\(text.replacing("'", with: "'\\''"))'"
  }
}

extension String {
  fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
