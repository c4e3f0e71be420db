import NIOCore
import NIOPosix
import NIOSSL
import Synchronization
import Testing

@testable import Feeds

/// A source on 127.0.0.1 that is polled, byte by byte as a test wants it.
struct PollingSource: Sendable {
  struct Request: Sendable {
    /// From 0, over all connections.
    let number: Int
    /// From 0, in the order of their opening.
    let connection: Int
    /// The first line and the fields.
    let head: String
    /// What the client asks for, decoded.
    let asks: String
    /// Sends bytes; with ``Request/answer(_:status:fields:)`` a whole answer.
    let send: @Sendable (String) async throws -> Void

    func answer(_ body: String = "", status: String = "200 OK", fields: String = "") async throws {
      let type = body.isEmpty ? "" : "Content-Type: application/json\r\n"
      try await send("HTTP/1.1 \(status)\r\n\(type)\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    func trades(_ numbers: some Sequence<Int>, fields: String = "") async throws {
      try await answer("[\(numbers.map { trade($0) }.joined(separator: ","))]", fields: fields)
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
      count.withLock { count in
        count += 1
        return count - 1
      }
    }
  }

  let port: Int
  var url: String { "http://127.0.0.1:\(port)/ticks" }

  private typealias Bytes = NIOAsyncChannel<ByteBuffer, ByteBuffer>

  /// Runs `body` beside a source that serves each request with `script`; a connection ends when that says false or throws.
  static func with(
    tls: NIOSSLContext? = nil, _ script: @escaping @Sendable (Request) async throws -> Bool,
    _ body: @escaping @Sendable (PollingSource) async throws -> Void
  ) async throws {
    let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .serverChannelOption(.backlog, value: 64)
      .bind(host: "127.0.0.1", port: 0) { channel in
        channel.eventLoop.makeCompletedFuture {
          if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
          return try Bytes(wrappingChannelSynchronously: channel)
        }
      }
    let port = try #require(server.channel.localAddress?.port)
    let counter = Counter()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.executeThenClose { inbound in
          try await withThrowingDiscardingTaskGroup { connections in
            var connection = 0
            for try await channel in inbound {
              connections.addTask { [connection] in
                try? await serve(channel, connection, counter, script)
              }
              connection += 1
            }
          }
        }
      }
      group.addTask { try await body(PollingSource(port: port)) }
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static func serve(
    _ channel: Bytes, _ connection: Int, _ counter: Counter,
    _ script: @escaping @Sendable (Request) async throws -> Bool
  ) async throws {
    try await channel.executeThenClose { inbound, outbound in
      var text = ""
      for try await bytes in inbound {
        text += String(buffer: bytes)
        while let end = text.firstRange(of: "\r\n\r\n") {
          let head = String(text[..<end.lowerBound])
          let length =
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
            .flatMap { Int($0.split(separator: " ")[1]) } ?? 0
          let rest = text[end.upperBound...]
          guard rest.utf8.count >= length else { break }
          let body = String(decoding: rest.utf8.prefix(length), as: UTF8.self)
          text = String(decoding: rest.utf8.dropFirst(length), as: UTF8.self)
          let query = head.firstRange(of: "request=").map { decode(head[$0.upperBound...].prefix { $0 != " " }) }
          let request = Request(
            number: counter.next(), connection: connection, head: head, asks: query ?? body,
            send: { try await outbound.write(ByteBuffer(string: $0)) })
          guard try await script(request) else { return }
        }
      }
    }
  }

  private static func decode(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        bytes.append(UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) ?? 0)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
