import CLibPQ

/// Waits for data of a COPY TO STDOUT and takes what is there, up to a bound.
struct CopyOutExchange: Exchange {
  /// Bytes after which no more is taken in this step, however much has arrived.
  private static let bound = 64 * 1024

  private var chunks: [CopyChunk] = []
  private var byteCount = 0

  struct Piece {
    let chunks: [CopyChunk]
    /// Whether the data is complete; the result is still to be fetched then, and no further piece.
    let isLast: Bool
  }

  mutating func advance(_ wire: ConnectionHandle, ready: Interest) throws -> Step<Piece> {
    if ready.contains(.read) { try wire.consumeInput() }
    defer { wire.collectNotifications() }
    while byteCount < Self.bound {
      var bytes: UnsafeMutablePointer<CChar>?
      let count = PQgetCopyData(wire.pointer, &bytes, 1)
      switch count {
      case 1...:
        chunks.append(CopyChunk(owning: bytes!, count: Int(count)))
        byteCount += Int(count)
      case 0 where chunks.isEmpty: return .wait(.read)
      case 0: return .done(Piece(chunks: chunks, isLast: false))
      case -1: return .done(Piece(chunks: chunks, isLast: true))
      default: throw wire.failure()
      }
    }
    return .done(Piece(chunks: chunks, isLast: false))
  }
}

/// One data message of a COPY TO STDOUT: in text and CSV format one row with its line end.
final class CopyChunk: @unchecked Sendable {
  private let pointer: UnsafeMutablePointer<CChar>
  let count: Int

  init(owning pointer: UnsafeMutablePointer<CChar>, count: Int) {
    self.pointer = pointer
    self.count = count
  }

  deinit { PQfreemem(pointer) }

  func withUnsafeBytes<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
    try body(UnsafeRawBufferPointer(start: pointer, count: count))
  }
}
