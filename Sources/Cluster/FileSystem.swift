import Glibc

/// The error number of a system call that failed, with the call and its path.
struct SystemCallError: Error, CustomStringConvertible {
  let call: String
  let path: String
  let number: Int32

  var reason: String { String(cString: strerror(number)) }
  var description: String { "\(call) \(path): \(reason)" }
}

/// The few file operations that the cluster needs, straight from POSIX, because ownership and modes matter here.
enum FileSystem {
  struct Status {
    let owner: uid_t
    let permissions: mode_t
    let kind: mode_t

    var isDirectory: Bool { kind == S_IFDIR }
    var isSymbolicLink: Bool { kind == S_IFLNK }
  }

  /// What tells one folder from another, by whatever path or mount it is reached.
  struct Identity: Equatable {
    let device: dev_t
    let inode: ino_t
  }

  /// nil with `errno` set when `path` cannot be followed to its end.
  static func identity(_ path: String) -> Identity? {
    var buffer = stat()
    guard stat(path, &buffer) == 0 else { return nil }
    return Identity(device: buffer.st_dev, inode: buffer.st_ino)
  }

  /// nil when there is nothing at `path`, or nothing that this user may see.
  static func status(_ path: String, followLinks: Bool = true) -> Status? {
    var buffer = stat()
    guard (followLinks ? stat(path, &buffer) : lstat(path, &buffer)) == 0 else { return nil }
    return Status(owner: buffer.st_uid, permissions: buffer.st_mode & 0o7777, kind: buffer.st_mode & S_IFMT)
  }

  static func exists(_ path: String) -> Bool { status(path, followLinks: false) != nil }

  /// Creates one directory with exactly `mode`, whatever the umask says. False when it was there already.
  @discardableResult
  static func makeDirectory(_ path: String, mode: mode_t) throws(SystemCallError) -> Bool {
    if mkdir(path, mode) != 0 {
      let number = errno
      if number == EEXIST { return false }
      throw SystemCallError(call: "mkdir", path: path, number: number)
    }
    if chmod(path, mode) != 0 { throw SystemCallError(call: "chmod", path: path, number: errno) }
    return true
  }

  static func makeDirectories(_ path: String, mode: mode_t) throws(SystemCallError) {
    let parent = parent(of: path)
    if parent != path, !exists(parent) { try makeDirectories(parent, mode: mode) }
    try makeDirectory(path, mode: mode)
  }

  /// Changes the owner without following a symbolic link in the last component.
  static func changeOwner(_ path: String, to user: ServerUser) throws(SystemCallError) {
    if lchown(path, user.userID, user.groupID) != 0 {
      throw SystemCallError(call: "chown", path: path, number: errno)
    }
  }

  static func rename(_ source: String, to target: String) throws(SystemCallError) {
    if Glibc.rename(source, target) != 0 { throw SystemCallError(call: "rename", path: source, number: errno) }
  }

