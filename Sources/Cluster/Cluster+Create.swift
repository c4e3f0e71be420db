import Glibc

extension Cluster {
  /// A fresh data folder takes 40 MB, and the write-ahead log grows to `min_wal_size` soon after.
  static let bytesToCreate: UInt64 = 400 << 20
  /// Room for a few log segments: a server that cannot write its log stops in the middle of recovery.
  static let bytesToStart: UInt64 = 64 << 20

  func prepareHome() throws {
    // Whether a server is alive is read there, and nothing may be started on a guess.
    if FileSystem.linkTarget("/proc/self/exe") == nil {
      throw ClusterError(.noProcessTable, "/proc is not mounted", hint: "mount it: mount -t proc proc /proc")
    }
    if home.unicodeScalars.contains(where: { $0.value < 32 }) {
      throw ClusterError(
        .badHome, "the path of the home has a control character in it", hint: "choose another with --home")
    }
    do throws(SystemCallError) {
      // Root's cluster is entered by the server's user; anybody else keeps theirs to themselves.
      try FileSystem.makeDirectories(home, mode: geteuid() == 0 ? 0o755 : 0o700)
    } catch {
      throw ClusterError(
        .homeNotWritable, "cannot create \(home): \(error.reason)",
        hint: "choose a folder that you may write to with --home or BOURSE_HOME")
    }
    guard FileSystem.status(home)?.isDirectory == true else {
      throw ClusterError(.badHome, "\(home) is not a folder", hint: "move it away, or choose another with --home")
    }
    if geteuid() != 0, let owner = FileSystem.status(home)?.owner, owner != geteuid() {
      let name = ServerUser(userID: owner)?.name ?? "\(owner)"
      throw ClusterError(
        .notYours, "\(home) belongs to user \(name)",
        hint: "run this as \(name) or as root, or choose another folder with --home")
    }
    if access(home, W_OK | X_OK) != 0 {
      throw ClusterError(
        .homeNotWritable, "cannot write to \(home): \(String(cString: strerror(errno)))",
        hint: "choose a folder that you may write to with --home or BOURSE_HOME")
    }
  }

  /// Decides where the server's files are and creates the folders around the data.
  func prepareLayout(notice: (String) -> Void) async throws -> ClusterLayout {
    var serverFolder = ClusterLayout.serverFolder(of: home)
    let user = try await ServerUser.choose(home: home, data: "\(serverFolder)/data")
    if user.needsSwitch, serverFolder == home, try await !canEnter(home, user: user) {
      guard !FileSystem.exists("\(home)/data") else {
        throw ClusterError(
          .badHome, "user \(user.name), who runs the server, can no longer enter \(home)",
          hint: "allow it with chmod o+x on the folders above, or move the cluster to where \(user.name) can go")
      }
      serverFolder = ClusterLayout.relocatedFolder(for: home)
      try FileSystem.makeDirectories(serverFolder, mode: 0o755)
      symlink(serverFolder, "\(home)/server")
      let isReused = FileSystem.exists("\(serverFolder)/data")
      notice(
        "user \(user.name), who runs the server, cannot enter \(home): the data is kept in \(serverFolder)"
          + (isReused ? ", where an earlier cluster of this home still is" : ""))
      return try await prepareLayout(notice: notice)
    }
    // The link outlives its target when somebody clears away /var/lib/bourse.
    if serverFolder != home { try FileSystem.makeDirectories(serverFolder, mode: 0o755) }
    let layout = ClusterLayout(home: home, serverFolder: serverFolder, user: user)
    if layout.usesFallbackSocketDirectory {
      notice("the path of the home does not fit a socket address: the socket is in \(layout.socketDirectory)")
    }
    return layout
  }

