import Crypto
import FoundationEssentials
import Secrets
import Testing

@testable import Alerts

/// What receivers get: signed, in the shape that they know, and without what somebody could smuggle in.
struct MessageTests {
  private let payload =
    #"{"id":"0b1c","event":"opened","rule":"drawdown","severity":"critical","subject":"ann/main","portfolio":"main","value":-0.25,"detail":"<!channel> & more","description":"Look at it.","opened_at":"2026-01-05T10:00:00.000Z"}"#
  private let secret = Secret("whsec".utf8)

  private func channel(
    _ kind: AlertChannel.Kind, url: String? = "https://hook.example/x", secret: String? = "whsec",
    address: String? = nil,
    isOfStaff: Bool = false
  ) -> AlertChannel {
    AlertChannel(kind: kind, address: address, url: url, secret: secret.map { Secret($0.utf8) }, isOfStaff: isOfStaff)
  }

  @Test func aWebhookGetsTheBytesOfThePayloadSignedWithTheTime() throws {
    let request = try WebRequest(payload, to: channel(.webhook), at: 1_767_607_200)
    #expect(request.url == "https://hook.example/x")
    #expect(request.body == payload)
    let expected = HMAC<SHA256>.authenticationCode(
      for: Data("1767607200.\(payload)".utf8), using: SymmetricKey(data: Array("whsec".utf8)))
    #expect(
      request.headers.contains(
        "X-Bourse-Signature: sha256=\(expected.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined())"
      ))
    #expect(request.headers.contains("X-Bourse-Timestamp: 1767607200"))
    #expect(request.headers.contains("X-Bourse-Id: 0b1c"))
  }

  /// RFC 4231, test case 2, whose text happens to have no dot: `what do ya want for nothing?` with the key `Jefe`.
  @Test func signaturesAreThoseOfTheStandard() {
    let code = HMAC<SHA256>.authenticationCode(
      for: Array("what do ya want for nothing?".utf8), using: SymmetricKey(data: Array("Jefe".utf8)))
    #expect(code.hexadecimal == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    #expect(
      WebRequest.signature(of: "a", at: 1, with: secret) != WebRequest.signature(of: "a", at: 2, with: secret))
  }

  @Test func slackGetsTextInWhichNobodyIsMentioned() throws {
    let request = try WebRequest(
      payload, to: channel(.slack, secret: "https://hooks.slack.com/services/T/B/x"), at: 0)
    #expect(request.url == "https://hooks.slack.com/services/T/B/x")
    let text = try JSONDecoder().decode([String: String].self, from: Data(request.body.utf8))["text"]
    #expect(
      text
        == "Critical: drawdown: ann/main\nValue: -0.25\n&lt;!channel&gt; &amp; more\nLook at it.\nSince 2026-01-05T10:00:00.000Z"
    )
  }

  @Test func telegramGetsTheChatAndPlainText() throws {
    let request = try WebRequest(payload, to: channel(.telegram, url: nil, secret: "12:Ab-c_d", address: "-100"), at: 0)
    #expect(request.url == "https://api.telegram.org/bot12:Ab-c_d/sendMessage")
    let fields = try JSONDecoder().decode([String: String].self, from: Data(request.body.utf8))
    #expect(fields["chat_id"] == "-100" && fields["text"]?.hasPrefix("Critical: drawdown") == true && fields.count == 2)
    #expect(throws: DeliveryError.self) {
      try WebRequest(payload, to: channel(.telegram, url: nil, secret: "1/../x", address: "1"), at: 0)
    }
  }

  @Test(arguments: [
    "http://hook.example/x", "http://localhost.example/x", "http://127.0.0.1@evil.example/", "ftp://hook.example",
    "https://hook.example/\r\nHost: x", "wss://hook.example", "",
  ])
  func addressesWithoutEncryptionAreRefused(_ url: String) {
    #expect(throws: DeliveryError.self) {
      try WebRequest(payload, to: channel(.webhook, url: url, isOfStaff: true), at: 0)
    }
  }

  @Test func receiversOnThisMachineAreForAdministrators() throws {
    let local = channel(.webhook, url: "http://127.0.0.1:8080/x", isOfStaff: true)
    #expect(try WebRequest(payload, to: local, at: 0).url == "http://127.0.0.1:8080/x")
    #expect(throws: DeliveryError.self) {
      try WebRequest(payload, to: channel(.webhook, url: "http://127.0.0.1:8080/x"), at: 0)
    }
  }

  @Test func aChannelWithoutConnectionIsSaid() {
    #expect(throws: DeliveryError.self) { try WebRequest(payload, to: channel(.webhook, secret: nil), at: 0) }
  }

  @Test(arguments: [
    ("resolved", "Over: drawdown: ann/main"), ("escalated", "Nobody has acknowledged (critical): drawdown: ann/main"),
    ("test", "Test: ann/main"), ("opened", "Critical: drawdown: ann/main"),
  ])
  func titlesSayWhatHappened(_ event: String, _ title: String) throws {
    let payload = payload.replacing(#""opened","rule""#, with: #""\#(event)","rule""#)
    #expect(try AlertMessage(payload: payload).title == title)
  }

  @Test func aLetterHasNoHeaderThatItsTextCouldAdd() throws {
    let letter = Letter(
      to: "a@b.example", subject: "Zeile\r\nBcc: all@evil.example €",
      text: ".\r\nQUIT\r\n" + String(repeating: "ä", count: 500),
      id: "x-1")
    let bytes = letter.bytes(from: "alerts@b.example", at: 1_767_607_200)
    let parts = bytes.split(separator: "\r\n\r\n", maxSplits: 1)
    #expect(parts.count == 2)
    let headers = parts[0].replacing("\r\n ", with: " ").split(separator: "\r\n").map { $0.prefix { $0 != ":" } }
    #expect(
      headers == [
        "Date", "From", "To", "Subject", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
        "Content-Transfer-Encoding",
      ])
    #expect(bytes.hasPrefix("Date: Mon, 05 Jan 2026 10:00:00 +0000\r\n"))
    #expect(bytes.split(separator: "\r\n").allSatisfy { $0.utf8.count <= 78 && !$0.hasPrefix(".") })
    let body = String(parts[1].replacing("\r\n", with: ""))
    #expect(Data(base64Encoded: body).map { String(decoding: $0, as: UTF8.self) } == letter.text)
  }

  @Test func lettersOfIdentityCarryTheToken() {
    let letter = Letter(
      kind: "reset_password", to: "a@b.example", username: "ann", token: "t0ken", until: "2026-01-05 10:00 UTC",
      number: 7)
    #expect(letter.subject == "Reset your password" && letter.text.contains("t0ken") && letter.id == "letter-7")
  }

  @Test(arguments: ["http://mail.example", "smtp://u:p@mail.example", "smtps://", "mail.example", "smtp://x y"])
  func mailServersAreOfSMTP(_ url: String) {
    #expect(throws: DeliveryError.self) { try MailServer(url: url, from: "a@b.example") }
  }

  @Test func onlyAServerOnThisMachineMayDoWithoutTLS() throws {
    #expect(try MailServer(url: "smtp://127.0.0.1:25", from: "a@b.example").isLocal)
    #expect(try !MailServer(url: "smtp://localhost.example", from: "a@b.example").isLocal)
  }
}
