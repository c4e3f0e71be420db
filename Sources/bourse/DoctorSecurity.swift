import Cluster
import EngineStore
import FoundationEssentials
import LibPQ
import Secrets

/// What `bourse doctor --security` finds: each line says what is so and what follows.
extension Checkup {
  mutating func addSecurity(_ facts: SecurityFacts) {
    let addresses = facts.setting("listen_addresses")
    addNetwork(facts, isListening: !addresses.isEmpty)
    addAccess(facts, isListening: !addresses.isEmpty)
    addRoles(facts)
    addRights(facts)
    addLog(facts, isListening: !addresses.isEmpty)
    addSecrets(facts)
    if let seconds = facts.unsealedSeconds, seconds > 600 {
      add(
        .note, "audit",
        "events wait for their seal since \(Int(seconds / 60)) minutes: run bourse run, or SELECT ops.seal_journal() from cron"
      )
    } else {
      add(
        .good, "audit", "the journal is sealed; keep what bourse audit head --json prints where nobody here can write")
    }
  }

  private mutating func addNetwork(_ facts: SecurityFacts, isListening: Bool) {
    let addresses = facts.setting("listen_addresses")
    guard isListening else {
      return add(.good, "network", "the server does not listen: it is reached through its socket only")
    }
    if facts.setting("ssl") == "on" {
      add(.good, "network", "listens at \(addresses), with TLS from \(facts.setting("ssl_min_protocol_version")) on")
    } else {
      let isLocal = addresses.split(separator: ",").allSatisfy { ["localhost", "127.0.0.1", "::1"].contains($0) }
      add(
        isLocal ? .note : .bad, "network",
        "listens at \(addresses) without TLS: whoever is in between reads passwords' proofs, orders and tokens; set ssl = on, or use "
          + "bourse up --listen")
    }
    if facts.setting("password_encryption") != "scram-sha-256" {
      add(
        .bad, "passwords",
        "new ones are kept as \(facts.setting("password_encryption")), which can be replayed: set password_encryption = "
          + "'scram-sha-256', and set the passwords anew")
    }
  }

  private mutating func addAccess(_ facts: SecurityFacts, isListening: Bool) {
    guard let rules = facts.accessRules else {
      return add(.note, "pg_hba.conf", "this role may not see who may connect how: ask as a superuser")
    }
    var isGood = true
    for rule in rules {
      let what = "line \(rule.line), \(rule.kind) \(rule.users) \(rule.address) \(rule.method)".replacing(
        "  ", with: " ")
      var finding: (Level, String)?
      if let error = rule.error {
        finding = (.bad, "cannot be read (\(error)), so that no change of the file is taken on")
      } else if rule.method == "reject" {
        continue
      } else if rule.kind == "local" {
        if rule.method == "trust", !isPrivate(facts) {
          finding = (.bad, "lets everybody on this machine be anybody, the superuser too: use peer or scram-sha-256")
        }
      } else if rule.kind == "host" || rule.kind == "hostnossl" {
        finding = (isListening ? .bad : .note, "takes connections without TLS: write hostssl")
      }
      if finding == nil, rule.kind.hasPrefix("host"), ["trust", "password", "md5", "ident"].contains(rule.method) {
        finding = (isListening ? .bad : .note, "\(rule.method) is no proof of who it is: use scram-sha-256 or cert")
      }
      if let (level, text) = finding {
        isGood = false
        add(level, "pg_hba.conf", "\(what): \(text)")
      }
    }
    if isGood { add(.good, "pg_hba.conf", "who connects over a network needs TLS and a proof; the socket is private") }
  }

  /// Only the server's own user and root reach its socket.
  private func isPrivate(_ facts: SecurityFacts) -> Bool {
    if facts.setting("unix_socket_permissions") == "0700" { return true }
    return facts.setting("unix_socket_directories").split(separator: ",").allSatisfy { folder in
      let path = folder.filter { $0 != " " && $0 != "\"" }
      return SecurityFiles.mode(path).map { $0 & 0o077 == 0 } ?? false
    }
  }

  private mutating func addRoles(_ facts: SecurityFacts) {
    add(
      facts.superusers.count > 1 ? .note : .good, "superusers",
      facts.superusers.joined(separator: ", ")
        + ": past every rule and row security; one is enough, and no program needs it")
    if !facts.bypassing.isEmpty {
      add(
        .note, "roles",
        facts.bypassing.joined(separator: ", ")
          + " may pass row security by or make roles, and so be anybody: take it from them")
    }
    switch facts.weakPasswords {
    case nil: add(.note, "passwords", "this role may not see how they are kept: ask as a superuser")
    case []?: break
    case let names?:
      add(
        .bad, "passwords",
        names.joined(separator: ", ") + ": kept as md5, which can be replayed; set them anew under scram")
    }
    if !facts.unlimited.isEmpty {
      add(
        .note, "limits",
        facts.unlimited.joined(separator: ", ") + ": as many connections as there are; ALTER ROLE … CONNECTION LIMIT")
    }
    if !facts.ambiguousNames.isEmpty {
      add(
        .bad, "names",
        facts.ambiguousNames.joined(separator: ", ") + ": both a user and a role, who own the same; rename one of them")
    }
  }

