import CLibPQ
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Owns one `PGconn` in nonblocking mode. One to one with libpq; never waits, except where noted.
///
/// Not thread-safe, as libpq is not.
final class ConnectionHandle: Wire {
  let pointer: OpaquePointer
  /// Where notifications and notices go.
  let mailbox: Mailbox
  private var isAbandoned = false

  /// Starts a connection attempt. Resolving a host name may block.
  init(keywords: [(String, String)], mailbox: Mailbox) throws {
    let started = Self.withArrays(keywords) { PQconnectStartParams($0, $1, 0) }
    guard let started else { throw PostgresError(.library, "out of memory for a connection") }
    pointer = started
    self.mailbox = mailbox
    Self.openCount.wrappingAdd(1, ordering: .relaxed)
    // Verbose errors carry the SQLSTATE, which libpq shows in no other way while connecting.
    PQsetErrorVerbosity(pointer, PQERRORS_VERBOSE)
    PQsetNoticeReceiver(
      pointer,
      { context, result in
        guard let context, let result else { return }
        Unmanaged<Mailbox>.fromOpaque(context).takeUnretainedValue().receive(notice: result)
      }, Unmanaged.passUnretained(mailbox).toOpaque())
  }

  deinit {
    PQfinish(pointer)
    Self.openCount.wrappingSubtract(1, ordering: .relaxed)
  }

  /// Connections that this process has.
  static let openCount = Atomic<Int>(0)

  /// Whether a server is there, by an attempt of its own. Blocks.
  static func ping(_ keywords: [(String, String)]) -> PGPing {
    withArrays(keywords) { PQpingParams($0, $1, 0) }
  }

  private static func withArrays<T>(
    _ keywords: [(String, String)],
    _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> T
  ) -> T {
    let names = keywords.map { strdup($0.0) }
    let values = keywords.map { strdup($0.1) }
    defer {
      for copy in names + values { free(copy) }
    }
    return body(names.map { UnsafePointer($0) } + [nil], values.map { UnsafePointer($0) } + [nil])
  }

  // MARK: State

  var status: ConnStatusType { PQstatus(pointer) }
  var isAlive: Bool { PQstatus(pointer) == CONNECTION_OK && !isAbandoned }
  var transactionStatus: PGTransactionStatusType { PQtransactionStatus(pointer) }
  var socket: Int32 { PQsocket(pointer) }
  var backendPID: Int32 { PQbackendPID(pointer) }
  var errorMessage: String { trimmed(PQerrorMessage(pointer)) }
  var serverVersion: Int { Int(PQserverVersion(pointer)) }

  func parameterStatus(_ name: String) -> String? {
    PQparameterStatus(pointer, name).map { String(cString: $0) }
  }

  /// libpq's, which asks the server nothing when it is told the method.
  func scramVerifier(of password: String, for role: String) throws -> String {
    guard let verifier = PQencryptPasswordConn(pointer, password, role, "scram-sha-256") else { throw failure() }
    defer { PQfreemem(verifier) }
    return String(cString: verifier)
  }

  // MARK: Wire

  func flush() throws -> Bool {
    switch PQflush(pointer) {
    case 0: return true
    case 1: return false
    default:
      // A dead socket: nothing more can be sent, but the reason may be among the answers still to be fetched.
      if isAlive { throw failure() }
      return true
    }
  }

  func consumeInput() throws {
    // A failure here means a dead socket; the reason (such as FATAL 57P01) is in a result still to be fetched.
    _ = PQconsumeInput(pointer)
  }

  var isBusy: Bool { PQisBusy(pointer) != 0 }

  func nextAnswer() -> ResultHandle? {
    PQgetResult(pointer).map { ResultHandle(owning: $0) }
  }

  func collectNotifications() {
    while let notification = PQnotifies(pointer) {
      mailbox.receive(notification: notification.pointee)
      PQfreemem(notification)
    }
  }

  // MARK: Errors

  /// Why a call of libpq failed just now. When the connection is lost the server's last word is the reason, if it had
  /// one; what else it answered is thrown away.
  func failure() -> PostgresError {
    if isAlive { return PostgresError(.library, errorMessage) }
    let generic = PostgresError(.connectionLost, errorMessage, sqlState: .connectionFailure)
    while let answer = nextAnswer() {
      if answer.isError, answer.sqlState != .none { return answer.error(.connectionLost) }
    }
    return mailbox.farewell ?? generic
  }

  func check(_ outcome: Int32) throws {
    if outcome != 1 { throw failure() }
  }

  /// Cuts the connection, for when the state of the protocol is unknown.
  func abandon() {
    let socket = PQsocket(pointer)
    if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
    isAbandoned = true
  }

  // MARK: Cancel

  /// Asks the server to cancel what runs. Opens a second connection and waits until the server has closed it.
  /// - Returns: false if the request could not be delivered.
  func requestCancel() -> Bool {
    guard let cancel = PQgetCancel(pointer) else { return false }
    defer { PQfreeCancel(cancel) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { reason in
      PQcancel(cancel, reason.baseAddress!, 256) == 1
    }
  }
}
