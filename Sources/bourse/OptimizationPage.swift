import Charts
import EngineStore

/// The page of an optimization.
struct OptimizationPage {
  private let report: OptimizationReport
  private let money: ValueFormat

  init(_ report: OptimizationReport) {
    self.report = report
    money = .number(report.currency)
  }

  var html: String {
    let symbols =
      report.symbols.count <= 6
      ? report.symbols.joined(separator: ", ")
      : report.symbols.prefix(5).joined(separator: ", ") + " and \(report.symbols.count - 5) more"
    var page = Page(
      "Optimization of \(report.strategy) on \(symbols)",
      lead: "Optimization \(report.optimization) of version \(report.version), \(report.from) to \(report.until): "
        + "\(report.trials) trials, \(report.method), for the best \(report.objective)"
        + (report.walkForward == nil ? ", all in sample." : ", judged out of sample."),
      footer: "Made by Bourse, optimization \(report.optimization) of \(report.createdAt) by \(report.owner). "
        + "Results of the past say little about the future; this is no investment advice.")
    page.opening { body in
      if let verdict = report.verdict.first { body.paragraph(verdict.finding, class: "verdict") }
      body.tiles(tiles)
    }
    page.section("Is it luck?", drawVerdict)
    page.section(isOutOfSample ? "Out of sample" : "The chosen trial, in sample", drawEquity)
    page.section("Parameters", drawParameters)
    if isOutOfSample { page.section("Windows", drawWindows) }
    page.section("The best trials", drawTrials)
    page.section("Settings, and how to repeat it", drawSettings)
    return page.html
  }

  private var isOutOfSample: Bool { report.walkForward != nil }

  private func percent(_ value: Double, signed: Bool = false) -> String {
    signed ? ValueFormat.percent().signed(value) : ValueFormat.percent().text(value)
  }

  private func number(_ value: Double) -> String { ValueFormat.number().text(value) }

  private func judgement(_ topic: String) -> OptimizationReport.Judgement? {
    report.verdict.first { $0.topic == topic }
  }

  private var tiles: [(name: String, value: String, note: String)] {
    let place = isOutOfSample ? "out of sample" : "in sample"
    var tiles: [(name: String, value: String, note: String)] = [
      ("Total return", percent(report.totalReturn), "\(percent(report.cagr)) a year, \(place)"),
      ("Sharpe ratio", number(report.sharpe), "of a year, \(place)"),
      ("Deepest drawdown", percent(report.maxDrawdown), place),
    ]
    if let skill = judgement("skill") {
      tiles.append(
        ("Skill", percent(skill.value), isOutOfSample ? "that the ratio is above 0" : "deflated Sharpe ratio"))
    }
    if let overfitting = judgement("overfitting") {
      tiles.append(("Overfitting", percent(overfitting.value), "probability; chance gives 50 %"))
    }
    if let stability = judgement("stability") {
      tiles.append(("Stability", percent(stability.value), "what values beside the chosen ones keep"))
    }
    tiles.append(("Tried", ValueFormat.count().text(judgement("trials")?.value ?? .nan), "times, for ever"))
    return tiles
  }

  // MARK: Parts

  private func drawVerdict(_ body: inout Markup) {
    body.table(
      ["Question", "Judgement", "Finding"],
      report.verdict.map { row in
        [
          .text(row.topic.replacing("_", with: " ")), .text(row.judgement ?? "–"), .text(row.finding),
        ]
      })
    if !report.logits.isEmpty {
      body.append(
        Histogram(
          "Rank of the best trial of one half of the days in the other half, as a logit: below 0 it was chosen by luck",
          report.logits, .number(digits: 1), unit: "splits"
        ).figure())
    }
    body.paragraph("docs/robustness.md says what each is judged by, with sources.", class: "note")
  }

