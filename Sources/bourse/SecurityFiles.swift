import FoundationEssentials
import Glibc

/// Modes of folders, and whether a folder's disk is encrypted.
enum SecurityFiles {
  /// nil when it is not there, or not to be seen.
  static func mode(_ path: String) -> mode_t? {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
  }

  enum Encryption: Equatable {
    case encrypted(String), plain(String), unknown
  }

  /// The kernel's names of the devices below the folder: one of dm-crypt has a UUID that begins with CRYPT-.
  static func encryption(of path: String, sys: String = "/sys/dev/block") -> Encryption {
    var status = stat()
    guard stat(path, &status) == 0 else { return .unknown }
    let device = UInt64(status.st_dev)
    // As the C library takes them apart.
    let major = (device >> 8) & 0xfff | (device >> 32) & 0xffff_f000
    let minor = device & 0xff | (device >> 12) & 0xffff_ff00
    return encryption(ofBlock: "\(sys)/\(major):\(minor)")
  }

  /// - Parameter block: the folder of a block device in /sys.
  static func encryption(ofBlock block: String) -> Encryption {
    let files = FileManager.default
    guard files.fileExists(atPath: block) else { return .unknown }  // of no device: overlay, NFS, ZFS, btrfs, tmpfs
    var waiting = [block]
    var plain: String?
    while let next = waiting.popLast() {
      let name = (try? files.destinationOfSymbolicLink(atPath: next))?.split(separator: "/").last.map(String.init)
      let shown = name ?? next.split(separator: "/").last.map(String.init) ?? next
      if let uuid = files.contents(atPath: "\(next)/dm/uuid"), String(decoding: uuid, as: UTF8.self).hasPrefix("CRYPT-")
      {
        return .encrypted(shown)
      }
      let below = (try? files.contentsOfDirectory(atPath: "\(next)/slaves")) ?? []
      if below.isEmpty { plain = plain ?? shown }
      waiting += below.map { "\(next)/slaves/\($0)" }
    }
    return plain.map { .plain($0) } ?? .unknown
  }

  /// The folders that a command of the shell writes `%f` to.
  static func folders(in command: String) -> [String] {
    let words = command.split { $0 == " " || $0 == "'" || $0 == "\"" }
    var found: [String] = []
    for word in words where word.hasPrefix("/") && word.hasSuffix("/%f") {
      let folder = String(word.dropLast(3))
      if !folder.isEmpty, !found.contains(folder) { found.append(folder) }
    }
    return found
  }
}
