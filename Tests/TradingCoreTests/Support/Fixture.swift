import TestSupport

/// A CSV file of the folder `fixtures`: its columns by name. An empty field is NaN.
struct Fixture {
  private var columns: [String: [Double]] = [:]

  init(_ path: String) throws {
    let text = String(decoding: try contents(fixture(path)), as: UTF8.self)
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
