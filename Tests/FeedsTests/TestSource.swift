import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket
import Testing

@testable import Feeds

/// A live source on 127.0.0.1 that behaves and misbehaves as a test wants it to.
struct TestSource: Sendable {
  /// One link as the source sees it.
  struct Link: Sendable {
    /// From 0, in the order of their opening.
    let number: Int
    let send: @Sendable (String) async throws -> Void
    /// What the client asks for.
    let requests: AsyncStream<String>

    func trades(_ numbers: some Sequence<Int> & Sendable, of symbol: String = "AAA") async throws {
      for number in numbers { try await send(trade(number, of: symbol)) }
    }
  }

  let port: Int
  var url: String { "ws://127.0.0.1:\(port)/ticks" }

  private typealias Messages = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  /// Runs `body` beside a source that serves each link with `script`; a link ends with its script.
  static func with(
    _ script: @escaping @Sendable (Link) async throws -> Void,
    _ body: @escaping @Sendable (TestSource) async throws -> Void
  ) async throws {
    let server: NIOAsyncChannel<EventLoopFuture<Messages?>, Never> = try await ServerBootstrap(
      group: MultiThreadedEventLoopGroup.singleton
    )
    .bind(host: "127.0.0.1", port: 0) { channel in
      channel.eventLoop.makeCompletedFuture {
        let upgrader = NIOTypedWebSocketServerUpgrader<Messages?>(
          shouldUpgrade: { channel, _ in channel.eventLoop.makeSucceededFuture(HTTPHeaders()) },
          upgradePipelineHandler: { channel, _ in
            channel.eventLoop.makeCompletedFuture { try Messages(wrappingChannelSynchronously: channel) }
          })
        return try channel.pipeline.syncOperations.configureUpgradableHTTPServerPipeline(
          configuration: .init(
            upgradeConfiguration: NIOTypedHTTPServerUpgradeConfiguration(upgraders: [upgrader]) { channel in
              channel.eventLoop.makeSucceededFuture(nil)
            }))
      }
    }
    let port = try #require(server.channel.localAddress?.port)
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        try await server.executeThenClose { inbound in
          try await withThrowingDiscardingTaskGroup { links in
            var number = 0
            for try await upgrade in inbound {
              links.addTask { [number] in try? await serve(upgrade, number, script) }
              number += 1
            }
          }
        }
      }
      group.addTask { try await body(TestSource(port: port)) }
      // The body comes first: the server has no end.
      defer { group.cancelAll() }
      try await group.next()
    }
  }

  private static func serve(
    _ upgrade: EventLoopFuture<Messages?>, _ number: Int, _ script: @escaping @Sendable (Link) async throws -> Void
  ) async throws {
    guard let channel = try await upgrade.get() else { return }
    let (requests, incoming) = AsyncStream<String>.makeStream()
    try await channel.executeThenClose { inbound, outbound in
      let link = Link(
        number: number,
        send: { try await outbound.write(WebSocketFrame(fin: true, opcode: .text, data: ByteBuffer(string: $0))) },
        requests: requests)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          for try await frame in inbound {
            switch frame.opcode {
            case .text: incoming.yield(String(buffer: frame.unmaskedData))
            case .ping: try await outbound.write(WebSocketFrame(fin: true, opcode: .pong, data: frame.unmaskedData))
            default: break
            }
          }
          incoming.finish()
        }
        group.addTask { try await script(link) }
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }
}

/// A trade whose price is its number.
func trade(_ number: Int, of symbol: String = "AAA") -> String {
  #"{"type":"trade","symbol":"\#(symbol)","ts":"2024-01-02T14:30:00Z","seq":\#(number),"price":\#(number),"size":1}"#
}
