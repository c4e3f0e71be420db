import TestSupport
import Testing

@testable import LibPQ

@Suite(.needsServer, .commonTimeLimit)
struct CopyTests {
  private static let table = """
    CREATE TABLE t (i2 int2, i4 int4, i8 int8, f8 float8, b bool, ts timestamptz, d date, s text, n numeric, y bytea, k int4)
    """

  /// Deterministic values around the limits of each type; every seventh row has a NULL in each column.
  private struct Sample {
    let index: Int

    func pick<T>(_ values: [T], offset: Int) -> T? {
      (index + offset) % 7 == 0 ? nil : values[(index / 3 + offset) % values.count]
    }

    var int2: Int16? { pick([.min, .max, 0, -1, 1], offset: 0) }
    var int4: Int32? { pick([.min, .max, 0, -1, Int32(truncatingIfNeeded: index)], offset: 1) }
    var int8: Int64? { pick([.min, .max, 0, -1, Int64(index) << 32], offset: 2) }
    var float8: Double? {
      pick(
        [.infinity, -.infinity, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, Double(index) / 3], offset: 3)
    }
    var bool: Bool? { pick([true, false], offset: 4) }
    // The first and last time PostgreSQL has, and infinity.
    var time: Int64? { pick([-211_813_488_000_000_000, 9_223_371_331_199_999_999, .max, .min, 0, -1], offset: 5) }
    var date: Int32? { pick([0, -1, 8_000, Int32.max], offset: 6) }
    var text: String? {
      pick(["", "\\N", "\t\n\"'", "Grüße 🚀", String(repeating: "w", count: index % 300)], offset: 7)
    }
    var numeric: Int128? {
      pick(
        [
          0, 1, -1, Int128(Int64.min), Int128(Int64.max), .max, .min, 100_000_000, 9_999_0000_0000,
          Int128(index) * 12_345_678,
        ], offset: 8)
    }
    var bytes: [UInt8]? { pick([[], [0], [0, 255, 92]], offset: 9) }
  }

  /// `value` / 10⁸ written out, by the plain rules of decimal notation.
  private static func decimal(_ value: Int128) -> String {
    let digits = String(value.magnitude)
    let padded = String(repeating: "0", count: max(0, 9 - digits.count)) + digits
    return (value < 0 ? "-" : "") + padded.dropLast(8) + "." + padded.suffix(8)
  }

  @Test func manyRowsOfExtremeValuesMakeTheRoundTrip() async throws {
    let count = rounds(20_000, soak: 100_000)
    try await withConnection { connection in
      try await connection.query(Self.table)
      let copy = try await connection.copyIn("COPY t FROM STDIN WITH (FORMAT binary)")
      #expect(copy.columnCount == 11)
      #expect(copy.isBinary)
      var writer = CopyWriter(columnCount: 11, capacity: 64)
      for index in 0..<count {
        let sample = Sample(index: index)
        writer.startRow()
        writer.write(int2: sample.int2)
        writer.write(int4: sample.int4)
        writer.write(int8: sample.int8)
        writer.write(float8: sample.float8)
        writer.write(bool: sample.bool)
        writer.write(timestamptz: sample.time)
        writer.write(date: sample.date)
        writer.write(text: sample.text)
        writer.write(numericE8: sample.numeric)
        if let bytes = sample.bytes { writer.write(bytes: bytes) } else { writer.writeNull() }
        writer.write(int4: Int32(index))
        if writer.byteCount > 100_000 { try await copy.send(&writer) }
      }
      try await copy.send(&writer)
      #expect(writer.byteCount == 0)
      #expect(try await copy.finish() == count)

      var index = 0
      try await connection.forEachRow("SELECT *, n::text AS nt FROM t ORDER BY k", format: .binary) { row throws in
        let sample = Sample(index: index)
        #expect(try row[0].ifPresent?.int64 == sample.int2.map(Int64.init))
        #expect(try row[1].ifPresent?.int32 == sample.int4)
        #expect(try row[2].ifPresent?.int64 == sample.int8)
        #expect(try row[3].ifPresent?.double.bitPattern == sample.float8?.bitPattern)
        #expect(try row[4].ifPresent?.bool == sample.bool)
        #expect(try row[5].ifPresent?.timestamp == sample.time)
        let date = sample.date.map { $0 == .max ? Int64.max : Int64($0) * 86_400_000_000 }
        #expect(try row[6].ifPresent?.timestamp == date)
        #expect(try row[7].ifPresent?.string == sample.text)
        #expect(try row[8].ifPresent?.string == sample.numeric.map(Self.decimal))
        #expect(try row[9].ifPresent?.bytes == sample.bytes)
        #expect(try row[11].ifPresent?.string == sample.numeric.map(Self.decimal))
        index += 1
        return .next
      }
      #expect(index == count)
    }
  }

