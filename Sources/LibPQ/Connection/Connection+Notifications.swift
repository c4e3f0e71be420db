extension Connection {
  /// Listens to a channel, whatever characters its name has; again after each ``reset(retry:file:line:)``.
  public nonisolated(nonsending) func listen(
    _ channel: String, file: String = #fileID, line: Int = #line
  ) async throws {
    let sql = "LISTEN \(quotedIdentifier(channel))"
    try await exclusively(file, line) { session in
      try session.script(sql)
      session.wire.mailbox.channels.insert(channel)
    }
  }

  public nonisolated(nonsending) func unlisten(
    _ channel: String, file: String = #fileID, line: Int = #line
  ) async throws {
    let sql = "UNLISTEN \(quotedIdentifier(channel))"
    try await exclusively(file, line) { session in
      try session.script(sql)
      session.wire.mailbox.channels.remove(channel)
    }
  }

  /// Sends a notification; in a transaction it goes out at COMMIT. At most 7999 bytes of payload.
  public nonisolated(nonsending) func notify(
    _ channel: String, _ payload: String = "", file: String = #fileID, line: Int = #line
  ) async throws {
    try await execute(
      "SELECT pg_catalog.pg_notify($1, $2)", [.text(channel), .text(payload)], file: file, line: line)
  }

  /// Notifications that have arrived and nobody has taken yet, oldest first; never waits for more.
  public nonisolated(nonsending) func takeNotifications(
    file: String = #fileID, line: Int = #line
  ) async throws -> [Notification] {
    try await exclusively(file, line) { session in
      try session.collectArrived()
      return session.wire.mailbox.takeAll()
    }
  }

  /// Notifications lost because nobody took them and the buffer was full.
  public var droppedNotifications: Int { mailbox.droppedCount }

  /// Waits for the next notification; nil when the time is over or ``wake()`` was called.
  ///
  /// Those that arrived before, with the results of any statement, come first. While nothing arrives the connection is
  /// free: other tasks' statements run and the wait goes on after them. Throws `CancellationError` when the task is
  /// cancelled, ``PostgresError/Code/connectionLost`` when the session ends.
  public nonisolated(nonsending) func waitForNotification(
    timeout: Duration? = nil, file: String = #fileID, line: Int = #line
  ) async throws -> Notification? {
    let deadline = timeout.map(Deadline.init(after:))
    while true {
      let gate = innermostGate
      let outcome = try await exclusively(file, line) { [executor] session in
        try session.awaitNotification(until: deadline) { gate.hasWaiters || executor.hasQueuedJobs }
      }
      switch outcome {
      case .received(let notification): return notification
      case .timedOut, .woken: return nil
      case .giveWay: await Task.yield()
      }
    }
  }

  /// Ends the present wait for a notification, or the next one if nobody waits. From any thread.
  public nonisolated func wake() { waker.wake() }
}