  /// Makes sure that a rename or a new entry in this folder survives a loss of power.
  static func syncDirectory(_ path: String) throws(SystemCallError) {
    let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallError(call: "open", path: path, number: errno) }
    defer { close(descriptor) }
    if fsync(descriptor) != 0 { throw SystemCallError(call: "fsync", path: path, number: errno) }
  }

  static func readText(_ path: String) throws(SystemCallError) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallError(call: "open", path: path, number: errno) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0 { throw SystemCallError(call: "read", path: path, number: errno) }
      if count == 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(contentsOf: buffer[..<count])
    }
  }

  /// Replaces `name` in `directory` by a new file, so that a reader sees the old or the new text and never half of it.
  /// The folder may belong to a less privileged user, so neither it nor the new file is reached through a link.
  static func replaceFile(
    _ name: String, in directory: String, with text: String, mode: mode_t, owner: ServerUser? = nil
  ) throws(SystemCallError) {
    let path = "\(directory)/\(name)"
    let folder = open(directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard folder >= 0 else { throw SystemCallError(call: "open", path: directory, number: errno) }
    defer { close(folder) }
    let temporary = ".\(name).\(getpid()).\(UInt32.random(in: .min ... .max))"
    let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard file >= 0 else { throw SystemCallError(call: "create", path: path, number: errno) }
    defer { close(file) }
    do throws(SystemCallError) {
      try write(text, to: file, path: path)
      if fchmod(file, mode) != 0 { throw SystemCallError(call: "chmod", path: path, number: errno) }
      if let owner, fchown(file, owner.userID, owner.groupID) != 0 {
        throw SystemCallError(call: "chown", path: path, number: errno)
      }
      if fsync(file) != 0 { throw SystemCallError(call: "fsync", path: path, number: errno) }
      if renameat(folder, temporary, folder, name) != 0 {
        throw SystemCallError(call: "rename", path: path, number: errno)
      }
    } catch {
      unlinkat(folder, temporary, 0)
      throw error
    }
  }

  private static func write(_ text: String, to file: Int32, path: String) throws(SystemCallError) {
    let bytes = Array(text.utf8)
    var offset = 0
    while offset < bytes.count {
      let count = bytes[offset...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 { throw SystemCallError(call: "write", path: path, number: errno) }
      offset += count
    }
  }

  static func list(_ path: String) -> [String] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    return names(in: directory)
  }

  private static func names(in directory: OpaquePointer) -> [String] {
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }

  /// Removes a file or a folder with all that is in it. Folders are entered by descriptor, so that their owner cannot
  /// lead a more privileged caller elsewhere by swapping one for a link.
  static func removeTree(_ path: String) throws(SystemCallError) {
    try removeEntry(path, in: AT_FDCWD)
  }

  private static func removeEntry(_ name: String, in folder: Int32) throws(SystemCallError) {
    if unlinkat(folder, name, 0) == 0 || errno == ENOENT { return }
    guard errno == EISDIR || errno == EPERM else { throw SystemCallError(call: "remove", path: name, number: errno) }
    let descriptor = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw SystemCallError(call: "open", path: name, number: errno) }
    guard let directory = fdopendir(descriptor) else {
      close(descriptor)
      throw SystemCallError(call: "open", path: name, number: errno)
    }
    defer { closedir(directory) }
    for child in names(in: directory) { try removeEntry(child, in: descriptor) }
    if unlinkat(folder, name, AT_REMOVEDIR) != 0 { throw SystemCallError(call: "rmdir", path: name, number: errno) }
  }

  static func size(_ path: String) -> Int? {
    var buffer = stat()
    return stat(path, &buffer) == 0 ? Int(buffer.st_size) : nil
  }

  /// Bytes that an unprivileged writer may still use on the file system of `path` or of its nearest existing parent.
  static func freeBytes(_ path: String) -> UInt64? {
    var buffer = statvfs()
    guard statvfs(path, &buffer) == 0 else {
      let parent = parent(of: path)
      return parent == path ? nil : freeBytes(parent)
    }
    return UInt64(buffer.f_bavail) * UInt64(buffer.f_frsize)
  }

  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return "/" }
    return String(path[..<slash])
  }

  static func lastComponent(of path: String) -> String {
    String(path[path.index(after: path.lastIndex(of: "/") ?? path.startIndex)...])
  }

  static func linkTarget(_ path: String) -> String? {
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = buffer.withUnsafeMutableBytes {
      readlink(path, $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
    }
    return count < 0 ? nil : String(decoding: buffer[..<count], as: UTF8.self)
  }

  /// The path without links, `.` and `..`; parts that do not exist yet are kept as they are written.
  static func canonical(_ path: String, from workingDirectory: String) -> String {
    let absolute = path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)"
    var resolved = ""
    for part in absolute.split(separator: "/") where part != "." {
      if part == ".." {
        resolved = parent(of: resolved)
        if resolved == "/" { resolved = "" }
        continue
      }
      resolved += "/\(part)"
      if let real = realpath(resolved, nil) {
        resolved = String(cString: real)
        free(real)
        if resolved == "/" { resolved = "" }
      }
    }
    return resolved.isEmpty ? "/" : resolved
  }
}
