import Charts

/// Makes of a panel's SQL what PostgreSQL runs, as Grafana does: variables become literals, macros conditions and times.
///
/// Tests/Dashboards/grafana.py has the same rules in Python, since it runs the queries with what this program refuses: values
/// that there are not, and none at all.
package struct QueryTemplate: Sendable {
  private let values: [String: [String]]
  private let span: ClosedRange<ChartTime>
  private let interval: Interval

  /// - Parameters:
  ///   - values: of each variable.
  ///   - span: whole seconds; what is at its ends belongs to it.
  package init(values: [String: [String]], span: ClosedRange<ChartTime>, interval: Interval) {
    self.values = values
    self.span = span
    self.interval = interval
  }

  /// What a variable or a macro puts into the text is not looked at again, whatever it says.
  package func expanded(_ sql: String) throws -> String {
    var result = ""
    var rest = Substring(sql)
    while let dollar = rest.firstIndex(of: "$") {
      result += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else {
          throw DashboardError("a variable has no end: \(rest.prefix(40))")
        }
        result += try literals(of: rest[rest.index(rest.startIndex, offsetBy: 2)..<end])
        rest = rest[rest.index(after: end)...]
      } else if rest.hasPrefix("$__") {
        let name = rest.dropFirst(3).prefix { $0.isLetter || $0 == "_" }
        rest = rest[name.endIndex...]
        var arguments: [String] = []
        if rest.first == "(" {
          guard let end = rest.firstIndex(of: ")") else { throw DashboardError("$__\(name)( has no end") }
          let inside = try expanded(String(rest[rest.index(after: rest.startIndex)..<end]))
          arguments = inside.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed }
          rest = rest[rest.index(after: end)...]
        }
        result += try macro(name, arguments)
      } else {
        result += "$"
        rest = rest.dropFirst()
      }
    }
    return result + rest
  }

  /// `name:sqlstring`: each value as a literal, with commas between.
  private func literals(of variable: Substring) throws -> String {
    let parts = variable.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1] == "sqlstring" else {
      throw DashboardError("${\(variable)}: a variable is written as ${name:sqlstring}")
    }
    guard let values = values[String(parts[0])] else { throw DashboardError("there is no variable \(parts[0])") }
    return values.map { "'\($0.replacing("'", with: "''"))'" }.joined(separator: ",")
  }

  private func macro(_ name: Substring, _ arguments: [String]) throws -> String {
    let (from, until) = ("'\(span.lowerBound.isoText)'", "'\(span.upperBound.isoText)'")
    switch name {
    case "interval": return interval.text
    case "timeFrom": return from
    case "timeTo": return until
    case "timeFilter":
      guard let column = arguments.first, !column.isEmpty else { throw DashboardError("$__timeFilter needs a column") }
      return "\(column) BETWEEN \(from) AND \(until)"
    case "timeGroup":
      guard arguments.count >= 2, let seconds = Interval.seconds(of: arguments[1].filter { $0 != "'" }), seconds >= 1
      else { throw DashboardError("$__timeGroup needs a column and a length of time such as 5m") }
      return "floor(extract(epoch from \(arguments[0]))/\(Int(seconds)))*\(Int(seconds))"
    default: throw DashboardError("there is no macro $__\(name) here")
    }
  }
}

extension Substring {
  fileprivate var trimmed: String {
    String(self.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
  }
}