  /// -1: nothing is sent at all.
  @Test(arguments: [-1, 0, 1])
  func aCopyOfFewRowsIsComplete(_ count: Int) async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copied = try await connection.copyIn("COPY t FROM STDIN WITH (FORMAT binary)") { copy in
        if count < 0 { return }
        var writer = CopyWriter(columnCount: 1)
        for _ in 0..<count {
          writer.startRow()
          writer.write(int4: 5)
        }
        try await copy.send(&writer)
      }
      #expect(copied == max(0, count))
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == max(0, count))
    }
  }

  @Test func aScriptMayLeadToTheCopyAndGoOnAfterIt() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("BEGIN; COPY t FROM STDIN; COMMIT")
      try await copy.send(text: "1\n2\n")
      try await copy.endData()
      #expect(try await copy.finish() == 2)
      #expect(await connection.transactionStatus == .idle)
      #expect(try await connection.query("SELECT sum(i) FROM t").only()[0].int == 3)
    }
  }

  @Test func theScriptAfterACopyGivesItsResults() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn(
        "BEGIN; COPY t FROM STDIN WITH (FORMAT binary); SELECT sum(i) FROM t; COMMIT")
      var writer = CopyWriter(columnCount: 1)
      for number in 1...3 {
        writer.startRow()
        writer.write(int4: Int32(number))
      }
      try await copy.send(&writer)
      let results = try await copy.finishScript()
      #expect(results.map(\.commandTag) == ["COPY 3", "SELECT 1", "COMMIT"])
      #expect(try results[1].only()[0].int == 6)
      await expectUsable(connection)
    }
  }

  @Test func anErrorAfterTheCopyInTheScriptUndoesTheCopy() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN; SELECT 1 / 0")
      try await copy.send(text: "1\n")
      let error = try await postgresError { _ = try await copy.finishScript() }
      #expect(error.sqlState == .divisionByZero)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func aSecondCopyInTheScriptIsRefused() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN; COPY t FROM STDIN")
      try await copy.send(text: "1\n")
      let error = try await postgresError { try await copy.finish() }
      #expect(error.code == .unexpectedCopy)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func rowsAndRawDataDoNotMixAndAMistakeDoesNotEndTheCopy() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN WITH (FORMAT binary)")
      var writer = CopyWriter(columnCount: 1)
      writer.startRow()
      writer.write(int4: 1)
      try await copy.send(&writer)
      let mixed = try await postgresError { try await copy.send(bytes: [1, 2, 3]) }
      #expect(mixed.code == .invalidUse)
      try await copy.endData()
      let late = try await postgresError { try await copy.send(bytes: [1, 2, 3]) }
      #expect(late.code == .invalidUse)
      #expect(try await copy.finish() == 1)
    }
  }

  @Test func csvMayBeCutAnywhere() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (a int, b text)")
      let csv = "a,b\n1,\"x,\"\"y\"\"\n\"\n2,é\n"
      let copied = try await connection.copyIn("COPY t FROM STDIN WITH (FORMAT csv, HEADER)") { copy in
        for byte in csv.utf8 { try await copy.send(bytes: [byte]) }
      }
      #expect(copied == 2)
      let rows = try await connection.query("SELECT b FROM t ORDER BY a")
      #expect(try rows.map { try $0[0].string } == ["x,\"y\"\n", "é"])
    }
  }

  @Test func anAbortedCopyLeavesNothingAndTellsTheServerWhy() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN")
      try await copy.send(text: "1\n2\n")
      try await copy.abort("changed my mind")
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
      let ended = try await postgresError { try await copy.send(text: "3\n") }
      #expect(ended.code == .invalidUse)
    }
  }

  @Test func anErrorInTheBodyAbortsTheCopyAndIsThrown() async throws {
    struct Stop: Error {}
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      await #expect(throws: Stop.self) {
        try await connection.copyIn("COPY t FROM STDIN") { copy in
          try await copy.send(text: "1\n")
          throw Stop()
        }
      }
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func aCopyLetGoUnfinishedIsUndone() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      do {
        let copy = try await connection.copyIn("COPY t FROM STDIN")
        try await copy.send(text: "1\n")
      }
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func aRefusedRowIsTheServersErrorAndTheConnectionStaysUsable() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int CHECK (i > 0))")
      let error = try await postgresError {
        try await connection.copyIn("COPY t FROM STDIN") { copy in
          try await copy.send(text: "1\n-1\n")
          // More than all buffers take: the server's refusal must not leave the sender waiting.
          for _ in 0..<200 { try await copy.send(text: String(repeating: "1\n", count: 50_000)) }
        }
      }
      #expect(error.sqlState == .checkViolation)
      #expect(error.context?.contains("line 2") == true)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
    }
  }

  @Test func aRefusalAfterTheEndOfTheDataSurfacesAtFinish() async throws {
    try await withConnection { connection in
      try await connection.script(
        "CREATE TABLE p (i int PRIMARY KEY); CREATE TABLE t (i int REFERENCES p)")
      let copy = try await connection.copyIn("COPY t FROM STDIN")
      try await copy.send(text: "1\n")
      try await copy.endData()
      let error = try await postgresError { try await copy.finish() }
      #expect(error.sqlState == .foreignKeyViolation)
    }
  }

  @Test func aWriterThatDoesNotFitTheCopyIsRefusedBeforeSending() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      for (sql, columns) in [("COPY t FROM STDIN", 1), ("COPY t FROM STDIN WITH (FORMAT binary)", 2)] {
        let copy = try await connection.copyIn(sql)
        var writer = CopyWriter(columnCount: columns)
        writer.startRow()
        for _ in 0..<columns { writer.write(int4: 1) }
        do {
          try await copy.send(&writer)
          Issue.record("must be refused")
        } catch let error as PostgresError {
          #expect(error.code == .invalidUse)
        }
        try await copy.abort("does not fit")
      }
    }
  }

  @Test func aQueryByTheTaskThatHasACopyOpenIsAnErrorAndNotADeadlock() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN")
      let error = try await postgresError { try await connection.query("SELECT 1") }
      #expect(error.code == .invalidUse)
      try await copy.send(text: "1\n")
      #expect(try await copy.finish() == 1)
    }
  }

  @Test func otherTasksWaitForTheEndOfACopy() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      let copy = try await connection.copyIn("COPY t FROM STDIN")
      async let count = connection.query("SELECT count(*) FROM t").only()[0].int
      try await eventually { connection.innermostGate.waiterCount == 1 }
      try await copy.send(text: "1\n2\n")
      try await copy.finish()
      #expect(try await count == 2)
    }
  }

  @Test func whatIsNoCopyIsRefusedByCopyCalls() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      for sql in ["SELECT 1", "COPY t TO STDOUT", "SELECT 1; SELECT 2", ""] {
        let error = try await postgresError { _ = try await connection.copyIn(sql) }
        #expect(error.code == .unexpectedCopy, "\(sql)")
      }
      for sql in ["SELECT 1", "COPY t FROM STDIN"] {
        let error = try await postgresError { try await connection.copyOut(sql) { _ in } }
        #expect(error.code == .unexpectedCopy, "\(sql)")
      }
      let missing = try await postgresError { _ = try await connection.copyIn("COPY missing FROM STDIN") }
      #expect(missing.sqlState == .undefinedTable)
      await expectUsable(connection)
    }
  }

  @Test func copyOutHandsOverEachRow() async throws {
    try await withConnection { connection in
      var lines: [String] = []
      let rows = try await connection.copyOut(
        "COPY (SELECT i, 'v' || i FROM generate_series(1, 20000) i) TO STDOUT WITH (FORMAT csv)"
      ) { lines.append(String(decoding: $0, as: UTF8.self)) }
      #expect(rows == 20_000)
      #expect(lines.count == 20_000)
      #expect(lines[19_999] == "20000,v20000\n")
    }
  }

  @Test func copyOutStopsWhenTheReceiverThrows() async throws {
    struct Enough: Error {}
    try await withConnection { connection in
      var seen = 0
      await #expect(throws: Enough.self) {
        try await connection.copyOut("COPY (SELECT generate_series(1, 100000000)) TO STDOUT") { _ in
          seen += 1
          if seen == 10 { throw Enough() }
        }
      }
      #expect(seen == 10)
      await expectUsable(connection)
    }
  }

  @Test func anErrorInMidCopyOutSurfaces() async throws {
    try await withConnection { connection in
      let error = try await postgresError {
        try await connection.copyOut("COPY (SELECT 1 / (1000 - i) FROM generate_series(1, 2000) i) TO STDOUT") { _ in }
      }
      #expect(error.sqlState == .divisionByZero)
      await expectUsable(connection)
    }
  }

  @Test func aCopyLeftOpenInATransactionUndoesTheTransaction() async throws {
    try await withConnection { connection in
      try await connection.query("CREATE TABLE t (i int)")
      var kept: CopyIn?
      let error = try await postgresError {
        try await connection.transaction { connection in
          try await connection.query("INSERT INTO t VALUES (1)")
          kept = try await connection.copyIn("COPY t FROM STDIN")
        }
      }
      #expect(error.code == .commitRolledBack)
      #expect(try await connection.query("SELECT count(*) FROM t").only()[0].int == 0)
      let late = try await postgresError { try await kept?.send(text: "1\n") }
      #expect(late.code == .invalidUse)
    }
  }
}
