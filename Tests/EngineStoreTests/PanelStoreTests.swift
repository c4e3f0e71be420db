import LibPQ
import TestSupport
import Testing

@testable import EngineStore

@Suite(.needsServer, .commonTimeLimit)
struct PanelStoreTests {
  @Test func valuesOfAllTypesAreRead() async throws {
    try await TestDatabase.withSchema { _, connection in
      try await PanelStore.with(connection, timeoutSeconds: 60) { store in
        let table = try await store.table(
          """
          SELECT 9007199254740993 AS whole, 'NaN'::numeric AS none, '-Infinity'::float8 AS low, 1.5::numeric AS half,
                 timestamptz '2013-03-01 16:00:00.5-05' AS at, 'infinity'::timestamptz AS never, true AS truth,
                 date '2013-03-01' AS day, '{a,"b c"}'::text[] AS list, NULL::int AS nothing, U&'caf\\00e9' AS text
          """)
        #expect(
          table.columns.map(\.kind) == [
            .number, .number, .number, .number, .time, .time, .truth, .text, .text, .number, .text,
          ])
        let row = try #require(table.rows.first)
        #expect(row[0] == .number(9_007_199_254_740_992) && row[1].number.isNaN && row[2] == .number(-.infinity))
        #expect(row[3...6] == [.number(1.5), .time(1_362_171_600.5), .time(.infinity), .truth(true)])
        #expect(row[7...] == [.text("2013-03-01"), .text("{a,\"b c\"}"), .null, .text("café")])
        #expect(try await store.table("SELECT 1 AS x WHERE false") == PanelTable([], []))
        #expect(try await store.values("SELECT * FROM (VALUES ('a'), (NULL), ('b')) AS v") == ["a", "b"])
      }
    }
  }

  @Test func anErrorSpoilsNoOtherQueryAndNothingIsWritten() async throws {
    try await TestDatabase.withSchema("CREATE TABLE public.notes (note text)") { _, connection in
      try await PanelStore.with(connection, timeoutSeconds: 1) { store in
        func state(_ sql: String) async -> SQLState? {
          do {
            _ = try await store.table(sql)
            return nil
          } catch { return (error as? PostgresError)?.sqlState }
        }
        #expect(await state("SELECT * FROM nowhere") == .undefinedTable)
        #expect(await state("SELECT pg_sleep(30)") == .queryCanceled)
        #expect(
          await state("WITH w AS (INSERT INTO public.notes VALUES ('x') RETURNING 1) SELECT * FROM w")
            == .readOnlySQLTransaction)
        // One statement, and no way out of the transaction.
        #expect(await state("SELECT 1; COMMIT; INSERT INTO public.notes VALUES ('x')") == .syntaxError)
        do {
          _ = try await store.table("SELECT generate_series(1, \(PanelStore.mostRows + 1))")
          Issue.record("too many rows are taken")
        } catch is StoreError {}
        #expect(try await store.table("SELECT 1 AS one").rows == [[.number(1)]])
      }
      let notes = try await connection.query("SELECT FROM public.notes")
      #expect(notes.isEmpty)
    }
  }

  @Test func allQueriesSeeTheSameMoment() async throws {
    try await TestDatabase.withSchema("CREATE TABLE public.notes (note text)") { options, connection in
      try await PanelStore.with(connection, timeoutSeconds: 60) { store in
        let first = try await store.table("SELECT count(*), now() FROM public.notes")
        try await Connection.with(options) { _ = try await $0.query("INSERT INTO public.notes VALUES ('x')") }
        #expect(try await store.table("SELECT count(*), now() FROM public.notes") == first)
      }
    }
  }

  @Test func theSpanIsThatOfPortfoliosOrElseOfPrices() async throws {
    try await TestDatabase.withSchema { _, connection in
      func span() async throws -> [Double]? {
        try await PanelStore.with(connection, timeoutSeconds: 60) { try await $0.span().map { [$0.from, $0.until] } }
      }
      #expect(try await span() == nil)
      try await connection.script(
        """
        SELECT market.ensure_instruments('{IBM}');
        SELECT market.upsert_quotes(ARRAY(SELECT instrument_id FROM market.instruments), '{2024-01-31 15:00Z}', '{10}', '{1}');
        """)
      #expect(try await span() == [1_704_121_200, 1_706_713_200])
      try await connection.script(
        """
        SELECT trading.create_portfolio(name => n, capital => 1000, at => '2023-01-02 15:00Z') FROM unnest('{a,b}'::text[]) AS n;
        SELECT trading.record_snapshots(ARRAY[trading.portfolio_id('b')], '2023-01-02 15:00Z');
        SELECT trading.record_snapshots(ARRAY(SELECT portfolio_id FROM trading.portfolios), '2023-06-01 15:00Z');
        """)
      #expect(try await span() == [1_672_671_600, 1_685_631_600])
    }
  }
}
