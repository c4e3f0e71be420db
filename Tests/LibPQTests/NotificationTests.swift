import LibPQ
import TestSupport
import Testing

@Suite(.needsServer, .commonTimeLimit)
struct NotificationTests {
  @Test func aNotificationFromAnotherSessionEndsTheWait() async throws {
    try await TestDatabase.with { database in
      let listener = try await database.connect()
      let sender = try await database.connect()
      try await listener.listen("bell")
      async let notification = listener.waitForNotification(timeout: patience)
      try await Task.sleep(for: .milliseconds(20))
      try await sender.notify("bell", "ding")
      let received = try #require(try await notification)
      #expect(received.channel == "bell")
      #expect(received.payload == "ding")
      let senderPID = await sender.backendPID
      #expect(received.senderPID == senderPID)
      await listener.close()
      await sender.close()
    }
  }

  @Test func noNotificationIsLostBetweenResultsAndWaiting() async throws {
    try await TestDatabase.with { database in
      let listener = try await database.connect()
      let sender = try await database.connect()
      try await listener.listen("bell")
      async let sending: Void = {
        for number in 0..<1_000 { try await sender.notify("bell", "\(number)") }
      }()
      var received: [String] = []
      while received.count < 1_000 {
        // Statements in between take up notifications along with their results.
        if received.count % 3 == 0 { try await listener.query("SELECT 1") }
        guard let next = try await listener.waitForNotification(timeout: patience) else { break }
        received.append(next.payload)
      }
      try await sending
      expectEqual(received, (0..<1_000).map { "\($0)" })
      await listener.close()
      await sender.close()
    }
  }

  @Test func aWaitEndsWithItsTimeout() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      let start = ContinuousClock.now
      #expect(try await connection.waitForNotification(timeout: .milliseconds(50)) == nil)
      #expect(ContinuousClock.now - start >= .milliseconds(50))
      #expect(try await connection.waitForNotification(timeout: .zero) == nil)
      #expect(try await connection.waitForNotification(timeout: .seconds(-1)) == nil)
    }
  }

  @Test func anotherTaskCanWakeTheWaitingOne() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      async let woken = connection.waitForNotification()
      try await Task.sleep(for: .milliseconds(20))
      connection.wake()
      #expect(try await woken == nil)
    }
  }

  @Test func aWakeBeforeTheWaitIsNotLost() async throws {
    try await withConnection { connection in
      connection.wake()
      let woken = try await connection.waitForNotification()
      #expect(woken == nil)
      let start = ContinuousClock.now
      let timedOut = try await connection.waitForNotification(timeout: .milliseconds(30))
      #expect(timedOut == nil)
      #expect(ContinuousClock.now - start >= .milliseconds(30), "one wake ends one wait")
    }
  }

  @Test func aCancelledTaskStopsWaitingAndTheConnectionIsUsable() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      let task = Task { try await connection.waitForNotification() }
      try await Task.sleep(for: .milliseconds(20))
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      await expectUsable(connection)
    }
  }

  @Test func otherTasksUseTheConnectionWhileOneWaits() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      async let notification = connection.waitForNotification(timeout: patience)
      // Until the wait has begun for certain; without this the statements might all come first.
      try await Task.sleep(for: .milliseconds(50))
      for number in 0..<200 {
        #expect(try await connection.query("SELECT $1::int", [.int4(Int32(number))]).only()[0].int == number)
      }
      try await connection.transaction { connection in
        try await Task.sleep(for: .milliseconds(10))
        try await connection.notify("bell", "own")
      }
      #expect(try await notification?.payload == "own")
    }
  }

  @Test func theBufferIsBoundedAndCountsWhatItDrops() async throws {
    try await TestDatabase.with { database in
      let connection = try await database.connect { $0.notificationCapacity = 10 }
      try await connection.listen("bell")
      try await connection.query("SELECT pg_notify('bell', i::text) FROM generate_series(1, 25) i")
      let kept = try await connection.takeNotifications()
      #expect(kept.map(\.payload) == (16...25).map { "\($0)" })
      #expect(await connection.droppedNotifications == 15)
      await connection.close()
    }
  }

  @Test func notificationsComeOneByOneInOrder() async throws {
    try await withConnection { connection in
      try await connection.listen("bell")
      for round in 0..<3 {
        try await connection.query("SELECT pg_notify('bell', i::text) FROM generate_series(1, 50) i")
        for number in 1...20 {
          #expect(try await connection.waitForNotification(timeout: patience)?.payload == "\(number)", "\(round)")
        }
        #expect(try await connection.takeNotifications().map(\.payload) == (21...50).map { "\($0)" })
      }
    }
  }

  @Test func channelsAreListenedToAgainAfterAReset() async throws {
    try await withConnection { connection in
      try await connection.listen("kept \"one\"")
      try await connection.listen("left")
      try await connection.unlisten("left")
      try await connection.reset()
      let channels = try await connection.query("SELECT pg_listening_channels()")
      #expect(try channels.map { try $0[0].string } == ["kept \"one\""])
    }
  }

  @Test func aBackendKilledWhileWaitingIsAConnectionLossWithItsReason() async throws {
    try await TestDatabase.with { database in
      let listener = try await database.connect()
      let killer = try await database.connect()
      let pid = await listener.backendPID
      async let outcome = postgresError { _ = try await listener.waitForNotification() }
      try await Task.sleep(for: .milliseconds(20))
      try await killer.query("SELECT pg_terminate_backend($1)", [.int4(pid)])
      let error = try await outcome
      #expect(error.code == .connectionLost)
      #expect(error.sqlState == .adminShutdown)
      #expect(await listener.isClosed)
      await killer.close()
    }
  }

  @Test func anActorOnTheConnectionsThreadStaysResponsiveWhileWaiting() async throws {
    try await withConnection { connection in
      let neighbour = Neighbour(connection)
      async let notification = neighbour.waitForBell()
      try await eventually { await neighbour.isWaiting }
      for _ in 0..<50 { #expect(await neighbour.ping() == "pong") }
      try await neighbour.ring()
      #expect(try await notification == "from the neighbour")
    }
  }
}

/// Shares the connection's thread, as the engine's own actors may.
private actor Neighbour {
  private let connection: Connection
  private(set) var isWaiting = false

  nonisolated var unownedExecutor: UnownedSerialExecutor { connection.unownedExecutor }

  init(_ connection: Connection) { self.connection = connection }

  func waitForBell() async throws -> String? {
    try await connection.listen("bell")
    isWaiting = true
    return try await connection.waitForNotification(timeout: patience)?.payload
  }

  func ping() -> String { "pong" }

  func ring() async throws { try await connection.notify("bell", "from the neighbour") }
}
