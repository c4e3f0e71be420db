/// An upper and a lower band around a middle line, in price units.
public struct Bands: OutputRecord {
  public var upper, middle, lower: Double

  public static var columnCount: Int { 3 }
  public static var missing: Self { Self(upper: .nan, middle: .nan, lower: .nan) }
  public var isPresent: Bool { !middle.isNaN }
  @inline(__always) public func store(row: Int, to columns: OutputColumns<Self>) {
    columns.first[row] = upper
    columns.second[row] = middle
    columns.third[row] = lower
  }
}

extension OutputColumns where Row == Bands {
  public init(
    upper: UnsafeMutableBufferPointer<Double>, middle: UnsafeMutableBufferPointer<Double>,
    lower: UnsafeMutableBufferPointer<Double>
  ) {
    self.init(upper, middle, lower)
  }
}
