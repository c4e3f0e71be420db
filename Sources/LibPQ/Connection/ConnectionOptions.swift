import CLibPQ

/// Where and how to connect. Whatever is not given comes from libpq's environment variables and defaults.
public struct ConnectionOptions: Sendable, CustomStringConvertible, CustomReflectable {
  /// libpq connection keywords, such as `host`, `port`, `dbname`, `user`, `options`; they win over `conninfo`.
  public var keywords: [String: String]
  /// A libpq connection string: `host=/run/pg dbname=x` or a `postgresql://` URI.
  public var conninfo: String
  /// Shown in `pg_stat_activity`.
  public var applicationName: String?
  /// Time for one attempt to connect, over all hosts; without it what `connect_timeout` says, else 10 seconds.
  public var connectTimeout: Duration?
  /// Notifications kept until somebody takes them; the oldest are dropped and counted beyond that.
  public var notificationCapacity = 10_000
  /// Prepared statements kept per connection; the least recently used one is deallocated beyond that.
  public var statementCapacity = 256
  /// What the session sets before anything else, over settings of the role, the database and the server.
  public var settings = ConnectionOptions.standardSettings
  /// Called for each NOTICE or WARNING on the connection's thread; must not block. Without it they are dropped.
  public var onNotice: (@Sendable (Notice) -> Void)?

  /// What values and statements mean and look like, as PostgreSQL has it when nobody has changed it: a database whose dates are
  /// German is read as any other. Limits of time and memory are left to the administrator.
  public static let standardSettings: [String: String] = [
    "DateStyle": "ISO, MDY", "IntervalStyle": "postgres", "TimeZone": "UTC", "extra_float_digits": "1",
    "bytea_output": "hex", "standard_conforming_strings": "on", "array_nulls": "on", "transform_null_equals": "off",
    "quote_all_identifiers": "off", "search_path": "\"$user\", public", "lc_monetary": "C", "lc_numeric": "C",
    "lc_time": "C", "client_min_messages": "notice", "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off", "row_security": "on",
  ]

  public init(_ conninfo: String = "", keywords: [String: String] = [:], applicationName: String? = nil) {
    self.conninfo = conninfo
    self.keywords = keywords
    self.applicationName = applicationName
  }

  /// A copy for another database of the same server.
  public func database(_ name: String) -> ConnectionOptions {
    var copy = self
    copy.keywords["dbname"] = name
    return copy
  }

  /// Host, port, database and user only: never the password.
  public var description: String {
    let resolved = (try? resolvedKeywords()) ?? []
    let shown = resolved.filter { ["host", "hostaddr", "port", "dbname", "user"].contains($0.0) }
    return shown.map { "\($0.0)=\($0.1)" }.joined(separator: " ")
  }

  public var customMirror: Mirror { Mirror(self, children: ["options": description]) }

  /// All keywords libpq is to be given, in the order in which later ones win.
  func resolvedKeywords() throws -> [(String, String)] {
    var resolved: [(String, String)] = []
    func set(_ name: String, _ value: String) {
      if let index = resolved.firstIndex(where: { $0.0 == name }) {
        resolved[index].1 = value
      } else {
        resolved.append((name, value))
      }
    }
    for (name, value) in try Self.parse(conninfo) { set(name, value) }
    for (name, value) in keywords.sorted(by: { $0.key < $1.key }) { set(name, value) }
    if let applicationName { set("application_name", applicationName) }
    // Swift strings are UTF-8; any other encoding would garble them silently.
    set("client_encoding", "UTF8")
    for (name, value) in resolved where name.utf8.contains(0) || value.utf8.contains(0) {
      throw PostgresError(.invalidOptions, "connection option \(name) contains a NUL byte")
    }
    return resolved
  }

  /// The statement that sets ``settings``; nil when there are none.
  var settingsStatement: String? {
    let calls = settings.sorted { $0.key < $1.key }
      .map { "pg_catalog.set_config(\(quotedLiteral($0.key)), \(quotedLiteral($0.value)), false)" }
    return calls.isEmpty ? nil : "SELECT " + calls.joined(separator: ", ")
  }

  /// How long an attempt with these keywords may take.
  func timeout(_ keywords: [(String, String)]) -> Duration {
    if let connectTimeout { return connectTimeout }
    let seconds = keywords.last { $0.0 == "connect_timeout" }.flatMap { Int($0.1) } ?? 10
    // libpq: zero or less is without limit.
    return .seconds(seconds > 0 ? seconds : 3_000_000_000)
  }

  private static func parse(_ conninfo: String) throws -> [(String, String)] {
    guard !conninfo.isEmpty else { return [] }
    var reason: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(conninfo, &reason) else {
      defer { PQfreemem(reason) }
      // libpq quotes the string it could not parse, password included.
      throw PostgresError(.invalidOptions, maskingQuotes(trimmed(reason)))
    }
    defer { PQconninfoFree(options) }
    var parsed: [(String, String)] = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { parsed.append((String(cString: keyword), String(cString: value))) }
      option += 1
    }
    return parsed
  }
}
