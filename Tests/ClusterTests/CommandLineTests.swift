import Glibc
import TestSupport
import Testing

@testable import Cluster

/// The program as a user meets it: exit status, where the words go, and that a shell understands them.
@Suite(.commonTimeLimit) struct CommandLineTests {
  private static let program: String = {
    let built = FileSystem.linkTarget("/proc/self/exe") ?? ""
    return "\(FileSystem.parent(of: built))/bourse"
  }()

  private struct Outcome {
    let status: Int
    let standardOutput, standardError: [String]
  }

  /// Runs the program in the test's folder, as a shell would.
  private func bourse(_ arguments: String..., in home: TestHome, environment: [String: String] = [:]) async throws
    -> Outcome
  {
    let script = #"out=$1; shift; "$@" >"$out/stdout" 2>"$out/stderr"; echo $?"#
    let result = try await Command.run(
      "/bin/sh", ["-c", script, "sh", home.folder, Self.program] + arguments, in: home.folder, environment: environment)
    func lines(_ name: String) throws -> [String] {
      try FileSystem.readText("\(home.folder)/\(name)").split(separator: "\n").map(String.init)
    }
    return Outcome(
      status: try #require(Int(result.lines.last ?? "")), standardOutput: try lines("stdout"),
      standardError: try lines("stderr"))
  }

  @Test(arguments: [
    (["up", "--nonsense"], "--nonsense"), (["nonsense"], "nonsense"), (["env", "--home", "/no/where"], "/no/where"),
    (["migrate", "--home", "/no/where"], "bourse up"), (["migrate", "--status", "--force"], "--force"),
    (["migrate", "--sql-root", "/no/where", "--database-url", "x"], "/no/where"),
    (["migrate", "--database-url", "host=/no/where"], "/no/where"),
    (["status", "--database-url", "garbage"], "--database-url"), (["run", "--log-level", "loud"], "critical"),
    (["run", "--database-url", "a=b"], "--database-url"),
    (
      ["replay", "synthetic", "--symbol", "A", "--from", "2024-01-02", "--database-url", "host=/no/where"], "/no/where"
    ),
    (["replay", "bars", "--from", "2024-02-30", "--database-url", "host=/no/where"], "2024-02-30"),
    (["up", "--home", "/dev/null"], "/dev/null"), (["dashboards"], "--html"),
    (["dashboards", "--html", "x", "--from", "yesterday"], "yesterday"),
    (["dashboards", "--html", "x", "--dashboard", "nothing"], "nothing"),
    (["dashboards", "--html", "x", "--dashboard", "system", "--symbol", "IBM"], "--symbol"),
  ])
  func aRequestThatIsRefusedGivesOneLineAndStatusTwo(arguments: [String], word: String) async throws {
    try await withHome { home in
      let script = #""$@" >/dev/null; echo "status $?""#
      let result = try await Command.run("/bin/sh", ["-c", script, "sh", Self.program] + arguments)
      #expect(result.lines.count == 2 && result.lines.last == "status 2", "\(result.output)")
      #expect(result.lines[0].hasPrefix("bourse: ") && result.lines[0].contains(word), "\(result.output)")
    }
  }

  @Test(arguments: [
    ["--help"], ["up", "--help"], ["down", "-h"], ["env", "--help"], ["migrate", "--help"], ["help"],
  ])
  func helpGoesToStandardOutput(arguments: [String]) async throws {
    let result = try await Command.run("/bin/sh", ["-c", #""$@" 2>/dev/null"#, "sh", Self.program] + arguments)
    #expect(result.succeeded && result.output.contains("USAGE: bourse"))
  }

  @Test func aSessionFromUpToDown() async throws {
    try await withHome { home in
      let up = try await bourse("up", in: home)
      #expect(up.status == 0 && up.standardOutput[0].hasPrefix("Created"))
      #expect(up.standardOutput.contains { $0.contains("bourse migrate") })
      #expect(FileSystem.exists("\(home.folder)/.bourse/data"))

      let again = try await bourse("up", "--json", in: home)
      #expect(again.standardOutput.contains { $0.contains(#""state" : "already running""#) })

      let shell = #"eval "$("$1" env)"; psql -XAtqc 'SELECT current_database()'"#
      let asked = try await Command.run(
        "/bin/sh", ["-c", shell, "sh", Self.program], in: home.folder,
        environment: ["PGHOSTADDR": "192.0.2.1", "PGSERVICE": "nonsense", "PGPORT": "1"])
      #expect(asked.output == "bourse\n")

      #expect(try await bourse("down", in: home).status == 0)
      let stopped = try await bourse("env", in: home)
      #expect(stopped.status == 0 && stopped.standardError.count == 1 && stopped.standardOutput.count == 4)
      #expect(try await bourse("doctor", in: home).status == 1)

      let deleted = try await bourse("down", "--delete-data", "--json", in: home)
      #expect(deleted.status == 0 && !FileSystem.exists("\(home.folder)/.bourse"))
    }
  }

  @Test func theHomeComesFromOptionThenEnvironmentThenFolder() async throws {
    try await withHome { home in
      let environment = ["BOURSE_HOME": "\(home.folder)/from environment"]
      func named(_ lines: [String]) -> String? { lines.first { $0.contains(#""home" :"#) } }
      let first = try await bourse("down", "--json", in: home, environment: environment)
      #expect(named(first.standardOutput)?.contains("from environment") == true)
      let second = try await bourse("down", "--json", "--home", "from option", in: home, environment: environment)
      #expect(named(second.standardOutput)?.contains("\(home.folder)/from option") == true)
      let third = try await bourse("down", "--json", in: home)
      #expect(named(third.standardOutput)?.contains("\(home.folder)/.bourse") == true)
    }
  }
}
