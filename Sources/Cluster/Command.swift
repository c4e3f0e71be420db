import Subprocess
import SystemPackage

/// Runs a program to its end, with a clean environment, as the server's user when one is given.
enum Command {
  struct Result {
    let succeeded: Bool
    /// Standard output and standard error together, in the order they were written.
    let output: String

    var lines: [String] { output.split(separator: "\n").map(String.init) }
  }

  /// - Parameter workingDirectory: PostgreSQL's own tools put paths into shell commands, so paths are passed relative
  ///   to this folder instead of being quoted.
  static func run(
    _ program: String, _ arguments: [String], as user: ServerUser? = nil, in workingDirectory: String = "/",
    environment extra: [String: String] = [:], input: String = ""
  ) async throws -> Result {
    var program = program
    var arguments = arguments
    if let user, user.needsSwitch {
      // Not Subprocess's own userID option: it calls glibc's setuid in a raw clone of this process, where it waits
      // forever for a thread that was starting at that moment.
      arguments = ["--reuid=\(user.userID)", "--regid=\(user.groupID)", "--init-groups", "--", program] + arguments
      program = "/usr/bin/setpriv"
    }
    // PG* variables of the caller (PGDATA, PGOPTIONS, PGSERVICE) would change what the tools do.
    var environment = ["PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": "/"]
    environment.merge(extra) { $1 }
    do {
      let result = try await Subprocess.run(
        .path(FilePath(program)), arguments: Arguments(arguments),
        environment: .custom(Dictionary(uniqueKeysWithValues: environment.map { (.init(stringLiteral: $0), $1) })),
        workingDirectory: FilePath(workingDirectory),
        input: .string(input), output: .string(limit: 4 << 20), error: .combinedWithOutput)
      return Result(succeeded: result.terminationStatus.isSuccess, output: result.standardOutput)
    } catch {
      throw ClusterError(
        .systemCallFailed, "could not run \(program)\(user.map { " as \($0.name)" } ?? ""): \(error)",
        hint: "see that it is there and may be executed")
    }
  }
}
