import CLibPQ

extension Session {
  func pipeline(_ requests: [Request], _ sync: PipelineSync) throws -> [Result<Rows, PostgresError>] {
    try settle()
    // The first command of a pipeline would inherit the mode, and its answer come in two.
    if isRowByRow {
      try script("")
      isRowByRow = false
    }
    for request in requests {
      try checkStatement(request.sql)
      try ParameterBuffer.check(request.parameters)
      if startsWithCopy(request.sql) {
        throw PostgresError(.unexpectedCopy, "COPY cannot be part of a pipeline; use copyIn() or copyOut()")
      }
    }
    try wire.check(PQenterPipelineMode(wire.pointer))
    let run = PipelineRun(self, requests, sync)
    do {
      try self.run(PipelineExchange(run.script))
    } catch {
      // The protocol is in a state nobody can tell; only a new session is safe.
      if !wire.isAlive { throw run.loss ?? wire.failure() }
      wire.abandon()
      throw error
    }
    if !wire.isAlive { throw run.loss ?? wire.failure() }
    try wire.check(PQexitPipelineMode(wire.pointer))
    try evictStatements()
    if run.wasCut { throw Session.cancelled }
    return run.results()
  }
}

/// The progress of one pipeline: which commands are queued, what has been answered.
private final class PipelineRun {
  private enum Command {
    case prepare(StatementCache.Key, name: String)
    case execute(request: Int)
    case sync
  }

  private let session: Session
  private let requests: [Request]
  private let unitLength: Int
  private var commands: [Command] = []
  private var answered = 0
  private var nextRequest = 0
  private var unit = 0
  private var isUnitOpen = false
  /// Statements whose preparation was queued but is not confirmed yet, with the unit that prepares them.
  private var pending: [StatementCache.Key: (name: String, unit: Int)] = [:]
  private var outcomes: [Result<Rows, PostgresError>?]
  /// Why the statement of the next execution could not be prepared.
  private var failedPreparation: PostgresError?
  private(set) var loss: PostgresError?
  /// Whether a cancellation left requests out or ended one of them.
  private(set) var wasCut = false

  init(_ session: Session, _ requests: [Request], _ sync: PipelineSync) {
    self.session = session
    self.requests = requests
    outcomes = Array(repeating: nil, count: requests.count)
    switch sync {
    case .once: unitLength = requests.count
    case .every(let length): unitLength = max(1, length)
    }
  }

  var script: PipelineExchange<ConnectionHandle>.Script {
    .init(
      queueNext: { [self] _ in try queueNext() },
      take: { [self] in try take($0) },
      isComplete: { [self] in answered == commands.count })
  }

  func results() -> [Result<Rows, PostgresError>] {
    outcomes.map { $0 ?? .failure(PostgresError(.library, "the server did not answer this request")) }
  }

  // MARK: Queueing

  private func queueNext() throws -> Int? {
    if nextRequest < requests.count, session.isCancelRequested {
      wasCut = true
      nextRequest = requests.count
    }
    if isUnitOpen, nextRequest == requests.count || nextRequest % unitLength == 0 { return try queueSync() }
    guard nextRequest < requests.count else { return nil }
    defer {
      nextRequest += 1
      isUnitOpen = true
    }
    return try queue(requests[nextRequest])
  }

  private func queueSync() throws -> Int {
    try session.wire.check(PQpipelineSync(session.wire.pointer))
    commands.append(.sync)
    isUnitOpen = false
    unit += 1
    return 5
  }

  private func queue(_ request: Request) throws -> Int {
    let pointer = session.wire.pointer
    let name = request.isPrepared ? try statementName(request) : nil
    try session.parameters.encode(request.parameters)
    try session.parameters.withArrays { count, types, values, lengths, formats in
      let outcome =
        if let name {
          PQsendQueryPrepared(pointer, name, count, values, lengths, formats, request.format.rawValue)
        } else {
          PQsendQueryParams(pointer, request.sql, count, types, values, lengths, formats, request.format.rawValue)
        }
      try session.wire.check(outcome)
    }
    commands.append(.execute(request: nextRequest))
    return session.parameters.byteCount + (name == nil ? request.sql.utf8.count : 0) + 64
  }

  /// The prepared statement to use, preparing it on first sight. Nil while a preparation in an earlier unit is not
  /// confirmed: that unit may fail and take the statement with it.
  private func statementName(_ request: Request) throws -> String? {
    if let name = session.statements.name(request.sql, request.parameters) { return name }
    let key = StatementCache.Key(request.sql, request.parameters)
    if let waiting = pending[key] { return waiting.unit == unit ? waiting.name : nil }
    let name = session.statements.newName()
    let types = key.types.map(\.rawValue)
    try session.wire.check(PQsendPrepare(session.wire.pointer, name, key.sql, Int32(types.count), types))
    commands.append(.prepare(key, name: name))
    pending[key] = (name, unit)
    return name
  }

  // MARK: Answers

  private func take(_ answer: ResultHandle) throws -> Bool {
    let isAlive = session.wire.isAlive
    let error = answer.isError ? answer.error(isAlive ? .server : .connectionLost) : nil
    // The server's last word explains the loss better than libpq's "closed the connection unexpectedly".
    if let error, !isAlive || error.severity == "FATAL" { loss = loss ?? answer.error(.connectionLost) }
    if !isAlive { return false }
    guard answered < commands.count else { return answer.status == PGRES_PIPELINE_SYNC }
    switch answer.status {
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      throw PostgresError(.unexpectedCopy, "COPY cannot be part of a pipeline; the session had to be closed")
    default: break
    }
    defer { answered += 1 }
    switch commands[answered] {
    case .sync: return true
    case .prepare(let key, let name):
      pending[key] = nil
      if answer.status == PGRES_COMMAND_OK {
        session.statements.insert(key, name: name)
      } else {
        failedPreparation = error
      }
    case .execute(let request):
      if let error {
        outcomes[request] = .failure(error)
        session.forgetIfStale(requests[request], error)
        if error.sqlState == .queryCanceled, session.isCancelRequested { wasCut = true }
      } else if answer.status == PGRES_PIPELINE_ABORTED {
        // The failure of its own preparation is the request's error.
        let aborted = PostgresError(.pipelineAborted, "not run, because an earlier request of the unit failed")
        outcomes[request] = .failure(failedPreparation ?? aborted)
      } else {
        session.noteCommand(answer)
        outcomes[request] = .success(Rows(answer))
      }
      failedPreparation = nil
    }
    return false
  }
}
