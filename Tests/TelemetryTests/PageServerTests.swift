import NIOCore
import NIOPosix
import Logging
import ServiceLifecycle
import TestSupport
import Testing

@testable import Telemetry

@Suite(.serialized, .commonTimeLimit)
struct PageServerTests {
  /// Sends bytes to a server, and gives what it answers until it closes the connection.
  private func ask(_ address: ListenAddress, _ request: String) async throws -> String {
    let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: request))
      var answer = ""
      for try await bytes in inbound { answer += String(buffer: bytes) }
      return answer
    }
  }

  private func with(_ body: (ListenAddress) async throws -> Void) async throws {
    let server = try await PageServer.listen(at: try ListenAddress("127.0.0.1:0")) { path in
      path == "/metrics" ? PageServer.Page("a 1\n") : nil
    }
    let group = ServiceGroup(services: [server], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    async let running: Void = group.run()
    let result: Result<Void, any Error>
    do { result = .success(try await body(server.address)) } catch { result = .failure(error) }
    await group.triggerGracefulShutdown()
    // Without an error: the service that it is beside ends well too.
    try await running
    try result.get()
  }

  @Test func pagesAreServedUntilItIsToldToStop() async throws {
    try await with { address in
      #expect(address.port > 0)
      let close = "Host: x\r\nConnection: close\r\n\r\n"
      let page = try await ask(address, "GET /metrics?x=1 HTTP/1.1\r\n\(close)")
      #expect(page.hasPrefix("HTTP/1.1 200 OK\r\n") && page.hasSuffix("\r\n\r\na 1\n"))
      // Two requests on one connection.
      let both = try await ask(
        address, "HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\nGET /other HTTP/1.1\r\n\(close)")
      #expect(both.hasPrefix("HTTP/1.1 200 OK\r\n") && both.contains("HTTP/1.1 404 Not Found"))
      let post = try await ask(address, "POST /metrics HTTP/1.1\r\nContent-Length: 2\r\n\(close)ab")
      #expect(post.hasPrefix("HTTP/1.1 405 Method Not Allowed") && post.contains("Allow: GET, HEAD"))
      let nonsense = try await ask(address, "what\r\n\r\n")
      #expect(nonsense.hasPrefix("HTTP/1.1 400 Bad Request"))
      // It still answers.
      #expect(try await ask(address, "GET /metrics HTTP/1.1\r\n\(close)").hasSuffix("a 1\n"))
    }
  }

  @Test func aPortThatIsTakenIsRefusedInOneLine() async throws {
    try await with { address in
      await #expect {
        _ = try await PageServer.listen(at: address) { _ in nil }
      } throws: { error in
        (error as? ListenAddress.Unusable)?.description.contains("the port is taken") == true
      }
    }
  }
}
