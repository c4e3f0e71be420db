import CLibPQ

extension ConnectionHandle: ConnectingWire {
  func pollConnect() -> ConnectPoll {
    switch PQconnectPoll(pointer) {
    case PGRES_POLLING_OK: .connected
    case PGRES_POLLING_READING: .reading
    case PGRES_POLLING_WRITING: .writing
    default: .failed
    }
  }
}

extension Session {
  /// One attempt, over all hosts of the options.
  static func connect(_ options: ConnectionOptions, waker: Waker, mailbox: Mailbox, attempt: UInt64) throws -> Session {
    let keywords = try options.resolvedKeywords()
    let timeout = options.timeout(keywords)
    let deadline = Deadline(after: timeout)
    let wire = try ConnectionHandle(keywords: keywords, mailbox: mailbox)
    let waiter = Waiter(waker: waker)
    var exchange = ConnectExchange()
    if wire.status == CONNECTION_BAD {
      // Either no server was there or the options make no sense; only a ping tells.
      let isOptions = ConnectionHandle.ping(keywords) == PQPING_NO_ATTEMPT
      throw isOptions
        ? PostgresError(.invalidOptions, maskingQuotes(wire.errorMessage))
        : connectionError(wire.errorMessage, needsPassword: false)
    }
    var hasFailed = false
    while !hasFailed {
      switch exchange.advance(wire) {
      case .done(true):
        PQsetErrorVerbosity(wire.pointer, PQERRORS_DEFAULT)
        _ = PQsetnonblocking(wire.pointer, 1)
        return Session(wire: wire, waiter: waiter, statementCapacity: options.statementCapacity)
      case .done(false): hasFailed = true
      case .wait(let interest):
        var isReady = false
        while !isReady {
          if waker.isCancelled(operation: attempt) { throw CancellationError() }
          switch try waiter.wait(socket: wire.socket, for: interest, until: deadline) {
          case .ready: isReady = true
          case .poked: continue
          case .timedOut: throw PostgresError(.timedOut, "no connection within \(timeout)")
          }
        }
      }
    }
    throw connectionError(wire.errorMessage, needsPassword: PQconnectionNeedsPassword(wire.pointer) != 0)
  }

  /// Finds the SQLSTATE in libpq's verbose message: `… FATAL:  57P03: the database system is starting up\nLOCATION: …`.
  /// While connecting, libpq offers it in no other way.
  static func connectionError(_ verbose: String, needsPassword: Bool) -> PostgresError {
    if needsPassword { return PostgresError(.connectionFailed, "the server asks for a password", sqlState: "28P01") }
    let lines = verbose.split(separator: "\n").filter { !$0.hasPrefix("LOCATION:") }
    var message = lines.joined(separator: "\n")
    guard let marker = message.ranges(of: ":  ").last else {
      return PostgresError(.connectionFailed, message)
    }
    let state = message[marker.upperBound...].prefix(5)
    let isState = state.utf8.count == 5 && state.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    guard isState, message[state.endIndex...].hasPrefix(": ") else {
      return PostgresError(.connectionFailed, message)
    }
    let sqlState = SQLState(rawValue: String(state))
    message.removeSubrange(state.startIndex..<message.index(state.endIndex, offsetBy: 2))
    return PostgresError(.connectionFailed, message, sqlState: sqlState)
  }
}
