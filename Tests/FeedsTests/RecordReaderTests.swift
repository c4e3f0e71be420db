import CZLib
import TestSupport
import Testing

@testable import Feeds

private enum Line: Equatable {
  case fields([String])
  case bad(line: Int, content: String)
}

/// All records of some bytes; the first one sets the number of fields unless `isRagged`.
private func records(_ bytes: [UInt8], isRagged: Bool = false) throws -> [Line] {
  let folder = try TemporaryFolder()
  var reader = RecordReader(try ByteInput(try folder.file(bytes)))
  var lines: [Line] = []
  while true {
    switch try reader.advance() {
    case .end: return lines
    case .malformed: lines.append(.bad(line: reader.line, content: reader.content))
    case .record:
      lines.append(.fields((0..<reader.count).map { reader.field($0).string }))
      if !isRagged { reader.expectedCount = reader.expectedCount ?? reader.count }
    }
  }
}

private func records(_ text: String, isRagged: Bool = false) throws -> [Line] {
  try records(Array(text.utf8), isRagged: isRagged)
}

/// A gzip member.
private func packed(_ bytes: [UInt8]) throws -> [UInt8] {
  let folder = try TemporaryFolder()
  let path = "\(folder.path)/x.gz"
  let file = try #require(gzopen(path, "wb"))
  #expect(gzwrite(file, bytes, UInt32(bytes.count)) == Int32(bytes.count))
  gzclose(file)
  return try contents(path)
}

