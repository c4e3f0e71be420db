import CZLib

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A gzip file that appears under its name when it is complete and on the disk, or not at all. The same content gives the
/// same bytes.
struct ArchiveFile: ~Copyable {
  let path: String
  private let partial: String
  private let descriptor: Int32
  private var stream: gzFile?

  /// Begins a file, and makes the folders above it. What an interrupted export left is written over.
  init(_ path: String) throws(FeedError) {
    let opened = try Self.begin(path)
    self.path = path
    (partial, descriptor, stream) = opened
  }

  private static func begin(_ path: String) throws(FeedError) -> (String, Int32, gzFile?) {
    let folder = folder(of: path)
    let partial = "\(folder)/.\(path.split(separator: "/").last ?? "").partial"
    try makeFolders(folder)
    let descriptor = open(partial, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FeedError(.cannotWrite, "cannot write \(partial): \(systemError())") }
    let copy = dup(descriptor)
    guard copy >= 0, let stream = gzdopen(copy, "wb6") else {
      let reason = systemError()
      if copy >= 0 { close(copy) }
      close(descriptor)
      throw FeedError(.cannotWrite, "cannot write \(partial): \(reason)")
    }
    gzbuffer(stream, 256 * 1024)
    return (partial, descriptor, stream)
  }

  deinit {
    if let stream {
      gzclose(stream)
      unlink(partial)
    }
    close(descriptor)
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer) throws(FeedError) {
    guard bytes.isEmpty || Int(gzwrite(stream, bytes.baseAddress, UInt32(bytes.count))) == bytes.count else {
      throw FeedError(.cannotWrite, "cannot write \(partial): \(systemError())")
    }
  }

  /// Puts the file in its place, over an older one.
  mutating func finish() throws(FeedError) {
    let closing = stream
    stream = nil
    guard gzclose(closing) == Z_OK, fsync(descriptor) == 0, rename(partial, path) == 0 else {
      let reason = systemError()
      unlink(partial)
      throw FeedError(.cannotWrite, "cannot write \(path): \(reason)")
    }
    let folder = open(Self.folder(of: path), O_RDONLY | O_CLOEXEC)
    if folder >= 0 {
      fsync(folder)
      close(folder)
    }
  }

  private static func folder(of path: String) -> String {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return parts.isEmpty ? "." : parts == [""] ? "/" : parts.joined(separator: "/")
  }

  private static func makeFolders(_ path: String) throws(FeedError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      made += part + "/"
      guard mkdir(made, 0o755) == 0 || errno == EEXIST else {
        throw FeedError(.cannotWrite, "cannot make the folder \(made): \(systemError())")
      }
    }
  }
}
