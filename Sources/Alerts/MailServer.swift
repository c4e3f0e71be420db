import Secrets

/// The server that takes letters.
package struct MailServer: Sendable {
  /// `smtps://host:465`, or `smtp://host:587` that is asked for TLS; only one on this machine may do without.
  package let url: String
  package let from: String
  package let user: String?
  package let password: Secret?

  package init(url: String, from: String, user: String? = nil, password: Secret? = nil) throws {
    let host = url.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first
    guard ["smtp://", "smtps://"].contains(where: url.hasPrefix), host != nil,
      url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != 0x40 })
    else { throw DeliveryError("a mail server is smtps://host or smtp://host, without a user in it") }
    guard Self.isAddress(from) else { throw DeliveryError("letters need the address that they come from") }
    guard (user == nil) == (password == nil) else { throw DeliveryError("a mail server's user has a password") }
    self.url = url
    self.from = from
    self.user = user
    self.password = password
  }

  package var isLocal: Bool {
    ["smtp://localhost", "smtp://127.0.0.1", "smtp://[::1]"].contains {
      url.hasPrefix($0) && [":", "/", ""].contains(url.dropFirst($0.count).prefix(1))
    }
  }

  package static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: "@", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.utf8.count <= 254
      && text.utf8.allSatisfy {
        ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) || "._%+-@".utf8.contains($0)
      }
  }
}
