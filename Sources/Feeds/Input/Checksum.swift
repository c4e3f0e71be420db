import CZLib

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// CRC-32 and length of a file's bytes as they lie on the disk.
func checksum(of path: String) throws(FeedError) -> (checksum: UInt, size: Int) {
  let descriptor = openForReading(path)
  guard descriptor >= 0 else { throw FeedError(.cannotOpen, "cannot open \(path): \(systemError())") }
  defer { close(descriptor) }
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 * 1024, alignment: 16)
  defer { buffer.deallocate() }
  var checksum: UInt = 0
  var size = 0
  while true {
    let count = read(descriptor, buffer.baseAddress, buffer.count)
    if count < 0 {
      if errno == EINTR { continue }
      throw FeedError(.cannotRead, "cannot read \(path): \(systemError())")
    }
    if count == 0 { return (checksum, size) }
    checksum = crc32_z(checksum, buffer.baseAddress!.assumingMemoryBound(to: UInt8.self), count)
    size += count
  }
}
