import CZLib

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The bytes of a file or of standard input, unpacked when they are gzip's.
struct ByteInput: ~Copyable {
  /// As given: a path, or `-` for standard input.
  let name: String
  /// Bytes of the file as it lies on the disk; nil for a pipe or terminal.
  let size: Int?
  private let stream: gzFile

  /// - Parameter path: `-` is standard input.
  init(_ path: String) throws(FeedError) {
    let opened = try Self.open(path)
    name = path
    size = opened.size
    stream = opened.stream
  }

  private static func open(_ path: String) throws(FeedError) -> (stream: gzFile, size: Int?) {
    let descriptor = path == "-" ? dup(STDIN_FILENO) : openForReading(path)
    guard descriptor >= 0 else { throw FeedError(.cannotOpen, "cannot open \(path): \(systemError())") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw FeedError(.cannotOpen, "cannot read \(path): it is a folder")
    }
    guard let stream = gzdopen(descriptor, "r") else {
      close(descriptor)
      throw FeedError(.cannotOpen, "cannot open \(path): out of memory")
    }
    gzbuffer(stream, 256 * 1024)
    return (stream, status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil)
  }

  deinit { gzclose(stream) }

  /// Whether it can be read only once: standard input, a pipe, a device. Says so without opening it.
  static func isStream(_ path: String) -> Bool {
    var status = stat()
    return path == "-" || stat(path, &status) == 0 && ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
  }

  /// Bytes of the file on the disk that have been consumed so far, for progress.
  var offset: Int { max(0, Int(gzoffset(stream))) }

  /// Fills `buffer` as far as there is data; 0 only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FeedError) -> Int {
    let count = gzread(stream, buffer.baseAddress, UInt32(clamping: buffer.count))
    if count < buffer.count {
      // A truncated archive hands out what it has and says so only here.
      var code: Int32 = 0
      let text = gzerror(stream, &code)
      if code == Z_ERRNO { throw FeedError(.cannotRead, "cannot read \(name): \(systemError())") }
      if code != Z_OK && code != Z_STREAM_END {
        let reason = code == Z_BUF_ERROR ? "it ends in the middle" : text.map { String(cString: $0) } ?? "damaged"
        throw FeedError(.cannotRead, "the archive \(name) is damaged: \(reason)")
      }
    }
    return Int(max(0, count))
  }
}

func openForReading(_ path: String) -> Int32 { open(path, O_RDONLY | O_CLOEXEC) }

func systemError() -> String { String(cString: strerror(errno)) }
