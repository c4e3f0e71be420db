/// Why a secret cannot be sealed or opened: in a line that tells nothing of it.
package struct SecretError: Error, Equatable, CustomStringConvertible {
  package enum Code: Sendable { case keyMissing, keyUnsafe, keyInvalid, otherKey, damaged }
  package let code: Code
  package let description: String

  init(_ code: Code, _ description: String) {
    self.code = code
    self.description = description
  }
}
