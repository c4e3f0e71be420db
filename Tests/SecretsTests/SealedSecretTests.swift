import FoundationEssentials
import TestSupport
import Testing

@testable import Secrets

/// Secrets open for what they were sealed for, under their own key, and nowhere else.
struct SealedSecretTests {
  private let key = SecretKey([UInt8](repeating: 7, count: 32))
  private let purpose = SecretPurpose(connectionID: "id-1", owner: "ann", broker: "mock", url: "https://broker.example")

  private func code(of sealed: [UInt8], _ purpose: SecretPurpose, keyID: String? = nil, _ key: SecretKey) -> SecretError
    .Code?
  {
    do {
      _ = try SealedSecret.open(sealed, for: purpose, of: "main", keyID: keyID ?? key.id, under: key)
      return nil
    } catch { return error.code }
  }

  @Test(arguments: ["", "key:secret", String(repeating: "long ", count: 10_000)])
  func whatIsSealedOpens(_ text: String) throws {
    let sealed = SealedSecret.seal(Secret(text.utf8), for: purpose, under: key)
    let opened = try SealedSecret.open(sealed, for: purpose, of: "main", keyID: key.id, under: key)
    #expect(String(decoding: opened.bytes, as: UTF8.self) == text)
    #expect(sealed.count == text.utf8.count + 29)
    // The same secret twice looks different.
    #expect(sealed != SealedSecret.seal(Secret(text.utf8), for: purpose, under: key))
  }

  @Test func nothingOpensForAnotherPurpose() {
    let sealed = SealedSecret.seal(Secret("key:secret".utf8), for: purpose, under: key)
    for other in [
      SecretPurpose(connectionID: "id-2", owner: "ann", broker: "mock", url: "https://broker.example"),
      SecretPurpose(connectionID: "id-1", owner: "bob", broker: "mock", url: "https://broker.example"),
      SecretPurpose(connectionID: "id-1", owner: "ann", broker: "other", url: "https://broker.example"),
      SecretPurpose(connectionID: "id-1", owner: "ann", broker: "mock", url: "https://thief.example"),
      SecretPurpose(connectionID: "id-1", owner: "ann", broker: "mock", url: nil),
      SecretPurpose(connectionID: "id-1", owner: "annm", broker: "ock", url: "https://broker.example"),
    ] {
      #expect(code(of: sealed, other, key) == .damaged)
    }
  }

  @Test func aChangeOfAnyByteShows() {
    let sealed = SealedSecret.seal(Secret("key:secret".utf8), for: purpose, under: key)
    for place in sealed.indices {
      var changed = sealed
      changed[place] ^= 1
      #expect(code(of: changed, purpose, key) == .damaged, "byte \(place)")
    }
    for length in 0..<sealed.count { #expect(code(of: Array(sealed.prefix(length)), purpose, key) == .damaged) }
    #expect(code(of: sealed + [0], purpose, key) == .damaged)
  }

  @Test func anotherKeyIsNamedAndOpensNothing() {
    let sealed = SealedSecret.seal(Secret("key:secret".utf8), for: purpose, under: key)
    let other = SecretKey([UInt8](repeating: 8, count: 32))
    #expect(other.id != key.id)
    #expect(code(of: sealed, purpose, keyID: key.id, other) == .otherKey)
    #expect(code(of: sealed, purpose, keyID: other.id, other) == .damaged)
  }

  @Test func aSecretIsNeverPrinted() {
    let secret = Secret("key:secret".utf8)
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] {
      #expect(!text.contains("key:secret") && !text.contains("107"), "\(text)")
    }
  }

  @Test func keysComeFromWhereTheyAreKept() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    do {
      let made = try SecretKey.make(file: "\(folder)/key")
      let text = try String(contentsOfFile: "\(folder)/key", encoding: .utf8)
      #expect(try SecretKey.load(file: "\(folder)/key", environment: [:]).id == made.id)
      #expect(try SecretKey.load(file: nil, environment: ["BOURSE_SECRET_KEY": text]).id == made.id)
      #expect(try SecretKey.load(file: nil, environment: ["BOURSE_SECRET_KEY_FILE": "\(folder)/key"]).id == made.id)
      try FileManager.default.copyItem(atPath: "\(folder)/key", toPath: "\(folder)/bourse-secret-key")
      #expect(try SecretKey.load(file: nil, environment: ["CREDENTIALS_DIRECTORY": folder]).id == made.id)
      // What is there is never written over.
      #expect(throws: SecretError.self) { try SecretKey.make(file: "\(folder)/key") }
    }
  }

  @Test func noKeyAndUnsafeKeysAreRefused() throws {
    let temporary = try TemporaryFolder()
    let folder = temporary.path
    do {
      func code(_ file: String?, _ environment: [String: String] = [:]) -> SecretError.Code? {
        do {
          _ = try SecretKey.load(file: file, environment: environment)
          return nil
        } catch { return error.code }
      }
      _ = try SecretKey.make(file: "\(folder)/key")
      #expect(code(nil) == .keyMissing)
      #expect(code(nil, ["BOURSE_SECRET_KEY": "", "CREDENTIALS_DIRECTORY": folder]) == .keyMissing)
      #expect(code("\(folder)/none") == .keyMissing)
      #expect(code(folder) == .keyInvalid)
      for text in [
        "", "00", String(repeating: "0", count: 63), String(repeating: "0", count: 66),
        String(repeating: "+1", count: 32), String(repeating: "x", count: 64),
      ] {
        #expect(code(nil, ["BOURSE_SECRET_KEY": text]) == (text.isEmpty ? .keyMissing : .keyInvalid), "\(text)")
      }
      for mode in [0o640, 0o604, 0o660, 0o644] {
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: "\(folder)/key")
        #expect(code("\(folder)/key") == .keyUnsafe, "\(mode)")
      }
    }
  }
}
