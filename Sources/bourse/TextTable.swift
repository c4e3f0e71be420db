/// Rows in aligned columns, for people.
struct TextTable {
  private let headings: [String]
  /// Columns of numbers, which stand to the right.
  private let numbers: Set<Int>
  private var rows: [[String]] = []

  init(_ headings: [String], numbers: Set<Int> = []) {
    self.headings = headings
    self.numbers = numbers
  }

  /// - Parameter row: one text for each heading.
  mutating func add(_ row: [String]) { rows.append(row) }

  var isEmpty: Bool { rows.isEmpty }

  var lines: [String] {
    let all = [headings] + rows
    let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      let cells = row.enumerated().map { column, text in
        let blanks = String(repeating: " ", count: widths[column] - text.count)
        return numbers.contains(column) ? blanks + text : text + blanks
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}
