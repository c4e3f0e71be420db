import CZLib

/// What a gzipped file holds.
package func unzipped(_ path: String) -> [UInt8] {
  guard let file = gzopen(path, "rb") else { fatalError("cannot read \(path)") }
  defer { gzclose(file) }
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 1 << 16)
  while case let count = gzread(file, &chunk, UInt32(chunk.count)), count > 0 { bytes += chunk[..<Int(count)] }
  return bytes
}
