import Crypto
import FoundationEssentials

/// What a secret is for: sealed with it, so that it opens there and nowhere else. Who may write the table cannot have one
/// account's credentials sent to another address, or used for another owner.
package struct SecretPurpose: Sendable, Equatable {
  package let connectionID, owner, broker, url: String

  package init(connectionID: String, owner: String, broker: String, url: String?) {
    self.connectionID = connectionID
    self.owner = owner
    self.broker = broker
    self.url = url ?? ""
  }

  /// Each part with its length before it, so that no two purposes have the same bytes.
  var bytes: [UInt8] {
    var bytes = Array("bourse broker connection 1".utf8)
    for part in [connectionID, owner, broker, url] {
      let text = Array(part.utf8)
      withUnsafeBytes(of: UInt32(text.count).bigEndian) { bytes += $0 }
      bytes += text
    }
    return bytes
  }
}

/// AES-256-GCM: a byte for the form, 12 of a nonce that is never used twice, what is sealed, and 16 by which a change of
/// anything shows.
package enum SealedSecret {
  private static let form: UInt8 = 1

  package static func seal(_ secret: Secret, for purpose: SecretPurpose, under key: SecretKey) -> [UInt8] {
    guard let box = try? AES.GCM.seal(secret.bytes, using: key.key, authenticating: purpose.bytes),
      let all = box.combined
    else { preconditionFailure("a key of 256 bits seals everything") }
    return [form] + all
  }

  /// - Parameter keyID: of the key that it was sealed under.
  package static func open(
    _ sealed: [UInt8], for purpose: SecretPurpose, of name: String, keyID: String, under key: SecretKey
  ) throws(SecretError) -> Secret {
    guard keyID == key.id else {
      throw SecretError(
        .otherKey, "the secret of \(name) is under key \(keyID), and the key that is given is \(key.id)")
    }
    guard sealed.first == form, let box = try? AES.GCM.SealedBox(combined: sealed.dropFirst()),
      let bytes = try? AES.GCM.open(box, using: key.key, authenticating: purpose.bytes)
    else {
      throw SecretError(
        .damaged,
        "the secret of \(name) was changed, or its row was: it opens for its own connection, owner, broker and address only; "
          + "set it anew with bourse secrets set")
    }
    return Secret(bytes)
  }
}
