import NIOCore
import NIOHTTP1
import NIOSSL
import Synchronization
import TradingCore

/// A source that is asked again and again over HTTP/1.1, plain or with TLS: what the subscription says as things stand, and
/// in between what is missing. docs/live-feed.md describes it.
///
/// The connection is kept as long as the source wants it. Nothing is asked twice at a time, and no redirect is followed: the
/// caller's headers are for this source.
package struct PollingTransport: LiveTransport {
  /// Largest answer; a source that has more gives the oldest first.
  private static let longestAnswer = 4 << 20
  /// Longer ones are sent as the body of a POST: servers refuse long addresses.
  private static let longestPath = 8_000

  private let address: LiveAddress
  private let headers: [(String, String)]
  private let interval: Duration
  private let connectTimeout: Duration

  /// - Parameters:
  ///   - url: `https://host/path` or `http://host:port/path`; a query stays.
  ///   - headers: sent with each request, such as a token.
  ///   - interval: from one request to the next, while the source does not say otherwise.
  /// - Throws: ``FeedError`` with `invalidOption` for another URL.
  package init(
    _ url: String, headers: [(String, String)] = [], interval: Duration = .seconds(1),
    connectTimeout: Duration = .seconds(10)
  ) throws {
    try self.init(url, headers: headers, interval: interval, connectTimeout: connectTimeout, trustRoots: nil)
  }

  init(
    _ url: String, headers: [(String, String)] = [], interval: Duration, connectTimeout: Duration = .seconds(10),
    trustRoots: NIOSSLTrustRoots?
  ) throws {
    address = try LiveAddress(url, schemes: ("http", "https"), trustRoots: trustRoots)
    self.headers = headers
    self.interval = interval
    self.connectTimeout = connectTimeout
  }

  private typealias Channel = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
  private typealias Parts = NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator

  /// Requests beside the subscription, each until it is answered.
  private final class Asked: Sendable {
    private let texts = Mutex<[String]>([])

    var first: String? { texts.withLock { $0.first } }
    func add(_ text: String) { texts.withLock { $0.append(text) } }
    func removeFirst() { texts.withLock { _ = $0.removeFirst() } }
  }

  private struct Answer {
    var status: HTTPResponseStatus
    var fields: HTTPHeaders
    var body: [UInt8]
    var keepsConnection: Bool
  }

  /// What one answer says of the next request.
  private struct Tag {
    var request: String
    var value: String
  }

  package func run(
    subscription: @escaping @Sendable () async -> String,
    opened: @escaping @Sendable (LiveLink) async throws -> Void,
    received: @escaping @Sendable ([UInt8]) async throws -> Void
  ) async throws {
    let open = LiveAddress.OpenChannel()
    let asked = Asked()
    let isOpen = Mutex(false)
    let tag = Mutex<Tag?>(nil)
    try await withTaskCancellationHandler {
      while true {
        try Task.checkCancellation()
        let channel: Channel = try await address.connect(open, timeout: connectTimeout) { channel in
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          return channel.eventLoop.makeSucceededFuture(try Channel(wrappingChannelSynchronously: channel))
        }
        try await channel.executeThenClose { inbound, outbound in
          var parts = inbound.makeAsyncIterator()
          var count = 0
          while true {
            let begin = ContinuousClock.now
            let other = asked.first
            let request: String
            if let other { request = other } else { request = await subscription() }
            guard
              let answer = try await ask(
                request, unless: tag.withLock { $0?.request == request ? $0?.value : nil }, outbound, &parts,
                isFirst: count == 0)
            else { return }
            count += 1
            let pause = Self.pause(answer.fields)
            let next = pause.map { ContinuousClock.now + $0 } ?? begin + interval
            let body = try usable(answer)
            if other != nil { asked.removeFirst() }
            tag.withLock { known in
              if answer.status == .ok {
                known = answer.fields.first(name: "ETag").map { Tag(request: request, value: $0) }
              }
            }
            if !isOpen.withLock({ $0 }) {
              isOpen.withLock { $0 = true }
              try await opened(LiveLink(send: { asked.add($0) }, ping: {}))
            }
            try await received(body)
            // What is missing is asked for at once, unless the source wants time.
            while asked.first == nil || pause != nil, case let rest = next - ContinuousClock.now, rest > .zero {
              try await Task.sleep(for: min(.milliseconds(20), rest))
            }
            if !answer.keepsConnection { return }
          }
        }
      }
    } onCancel: {
      open.cancel()
    }
  }

  /// - Parameters:
  ///   - tag: of the answer to the same request that is known.
  ///   - isFirst: of this connection; one that was idle may have been closed by the source, which is no failure.
  /// - Returns: nil when it was.
  private func ask(
    _ request: String, unless tag: String?, _ outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>,
    _ parts: inout Parts, isFirst: Bool
  ) async throws -> Answer? {
    let query = (address.path.contains("?") ? "&" : "?") + "request=" + Self.encode(request)
    let isLong = address.path.utf8.count + query.utf8.count > Self.longestPath
    var fields = address.fields(headers)
    fields.add(name: "Accept", value: "application/json")
    // A proxy's word is not the source's.
    fields.add(name: "Cache-Control", value: "no-cache")
    if let tag { fields.add(name: "If-None-Match", value: tag) }
    if isLong {
      fields.add(name: "Content-Type", value: "application/json")
      fields.add(name: "Content-Length", value: "\(request.utf8.count)")
    }
    let head = HTTPRequestHead(
      version: .http1_1, method: isLong ? .POST : .GET, uri: address.path + (isLong ? "" : query), headers: fields)
    let first: HTTPClientResponsePart?
    do {
      do {
        try await outbound.write(.head(head))
        if isLong { try await outbound.write(.body(.byteBuffer(ByteBuffer(string: request)))) }
        try await outbound.write(.end(nil))
      } catch is ChannelError {
        // Closed by the other side: why, or an answer that did not wait, is to be read.
      }
      first = try await Self.next(&parts)
    } catch let error where !isFirst && !(error is CancellationError) && !(error is FeedError) {
      return nil
    }
    guard case .head(let response)? = first else {
      if isFirst {
        throw FeedError(.linkDown, "\(address.host):\(address.port) closed the connection without an answer")
      }
      return nil
    }
    var answer = Answer(
      status: response.status, fields: response.headers, body: [], keepsConnection: response.isKeepAlive)
    while let part = try await Self.next(&parts) {
      switch part {
      case .head: break
      case .body(let bytes):
        guard answer.body.count + bytes.readableBytes <= Self.longestAnswer else {
          throw FeedError(.linkDown, "an answer of more than \(Self.longestAnswer) bytes")
        }
        answer.body += bytes.readableBytesView
      case .end: return answer
      }
    }
    throw Self.isCut
  }

  private static let isCut = FeedError(.linkDown, "the connection closed in the middle of an answer")

  private static func next(_ parts: inout Parts) async throws -> HTTPClientResponsePart? {
    do {
      return try await parts.next()
    } catch let error as HTTPParserError {
      throw error == .invalidEOFState ? isCut : FeedError(.linkDown, "the source does not speak HTTP: \(error)")
    }
  }

  /// The messages of an answer; none are a heartbeat.
  private func usable(_ answer: Answer) throws -> [UInt8] {
    switch answer.status.code {
    case 200:
      // A page for people, of a proxy or a portal, is not from the source.
      if let type = answer.fields.first(name: "Content-Type"), !type.lowercased().contains("json") {
        throw FeedError(.linkDown, "the source answers with \(type.prefix(60)) instead of JSON")
      }
      return answer.body
    case 204, 304: return []
    case 429, 503:
      throw LivePause(
        description: "the source is busy (status \(answer.status.code))", pause: Self.pause(answer.fields) ?? .zero)
    default: throw FeedError(.linkDown, "the source answers with status \(answer.status.code)")
    }
  }

  /// Retry-After, in seconds or as a date.
  private static func pause(_ fields: HTTPHeaders) -> Duration? {
    guard let text = fields.first(name: "Retry-After") else { return nil }
    if let seconds = Int64(text), seconds >= 0 { return .seconds(min(seconds, 86_400)) }
    guard let time = date(text), let now = fields.first(name: "Date").flatMap(date) else { return nil }
    return .microseconds(max(0, min(time.microseconds(since: now), 86_400_000_000)))
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`.
  private static func date(_ text: String) -> Timestamp? {
    let parts = text.split(separator: " ")
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])) else { return nil }
    return try? Timestamp("\(parts[3])-\(month < 9 ? "0" : "")\(month + 1)-\(parts[1])T\(parts[4])Z")
  }

  private static func encode(_ text: String) -> String {
    var encoded: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "~"):
        encoded.append(byte)
      default:
        let digits = Array("0123456789ABCDEF".utf8)
        encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }
}
