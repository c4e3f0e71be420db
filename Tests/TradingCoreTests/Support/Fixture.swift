import Foundation

/// A CSV file of the folder `fixtures`: its columns by name. An empty field is NaN.
struct Fixture {
  private var columns: [String: [Double]] = [:]

  init(_ path: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../fixtures")
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    let lines = text.split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    for line in lines.dropFirst() {
      for (name, field) in zip(names, line.split(separator: ",", omittingEmptySubsequences: false)) {
        columns[name, default: []].append(field.isEmpty ? .nan : Double(field)!)
      }
    }
  }

  subscript(column: String) -> [Double] { columns[column]! }
}
