import Crypto
import FoundationEssentials
import Secrets

/// What is posted to a receiver.
package struct WebRequest: Sendable, Equatable {
  package let url: String
  package let headers: [String]
  package let body: String

  /// - Parameters:
  ///   - payload: of the notification, as it is in the database: a webhook gets these bytes.
  ///   - time: seconds since 1970, which are signed too.
  package init(_ payload: String, to channel: AlertChannel, at time: Int) throws {
    let message = try AlertMessage(payload: payload)
    guard let secret = channel.secret else {
      throw DeliveryError("the channel has no connection any more: set it again with ops.set_alert_channel")
    }
    var headers = ["Content-Type: application/json", "User-Agent: bourse"]
    switch channel.kind {
    case .webhook:
      guard let url = channel.url else { throw DeliveryError("the connection of the channel has no address") }
      self.url = url
      body = payload
      headers += [
        "X-Bourse-Id: \(message.id)", "X-Bourse-Timestamp: \(time)",
        "X-Bourse-Signature: sha256=\(Self.signature(of: payload, at: time, with: secret))",
      ]
    case .slack:
      url = String(decoding: secret.bytes, as: UTF8.self)
      body = try Self.json(["text": Self.escapedForSlack(message.text)])
    case .telegram:
      let token = String(decoding: secret.bytes, as: UTF8.self)
      guard
        token.utf8.allSatisfy({
          ($0 >= 0x30 && $0 <= 0x3a) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || $0 == 0x2d || $0 == 0x5f
        })
      else { throw DeliveryError("the secret of the channel is no token of a bot") }
      let base = channel.url ?? "https://api.telegram.org"
      url = "\(base.hasSuffix("/") ? String(base.dropLast()) : base)/bot\(token)/sendMessage"
      body = try Self.json(["chat_id": channel.address ?? "", "text": message.text])
    case .email: throw DeliveryError("a letter is not posted")
    }
    self.headers = headers
    try Self.check(url, isOfStaff: channel.isOfStaff)
  }

  /// HMAC-SHA256 of the time, a dot and the body, in hexadecimal.
  package static func signature(of body: String, at time: Int, with secret: Secret) -> String {
    HMAC<SHA256>.authenticationCode(for: Data("\(time).\(body)".utf8), using: SymmetricKey(data: secret.bytes))
      .hexadecimal
  }

  /// Messages go encrypted, but to administrators' receivers on the same machine.
  private static func check(_ url: String, isOfStaff: Bool) throws {
    guard url.utf8.count <= 2_000, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x40 }) else {
      throw DeliveryError("the address of the channel is none")
    }
    if url.hasPrefix("https://") { return }
    let isLocal = ["http://localhost", "http://127.0.0.1", "http://[::1]"].contains {
      url.hasPrefix($0) && [":", "/", ""].contains(url.dropFirst($0.count).prefix(1))
    }
    guard isLocal else { throw DeliveryError("the address of the channel does not begin with https://") }
    guard isOfStaff else { throw DeliveryError("receivers on this machine are for administrators") }
  }

  private static func json(_ fields: [String: String]) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(fields), as: UTF8.self)
  }

  /// No mention and no link of Slack's own comes of what somebody wrote.
  private static func escapedForSlack(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