  private func canEnter(_ path: String, user: ServerUser) async throws -> Bool {
    try await Command.run("/bin/sh", ["-c", #"cd -- "$1""#, "sh", path], as: user).succeeded
  }

  /// Makes a folder that belongs to the server's user alone, or refuses one that somebody else made in its place.
  func preparePrivateFolder(_ path: String, user: ServerUser) async throws {
    if try await makePrivateFolder(path, user: user) { return }
    guard let status = FileSystem.status(path, followLinks: false), status.isDirectory, status.owner == user.userID,
      status.permissions & 0o077 == 0
    else {
      throw ClusterError(
        .unsafeDirectory, "\(path) exists, but it is not a private folder of user \(user.name)",
        hint: "look at who made it; remove it, or set its owner to \(user.name) and its mode to 700")
    }
  }

  /// - Returns: false when there is something of that name already.
  private func makePrivateFolder(_ path: String, user: ServerUser) async throws -> Bool {
    // In a folder of the user's own, what root has just made may be another thing when root comes to change its owner.
    if user.needsSwitch, FileSystem.status(FileSystem.parent(of: path))?.owner == user.userID {
      if FileSystem.exists(path) { return false }
      let result = try await Command.run("/bin/mkdir", ["-m", "700", "--", path], as: user)
      if result.succeeded { return true }
      throw ClusterError(
        .homeNotWritable, "user \(user.name) cannot create \(path): \(result.lines.last ?? "")",
        hint: "check the folder's mode, or choose another with --home")
    }
    guard try FileSystem.makeDirectory(path, mode: 0o700) else { return false }
    if user.needsSwitch { try FileSystem.changeOwner(path, to: user) }
    return true
  }

  /// Runs initdb beside the data folder and moves the result into place, so that a crash leaves no half of a cluster.
  func createData(_ layout: ClusterLayout, binaries: ServerBinaries) async throws {
    removeAbandonedFolders(layout)
    try requireSpace(Self.bytesToCreate, for: "a new cluster", in: layout)
    let temporary = "initdb-\(getpid())"
    let folder = "\(layout.serverFolder)/\(temporary)"
    try await preparePrivateFolder(folder, user: layout.user)
    do {
      let result = try await Command.run(
        binaries.path("initdb"),
        [
          "--pgdata", temporary, "--username", ClusterConnection.role, "--encoding", "UTF8", "--locale", Self.locale,
          "--data-checksums", "--auth-local", "trust", "--auth-host", "reject", "--no-instructions",
        ], as: layout.user, in: layout.serverFolder)
      guard result.succeeded else { throw initFailure(result, layout) }
      try FileSystem.replaceFile(
        "postgresql.conf", in: folder, with: ServerSettings.stub, mode: 0o600, owner: layout.user)
      try FileSystem.rename(folder, to: layout.dataDirectory)
      try FileSystem.syncDirectory(layout.serverFolder)
    } catch {
      try? FileSystem.removeTree(folder)
      throw error
    }
  }

  /// The lock is held, so folders of earlier attempts belong to nobody any more.
  private func removeAbandonedFolders(_ layout: ClusterLayout) {
    for name in FileSystem.list(layout.serverFolder) where name.hasPrefix("initdb-") {
      try? FileSystem.removeTree("\(layout.serverFolder)/\(name)")
    }
  }

  func requireSpace(_ bytes: UInt64, for purpose: String, in layout: ClusterLayout) throws {
    guard let free = freeBytes(layout.serverFolder), free < bytes else { return }
    throw ClusterError(
      .diskFull, "only \(free >> 20) MB are free for \(layout.serverFolder), and \(purpose) needs \(bytes >> 20) MB",
      hint: "free some space, or choose a folder on another disk with --home")
  }

  /// Code point order with Unicode-aware case rules where the system has it; otherwise code point order alone.
  private static var locale: String {
    guard let locale = newlocale(1 << LC_CTYPE, "C.UTF-8", nil) else { return "C" }
    freelocale(locale)
    return "C.UTF-8"
  }

  private func initFailure(_ result: Command.Result, _ layout: ClusterLayout) -> ClusterError {
    if result.output.contains("No space left on device") {
      return ClusterError(
        .diskFull, "the disk filled up while the cluster was created in \(layout.serverFolder)",
        hint: "free some space, or choose a folder on another disk with --home")
    }
    let cause = result.lines.last { $0.contains("error:") || $0.contains("FATAL:") } ?? result.lines.last ?? "no output"
    return ClusterError(
      .initFailed, "initdb failed: \(cause)", hint: "its output follows", logTail: Array(result.lines.suffix(15)))
  }
}
