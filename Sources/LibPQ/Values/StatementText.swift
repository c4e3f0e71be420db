/// Whether the first word of a statement is COPY. That is the only way into COPY's own protocol, which neither functions
/// nor EXECUTE can enter; comments and empty statements before it count as blank.
func startsWithCopy(_ sql: String) -> Bool {
  var sql = sql
  return sql.withUTF8 { text in
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: " "), 9...13, UInt8(ascii: ";"): index += 1
      case UInt8(ascii: "-") where index + 1 < text.count && text[index + 1] == UInt8(ascii: "-"):
        while index < text.count, text[index] != 10, text[index] != 13 { index += 1 }
      case UInt8(ascii: "/") where index + 1 < text.count && text[index + 1] == UInt8(ascii: "*"):
        index = endOfBlockComment(text, from: index)
      default:
        let word = text[index...].prefix(4).map { $0 | 0x20 }
        let next = index + 4 < text.count ? text[index + 4] | 0x20 : 32
        let goesOn = (97...122).contains(next) || (48...57).contains(next) || next == 95 || next >= 128
        return word.elementsEqual("copy".utf8) && !goesOn
      }
    }
    return false
  }
}

/// Block comments nest in PostgreSQL.
private func endOfBlockComment(_ text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
  var depth = 0
  var index = start
  while index + 1 < text.count {
    switch (text[index], text[index + 1]) {
    case (UInt8(ascii: "/"), UInt8(ascii: "*")):
      depth += 1
      index += 2
    case (UInt8(ascii: "*"), UInt8(ascii: "/")):
      depth -= 1
      index += 2
      if depth == 0 { return index }
    default: index += 1
    }
  }
  return text.count
}