@Suite struct RecordReaderTests {
  @Test(arguments: [
    ("a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n1,2", [["a", "b"], ["1", "2"]]),
    ("a,b\r\n1,2\r", [["a", "b"], ["1", "2"]]),
    ("\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
    ("\n\r\n\na,b\n\n1,2\n\n\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n,\n", [["a", "b"], ["", ""]]),
    ("a,b\n\"1\",\"2\"\n", [["a", "b"], ["1", "2"]]),
    ("a,b\n\"1,5\",\"2\"\r\n", [["a", "b"], ["1,5", "2"]]),
    ("a,b\n\"say \"\"x\"\"\",\"\"\"\"\n", [["a", "b"], ["say \"x\"", "\""]]),
    ("a,b\n\"\",\"\"", [["a", "b"], ["", ""]]),
    ("a,b\n\"1\n2\r\n3\",4\n5,6\n", [["a", "b"], ["1\n2\r\n3", "4"], ["5", "6"]]),
    ("a,b\n5\" pipe,x\"y\"\n", [["a", "b"], ["5\" pipe", "x\"y\""]]),
    ("a\r\n\"x\"\r\n\"y\"", [["a"], ["x"], ["y"]]),
    ("", []), ("\n", []), ("\u{FEFF}", []),
  ])
  func splitsText(text: String, expected: [[String]]) throws {
    #expect(try records(text) == expected.map(Line.fields))
  }

  @Test(arguments: [
    // A stray quote costs its own line, whatever follows and wherever the next quote is.
    (
      "a,b\n\"1,2\n3,4\n5,6\n",
      [Line.fields(["a", "b"]), .bad(line: 2, content: "\"1,2"), .fields(["3", "4"]), .fields(["5", "6"])]
    ),
    (
      "a,b\n\"1,2\n3,4\n5,\"6\n",
      [.fields(["a", "b"]), .bad(line: 2, content: "\"1,2"), .fields(["3", "4"]), .bad(line: 4, content: "5,\"6")]
    ),
    (
      "a,b\n\"1,2\n3,4\n5,6\"\n7,8\n",
      [
        .fields(["a", "b"]), .bad(line: 2, content: "\"1,2"), .fields(["3", "4"]), .fields(["5", "6\""]),
        .fields(["7", "8"]),
      ]
    ),
    ("a,b\n\"1\"x,2\n3,4\n", [.fields(["a", "b"]), .bad(line: 2, content: "\"1\"x,2"), .fields(["3", "4"])]),
    (
      "a,b\n1\n1,2,3\n4,5\n",
      [
        .fields(["a", "b"]), .bad(line: 2, content: "1"), .bad(line: 3, content: "1,2,3"), .fields(["4", "5"]),
      ]
    ),
    (
      "a,b\n\"x\ny\",1,2\n3,4\n",
      [
        .fields(["a", "b"]), .bad(line: 2, content: "\"x"), .bad(line: 3, content: "y\",1,2"), .fields(["3", "4"]),
      ]
    ),
  ])
  private func malformedLinesCostNoOthers(text: String, expected: [Line]) throws {
    #expect(try records(text) == expected)
  }

  @Test func aLineOfAnyLengthIsPassedOver() throws {
    for length in [65_537, 200_000, 1_048_576, 5_000_000] {
      let text = "a,b\n1,2\n" + String(repeating: "x", count: length) + ",y\n3,4\n"
      let lines = try records(text)
      #expect(lines.count == 4)
      #expect(lines[2] == .bad(line: 3, content: String(repeating: "x", count: 1_000)))
      #expect(lines[3] == .fields(["3", "4"]))
    }
    #expect(try records("a,b\n1,\(String(repeating: "x", count: 60_000))\n").count == 2)
  }

  @Test func aQuoteThatNeverClosesCostsOneLineOfAFileOfAnySize() throws {
    let rest = (0..<100_000).map { "\($0),\($0)" }
    let lines = try records("a,b\n\"oops,1\n" + rest.joined(separator: "\n") + "\n")
    #expect(lines.count == 100_002)
    #expect(lines[1] == .bad(line: 2, content: "\"oops,1"))
    #expect(lines.last == .fields(["99999", "99999"]))
  }

  @Test func linesAreCountedAcrossQuotedBreaksAndEmptyLines() throws {
    let lines = try records("a,b\n\n\"x\ny\",1\r\n\nbad\n")
    #expect(lines == [.fields(["a", "b"]), .fields(["x\ny", "1"]), .bad(line: 6, content: "bad")])
  }

  /// Several buffers' worth of random fields, written by the rules and read back.
  @Test(arguments: seeds(3))
  func readsBackWhatAWriterWrote(seed: UInt64) throws {
    var draws = Draws(seed: seed)
    let alphabet = Array("abc019.,,\"\"\n\r -é€")
    var expected: [Line] = []
    var text = ""
    for _ in 0..<60_000 {
      let fields = (0..<3).map { _ in
        String((0..<draws.draw(14)).map { _ in alphabet[draws.draw(UInt64(alphabet.count))] })
      }
      expected.append(.fields(fields))
      text += fields.map { field in
        let mustQuote = field.contains { ",\"\n\r".contains($0) || $0 == "\r\n" }
        return mustQuote || draws.draw(5) == 0 ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
      }.joined(separator: ",")
      text += draws.draw(2) == 0 ? "\n" : "\r\n"
    }
    let found = try records(text)
    #expect(found.count == expected.count)
    #expect(zip(found, expected).first { $0 != $1 } == nil)
  }

  @Test func unpacksGzipAlsoInSeveralPieces() throws {
    let first = Array("a,b\n1,2\n".utf8)
    let second = Array("3,4\n".utf8)
    #expect(try records(try packed(first) + packed(second)) == (try records(first + second)))
  }

  @Test func aTruncatedArchiveIsAnError() throws {
    let text = (0..<50_000).map { "\($0),\($0 &* 7_919 % 1_000)" }.joined(separator: "\n")
    let archive = try packed(Array(text.utf8))
    #expect(throws: FeedError.self) { try records(Array(archive[..<(archive.count / 2)])) }
  }

  @Test func aFolderAndAMissingFileAreRefused() {
    for path in ["/", "/nonexistent/file.csv"] {
      let error = #expect(throws: FeedError.self) { _ = try ByteInput(path) }
      #expect(error?.code == .cannotOpen)
    }
  }
}
