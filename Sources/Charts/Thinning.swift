/// Long series made short without a visible difference: of all points within a column of pixels the first, the lowest, the
/// highest and the last.
enum Thinning {
  struct Point: Equatable, Sendable {
    var x: Double
    /// NaN interrupts the line.
    var y: Double
  }

  /// - Parameter points: from left to right.
  /// - Returns: at most four points a column, in the order in which they came.
  static func columns(_ points: some Sequence<Point>) -> [Point] {
    var result: [Point] = []
    var kept: [(place: Int, point: Point)] = []
    var column = Int.min
    var place = 0
    func flush() {
      var last = -1
      for (place, point) in kept.sorted(by: { $0.place < $1.place }) where place != last {
        result.append(point)
        last = place
      }
      kept = []
    }
    for point in points {
      place += 1
      if !(point.y.magnitude < ValueScale.limit) {
        flush()
        column = Int.min
        if let last = result.last, !last.y.isNaN { result.append(Point(x: point.x, y: .nan)) }
        continue
      }
      let own = Int(min(max(point.x, -1e6), 1e6).rounded(.down))
      if own != column || kept.isEmpty {
        flush()
        column = own
        kept = Array(repeating: (place, point), count: 4)
        continue
      }
      if point.y < kept[1].point.y { kept[1] = (place, point) }
      if point.y > kept[2].point.y { kept[2] = (place, point) }
      kept[3] = (place, point)
    }
    flush()
    if let last = result.last, last.y.isNaN { result.removeLast() }
    return result
  }
}
