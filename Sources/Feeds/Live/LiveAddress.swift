import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// Where a live source is, and how connections to it are opened.
struct LiveAddress: Sendable {
  let host: String
  let port: Int
  /// With the query.
  let path: String
  private let tls: NIOSSLContext?

  /// - Parameters:
  ///   - schemes: the plain one and the one with TLS.
  ///   - trustRoots: whose certificates count; nil is the system's.
  /// - Throws: ``FeedError`` with `invalidOption` for another address.
  init(
    _ url: String, schemes: (plain: String, secure: String), trustRoots: NIOSSLTrustRoots? = nil
  ) throws {
    let unusable = FeedError(.invalidOption, "\"\(url)\" is no address such as \(schemes.secure)://example.com/ticks")
    guard let separator = url.firstRange(of: "://") else { throw unusable }
    let scheme = url[..<separator.lowerBound].lowercased()
    let rest = url[separator.upperBound...].prefix { $0 != "#" }
    let slash = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    var authority = rest[..<slash]
    guard [schemes.plain, schemes.secure].contains(scheme), !authority.contains("@"),
      rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw unusable }
    var port = scheme == schemes.secure ? 443 : 80
    if let colon = authority.lastIndex(of: ":"), authority.last != "]" {
      guard let given = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(given) else {
        throw unusable
      }
      port = given
      authority = authority[..<colon]
    }
    if authority.hasPrefix("["), authority.hasSuffix("]") { authority = authority.dropFirst().dropLast() }
    guard !authority.isEmpty else { throw unusable }
    host = String(authority)
    self.port = port
    path = slash == rest.endIndex ? "/" : rest[slash] == "/" ? String(rest[slash...]) : "/" + rest[slash...]
    if scheme == schemes.secure {
      var configuration = TLSConfiguration.makeClientConfiguration()
      if let trustRoots { configuration.trustRoots = trustRoots }
      tls = try NIOSSLContext(configuration: configuration)
    } else {
      tls = nil
    }
  }

  /// The fields that every request has, and those of the caller.
  func fields(_ headers: [(String, String)]) -> HTTPHeaders {
    var fields = HTTPHeaders()
    fields.add(name: "Host", value: "\(host.contains(":") ? "[\(host)]" : host):\(port)")
    for (name, value) in headers { fields.add(name: name, value: value) }
    return fields
  }

  func connect<Output: Sendable>(
    _ open: OpenChannel, timeout: Duration,
    _ initialize: @escaping @Sendable (any Channel) throws -> EventLoopFuture<Output>
  ) async throws -> Output {
    let (tls, host) = (tls, host)
    return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connectTimeout(.nanoseconds(Int64(timeout / .nanoseconds(1))))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connect(host: host, port: port) { channel in
        open.hold(channel)
        do {
          if let tls {
            // An address is no name that a certificate's server name could be asked by.
            let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
            try channel.pipeline.syncOperations.addHandler(
              NIOSSLClientHandler(context: tls, serverHostname: isAddress ? nil : host))
          }
          return try initialize(channel)
        } catch {
          return channel.eventLoop.makeFailedFuture(error)
        }
      }
  }

  /// What cancelling closes, whatever stage the link is in.
  final class OpenChannel: Sendable {
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
}
