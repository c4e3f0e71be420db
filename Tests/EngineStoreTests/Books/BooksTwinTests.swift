import LibPQ
import TestSupport
import Testing

@testable import EngineStore
@testable import TradingCore

/// The books in memory are the one copy of the database's decisions. Both carry out the same random histories, request by
/// request, and agree about everything that they know, to the last digit and word.
@Suite(.needsServer, .serialized, .commonTimeLimit)
struct BooksTwinTests {
  /// `make soak` carries out more and longer ones.
  @Test func bothDoTheSame() async throws {
    var tally = try await Self.run(0, histories: 2)
    tally.add(try await Self.run(1_000, histories: 4, limits: 6, protections: 3))
    tally.add(try await Self.run(2_000, histories: 4, hasContracts: true, limits: 1, protections: 1))
    tally.expect(
      "accepted", "replaced", "filled", "refused", "split", "cashInLieu", "dividend", "borrow", "closures",
      "settlement",
      "exercise", "advance")
    // What becomes of an order, by the code that says why.
    tally.expect(
      "rejected TR107", "rejected TR220", "rejected TR225", "rejected TR226", "rejected TR240", "rejected TR308",
      "rejected TR401", "rejected TR402", "cancelled TR201", "cancelled TR216", "cancelled TR218", "cancelled TR220",
      "cancelled TR222", "cancelled TR234", "cancelled TR401", "expired TR217", "breach open_orders")
    tally.expect(kinds: 15, of: "rejected TR")
    tally.expect(kinds: 15, of: "breach")
  }

  private static func run(
    _ base: UInt64, histories: UInt64, hasContracts: Bool = false, limits: Int = 0, protections: Int = 0
  ) async throws -> Tally {
    var tally = Tally()
    for seed in seeds(UInt64(rounds(Int(histories), soak: 2 * Int(histories)))) {
      var random = SeededGenerator(seed: base &+ seed)
      let script = TwinMarket.script(
        &random, hasContracts: hasContracts, limits: limits, protections: protections)
      let counts = try await TestDatabase.withSchema(script) { _, connection in
        let clocks = try await EngineStore(connection).clocks(of: [1, 2])
        let terms = try await TwinMarket.terms(connection)
        return try await connection.transaction { _ in
          var history = try TwinHistory(random, terms, connection, clocks: clocks)
          for step in 1...rounds(100, soak: 600) {
            try await history.step()
            if step % 20 == 0 { try await history.compare() }
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

    mutating func add(_ other: Tally) { counts.merge(other.counts) { $0 + $1 } }

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
