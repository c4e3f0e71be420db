import NIOCore
import NIOHTTP1
import NIOWebSocket

/// Links over WebSocket (RFC 6455), plain or with TLS.
package struct WebSocketTransport: LiveTransport {
  /// Largest message; market data never comes near it.
  private static let longestMessage = 4 << 20

  private let address: LiveAddress
  private let headers: [(String, String)]
  private let connectTimeout: Duration

  /// - Parameters:
  ///   - url: `ws://host:port/path` or `wss://host/path`.
  ///   - headers: sent with the first request, such as a token.
  /// - Throws: ``FeedError`` with `invalidOption` for another URL.
  package init(_ url: String, headers: [(String, String)] = [], connectTimeout: Duration = .seconds(10)) throws {
    address = try LiveAddress(url, schemes: ("ws", "wss"))
    self.headers = headers
    self.connectTimeout = connectTimeout
  }

  private typealias Messages = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  package func run(
    subscription: @escaping @Sendable () async -> String,
    opened: @escaping @Sendable (LiveLink) async throws -> Void,
    received: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let open = LiveAddress.OpenChannel()
    try await withTaskCancellationHandler {
      guard let channel = try await connect(open).get() else {
        throw FeedError(.linkDown, "\(address.host):\(address.port) does not speak WebSocket at \(address.path)")
      }
      try await channel.executeThenClose { inbound, outbound in
        let link = LiveLink { text in
          try await outbound.write(frame(.text, ByteBuffer(string: text)))
        } ping: {
          try await outbound.write(frame(.ping, ByteBuffer()))
        }
        try await opened(link)
        try await link.send(subscription())
        for try await message in inbound {
          switch message.opcode {
          case .text, .binary: try await received(Array(message.unmaskedData.readableBytesView))
          case .ping: try await outbound.write(frame(.pong, message.unmaskedData))
          case .connectionClose:
            // Answered in kind, as the protocol wants it; the other side may be gone already.
            try? await outbound.write(frame(.connectionClose, message.unmaskedData))
            return
          default: break
          }
        }
      }
    } onCancel: {
      open.cancel()
    }
  }

  /// What a client sends is masked.
  private func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
    WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
  }

  private func connect(_ open: LiveAddress.OpenChannel) async throws -> EventLoopFuture<Messages?> {
    var fields = address.fields(headers)
    fields.add(name: "Content-Length", value: "0")
    let request = HTTPRequestHead(version: .http1_1, method: .GET, uri: address.path, headers: fields)
    return try await address.connect(open, timeout: connectTimeout) { channel in
      let upgrader = NIOTypedWebSocketClientUpgrader<Messages?>(maxFrameSize: Self.longestMessage) { channel, _ in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(
            NIOWebSocketFrameAggregator(
              minNonFinalFragmentSize: 0, maxAccumulatedFrameCount: 10_000,
              maxAccumulatedFrameSize: Self.longestMessage))
          return try Messages(wrappingChannelSynchronously: channel)
        }
      }
      var configuration = NIOUpgradableHTTPClientPipelineConfiguration(
        upgradeConfiguration: NIOTypedHTTPClientUpgradeConfiguration(
          upgradeRequestHead: request, upgraders: [upgrader]
        ) { channel in channel.eventLoop.makeSucceededFuture(nil) })
      // What a source sends at once comes in one piece with its answer, and is dropped otherwise.
      configuration.leftOverBytesStrategy = .forwardBytes
      let upgraded = try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
        configuration: configuration)
      return channel.eventLoop.makeSucceededFuture(upgraded)
    }
  }
}
