import FoundationEssentials
import Logging
import Secrets
import Synchronization
import TestSupport
import Testing
import TradingCore

@testable import bourse

/// What the log looks like, and what never is in it.
struct LogTests {
  private final class Lines: Sendable {
    private let text = Mutex("")
    func add(_ line: String) { text.withLock { $0 += line } }
    var all: String { text.withLock { $0 } }
  }

  /// What is written of an event at 2013-10-07T14:30:00.000250Z.
  private func written(
    _ format: LogFormat, level: Logger.Level = .info, _ message: String, _ metadata: Logger.Metadata = [:]
  ) throws -> String {
    let lines = Lines()
    let time = try Timestamp("2013-10-07T14:30:00.00025Z")
    let logger = Logger(label: "bourse") { label in
      LineLogHandler(label: label, format: format, now: { time }, write: { lines.add($0) })
    }
    logger.log(level: level, "\(message)", metadata: metadata)
    return lines.all
  }

  @Test func anEventIsAnObjectOnALine() throws {
    let line = try written(
      .json, level: .warning, "a \"batch\"", ["detail": "x", "n": .stringConvertible(3), "list": ["a", ["b": "c"]]])
    #expect(
      line == """
        {"time":"2013-10-07T14:30:00.000250Z","level":"warning","label":"bourse","message":"a \\"batch\\"",\
        "metadata":{"detail":"x","list":["a",{"b":"c"}],"n":"3"}}

        """)
  }

  @Test func orTextForPeople() throws {
    #expect(
      try written(.text, "it goes on", ["portfolio": "late", "reason": "of two words", "none": "", "list": ["a"]])
        == "2013-10-07T14:30:00.000250Z info bourse: it goes on list=[\"a\"] none=\"\" portfolio=late reason=\"of two words\"\n"
    )
  }

  @Test func whatIsBelowTheLevelIsLeftOut() throws {
    #expect(try written(.text, level: .debug, "x") == "")
  }

  /// One event is one line, whatever somebody has written into an order's name.
  @Test(arguments: [
    "two\nlines", "back\r", "tab\t", "\u{1B}[2J", "\u{0}", "\u{85}", "\u{2028}", "\u{202E}", "\u{7F}", "quote\" \\",
    String(decoding: [0x61, 0xFF, 0xC3, 0x28] as [UInt8], as: UTF8.self), "é 漢 🎩",
  ])
  func nothingBreaksALine(text: String) throws {
    let name = text.filter { $0 != "=" }
    for format in LogFormat.allCases {
      let line = try written(format, text, [name: "\(text)", "in": [name: "\(text)"], "of": ["\(text)"]])
      #expect(line.hasSuffix("\n") && !line.dropLast().unicodeScalars.contains(where: isControl), "\(line)")
      if format == .text { continue }
      struct Event: Decodable {
        let message: String
      }
      // JSON gives back what went in.
      #expect(Array(try JSONDecoder().decode(Event.self, from: Data(line.utf8)).message.utf8) == Array(text.utf8))
    }
  }

  private static let secret = "s3cr3t-w0rd"

  @Test(arguments: [
    "postgresql://bourse:SECRET@db.example/bourse?sslmode=require", "cannot reach wss://a:b:SECRET@host/x: refused",
    "host=db password=SECRET user=bourse", "host=db password = 'SECRET with a blank' user=bourse",
    "PGPASSWORD=SECRET psql", #"{"user":"a","Password":"SECRET"}"#,
    "Authorization: Bearer SECRET", "authorization: Basic SECRET==", "?access_token=SECRET&symbol=IBM",
    "the header X-Api-Key: SECRET", #"password="it\"s SECRET""#, "password=SECRET",
  ])
  func whatLooksLikeASecretIsHidden(text: String) throws {
    let told = text.replacing("SECRET", with: Self.secret)
    for format in LogFormat.allCases {
      let line = try written(format, told, ["error": "\(told)", "list": ["\(told)"], "in": ["x": "\(told)"]])
      #expect(!line.contains(Self.secret), "\(line)")
      #expect(line.contains("(secret)"), "\(line)")
    }
    #expect(redacted(told).contains("user=bourse") == told.contains("user=bourse"))
    #expect(redacted(told).contains("symbol=IBM") == told.contains("symbol=IBM"))
  }

  @Test func aValueThatIsNamedAsASecretIsHidden() throws {
    #expect(
      try written(.text, "x", ["password": "\(Self.secret)", "feed_token": ["\(Self.secret)"]])
        .contains(Self.secret) == false)
  }

  /// What is no secret stays as it is.
  @Test(arguments: [
    "running; waiting for ticks and orders", "postgresql://bourse@db.example/bourse", "an unexpected token \"(\" at 3",
    "http://[::1]:9464/metrics", "a key of https://example.com/a@b", "password", "password:", "12:30 token",
  ])
  func whatIsNoneIsNot(text: String) { #expect(redacted(text) == text) }

  /// A secret hides itself wherever it is printed.
  @Test func secretsHideThemselves() throws {
    let secret = Secret(Self.secret.utf8)
    #expect(!(try written(.json, "\(secret)", ["a": "\(secret)", "b": "\([secret])"]).contains(Self.secret)))
  }
}
