import FoundationEssentials

/// A dashboard of Grafana, as far as deploy/grafana/dashboards.py writes them: its JSON.
package struct Dashboard: Sendable, Decodable {
  package struct Variable: Sendable, Decodable {
    package enum Kind: String, Sendable, Decodable { case query, custom }

    package let kind: Kind
    package let name: String
    package let label: String
    /// SQL that finds its values, or the values with commas between.
    package let query: String
    /// Takes several values, at first all of them.
    package let isMultiple: Bool
    /// What is chosen at first of given values.
    package let initial: String?

    private enum Key: String, CodingKey { case type, name, label, query, multi, current }
    private enum CurrentKey: String, CodingKey { case value }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: Key.self)
      kind = try values.decode(Kind.self, forKey: .type)
      name = try values.decode(String.self, forKey: .name)
      label = try values.decode(String.self, forKey: .label)
      query = try values.decode(String.self, forKey: .query)
      isMultiple = try values.decode(Bool.self, forKey: .multi)
      let current = try? values.nestedContainer(keyedBy: CurrentKey.self, forKey: .current)
      initial = try? current?.decode(String.self, forKey: .value)
    }
  }

  private struct Templating: Decodable {
    let list: [Variable]
  }

  private struct Time: Decodable {
    let from: String
  }

  package let uid: String
  package let title: String
  package let description: String
  /// How long the span of time is that it opens with, in seconds; it ends now.
  package let spanSeconds: Double
  package let variables: [Variable]
  /// From top to bottom, from left to right.
  package let panels: [Panel]

  private enum Key: String, CodingKey { case uid, title, description, time, templating, panels }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    uid = try values.decode(String.self, forKey: .uid)
    title = try values.decode(String.self, forKey: .title)
    description = try values.decodeIfPresent(String.self, forKey: .description) ?? ""
    let from = try values.decode(Time.self, forKey: .time).from
    guard from.hasPrefix("now-"), let seconds = Interval.seconds(of: String(from.dropFirst(4))) else {
      throw DecodingError.dataCorruptedError(
        forKey: .time, in: values, debugDescription: "a span begins like now-30d, not \(from)")
    }
    spanSeconds = seconds
    variables = try values.decode(Templating.self, forKey: .templating).list
    panels = try values.decode([Panel].self, forKey: .panels)
      .sorted { ($0.place.y, $0.place.x) < ($1.place.y, $1.place.x) }
  }

  /// - Parameter file: its name, for errors.
  package static func read(_ json: Data, file: String) throws -> Dashboard {
    do {
      return try JSONDecoder().decode(Dashboard.self, from: json)
    } catch let error as DecodingError {
      throw DashboardError("\(file) is no dashboard that can be drawn: \(readable(error))")
    }
  }

  private static func readable(_ error: DecodingError) -> String {
    let context =
      switch error {
      case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context): context
      case .keyNotFound(let key, let context):
        DecodingError.Context(
          codingPath: context.codingPath + [key], debugDescription: "is missing")
      @unknown default: DecodingError.Context(codingPath: [], debugDescription: "\(error)")
      }
    let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: "/")
    return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
  }
}

/// A file of a dashboard, or a query in it, that cannot be used.
package struct DashboardError: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
