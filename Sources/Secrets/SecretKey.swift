import Crypto
import FoundationEssentials

#if canImport(Glibc)
  import Glibc
#endif

/// The key under which secrets are sealed: 256 bits that are never in the database.
package struct SecretKey: Sendable {
  /// Tells which key a secret is under, and nothing of the key.
  package let id: String
  let key: SymmetricKey

  /// - Parameter text: 32 bytes as 64 hexadecimal digits, blanks around them ignored.
  package init(_ text: String, from source: String) throws(SecretError) {
    let digits = text.filter { !$0.isWhitespace }
    var bytes: [UInt8] = []
    var rest = digits.utf8[...]
    while rest.count >= 2, let byte = UInt8(Substring(rest.prefix(2)), radix: 16), rest.first != 0x2b {
      bytes.append(byte)
      rest = rest.dropFirst(2)
    }
    guard rest.isEmpty, bytes.count == 32 else {
      throw SecretError(
        .keyInvalid, "the key in \(source) is not of 64 hexadecimal digits; make one with bourse secrets key")
    }
    self.init(bytes)
  }

  init(_ bytes: [UInt8]) {
    key = SymmetricKey(data: bytes)
    let hash = SHA256.hash(data: Array("bourse key id".utf8) + bytes)
    id = hash.prefix(8).hexadecimal
  }

  /// Where a key is looked for when no file is named.
  package static let variable = "BOURSE_SECRET_KEY"
  package static let fileVariable = "BOURSE_SECRET_KEY_FILE"
  /// Its name among the credentials that systemd gives a service.
  package static let credential = "bourse-secret-key"

  /// The key that is named, else that of the environment, else that which systemd gives the service.
  package static func load(file: String?, environment: [String: String]) throws(SecretError) -> SecretKey {
    func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
    if let file { return try read(file) }
    if let text = value(variable) { return try SecretKey(text, from: variable) }
    if let file = value(fileVariable) { return try read(file) }
    if let folder = value("CREDENTIALS_DIRECTORY") {
      let file = "\(folder)/\(credential)"
      if access(file, F_OK) == 0 { return try read(file) }
    }
    throw SecretError(
      .keyMissing,
      "there is no key for secrets: name its file with --key-file or \(fileVariable), give it in \(variable), or as systemd's "
        + "credential \(credential); bourse secrets key makes one")
  }

  /// Reads a key that nobody else may read.
  private static func read(_ path: String) throws(SecretError) -> SecretKey {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw SecretError(.keyMissing, "the key in \(path) cannot be read: \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw SecretError(.keyInvalid, "the key \(path) is no file")
    }
    guard status.st_mode & 0o077 == 0 else {
      throw SecretError(
        .keyUnsafe,
        "others may read the key in \(path) (mode \(String(status.st_mode & 0o777, radix: 8))): chmod 600 it, and make a new one if they have"
      )
    }
    guard status.st_uid == geteuid() || status.st_uid == 0 else {
      throw SecretError(
        .keyUnsafe, "the key in \(path) belongs to somebody else (user \(status.st_uid)): make one of your own")
    }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = Glibc.read(descriptor, &buffer, buffer.count)
    guard count >= 0, let text = String(validating: buffer.prefix(max(count, 0)), as: UTF8.self) else {
      throw SecretError(.keyInvalid, "the key in \(path) is no text")
    }
    return try SecretKey(text, from: path)
  }

  /// Makes a key in a new file that only its owner may read.
  package static func make(file path: String) throws(SecretError) -> SecretKey {
    let bytes = SymmetricKey(size: .bits256).withUnsafeBytes { Array($0) }
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw SecretError(.keyUnsafe, "no key is made in \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    let line = Array((bytes.hexadecimal + "\n").utf8)
    guard Glibc.write(descriptor, line, line.count) == line.count, fsync(descriptor) == 0 else {
      unlink(path)
      throw SecretError(.keyUnsafe, "no key is made in \(path): \(String(cString: strerror(errno)))")
    }
    return SecretKey(bytes)
  }
}
