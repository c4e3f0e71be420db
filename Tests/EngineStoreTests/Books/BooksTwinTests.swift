import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// The books in memory are the one copy of the database's decisions. Both carry out the same random histories, request by
/// request, and agree about everything that they know, to the last digit and word.
@Suite(.needsServer, .serialized, .commonTimeLimit)
struct BooksTwinTests {
  @Test func ordersAndFills() async throws {
    let tally = try await Self.run(0, histories: 4)
    tally.expect(
      "accepted", "replaced", "filled", "refused", "rejected TR220", "rejected TR240", "rejected TR401",
      "rejected TR402",
      "cancelled TR216", "cancelled TR220", "cancelled TR222", "split", "cashInLieu", "dividend", "closures")
  }

  @Test func limitsAndPauses() async throws {
    let tally = try await Self.run(1_000, histories: 7, limits: 4, protections: 2)
    tally.expect("accepted", "filled", "rejected TR308", "rejected TR327")
    tally.expect(kinds: 15, of: "breach")
  }

  @Test func contracts() async throws {
    let tally = try await Self.run(2_000, histories: 4, hasContracts: true, limits: 1, protections: 1)
    tally.expect(
      "filled", "settlement", "exercise", "expired TR233", "rejected TR107", "rejected TR225", "advance")
  }

  private static func run(
    _ base: UInt64, histories: UInt64, hasContracts: Bool = false, limits: Int = 0, protections: Int = 0
  ) async throws -> Tally {
    var tally = Tally()
    for seed in seeds(histories) {
      var random = SeededGenerator(seed: base &+ seed)
      let script = TwinMarket.script(
        &random, hasContracts: hasContracts, limits: limits, protections: protections)
      let counts = try await TestDatabase.withSchema(script) { _, connection in
        let clocks = try await EngineStore(connection).clocks(of: [1, 2])
        let terms = try await TwinMarket.terms(connection)
        return try await connection.transaction { _ in
          var history = try TwinHistory(random, terms, connection, clocks: clocks)
          for step in 1...rounds(120, soak: 600) {
            try await history.step()
            if step % 10 == 0 { try await history.compare() }
          }
          try await history.compare()
          return history.tally()
        }
      }
      tally.counts.merge(counts) { $0 + $1 }
    }
    return tally
  }

  /// How often what happened.
  struct Tally: CustomStringConvertible {
    var counts: [String: Int] = [:]

    var description: String {
      counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", ")
    }

    /// The histories reach what they are there for; those of other seeds may not.
    func expect(_ names: String...) {
      if seeds(1) != [1] { return }
      for name in names where counts[name] == nil { Issue.record("there was no \(name) in \(self)") }
    }

    func expect(kinds: Int, of prefix: String) {
      if seeds(1) != [1] { return }
      #expect(counts.keys.count { $0.hasPrefix(prefix) } >= kinds, "\(self)")
    }
  }
}
