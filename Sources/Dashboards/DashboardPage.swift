import Charts
import EngineStore

/// Dashboards as one page.
package struct DashboardPage {
  /// A dashboard with what its variables are and what its queries returned.
  package struct Content {
    package let dashboard: Dashboard
    package let values: [String: [String]]
    /// For each panel of the dashboard; nil for headings.
    package var answers: [Answer?] = []
    /// The query that took longest, and its seconds.
    package var slowest: (panel: Panel, seconds: Double)?

    package init(_ dashboard: Dashboard, values: [String: [String]]) {
      self.dashboard = dashboard
      self.values = values
    }
  }

  /// What became of a query.
  package enum Answer: Sendable {
    case table(PanelTable, Interval)
    /// Why there is none.
    case failed(String)
  }

  private let contents: [Content]
  private let span: ClosedRange<ChartTime>
  private let lead, footer: String

  /// - Parameters:
  ///   - lead: what stands below the title, behind the span.
  ///   - footer: what stands at the end.
  package init(_ contents: [Content], span: ClosedRange<ChartTime>, lead: String, footer: String) {
    self.contents = contents
    self.span = span
    self.lead = lead
    self.footer = footer
  }

  package struct Result {
    package let html: String
    package let panels: Int
    /// Panels that show an error, each with what it is.
    package let faults: [String]
  }

  package func draw() -> Result {
    var (panels, faults) = (0, [String]())
    let anchors = Set(contents.map(\.dashboard.uid))
    let only = contents.count == 1 ? contents[0].dashboard.title : nil
    var page = Page(
      only ?? "Bourse: dashboards", lead: "\(Self.text(span)), times in UTC. \(lead)", footer: footer, isWide: true)
    for content in contents {
      let dashboard = content.dashboard
      let draw = { (body: inout Markup) in
        body.paragraph(([dashboard.description] + chosen(content)).joined(separator: " "), class: "note")
        var board = Board()
        for (panel, answer) in zip(dashboard.panels, content.answers) {
          guard let answer else {
            board.heading(panel.title, at: panel.place)
            continue
          }
          panels += 1
          board.panel(panel.title, note: panel.description, at: panel.place) { markup in
            if let fault = self.draw(panel, answer, anchors, into: &markup) {
              faults.append("\(Self.name(of: dashboard)), \(panel.title): \(fault)")
            }
          }
        }
        body.append(board.markup)
      }
      if only == nil {
        page.section(Self.name(of: dashboard), anchor: dashboard.uid, draw)
      } else {
        page.opening(draw)
      }
    }
    return Result(html: page.html, panels: panels, faults: faults)
  }

  /// - Returns: what is wrong.
  private func draw(_ panel: Panel, _ answer: Answer, _ anchors: Set<String>, into markup: inout Markup) -> String? {
    let fault: String
    switch answer {
    case .failed(let text): fault = text
    case .table(let table, let interval):
      var content = Markup()
      do {
        try PanelDrawing(panel, table, span: span, interval: interval, anchors: anchors).draw(into: &content)
        markup.append(content)
        return nil
      } catch {
        fault = "\(error)"
      }
    }
    markup.paragraph(fault, class: "fault")
    return fault
  }

  /// What its variables are, in words.
  private func chosen(_ content: Content) -> [String] {
    let texts = content.dashboard.variables.compactMap { variable -> String? in
      let values = (content.values[variable.name] ?? []).filter { !$0.isEmpty }
      if values.isEmpty { return "no \(variable.label.lowercased())" }
      let shown = values.prefix(8).joined(separator: ", ") + (values.count > 8 ? " and \(values.count - 8) more" : "")
      return "\(variable.label.lowercased()) \(shown)"
    }
    let text = texts.joined(separator: "; ")
    return text.isEmpty ? [] : [text.prefix(1).uppercased() + text.dropFirst() + "."]
  }

  /// Without what all are called.
  static func name(of dashboard: Dashboard) -> String {
    dashboard.title.hasPrefix("Bourse: ") ? String(dashboard.title.dropFirst(8)) : dashboard.title
  }

  package static func text(_ span: ClosedRange<ChartTime>) -> String {
    "\(span.lowerBound.text) to \(span.upperBound.text)"
  }
}
