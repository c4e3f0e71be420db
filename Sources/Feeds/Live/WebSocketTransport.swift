import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import NIOWebSocket
import Synchronization

/// Links over WebSocket (RFC 6455), plain or with TLS.
package struct WebSocketTransport: LiveTransport {
  /// Largest message; market data never comes near it.
  private static let longestMessage = 4 << 20

  private let host: String
  private let port: Int
  private let path: String
  private let tls: NIOSSLContext?
  private let headers: [(String, String)]
  private let connectTimeout: Duration

  /// - Parameters:
  ///   - url: `ws://host:port/path` or `wss://host/path`.
  ///   - headers: sent with the first request, such as a token.
  /// - Throws: ``FeedError`` with `invalidOption` for another URL.
  package init(_ url: String, headers: [(String, String)] = [], connectTimeout: Duration = .seconds(10)) throws {
    guard let separator = url.firstRange(of: "://") else { throw Self.unusable(url) }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...]
    let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<slash]
    guard ["ws", "wss"].contains(scheme), !authority.contains("@") else { throw Self.unusable(url) }
    var port = scheme == "wss" ? 443 : 80
    if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
      guard let given = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(given) else {
        throw Self.unusable(url)
      }
      port = given
      authority = authority[..<colon]
    }
    if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
    guard !authority.isEmpty else { throw Self.unusable(url) }
    host = String(authority)
    self.port = port
    path = slash == rest.endIndex ? "/" : rest[slash] == "/" ? String(rest[slash...]) : "/" + rest[slash...]
    tls = scheme == "wss" ? try NIOSSLContext(configuration: .makeClientConfiguration()) : nil
    self.headers = headers
    self.connectTimeout = connectTimeout
  }

  private static func unusable(_ url: String) -> FeedError {
    FeedError(.invalidOption, "\"\(url)\" is no address such as wss://example.com/ticks")
  }

  private typealias Messages = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

  /// What cancelling closes, whatever stage the link is in.
  private final class OpenChannel: Sendable {
    private let state = Mutex<(channel: (any Channel)?, isCancelled: Bool)>((nil, false))

    func hold(_ channel: any Channel) {
      let isCancelled = state.withLock { state in
        state.channel = channel
        return state.isCancelled
      }
      if isCancelled { channel.close(promise: nil) }
    }

    func cancel() {
      let channel = state.withLock { state in
        state.isCancelled = true
        return state.channel
      }
      channel?.close(promise: nil)
    }
  }

  package func run(
    opened: @escaping @Sendable (LiveLink) async throws -> Void,
    received: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let open = OpenChannel()
    try await withTaskCancellationHandler {
      guard let channel = try await connect(open).get() else {
        throw FeedError(.linkDown, "\(host):\(port) does not speak WebSocket at \(path)")
      }
      try await channel.executeThenClose { inbound, outbound in
        let link = LiveLink { text in
          try await outbound.write(frame(.text, ByteBuffer(string: text)))
        } ping: {
          try await outbound.write(frame(.ping, ByteBuffer()))
        }
        try await opened(link)
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

  private func connect(_ open: OpenChannel) async throws -> EventLoopFuture<Messages?> {
    let request = requestHead
    let (tls, host) = (tls, host)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.nanoseconds(Int64(connectTimeout / .nanoseconds(1))))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: host, port: port) { channel in
        open.hold(channel)
        return channel.eventLoop.makeCompletedFuture {
          if let tls {
            // An address is no name that a certificate's server name could be asked by.
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
          }
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
          return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(
            configuration: configuration)
        }
      }
  }

  private var requestHead: HTTPRequestHead {
    var fields = HTTPHeaders()
    fields.add(name: "Host", value: "\(host.contains(":") ? "[\(host)]" : host):\(port)")
    fields.add(name: "Content-Length", value: "0")
    for (name, value) in headers { fields.add(name: name, value: value) }
    return HTTPRequestHead(version: .http1_1, method: .GET, uri: path, headers: fields)
  }
}
