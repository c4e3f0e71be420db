import Secrets

/// Where a notification goes.
package struct AlertChannel: Sendable {
  package enum Kind: String, Sendable { case webhook, slack, telegram, email }

  package let kind: Kind
  /// Of e-mail, or a chat of Telegram.
  package let address: String?
  /// Of the connection.
  package let url: String?
  package let secret: Secret?
  /// Whether its owner serves the whole house: then the receiver may be on this machine, and need no TLS.
  package let isOfStaff: Bool

  package init(kind: Kind, address: String?, url: String?, secret: Secret?, isOfStaff: Bool) {
    self.kind = kind
    self.address = address
    self.url = url
    self.secret = secret
    self.isOfStaff = isOfStaff
  }
}

/// Why something was not delivered, in a line without secrets.
package struct DeliveryError: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
