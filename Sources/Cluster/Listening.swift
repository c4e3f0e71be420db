import Glibc

/// That the server is to be reached over a network: with TLS and scram alone.
///
/// It holds for the start that asks for it: the next `bourse up` without it starts a server with a socket only.
package struct Listening: Sendable, Equatable {
  /// Names or addresses of this machine; `*` are all.
  package let addresses: [String]
  package let port: Int
  /// Networks that may connect, as pg_hba.conf writes them.
  package let clients: [String]
  /// Files in PEM; nil: one that the server's user signs for itself.
  package let certificate: (chain: String, key: String)?

  package init(
    addresses: [String], port: Int = ClusterLayout.port, clients: [String] = [],
    certificate: (chain: String, key: String)? = nil
  ) throws {
    func isPlain(_ text: String) -> Bool {
      !text.isEmpty && text.utf8.count <= 255
        && text.utf8.allSatisfy {
          (0x30...0x39).contains($0) || (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0)
            || ".:-/*".utf8.contains($0)
        }
    }
    if let bad = addresses.first(where: { !isPlain($0) || $0.contains("/") }) ?? (addresses.isEmpty ? "" : nil) {
      throw ClusterError(
        .badListening, "\"\(bad)\" is no address to listen at",
        hint: "name an address of this machine, or * for all of them")
    }
    if let bad = clients.first(where: { !isPlain($0) || $0.contains("*") || !($0.contains("/")) }) {
      throw ClusterError(
        .badListening, "\"\(bad)\" is no network of clients", hint: "write it like 10.1.0.0/16 or fd00::/8")
    }
    guard (1...65_535).contains(port) else {
      throw ClusterError(.badListening, "\(port) is no port", hint: "name one from 1024 to 65535, such as 5432")
    }
    self.addresses = addresses
    self.port = port
    self.clients = clients
    self.certificate = certificate
  }

  package static func == (a: Listening, b: Listening) -> Bool {
    a.addresses == b.addresses && a.port == b.port && a.clients == b.clients
      && a.certificate?.chain == b.certificate?.chain
      && a.certificate?.key == b.certificate?.key
  }

  static let accessFile = "access.conf"
  static let folder = "tls"
  private static let chainFile = "server.crt"
  private static let keyFile = "server.key"

  /// Lines of the server's settings.
  func settings(in serverFolder: String) -> String {
    let tls = "\(serverFolder)/\(Self.folder)"
    return
      """

      # The network: asked for by `bourse up --listen`.
      listen_addresses = '\(addresses.joined(separator: ","))'
      ssl = on
      ssl_cert_file = \(ServerSettings.quoted("\(tls)/\(Self.chainFile)"))
      ssl_key_file = \(ServerSettings.quoted("\(tls)/\(Self.keyFile)"))
      ssl_min_protocol_version = 'TLSv1.2'
      password_encryption = 'scram-sha-256'
      hba_file = \(ServerSettings.quoted("\(serverFolder)/\(Self.accessFile)"))
      authentication_timeout = 20s            # who does not log in gives the place back
      log_connections = on                    # who came, and how they logged in
      log_disconnections = on

      """
  }

  /// Who may connect and how, in place of pg_hba.conf.
  var access: String {
    let networks = clients.isEmpty ? ["all"] : clients
    return """
      # Written by `bourse up --listen`: over the network only with TLS and scram, and never as the cluster's superuser.
      local   all         all                       trust
      host    all         \(ClusterConnection.role)        all              reject
      \(networks.map { "hostssl all         all           \($0)  scram-sha-256" }.joined(separator: "\n"))
      host    all         all           all              reject

      """
  }

  /// Puts certificate, key and the file of who may connect where the server finds them.
  func prepare(_ layout: ClusterLayout, _ cluster: Cluster, notice: (String) -> Void) async throws {
    try refuseOverridden(layout)
    let folder = "\(layout.serverFolder)/\(Self.folder)"
    try await cluster.preparePrivateFolder(folder, user: layout.user)
    if let certificate {
      for (source, name) in [(certificate.chain, Self.chainFile), (certificate.key, Self.keyFile)] {
        let text: String
        do { text = try FileSystem.readText(source) } catch {
          throw ClusterError(
            .noCertificate, "\(source) cannot be read: \(error.reason)", hint: "name a certificate and its key in PEM")
        }
        try FileSystem.replaceFile(name, in: folder, with: text, mode: 0o600, owner: layout.user)
      }
    } else if !FileSystem.exists("\(folder)/\(Self.chainFile)") || !FileSystem.exists("\(folder)/\(Self.keyFile)") {
      try await selfSign(layout, in: folder)
      notice(
        "made a certificate that is signed by itself; clients trust it with sslmode=verify-full "
          + "sslrootcert=\(folder)/\(Self.chainFile)")
    }
    try FileSystem.replaceFile(Self.accessFile, in: layout.serverFolder, with: access, mode: 0o640, owner: layout.user)
  }

  private func selfSign(_ layout: ClusterLayout, in folder: String) async throws {
    var buffer = [CChar](repeating: 0, count: 256)
    let host = gethostname(&buffer, 255) == 0 ? String(cString: buffer) : "localhost"
    let named = addresses.filter { $0 != "*" && $0 != "0.0.0.0" && $0 != "::" } + ["localhost", host]
    let names = named.map { name in
      (name.contains(":") || name.allSatisfy { $0.isNumber || $0 == "." } ? "IP:" : "DNS:") + name
    }
    let result = try? await Command.run(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
        "825",
        "-subj", "/CN=\(named[0])", "-addext", "subjectAltName=\(names.joined(separator: ","))", "-keyout", "key.new",
        "-out", Self.chainFile,
      ], as: layout.user, in: folder)
    guard result?.succeeded == true, chmod("\(folder)/key.new", 0o600) == 0,
      rename("\(folder)/key.new", "\(folder)/\(Self.keyFile)") == 0
    else {
      let reason = result?.lines.last.map { ": \($0)" } ?? ""
      throw ClusterError(
        .noCertificate, "there is no certificate, and openssl could not make one\(reason)",
        hint:
          "name one with --certificate and --private-key, or install openssl; without TLS the server does not listen")
    }
  }

  /// ALTER SYSTEM has the last word about settings; not about these.
  private func refuseOverridden(_ layout: ClusterLayout) throws {
    let wanted = [
      "ssl": "on", "password_encryption": "scram-sha-256", "hba_file": nil, "ssl_cert_file": nil, "ssl_key_file": nil,
      "listen_addresses": nil,
    ]
    let text = (try? FileSystem.readText("\(layout.dataDirectory)/postgresql.auto.conf")) ?? ""
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.trimming { $0 == " " || $0 == "'" } }
      guard parts.count == 2, let value = wanted[parts[0]], value != parts[1] else { continue }
      throw ClusterError(
        .badListening,
        "ALTER SYSTEM has set \(parts[0]) to \(parts[1]), and the server listens with TLS and scram alone",
        hint: "take it back first: ALTER SYSTEM RESET \(parts[0])")
    }
  }
}

extension Substring {
  fileprivate func trimming(_ isBlank: (Character) -> Bool) -> String {
    String(drop(while: isBlank).reversed().drop(while: isBlank).reversed())
  }
}
