import NIOCore

/// An address of this machine and a port, as in `127.0.0.1:9464`, `[::1]:9464` or `localhost:9464`; port 0 is any that is free.
package struct ListenAddress: Sendable, CustomStringConvertible {
  package let host: String
  package let port: Int

  package struct Unusable: Error, CustomStringConvertible {
    package let description: String
  }

  package init(_ text: String) throws {
    let unusable = Unusable(description: "\"\(text)\" is no address and port such as 127.0.0.1:9464 or [::1]:9464")
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
      (0...65_535).contains(port)
    else { throw unusable }
    var host = String(text[..<colon])
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = String(host.dropFirst().dropLast())
    } else if host.contains(":") {
      throw unusable
    }
    if host == "localhost" { host = "127.0.0.1" }
    // A name could mean addresses that nobody thought of.
    guard (try? SocketAddress(ipAddress: host, port: port)) != nil else { throw unusable }
    self.host = host
    self.port = port
  }

  init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  package var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }
}
