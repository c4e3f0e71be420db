// Faults on purpose, for check-guard: each in the midst of work, with memory in hand and constants that are made when they are
// first used.

/// Made when it is first used.
private let numbers: [[UInt8]] = ["one", "two", "three"].map { Array($0.utf8) }
private let places: [[UInt8]: Int] = {
  var places: [[UInt8]: Int] = [:]
  for number in numbers { places[number] = places.count }
  return places
}()

private final class Node {
  var next: Node?
  var values: [Int]

  init(_ next: Node?, _ values: [Int]) {
    self.next = next
    self.values = values
  }
}

/// 0 nothing, 1 an index out of bounds, 2 an overflow, 3 a key that is missing, 4 a division by zero, 5 more memory than
/// there may be, little by little, 6 the same at once, 7 a negative size. What comes back is 3 times the sum up to `count`.
@_cdecl("bourse_trap")
func trap(_ kind: Int32, _ count: Int) -> Int {
  var last: Node?
  for i in 0..<count { last = Node(last, Array(repeating: i, count: 3)) }
  var sum = 0
  var node = last
  while let this = node {
    sum += this.values[0] + this.values[1] + this.values[2]
    node = this.next
  }
  switch kind {
  case 1: sum += last?.values[count + 3] ?? 0
  case 2: sum += Int.max - count + numbers.count
  case 3: sum += places[numbers[count % 3] + [0]]!
  case 4: sum /= places[numbers[0]]!
  case 5: while true { last = Node(last, Array(repeating: sum, count: count)) }
  case 6: sum += [Int](repeating: sum, count: Int.max / 16 - count).count
  case 7: sum += [Int](repeating: sum, count: places.count - numbers.count - count).count
  default: sum += places[numbers[0]]!
  }
  return sum
}