  private mutating func addRights(_ facts: SecurityFacts) {
    if !facts.publicSchemas.isEmpty {
      add(
        .bad, "rights",
        "everybody may use schema \(facts.publicSchemas.joined(separator: ", ")): run bourse migrate --force")
    }
    if facts.publicFunctions.isEmpty {
      add(.good, "functions", "none that runs with the owner's rights may be called by everybody")
    } else {
      add(
        .bad, "functions",
        "everybody may call with the owner's rights: \(facts.publicFunctions.joined(separator: ", ")); REVOKE EXECUTE … FROM PUBLIC"
      )
    }
    if facts.publicMayCreate {
      add(.note, "rights", "everybody may create in schema public: REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    }
    guard let open = facts.openTables else { return }
    if open.isEmpty {
      add(.good, "rows", "every table with rows that belong to somebody has row security")
    } else {
      let shown = open.prefix(5).joined(separator: ", ") + (open.count > 5 ? ", …" : "")
      add(
        .bad, "rows",
        "\(counted(open.count, "table")) with rows that belong to somebody, without row security: \(shown); run bourse migrate "
          + "--force")
    }
  }

  private mutating func addLog(_ facts: SecurityFacts, isListening: Bool) {
    let silent: Set = ["log", "fatal", "panic"]
    if silent.contains(facts.setting("log_min_messages")) {
      add(.bad, "log", "denials (42501) are not logged: set log_min_messages = warning")
    } else if silent.contains(facts.setting("log_min_error_statement")) {
      add(.note, "log", "denials (42501) are logged without what was tried: set log_min_error_statement = error")
    } else {
      add(.good, "log", "denials (42501) are logged with what was tried")
    }
    if facts.setting("log_connections") != "on" {
      add(isListening ? .bad : .note, "log", "nobody sees who connected, and from where: set log_connections = on")
    }
    if facts.setting("log_parameter_max_length") != "0" {
      add(
        .note, "log",
        "parameters of logged statements are logged too, passwords of identity.login among them: set log_parameter_max_length = 0"
      )
    }
    if facts.setting("log_parameter_max_length_on_error") != "0" {
      add(.note, "log", "parameters of failed statements are logged: set log_parameter_max_length_on_error = 0")
    }
    if facts.setting("idle_in_transaction_session_timeout") == "0" {
      add(
        .note, "limits",
        "a forgotten BEGIN keeps its portfolio locked for ever: set idle_in_transaction_session_timeout")
    }
  }

  private mutating func addSecrets(_ facts: SecurityFacts) {
    if facts.connections == 0 { return }
    do {
      let key = try SecretKey.load(file: nil, environment: ProcessInfo.processInfo.environment)
      let isTheOne = facts.keyIDs == [key.id]
      add(
        isTheOne ? .good : .bad, "secrets",
        "\(counted(facts.connections, "broker connection")) under key \(facts.keyIDs.joined(separator: ", "))"
          + (isTheOne ? "" : ", and the key here is \(key.id): see bourse secrets rotate"))
    } catch {
      add(error.code == .keyMissing ? .note : .bad, "secrets", "\(error)")
    }
  }

  /// What lies on this machine's disk.
  mutating func addFiles(_ facts: SecurityFacts) {
    let data = facts.setting("data_directory")
    guard !data.isEmpty, let mode = SecurityFiles.mode(data) else {
      return add(
        .note, "data",
        "its folder cannot be seen from here: see that only the server's user may enter it, and that its disk is encrypted"
      )
    }
    add(
      mode & 0o027 == 0 ? .good : .bad, "data",
      "\(data) has mode \(String(mode, radix: 8))"
        + (mode & 0o027 == 0 ? "" : ": others read every book there; chmod 700 it"))
    switch SecurityFiles.encryption(of: data) {
    case .encrypted(let device): add(.good, "disk", "\(data) is on an encrypted volume (\(device))")
    case .plain(let device):
      add(
        .note, "disk",
        "\(data) is on \(device), which is not encrypted: who takes the disk has all books (LUKS, or the cloud's)")
    case .unknown:
      add(.note, "disk", "whether the disk of \(data) is encrypted cannot be told from here: ask who runs it")
    }
    if facts.setting("archive_mode") != "off" {
      for folder in SecurityFiles.folders(in: facts.setting("archive_command")) {
        guard let mode = SecurityFiles.mode(folder) else {
          add(.note, "backups", "\(folder) cannot be seen from here: see that only the server's user reads it")
          continue
        }
        add(
          mode & 0o027 == 0 ? .good : .bad, "backups",
          "\(folder) has mode \(String(mode, radix: 8))"
            + (mode & 0o027 == 0 ? "" : ": others read the log of all that was written; chmod 700 it"))
      }
    } else {
      add(
        .note, "backups",
        "the server archives no log (docs/backup.md); dumps belong into a folder that nobody else reads")
    }
  }
}
