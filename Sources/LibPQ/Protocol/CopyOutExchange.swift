import CLibPQ

/// Waits for the next chunk of a COPY TO STDOUT; nil at its end, whose result is still to be fetched.
struct CopyOutExchange: Exchange {
  mutating func advance(_ wire: ConnectionHandle, ready: Interest) throws -> Step<CopyChunk?> {
    if ready.contains(.read) { try wire.consumeInput() }
    var bytes: UnsafeMutablePointer<CChar>?
    let count = PQgetCopyData(wire.pointer, &bytes, 1)
    wire.collectNotifications()
    switch count {
    case 0: return .wait(.read)
    case -1: return .done(nil)
    case 1...: return .done(CopyChunk(owning: bytes!, count: Int(count)))
    default: throw wire.failure()
    }
  }
}

/// One data message of a COPY TO STDOUT: in text and CSV format one row with its line end.
public final class CopyChunk: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<CChar>
  public let count: Int

  init(owning pointer: UnsafeMutablePointer<CChar>, count: Int) {
    self.pointer = pointer
    self.count = count
  }

  deinit { PQfreemem(pointer) }

  public func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try body(UnsafeRawBufferPointer(start: pointer, count: count))
  }

  public var bytes: [UInt8] { withUnsafeBytes { [UInt8]($0) } }
  public var string: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
