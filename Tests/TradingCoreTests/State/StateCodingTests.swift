import Testing

@testable import TradingCore

struct StateCodingTests {
  private static let doubles: [Double] = [
    0, -0.0, .nan, -.nan, Double(nan: 77, signaling: false), .infinity, -.infinity, .pi, 5e-324,
    .greatestFiniteMagnitude,
  ]

  private func written() -> [UInt8] {
    var writer = StateWriter()
    for value in Self.doubles { writer.write(value) }
    writer.write(Self.doubles)
    for value in [Int.min, -1, 0, .max] { writer.write(value) }
    writer.write(true)
    writer.write(Int64.min)
    writer.write(UInt64.max)
    writer.write(Int128.min)
    writer.write(Int128.max - 1)
    writer.write(bytes: [0, 255, 7])
    writer.write("ärger")
    return writer.bytes
  }

  private func read(_ state: [UInt8]) throws(StateReader.Malformed) -> Bool {
    var reader = StateReader(state)
    for value in Self.doubles where try reader.double().bitPattern != value.bitPattern { return false }
    guard try reader.doubles().map(\.bitPattern) == Self.doubles.map(\.bitPattern) else { return false }
    for value in [Int.min, -1, 0, .max] where try reader.int() != value { return false }
    guard try reader.bool(), try reader.int64() == .min, try reader.uint64() == .max, try reader.int128() == .min,
      try reader.int128() == .max - 1, try reader.bytes() == [0, 255, 7], try reader.text() == "ärger"
    else { return false }
    return reader.isAtEnd
  }

  @Test func everyValueSurvivesBitForBit() throws { #expect(try read(written())) }

  @Test func whatIsCutShortIsMalformed() {
    let state = written()
    for length in state.indices {
      #expect(throws: StateReader.Malformed.self) { try read(Array(state[..<length])) }
    }
  }

  @Test func lengthsThatCannotBeAreMalformed() {
    for count in [Int.min, -1, 3, .max] {
      var writer = StateWriter()
      writer.write(count)
      writer.write(false)
      writer.write(true)
      #expect(throws: StateReader.Malformed.self) {
        var reader = StateReader(writer.bytes)
        _ = try reader.bytes()
      }
      #expect(throws: StateReader.Malformed.self) {
        var reader = StateReader(writer.bytes)
        _ = try reader.doubles()
      }
    }
  }
}