  private func drawEquity(_ body: inout Markup) {
    let points = report.days.map { ChartPanel.Point(ChartTime(day: $0.day), $0.equity) }
    let band = { (name: String, colour: Style.Colour, value: (OptimizationReport.Band) -> Double) in
      ChartPanel.Line(name, report.bands.map { .init(ChartTime(day: $0.day), value($0)) }, colour, .dashed)
    }
    // Every second window is shaded, so that each can be seen.
    var spans: [ChartPanel.Span] = []
    for days in Dictionary(grouping: report.days, by: \.window).values where days[0].window.isMultiple(of: 2) {
      spans.append(.init(from: ChartTime(day: days[0].day), until: ChartTime(day: days[days.count - 1].day)))
    }
    spans.sort { $0.from < $1.from }
    body.append(
      TimeChart(
        "Equity at the end of each day, and what resamples of its days came to",
        summary: "Total return \(percent(report.totalReturn)), deepest drawdown \(percent(report.maxDrawdown)).",
        panels: [
          ChartPanel(
            "Equity", money,
            lines: [
              band("95 % are below", .grey, \.high), band("half are below", .sky, \.middle),
              band("5 % are below", .orange, \.low), ChartPanel.Line("Equity", points, .blue),
            ], spans: isOutOfSample ? spans : [], spanName: "every second window")
        ], heights: (400, 340)
      ).figure(
        note: isOutOfSample
          ? "Each window's days with the values that were chosen before them, one after the other."
          : "The values were chosen by these same days: only a walk-forward shows what they are worth."))
  }

  private func drawParameters(_ body: inout Markup) {
    guard let rows = report.cells.map(\.row).max(), let columns = report.cells.map(\.column).max(),
      rows * columns <= 40_000
    else { return body.paragraph("No parameter had several values.") }
    var values = Array(repeating: [Double?](repeating: nil, count: columns), count: rows)
    var names = (rows: Array(repeating: "", count: rows), columns: Array(repeating: "", count: columns))
    var chosen: (row: Int, column: Int)?
    for cell in report.cells {
      values[cell.row - 1][cell.column - 1] = cell.mean
      names.rows[cell.row - 1] = cell.rowValue ?? ""
      names.columns[cell.column - 1] = cell.columnValue
      if cell.isChosen { chosen = (cell.row - 1, cell.column - 1) }
    }
    body.append(
      GridMap(
        "Mean \(report.objective) for each pair of values", rows: names.rows, columns: names.columns, values: values,
        axes: report.axes, .number(), chosen: chosen
      ).figure(
        note:
          "Over all windows and all values of the other parameters, in sample; what was chosen last is framed. A good cell "
          + "among good ones is a plateau, one among poor ones is a peak, and most likely luck."))
    if report.effects.count > 1 {
      body.append(
        BarChart(
          "How much each parameter matters by itself", report.effects.map { ($0.name, $0.share) }, .percent(digits: 1)
        )
        .figure(note: "Share of the variance of the objective that lies between its values."))
    }
  }

  private func drawWindows(_ body: inout Markup) {
    body.table(
      [
        "Window", "In sample", "Out of sample", "Chosen", report.objective, "A year in sample", "And out of it",
        "Sharpe ratio", "Drawdown", "Trades",
      ],
      report.windows.map { window in
        [
          .number("\(window.number)"), .text("\(window.from ?? "–") to \(window.until ?? "–")"),
          .text("\(window.testFrom ?? "–") to \(window.testUntil ?? "–")"), .text(Self.words(window.params)),
          .number(number(window.objective)), .number(percent(window.cagr)), .number(percent(window.testCAGR)),
          .number(number(window.testSharpe)), .number(percent(window.testDrawdown)),
          .number(window.testTrades.map(String.init) ?? "–"),
        ]
      })
  }

  private func drawTrials(_ body: inout Markup) {
    body.table(
      ["Trial", "Window", "Values", report.objective, "Return", "Sharpe ratio", "Drawdown", "Trades"],
      report.best.map { trial in
        [
          .number("\(trial.number)"), .number("\(trial.window)"), .text(Self.words(trial.params)),
          .number(number(trial.objective)), .number(percent(trial.totalReturn, signed: true)),
          .number(number(trial.sharpe)), .number(percent(trial.drawdown)),
          .number(trial.trades.map(String.init) ?? "–"),
        ]
      })
    body.paragraph(
      "The first \(report.best.count), in sample. bourse report optimization \(report.optimization) --csv trials prints all "
        + "with every column.", class: "note")
  }

  private func drawSettings(_ body: inout Markup) {
    body.table(
      ["Setting", "Value"], report.settings.map { [.text($0.name.replacing("_", with: " ")), .text($0.value)] })
    body.paragraph("In psql:")
    body.code(report.statement)
    body.paragraph("The same data, engine, settings and seed give the same trials.", class: "note")
  }

  /// `{"fast": 10}` as `fast 10`.
  private static func words(_ params: String?) -> String {
    params.map { $0.filter { !"{}\"".contains($0) }.replacing(":", with: "") } ?? "–"
  }
}
