import ArgumentParser
import Cluster
import FoundationEssentials

struct Env: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the exports that connect psql: eval \"$(bourse env)\".",
    discussion: "Sets PGHOST, PGPORT, PGDATABASE and PGUSER for the private cluster.")

  @OptionGroup var home: HomeOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let found = try await home.cluster().inspect()
    if found.server != .running {
      Failure.write("bourse: the server in \(found.layout.home) is \(found.server.rawValue); start it with `bourse up`")
    }
    if output.json {
      try output.printJSON(Dictionary(uniqueKeysWithValues: found.connection.environment.map { ($0.name, $0.value) }))
    } else {
      // These would win over PGHOST.
      let overriding = ["PGHOSTADDR", "PGSERVICE"].filter { ProcessInfo.processInfo.environment[$0] != nil }
      if !overriding.isEmpty { print("unset \(overriding.joined(separator: " "))") }
      print(found.connection.shellExports)
    }
  }
}
