import CLibPQ
import Synchronization

/// A session with a PostgreSQL server.
///
/// Calls from several tasks queue up in order of arrival; a transaction, an open COPY or a row stream keeps all others
/// waiting until it ends. Work runs on a thread of the connection's own, so nothing here blocks Swift's shared pool.
/// Cancelling a task that waits takes it out of the queue; cancelling one whose statement runs makes the server cancel
/// the statement, and the connection stays usable.
///
/// All calls throw ``PostgresError``, or `CancellationError` when the task was cancelled.
public actor Connection {
  let executor: QueueExecutor
  let waker: Waker
  let mailbox: Mailbox
  let gate: Gate
  let options: ConnectionOptions
  /// Nil before connecting and after closing.
  var session: Session?

  private static let operations = Atomic<UInt64>(0)

  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private init(_ options: ConnectionOptions) throws {
    let waker = try Waker()
    self.options = options
    self.waker = waker
    executor = QueueExecutor(waker: waker)
    mailbox = Mailbox(capacity: options.notificationCapacity, onNotice: options.onNotice)
    gate = Gate(onContention: { waker.pokeIfIdle() })
  }

  // MARK: Opening and closing

  /// Connections that this process has.
  public static var openCount: Int { ConnectionHandle.openCount.load(ordering: .relaxed) }

  /// Connects. Tries again, as `retry` allows, while the server cannot be reached, is starting up or has no free slot;
  /// a wrong password or a missing database fails at once.
  public static func connect(
    _ options: ConnectionOptions, retry: RetryPolicy = .none, file: String = #fileID, line: Int = #line
  ) async throws -> Connection {
    do {
      let connection = try Connection(options)
      try await connection.establish(retry)
      return connection
    } catch let error as PostgresError {
      throw error.at(file: file, line: line)
    }
  }

  /// Connects for `body`, and closes when it returns or throws.
  public nonisolated(nonsending) static func with<Result>(
    _ options: ConnectionOptions, retry: RetryPolicy = .none, file: String = #fileID, line: Int = #line,
    _ body: nonisolated(nonsending) (Connection) async throws -> Result
  ) async throws -> Result {
    let connection = try await connect(options, retry: retry, file: file, line: line)
    do {
      let result = try await body(connection)
      await connection.close()
      return result
    } catch {
      await connection.close()
      throw error
    }
  }

  private func establish(_ retry: RetryPolicy) async throws {
    let start = ContinuousClock.now
    var attempt = 1
    while true {
      do {
        let id = Self.operations.add(1, ordering: .relaxed).newValue
        try await withTaskCancellationHandler {
          try self.attempt(id)
        } onCancel: {
          waker.cancel(operation: id)
        }
        return
      } catch let error as PostgresError where error.mayPassByWaiting && attempt < retry.maximumAttempts {
        let pause = retry.delay(afterAttempt: attempt)
        if ContinuousClock.now - start + pause > retry.maximumTime { throw error }
        try await Task.sleep(for: pause)
        attempt += 1
      }
    }
  }

  private func attempt(_ id: UInt64) throws {
    preconditionIsolated()
    mailbox.farewell = nil
    let session = try Session.connect(options, waker: waker, mailbox: mailbox, attempt: id)
    if let statement = options.settingsStatement { try session.script(statement) }
    self.session = session
  }

  /// Says goodbye to the server. Waits for its turn; later calls throw ``PostgresError/Code/closed``.
  public nonisolated(nonsending) func close() async {
    // A COPY that this very task has open is no reason to wait.
    let hold = try? await enter(cancellable: false)
    await drop()
    hold?.leave()
  }

  private func drop() { session = nil }

  /// Starts a new session in place of the present one, with the same options; what belonged to the old one is gone:
  /// transaction, settings, temporary tables. Channels are listened to again. A connection lost is repaired this way.
  public nonisolated(nonsending) func reset(
    retry: RetryPolicy = .none, file: String = #fileID, line: Int = #line
  ) async throws {
    try await holding(file, line) { try await self.reestablish(retry) }
  }

  private func reestablish(_ retry: RetryPolicy) async throws {
    session = nil
    try await establish(retry)
    for channel in mailbox.channels.sorted() { _ = try session?.script("LISTEN \(quotedIdentifier(channel))") }
  }

  // MARK: State

  /// Whether there is no usable session: closed, or lost as far as known.
  ///
  /// Like the other properties it waits for a statement that runs.
  public var isClosed: Bool { session.map { !$0.wire.isAlive } ?? true }
  /// Process id of the server's backend; 0 when closed.
  public var backendPID: Int32 { session?.wire.backendPID ?? 0 }
  /// Such as 150004 for 15.4; 0 when closed.
  public var serverVersion: Int { session?.wire.serverVersion ?? 0 }
  /// A setting the server reports by itself, such as `TimeZone`, `server_version`, `standard_conforming_strings`.
  public func parameterStatus(_ name: String) -> String? { session?.wire.parameterStatus(name) }

  public enum TransactionStatus: Sendable { case idle, active, inTransaction, inFailedTransaction, unknown }

  public var transactionStatus: TransactionStatus {
    switch session?.wire.transactionStatus {
    case PQTRANS_IDLE: .idle
    case PQTRANS_ACTIVE: .active
    case PQTRANS_INTRANS: .inTransaction
    case PQTRANS_INERROR: .inFailedTransaction
    default: .unknown
    }
  }

  /// Asks the server to cancel what runs now on behalf of any task; that call then throws SQLSTATE 57014.
  public nonisolated func cancelRunning() {
    let id = current.load(ordering: .sequentiallyConsistent)
    if id != 0 { waker.cancel(operation: id) }
  }

  /// The operation that runs, for ``cancelRunning()``.
  private nonisolated let current = Atomic<UInt64>(0)

  // MARK: Running operations

  /// Runs `body` on the connection's thread when it is this caller's turn.
  nonisolated(nonsending) func exclusively<T: Sendable>(
    _ file: String, _ line: Int, _ body: @Sendable (Session) throws -> T
  ) async throws -> T {
    try await holding(file, line) { try await self.perform(body) }
  }

  /// Waits for this caller's turn and keeps all others out while `body` runs.
  nonisolated(nonsending) func holding<T>(
    _ file: String, _ line: Int, _ body: nonisolated(nonsending) () async throws -> T
  ) async throws -> T {
    do {
      let gate = try await enter()
      defer { gate.leave() }
      return try await body()
    } catch let error as PostgresError {
      throw error.at(file: file, line: line)
    }
  }

  /// One operation on the session; the caller has the turn.
  func perform<T>(cancellable: Bool = true, _ body: @Sendable (Session) throws -> T) async throws -> T {
    if !cancellable { return try operate(0, body) }
    try Task.checkCancellation()
    let id = Self.operations.add(1, ordering: .relaxed).newValue
    current.store(id, ordering: .sequentiallyConsistent)
    defer { current.store(0, ordering: .sequentiallyConsistent) }
    do {
      return try await withTaskCancellationHandler {
        // Through an isolated method: a closure that does not capture self would leave the connection's thread.
        try self.operate(id, body)
      } onCancel: {
        waker.cancel(operation: id)
      }
    } catch let error as PostgresError where error.sqlState == .queryCanceled && Task.isCancelled {
      throw CancellationError()
    }
  }

  private func operate<T>(_ id: UInt64, _ body: (Session) throws -> T) throws -> T {
    guard let session else { throw PostgresError(.closed, "the connection is closed") }
    preconditionIsolated()
    return try session.operate(id, body)
  }

  /// The innermost gate this task may pass: that of a transaction whose body it runs, else the connection's own.
  nonisolated var innermostGate: Gate {
    var scope = Scope.current
    while let candidate = scope {
      if candidate.connection == ObjectIdentifier(self), !candidate.gate.isClosed { return candidate.gate }
      scope = candidate.outer
    }
    return gate
  }

  nonisolated(nonsending) func enter(cancellable: Bool = true) async throws -> Gate {
    while true {
      let gate = innermostGate
      switch await gate.enter(cancellable: cancellable) {
      case .entered: return gate
      case .cancelled: throw CancellationError()
      case .closed: continue
      case .heldByCaller:
        throw PostgresError(.invalidUse, "this task has a COPY open on the connection; finish or abort it first")
      }
    }
  }
}

/// A transaction (or savepoint) whose body runs in this task and its child tasks.
final class Scope: Sendable {
  @TaskLocal static var current: Scope?

  let connection: ObjectIdentifier
  let gate: Gate
  let outer: Scope?

  init(_ connection: Connection) {
    self.connection = ObjectIdentifier(connection)
    let waker = connection.waker
    gate = Gate(onContention: { waker.pokeIfIdle() })
    outer = Scope.current
  }
}

extension PostgresError {
  /// Whether connecting again later may succeed: nobody answered, or the server said "not now".
  package var mayPassByWaiting: Bool {
    switch sqlState {
    case .cannotConnectNow, .tooManyConnections, .adminShutdown, .crashShutdown: true
    case .none: code == .connectionFailed || code == .timedOut
    default: false
    }
  }
}
