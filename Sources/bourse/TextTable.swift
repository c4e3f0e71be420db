/// Rows in aligned columns, for people.
struct TextTable {
  private let headings: [String]
  /// Columns of numbers, which stand to the right.
  private let numbers: Set<Int>
  private var rows: [[String]] = []

  /// Narrower than this a column of text says nothing.
  private static let narrowest = 8

  init(_ headings: [String], numbers: Set<Int> = []) {
    self.headings = headings
    self.numbers = numbers
  }

  /// - Parameter row: one text for each heading.
  mutating func add(_ row: [String]) { rows.append(row.map(printable)) }

  var isEmpty: Bool { rows.isEmpty }

  var lines: [String] { lines(within: nil) }

  /// - Parameter width: characters of a line; columns that do not fit are left out from the right, and the last text that
  ///   still has some room is cut. Nil: as wide as the rows are.
  func lines(within width: Int?) -> [String] {
    let all = [headings] + rows
    var widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    if let width {
      var free = width
      for column in widths.indices {
        let gap = column == 0 ? 0 : 2
        if gap + widths[column] <= free {
          free -= gap + widths[column]
          continue
        }
        let isCut = column == 0 || !numbers.contains(column) && free - gap >= Self.narrowest
        if isCut { widths[column] = max(0, free - gap) }
        widths.removeSubrange((isCut ? column + 1 : column)...)
        break
      }
    }
    return all.map { row in
      let cells = widths.enumerated().map { column, width in
        let text = row[column].cut(to: width)
        let blanks = String(repeating: " ", count: width - text.count)
        return numbers.contains(column) ? blanks + text : text + blanks
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }
}

extension String {
  /// - Parameter width: characters that it may have; what is left out is told by an ellipsis.
  func cut(to width: Int) -> String {
    count <= width ? self : width < 1 ? "" : prefix(width - 1) + "…"
  }

  /// Lines of at most so many characters, broken at blanks where there are some.
  func wrapped(to width: Int) -> [String] {
    var lines: [String] = []
    var rest = self[...]
    while rest.count > max(1, width) {
      let line = rest.prefix(max(1, width))
      let end = rest[line.endIndex] == " " ? line.endIndex : line.lastIndex(of: " ") ?? line.endIndex
      lines.append(String(rest[..<end]))
      rest = rest[end...].drop { $0 == " " }
    }
    return lines + [String(rest)]
  }
}

/// A text on one line that does nothing to the terminal: characters that control it, or the direction of what follows, become
/// blanks.
func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  var scalars = String.UnicodeScalarView()
  for scalar in text.unicodeScalars { scalars.append(isControl(scalar) ? " " : scalar) }
  return String(scalars)
}

/// Whether it controls a terminal, ends a line, or turns the direction of what follows.
func isControl(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar.value {
  case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069: true
  default: false
  }
}
