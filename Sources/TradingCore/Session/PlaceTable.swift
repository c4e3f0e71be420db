/// Where each of some identifiers is: a look-up for every event.
struct PlaceTable: Sendable {
  /// By identifier, -1 where there is none; empty when the identifiers are too large for that.
  private var small: [Int32] = []
  private var large: [Int32: Int] = [:]

  private static let bound = 1 << 16

  /// - Parameter identifiers: each at its place, once.
  init(_ identifiers: [Int32]) {
    if let least = identifiers.min(), let most = identifiers.max(), least >= 0, most < Self.bound {
      small = Array(repeating: -1, count: Int(most) + 1)
      for (place, identifier) in identifiers.enumerated() { small[Int(identifier)] = Int32(place) }
    } else {
      large = Dictionary(uniqueKeysWithValues: identifiers.indices.map { (identifiers[$0], $0) })
    }
  }

  @inline(__always)
  subscript(identifier: Int32) -> Int? {
    if small.isEmpty { return large[identifier] }
    guard identifier >= 0, Int(identifier) < small.count, small[Int(identifier)] >= 0 else { return nil }
    return Int(small[Int(identifier)])
  }
}
