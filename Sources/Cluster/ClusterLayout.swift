import Glibc

/// Where the parts of one cluster lie.
///
/// `home` is what the user names: `.bourse` unless told otherwise. The server's own files are in `serverFolder`, which
/// is the home itself or, when the server's user cannot reach the home, a folder of its own under `/var/lib/bourse`
/// to which `home/server` points.
package struct ClusterLayout: Sendable {
  package let home: String
  package let serverFolder: String
  package let user: ServerUser

  package var dataDirectory: String { "\(serverFolder)/data" }
  package var logFile: String { "\(serverFolder)/log/server.log" }
  var logDirectory: String { "\(serverFolder)/log" }

  package static let port = 5432
  static let relocationRoot = "/var/lib/bourse"

  /// The folder of the Unix socket: inside the server's folder when its path fits, else a private folder under /tmp.
  /// An address holds 107 bytes; libpq splits host names at commas and a settings file ends values at a line's end.
  package var socketDirectory: String {
    let inside = "\(serverFolder)/run"
    let address = "\(inside)/.s.PGSQL.\(Self.port)"
    let isUsable =
      address.utf8.count <= 107 && !inside.contains(",") && !inside.unicodeScalars.contains { $0.value < 32 }
    return isUsable ? inside : "/tmp/bourse-\(user.userID)-\(Self.shortHash(serverFolder))"
  }

  package var usesFallbackSocketDirectory: Bool { !socketDirectory.hasPrefix(serverFolder + "/") }

  static func relocatedFolder(for home: String) -> String {
    let isDefaultName = FileSystem.lastComponent(of: home) == ".bourse"
    let name = FileSystem.lastComponent(of: isDefaultName ? FileSystem.parent(of: home) : home)
    let plain = String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "_" }.prefix(32))
    return "\(relocationRoot)/\(plain)-\(shortHash(home))"
  }

  /// Reads where an existing home keeps its server folder. A link counts only when root made it, because root follows it.
  static func serverFolder(of home: String) -> String {
    let link = "\(home)/server"
    guard let status = FileSystem.status(link, followLinks: false), status.isSymbolicLink, status.owner == 0,
      let target = FileSystem.linkTarget(link)
    else { return home }
    return target
  }

  /// FNV-1a, 48 bits: tells paths apart in names; nothing depends on its strength.
  private static func shortHash(_ text: String) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash & 0xffff_ffff_ffff, radix: 16)
    return String(repeating: "0", count: 12 - digits.count) + digits
  }
}
