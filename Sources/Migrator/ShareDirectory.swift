import Glibc

/// Finds the files that belong to this program: `sql/`, `procedures/` and `deploy/`.
package enum ShareDirectory {
  package struct NotFound: Error, CustomStringConvertible {
    package let file: String
    package let searched: [String]

    package var description: String {
      "cannot find \(file) (looked in \(searched.joined(separator: ", "))); "
        + "set BOURSE_SHARE to the folder that holds it"
    }
  }

  /// The folder in which `file` (e.g. `procedures/manifest.sql`) exists: `explicit` or `$BOURSE_SHARE` when given, and no
  /// other then; else `share/bourse` beside the program's folder, the program's parents, the checkout it was built from.
  package static func locate(
    containing file: String, explicit: String?, environment: [String: String], program: String = executable,
    source: String = #filePath
  ) throws(NotFound) -> String {
    if let chosen = explicit ?? environment["BOURSE_SHARE"], !chosen.isEmpty {
      if holds(chosen, file) { return chosen }
      throw NotFound(file: file, searched: [chosen])
    }
    let programParents = parents(of: program)
    var candidates = programParents.dropFirst().prefix(1).map { "\($0)/share/bourse" }
    candidates += programParents
    // Sources/Migrator/ShareDirectory.swift lies three levels below the checkout.
    candidates += parents(of: source).dropFirst(2).prefix(1)
    if let found = candidates.first(where: { holds($0, file) }) { return found }
    throw NotFound(file: file, searched: candidates)
  }

  private static func holds(_ folder: String, _ file: String) -> Bool { access("\(folder)/\(file)", R_OK) == 0 }

  /// The folders above a path, nearest first.
  private static func parents(of path: String) -> [String] {
    var parents: [String] = []
    var rest = Substring(path)
    while let slash = rest.lastIndex(of: "/"), slash != rest.startIndex {
      rest = rest[..<slash]
      parents.append(String(rest))
    }
    return parents
  }

  package static var executable: String {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    return count > 0 ? String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
  }
}
