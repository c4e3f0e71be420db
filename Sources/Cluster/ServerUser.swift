import Glibc

/// The operating-system user that the server runs as. PostgreSQL refuses to run as root, so root hands over to another.
package struct ServerUser: Sendable, Equatable {
  package let name: String
  let userID: uid_t
  let groupID: gid_t

  /// True when commands for the server have to change the user first.
  var needsSwitch: Bool { userID != geteuid() }

  static var current: ServerUser {
    ServerUser(userID: geteuid()) ?? ServerUser(name: "\(geteuid())", userID: geteuid(), groupID: getegid())
  }

  private init(name: String, userID: uid_t, groupID: gid_t) {
    self.name = name
    self.userID = userID
    self.groupID = groupID
  }

  init?(userID: uid_t) {
    guard let entry = getpwuid(userID) else { return nil }
    self.init(entry.pointee)
  }

  init?(name: String) {
    guard let entry = getpwnam(name) else { return nil }
    self.init(entry.pointee)
  }

  private init(_ entry: passwd) {
    self.init(name: String(cString: entry.pw_name), userID: entry.pw_uid, groupID: entry.pw_gid)
  }

  /// The user for a cluster in `home`: whoever owns the data already; else the invoking user; for root the owner of the
  /// home when it is not root's, then `postgres`, then a system user `bourse` that is created when it is missing.
  static func choose(home: String, data: String) async throws -> ServerUser {
    let invoker = ServerUser.current
    if let owner = FileSystem.status(data)?.owner {
      if owner == invoker.userID, owner != 0 { return invoker }
      guard invoker.userID == 0 else {
        let name = ServerUser(userID: owner)?.name ?? "\(owner)"
        throw ClusterError(
          .notYours, "the cluster in \(home) belongs to user \(name)",
          hint: "run this as \(name) or as root, or choose another folder with --home")
      }
      if owner != 0, let user = ServerUser(userID: owner) { return user }
    }
    guard invoker.userID == 0 else { return invoker }
    if let owner = FileSystem.status(home)?.owner, owner != 0, let user = ServerUser(userID: owner) { return user }
    if let user = ServerUser(name: "postgres") ?? ServerUser(name: "bourse") { return user }
    return try await createSystemUser()
  }

  private static func createSystemUser() async throws -> ServerUser {
    let result = try? await Command.run(
      "/usr/sbin/useradd",
      [
        "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin",
        "bourse",
      ])
    if result?.succeeded == true, let user = ServerUser(name: "bourse") { return user }
    throw ClusterError(
      .noServerUser, "PostgreSQL does not run as root and there is no user postgres or bourse to run it as",
      hint: "create one (useradd --system bourse) or run this as an ordinary user")
  }
}
