import TestSupport

/// A gzipped CSV file of `fixtures/golden`: its columns by name. An empty field is NaN.
struct GoldenTable {
  private var columns: [String: [Double]] = [:]

  static let talib = GoldenTable("talib_golden.csv.gz")

  init(_ name: String) {
    let bytes = unzipped(fixture("golden/\(name)"))
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n")
    let names = lines[0].split(separator: ",").map(String.init)
    for line in lines.dropFirst() {
      for (name, field) in zip(names, line.split(separator: ",", omittingEmptySubsequences: false)) {
        columns[name, default: .init()].append(field.isEmpty ? .nan : Double(field)!)
      }
    }
  }

  subscript(column: String) -> [Double] { columns[column]! }

  var bars: Bars {
    Bars(open: self["open"], high: self["high"], low: self["low"], close: self["close"], volume: self["volume"])
  }
}
