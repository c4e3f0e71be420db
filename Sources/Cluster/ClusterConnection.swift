/// How a client reaches the private cluster.
package struct ClusterConnection: Sendable, Equatable {
  package static let database = "bourse"
  package static let role = "bourse"

  package let socketDirectory: String
  package let port: Int

  /// A libpq connection string.
  package var connectionString: String { connectionString(database: Self.database) }

  package func connectionString(database: String) -> String {
    "host=\(quoted(socketDirectory)) port=\(port) dbname=\(quoted(database)) user=\(Self.role)"
  }

  /// The variables that connect plain `psql`, in the order they are printed.
  package var environment: [(name: String, value: String)] {
    [
      ("PGHOST", socketDirectory), ("PGPORT", "\(port)"), ("PGDATABASE", Self.database), ("PGUSER", Self.role),
    ]
  }

  /// Lines for `eval "$(bourse env)"` in any POSIX shell.
  package var shellExports: String {
    environment.map { "export \($0.name)=\(Self.shellQuoted($0.value))" }.joined(separator: "\n")
  }

  package static func shellQuoted(_ text: String) -> String {
    let isPlain =
      !text.isEmpty && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/._-+:@%".contains($0)) }
    return isPlain
      ? text : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: #"'\''"#) + "'"
  }

  private func quoted(_ value: String) -> String {
    "'" + value.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined() + "'"
  }
}
