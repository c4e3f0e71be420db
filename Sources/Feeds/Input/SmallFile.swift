/// The text of a file that a person has written, plain or packed with gzip; `-` is standard input.
///
/// - Throws: what cannot be read, more than a megabyte, and what is no UTF-8.
package func smallFile(_ path: String) throws(FeedError) -> String {
  let input = try ByteInput(path)
  let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 65_536, alignment: 1)
  defer { piece.deallocate() }
  var bytes: [UInt8] = []
  while case let count = try input.read(into: piece), count > 0 {
    bytes += piece.prefix(count)
    guard bytes.count <= 1_048_576 else {
      throw FeedError(.cannotRead, "cannot read \(path): it has more than a megabyte")
    }
  }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw FeedError(.cannotRead, "cannot read \(path): it is no text in UTF-8")
  }
  return text
}
