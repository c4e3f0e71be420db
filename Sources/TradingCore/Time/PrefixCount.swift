extension RandomAccessCollection where Index == Int {
  /// How many elements at the front meet a condition that none behind them meets: by halving.
  public func prefixCount(where isBefore: (Element) -> Bool) -> Int {
    var (low, high) = (startIndex, endIndex)
    while low < high {
      let middle = low + (high - low) / 2
      if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low - startIndex
  }
}
