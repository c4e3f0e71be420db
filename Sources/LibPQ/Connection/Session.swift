import CLibPQ

/// One libpq connection with what belongs to its present backend: drives exchanges to their end on the calling thread.
///
/// Belongs to the ``Connection`` actor and is used on its thread only.
final class Session {
  let wire: ConnectionHandle
  let waiter: Waiter
  var parameters = ParameterBuffer()
  var statements: StatementCache
  /// An unfinished COPY or row stream that its owner left behind; the next operation clears it away.
  var unfinished: Unfinished?
  /// How the row stream under way failed, until the rows before that are handed out.
  var streamFailure: ResultHandle?
  /// Whether the last row stream has left libpq in single-row mode, which it leaves only with the next plain command.
  var isRowByRow = false
  /// The COPY FROM STDIN under way.
  var copy: CopyProgress?
  /// The operation under way, for cancellation; 0 is none.
  private var operation: UInt64 = 0
  private var nextCancel: Deadline?
  private var cancelPause = Session.firstCancelPause
  private static let firstCancelPause = Duration.milliseconds(50)

  enum Unfinished { case copyIn, copyOut, rows }

  init(wire: ConnectionHandle, waiter: Waiter, statementCapacity: Int) {
    self.wire = wire
    self.waiter = waiter
    statements = StatementCache(capacity: statementCapacity)
  }

  // MARK: Operations

  /// Runs `body` as operation `id`, which the waker can cancel unless it is 0.
  func operate<T>(_ id: UInt64, _ body: (Session) throws -> T) throws -> T {
    operation = id
    stopCancelling()
    defer { operation = 0 }
    return try body(self)
  }

  /// What the server answers to a cancelled statement, for operations that the server knows nothing of. To a cancelled
  /// task it becomes `CancellationError`.
  static var cancelled: PostgresError {
    PostgresError(.server, "cancelled at the client's request", sqlState: .queryCanceled)
  }

  var isCancelRequested: Bool { operation != 0 && waiter.waker.isCancelled(operation: operation) }

  // MARK: Driving

  @inline(__always)
  func run<E: Exchange>(_ exchange: consuming E) throws -> E.Output where E.W == ConnectionHandle {
    var exchange = exchange
    var ready: Interest = []
    while true {
      switch try exchange.advance(wire, ready: ready) {
      case .done(let output): return output
      case .wait(let interest): ready = try wait(interest)
      }
    }
  }

  /// Waits for the socket, sending a cancel request when one is due.
  private func wait(_ interest: Interest) throws -> Interest {
    while true {
      if nextCancel == nil, isCancelRequested { sendCancel() }
      let socket = wire.socket
      if socket < 0 { return interest }
      switch try waiter.wait(socket: socket, for: interest, until: nextCancel) {
      case .ready(let ready):
        // Something moves: of a pipeline the next statement may be running, which is to be cancelled soon, too.
        if nextCancel != nil { cancelPause = Self.firstCancelPause }
        return ready
      case .poked: continue
      case .timedOut: sendCancel()
      }
    }
  }

  /// A request that overtakes the query it is meant for has no effect, so it is repeated until the query ends.
  private func sendCancel() {
    _ = wire.requestCancel()
    nextCancel = Deadline(after: cancelPause)
    cancelPause = min(cancelPause * 2, .seconds(1))
  }

  /// What follows is another statement, which is not to be cancelled.
  private func stopCancelling() {
    nextCancel = nil
    cancelPause = Self.firstCancelPause
  }

  // MARK: Steps

  func flush() throws { try run(SendExchange<ConnectionHandle>()) }

  func nextResult() throws -> ResultHandle? { try run(FetchExchange<ConnectionHandle>()) }

  /// Takes all results up to the end of the command, so that the session is ready for the next one. COPY is refused.
  func finishCommand() throws -> [ResultHandle] {
    var results: [ResultHandle] = []
    while let result = try nextResult() {
      switch result.status {
      case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
        try refuseCopy(result.status, "this call cannot carry COPY data; use copyIn() or copyOut()")
      default: results.append(result)
      }
    }
    return results
  }

  /// The results of a finished command, or its error with all others it had.
  func checked(_ results: [ResultHandle]) throws -> [ResultHandle] {
    if results.contains(where: \.isError) {
      let code: PostgresError.Code = wire.isAlive ? .server : .connectionLost
      let errors = results.filter(\.isError).map { $0.error(code) }
      throw errors[0].adding(others: Array(errors.dropFirst()))
    }
    if results.isEmpty { throw wire.failure() }
    return results
  }

  /// Ends a COPY FROM STDIN; with `failure` the server undoes it and reports that text.
  func endCopyIn(failure: String?) throws {
    while true {
      switch PQputCopyEnd(wire.pointer, failure) {
      case 1: return try flush()
      case 0: try flush()
      default:
        // The server has ended the COPY by itself; its error is the next result.
        if wire.isAlive { return }
        throw wire.failure()
      }
    }
  }

  func cancelCopyOut() throws {
    sendCancel()
    while try !run(CopyOutExchange()).isLast {}
  }

  /// Takes the rest of a command that nobody wants any more, COPY included.
  func discardResults() throws {
    while let result = try nextResult() {
      switch result.status {
      case PGRES_COPY_IN: try endCopyIn(failure: "not wanted")
      case PGRES_COPY_OUT: try cancelCopyOut()
      case PGRES_COPY_BOTH: return wire.abandon()
      default: continue
      }
    }
    stopCancelling()
  }

  /// Puts the session in order after a COPY or stream nobody finished.
  func settle() throws {
    guard let left = unfinished else { return }
    unfinished = nil
    streamFailure = nil
    switch left {
    case .copyIn:
      if copy?.hasEnded == false { try endCopyIn(failure: "abandoned by the client") }
      copy = nil
    case .copyOut: try cancelCopyOut()
    case .rows: sendCancel()
    }
    try discardResults()
  }
}
