import ArgumentParser
import FoundationEssentials

/// NAME=VALUE, as an option is repeated, and as members of the JSON object that the database takes.
struct NamedValues {
  /// JSON by name.
  private(set) var members: [String: String] = [:]

  /// - Parameters:
  ///   - example: what the option might be given.
  ///   - takesJSON: also arrays and objects are JSON; otherwise only numbers are, and all else is text.
  init(_ texts: [String], of option: String, example: String, takesJSON: Bool = false) throws {
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2,
        members.updateValue(Self.json(parts[1], takesJSON: takesJSON), forKey: parts[0]) == nil
      else {
        throw ValidationError("\(option) \(text): write NAME=VALUE, each name once, such as \(option) \(example)")
      }
    }
  }

  var isEmpty: Bool { members.isEmpty }

  /// The object.
  var json: String {
    "{" + members.sorted { $0.key < $1.key }.map { "\(Self.quoted($0.key)):\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Adds a member, or puts another value in its place.
  mutating func set(_ name: String, json: String) { members[name] = json }

  private static func json(_ value: String, takesJSON: Bool) -> String {
    if let number = value.wholeMatch(of: /(-?)0*([0-9]+(?:\.[0-9]+)?)/) { return "\(number.1)\(number.2)" }
    if takesJSON, value.hasPrefix("[") || value.hasPrefix("{") { return value }
    return quoted(value)
  }

  private static func quoted(_ text: String) -> String {
    String(decoding: (try? JSONEncoder().encode(text)) ?? Data(), as: UTF8.self)
  }
}
