import LibPQ
import Testing

@Suite(.enabled(if: TestServer.isAvailable, TestServer.reason))
struct QueryTests {
  @Test func aQueryReturnsItsRowsByIndexAndByName() async throws {
    try await withConnection { connection in
      let rows = try await connection.query("SELECT $1::int AS a, $2::text AS b", [.int4(7), "x"])
      #expect(rows.count == 1)
      #expect(try rows[0][0].int == 7)
      #expect(try rows[0]["b"].string == "x")
      #expect(rows.commandTag == "SELECT 1")
    }
  }
}
