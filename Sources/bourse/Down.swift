import ArgumentParser
import Cluster

struct Down: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Stop the private PostgreSQL server.",
    discussion: "Everything committed stays. Repeating the command does no harm.")

  @OptionGroup var home: HomeOptions
  @OptionGroup var output: OutputOptions

  @Flag(help: "Also remove the cluster with all of its data.")
  var deleteData = false

  private struct Report: Encodable { let state, home: String }

  func run() async throws {
    let cluster = try home.cluster()
    let notice = { @Sendable (text: String) in Failure.write("bourse: \(text)") }
    let stopped = try await deleteData ? cluster.delete(notice: notice) : cluster.down(notice: notice)
    let state: String
    let text: String
    switch stopped {
    case .stopped: (state, text) = ("stopped", "Stopped the server in \(cluster.home).")
    case .notRunning(afterCrash: false):
      (state, text) = ("not running", "The server in \(cluster.home) is not running.")
    case .notRunning(afterCrash: true):
      (state, text) = (
        "crashed", "The server in \(cluster.home) is not running: it crashed, and recovers at the next `bourse up`."
      )
    case .noCluster: (state, text) = ("no cluster", "There is no cluster in \(cluster.home).")
    }
    if output.json {
      try output.printJSON(Report(state: state, home: cluster.home))
    } else {
      print(text)
      if deleteData, state != "no cluster" { print("Removed its data.") }
    }
  }
}
