import FoundationEssentials

/// What a channel is told, as `ops.notifications.payload` has it.
package struct AlertMessage: Sendable, Decodable {
  package let id, event, rule, severity, subject: String
  package let portfolio, detail, description, openedAt: String?
  package let value: Double?

  private enum CodingKeys: String, CodingKey {
    case id, event, rule, severity, subject, portfolio, detail, description, value
    case openedAt = "opened_at"
  }

  package init(payload: String) throws {
    self = try JSONDecoder().decode(AlertMessage.self, from: Data(payload.utf8))
  }

  /// One line: what happened, how bad it is, and what it concerns.
  package var title: String {
    let what = subject.isEmpty ? rule : "\(rule): \(subject)"
    return switch event {
    case "resolved": "Over: \(what)"
    case "escalated": "Nobody has acknowledged (\(severity)): \(what)"
    case "test": "Test: \(subject)"
    default: "\(severity.prefix(1).uppercased())\(severity.dropFirst()): \(what)"
    }
  }

  /// The title, and beneath it what was measured, what it means, and since when.
  package var text: String {
    var lines = [title]
    if let value { lines.append("Value: \(value)") }
    if let detail { lines.append(detail) }
    if let portfolio, !subject.contains(portfolio) { lines.append("Portfolio: \(portfolio)") }
    if let description { lines.append(description) }
    if let openedAt { lines.append("Since \(openedAt)") }
    return lines.joined(separator: "\n")
  }
}
