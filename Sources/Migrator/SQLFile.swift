import FoundationEssentials

/// A file of SQL with its path relative to the tree's root, by which it is known in records and messages.
package struct SQLFile: Sendable, Equatable {
  package let path: String
  package let text: String

  init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  init(_ path: String, in root: String) throws(MigrationError) {
    guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else {
      throw MigrationError(.badTree, "cannot read \(root)/\(path)", hint: "see that the file is there and readable")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      throw MigrationError(.badTree, "\(path) is not UTF-8", hint: "save it as UTF-8")
    }
    // A checkout may have turned line ends; the checksum is of what the author wrote.
    self.init(path: path, text: text.replacing("\r\n", with: "\n"))
  }

  /// The line of a character, both counted from 1, as the server reports error positions.
  func line(ofCharacter position: Int) -> Int {
    text.unicodeScalars.prefix(max(position - 1, 0)).reduce(1) { $1 == "\n" ? $0 + 1 : $0 }
  }

  /// The schemas that its statements create.
  var createdSchemas: [String] {
    text.matches(of: /(?i)^\s*CREATE\s+SCHEMA\s+(\w+)\s*;/.anchorsMatchLineEndings()).map { String($0.1) }
  }
}

/// One numbered, immutable step of the schema.
package struct Migration: Sendable, Equatable {
  package let number: Int
  /// The file's name without its folder, e.g. `0001_create_schemas.sql`.
  package let name: String
  package let file: SQLFile
}
