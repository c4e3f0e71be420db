import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct StreamTests {
  @Test(arguments: [Format.text, .binary])
  func everyRowIsHandedOutOnceAndInOrder(_ format: Format) async throws {
    try await withConnection { connection in
      var expected = 1
      let count = try await connection.forEachRow(
        "SELECT i FROM generate_series($1, $2) i", [.int4(1), .int4(50_000)], format: format
      ) { row in
        let value = try row[0].int
        try #require(value == expected)
        expected += 1
        return .next
      }
      #expect(count == 50_000)
    }
  }

  @Test func aResultLargerThanTheMemoryAllowedIsStreamed() async throws {
    try await withConnection { connection in
      var bytes = 0
      let before = residentMegabytes()
      try await connection.forEachRow("SELECT repeat('x', 100000) FROM generate_series(1, 10000)") { row in
        bytes += try row[0].withUnsafeBytes { $0?.count ?? 0 }
        return .next
      }
      #expect(bytes == 1_000_000_000)
      #expect(residentMegabytes() - before < 600, "other tests run at the same time and may take some")
    }
  }

  @Test func aStreamStopsEarlyAndTheConnectionIsUsableAtOnce() async throws {
    try await withConnection { connection in
      let count = try await connection.forEachRow("SELECT generate_series(1, 1000000000)") { row in
        try row[0].int == 10 ? .stop : .next
      }
      #expect(count == 10)
      await expectUsable(connection)
    }
  }

  @Test func anErrorOfTheReceiverEndsTheStream() async throws {
    struct Enough: Error {}
    try await withConnection { connection in
      await #expect(throws: Enough.self) {
        try await connection.forEachRow("SELECT generate_series(1, 1000000000)") { _ in throw Enough() }
      }
      await expectUsable(connection)
    }
  }

  @Test func aServerErrorInMidStreamSurfacesAfterTheRowsBeforeIt() async throws {
    try await withConnection { connection in
      var seen = 0
      let error = try await postgresError {
        try await connection.forEachRow("SELECT 1 / (501 - i) FROM generate_series(1, 1000) i") { _ in
          seen += 1
          return .next
        }
      }
      #expect(error.sqlState == .divisionByZero)
      #expect(seen == 500)
      await expectUsable(connection)
    }
  }

  @Test func statementsWithoutRowsAndBadOnesEndAStreamRightAway() async throws {
    try await withConnection { connection in
      #expect(try await connection.forEachRow("CREATE TEMP TABLE t (i int)") { _ in .next } == 0)
      #expect(try await connection.forEachRow("SELECT * FROM t") { _ in .next } == 0)
      #expect(try await connection.forEachRow("") { _ in .next } == 0)
      let error = try await postgresError { try await connection.forEachRow("SELEC") { _ in .next } }
      #expect(error.sqlState == .syntaxError)
    }
  }

  @Test func rowsOfAStreamMayBeKept() async throws {
    try await withConnection { connection in
      var kept: [Row] = []
      try await connection.forEachRow("SELECT 'r' || i AS r FROM generate_series(1, 1000) i") { row in
        kept.append(row)
        return .next
      }
      #expect(try kept[999]["r"].string == "r1000")
    }
  }
}
