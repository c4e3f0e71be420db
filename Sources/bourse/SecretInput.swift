import Glibc
import Secrets

/// Reads a secret from whoever types it, unseen, or from standard input: never from the command line, which others see.
enum SecretInput {
  private static let limit = 65_536

  /// A line from the terminal, or all of standard input but for the end of its last line.
  static func read(prompt: String) throws -> Secret {
    let isTerminal = isatty(STDIN_FILENO) == 1
    var bytes = try isTerminal ? unseen(prompt) : all()
    while let last = bytes.last, last == 0x0a || last == 0x0d { bytes.removeLast() }
    guard !bytes.isEmpty else { throw UserError("no secret was given: type it, or pipe it into the command") }
    return Secret(bytes)
  }

  private static func unseen(_ prompt: String) throws -> [UInt8] {
    var settings = termios()
    tcgetattr(STDIN_FILENO, &settings)
    var quiet = settings
    quiet.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet)
    defer {
      tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
      Failure.write("")
    }
    _ = Glibc.write(STDERR_FILENO, prompt, prompt.utf8.count)
    var line: [UInt8] = []
    var byte: UInt8 = 0
    while Glibc.read(STDIN_FILENO, &byte, 1) == 1, byte != 0x0a {
      line.append(byte)
      guard line.count <= limit else { throw tooLong }
    }
    return line
  }

  private static func all() throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while case let count = Glibc.read(STDIN_FILENO, &buffer, buffer.count), count > 0 {
      bytes += buffer.prefix(count)
      guard bytes.count <= limit else { throw tooLong }
    }
    return bytes
  }

  private static var tooLong: UserError { UserError("the secret has more than \(limit) bytes") }
}
