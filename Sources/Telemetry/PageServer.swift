import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceLifecycle
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Answers GET and HEAD over HTTP/1.1, on one address. What a client does wrong ends its connection and nothing else.
package final class PageServer: Service {
  package struct Page: Sendable {
    package var status: Int
    package var contentType: String
    package var body: String

    package init(_ body: String, status: Int = 200, contentType: String = "text/plain; charset=utf-8") {
      self.body = body
      self.status = status
      self.contentType = contentType
    }
  }

  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  /// Where it listens, with the port that it has.
  package let address: ListenAddress
  private let listener: NIOAsyncChannel<Connection, Never>
  private let pages: @Sendable (String) async -> Page?
  private let open = Mutex(0)

  /// Connections at a time; others are closed at once.
  private static let largestCount = 32
  /// Who says nothing for so long is left.
  private static let patience = TimeAmount.seconds(15)

  private init(
    _ address: ListenAddress, _ listener: NIOAsyncChannel<Connection, Never>,
    _ pages: @escaping @Sendable (String) async -> Page?
  ) {
    self.address = address
    self.listener = listener
    self.pages = pages
  }

  /// Listens; ``run()`` answers.
  /// - Parameter pages: the page of a path, without the query; nil when there is none.
  /// - Throws: ``ListenAddress/Unusable`` when it cannot be listened at.
  package static func listen(
    at address: ListenAddress, pages: @escaping @Sendable (String) async -> Page?
  ) async throws -> PageServer {
    do {
      let listener: NIOAsyncChannel<Connection, Never> = try await ServerBootstrap(
        group: MultiThreadedEventLoopGroup.singleton
      )
      .serverChannelOption(.backlog, value: 16)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(IdleStateHandler(allTimeout: patience))
          try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
          try channel.pipeline.syncOperations.addHandler(IdleEnds())
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
      let port = listener.channel.localAddress?.port ?? address.port
      return PageServer(ListenAddress(host: address.host, port: port), listener, pages)
    } catch let error as IOError {
      throw ListenAddress.Unusable(description: "\(address) cannot be listened at: \(reason(error))")
    }
  }

  private static func reason(_ error: IOError) -> String {
    switch error.errnoCode {
    case EADDRINUSE: "the port is taken; choose another, or 0 for any that is free"
    case EACCES: "ports below 1024 are the administrator's; choose a higher one"
    case EADDRNOTAVAIL: "it is no address of this machine"
    default: "\(error)"
    }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      // What ends the listener ends no service: it is left out until the next start.
      try? await listener.executeThenClose { connections in
        try await withThrowingDiscardingTaskGroup { group in
          for try await connection in connections {
            guard enter() else {
              try? await connection.channel.close()
              continue
            }
            group.addTask { [self] in
              defer { open.withLock { $0 -= 1 } }
              try? await serve(connection)
            }
          }
        }
      }
    }
    // A service that returns ends the others.
    while !Task.isShuttingDownGracefully {
      try? await cancelWhenGracefulShutdown { try await Task.sleep(for: .seconds(3_600)) }
      try Task.checkCancellation()
    }
  }

  private func enter() -> Bool {
    open.withLock { count in
      if count == Self.largestCount { return false }
      count += 1
      return true
    }
  }

  private func serve(_ connection: Connection) async throws {
    try await connection.executeThenClose { inbound, outbound in
      for try await part in inbound {
        // Bodies are read and mean nothing.
        guard case .head(let head) = part else { continue }
        let page = await page(for: head)
        var fields: HTTPHeaders = [
          "Content-Type": page.contentType, "Content-Length": "\(page.body.utf8.count)", "Cache-Control": "no-store",
        ]
        if page.status == 405 { fields.add(name: "Allow", value: "GET, HEAD") }
        if !head.isKeepAlive { fields.add(name: "Connection", value: "close") }
        let response = HTTPResponseHead(
          version: .http1_1, status: HTTPResponseStatus(statusCode: page.status), headers: fields)
        try await outbound.write(.head(response))
        if head.method != .HEAD { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: page.body)))) }
        try await outbound.write(.end(nil))
        if !head.isKeepAlive { return }
      }
    }
  }

  private func page(for head: HTTPRequestHead) async -> Page {
    guard head.method == .GET || head.method == .HEAD else { return Page("only GET and HEAD\n", status: 405) }
    let path = head.uri.prefix { $0 != "?" && $0 != "#" }
    return await pages(String(path)) ?? Page("there is no such page\n", status: 404)
  }
}

/// Closes connections on which nothing happens.
private final class IdleEnds: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is IdleStateHandler.IdleStateEvent {
      context.close(promise: nil)
    } else {
      context.fireUserInboundEventTriggered(event)
    }
  }
}
