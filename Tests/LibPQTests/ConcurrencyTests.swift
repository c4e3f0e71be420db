import TestSupport
import Testing

@testable import LibPQ

@Suite(.needsServer, .commonTimeLimit)
struct ConcurrencyTests {
  @Test func callsOfManyTasksEachGetTheirOwnAnswer() async throws {
    try await withConnection { connection in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for task in 0..<20 {
          group.addTask {
            for call in 0..<20 {
              let expected = task * 1_000 + call
              let answer: Int
              switch call % 5 {
              case 0: answer = try await connection.query("SELECT \(expected)").only()[0].int
              case 1: answer = try await connection.execute("SELECT $1::int", [.int4(Int32(expected))]).only()[0].int
              case 2:
                let results = try await connection.pipeline([Request("SELECT 0"), Request("SELECT \(expected)")])
                answer = try results[1].get().only()[0].int
              case 3:
                var last = 0
                try await connection.forEachRow("SELECT generate_series(1, 300) + \(expected - 300)") { row in
                  last = try row[0].int
                  return .next
                }
                answer = last
              default:
                answer = try await connection.transaction { connection in
                  await Task.yield()
                  return try await connection.query("SELECT \(expected)").only()[0].int
                }
              }
              #expect(answer == expected)
            }
          }
        }
        try await group.waitForAll()
      }
    }
  }

  @Test func waitingCallsRunInOrderOfArrival() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let observer = try await database.connect()
      try await connection.query("CREATE TABLE t (n serial, i int)")
      // The slow statement lasts as long as the observer holds the lock.
      try await observer.query("SELECT pg_advisory_lock(4711)")
      async let slow = connection.query("SELECT pg_advisory_lock(4711)::text, 'slow'")
      try await observer.waitForActivity("query LIKE '%slow%'")
      var tasks: [Task<Void, any Error>] = []
      for number in 0..<10 {
        tasks.append(Task { try await connection.query("INSERT INTO t (i) VALUES (\(number))") })
        try await eventually { connection.innermostGate.waiterCount == number + 1 }
      }
      try await observer.query("SELECT pg_advisory_unlock(4711)")
      for task in tasks { try await task.value }
      _ = try await slow
      let rows = try await connection.query("SELECT i FROM t ORDER BY n")
      #expect(try rows.map { try $0[0].int } == Array(0..<10))
      await connection.close()
      await observer.close()
    }
  }

  @Test func manyConnectionsThatWaitDoNotStarveTheSharedThreads() async throws {
    try await TestDatabase.with { database in
      var waiting: [Connection] = []
      for _ in 0..<30 { waiting.append(try await database.connect()) }
      let tasks = waiting.map { connection in Task { try await connection.waitForNotification(timeout: patience) } }
      let connection = try await database.connect()
      for _ in 0..<50 { await expectUsable(connection) }
      for other in waiting { other.wake() }
      for task in tasks { _ = try await task.value }
      for other in waiting + [connection] { await other.close() }
    }
  }

  @Test func closingWaitsForItsTurn() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect()
      let observer = try await database.connect()
      try await observer.query("SELECT pg_advisory_lock(4711)")
      async let last = connection.query("SELECT pg_advisory_lock(4711)::text, 'last'")
      try await observer.waitForActivity("query LIKE '%last%'")
      async let closing: Void = connection.close()
      try await eventually { connection.innermostGate.waiterCount == 1 }
      try await observer.query("SELECT pg_advisory_unlock(4711)")
      #expect(try await last.only()[1].string == "last")
      await closing
      #expect(await connection.isClosed)
      await observer.close()
    }
  }

  @Test func connectionsLetGoAreClosedOnTheServer() async throws {
    try await TestDatabase.with { database in
      let observer = try await database.connect()
      for _ in 0..<5 {
        let connection = try await database.connect()
        await expectUsable(connection)
      }
      try await eventually {
        let others = try await observer.query(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
        return try others.only()[0].int == 0
      }
      await observer.close()
    }
  }

  @Test func callsInsideRunAreOnTheConnectionsThread() async throws {
    try await withConnection { connection in
      let sum = try await connection.run { connection in
        var sum = 0
        for number in 0..<10 { sum += try await connection.query("SELECT \(number)").only()[0].int }
        return sum
      }
      #expect(sum == 45)
    }
  }
}
