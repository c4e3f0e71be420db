import FoundationEssentials
import TradingCore

/// What a live source says of an instrument.
package struct LiveTick: Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    case trade(price: Double, size: Double, saleCondition: String?, isSuspicious: Bool)
    /// Sides that are not quoted are nil.
    case quote(bid: Double?, ask: Double?, bidSize: Double?, askSize: Double?)
  }

  package var symbol: String
  /// When it happened, and when it was read off the wire.
  package var time: Timestamp
  package var received: Timestamp
  /// The source's running number of this symbol's messages, trades and quotes alike.
  package var number: Int64
  package var venue: String?
  package var kind: Kind
}

package enum LiveMessage: Sendable, Equatable {
  case tick(LiveTick)
  case heartbeat
  /// The numbers of this symbol begin anew.
  case restart(symbol: String)
  case error(String)
  /// One of an array that cannot be understood; the others can.
  case unusable
}

/// Reads and writes the messages of one source.
package protocol LiveCodec: Sendable {
  /// - Throws: ``FeedError`` with `notJSON` for what cannot be understood.
  func decode(_ bytes: [UInt8], received: Timestamp) throws -> [LiveMessage]
  /// Asks for everything after these numbers and for what comes; nil begins with what comes.
  func subscribe(_ positions: [(symbol: String, after: Int64?)]) -> String
  /// Asks for the numbers between two, both excluded.
  func replay(symbol: String, after: Int64, before: Int64) -> String
}

/// The generic format, JSON; docs/live-feed.md describes it.
package struct GenericCodec: LiveCodec {
  /// Messages in one array; more is no tick source.
  private static let longestArray = 100_000

  package init() {}

  /// As it stands in the text. Numbers of time are milliseconds since 1970.
  private struct Wire: Decodable {
    enum Time: Decodable {
      case text(String)
      case milliseconds(Int64)

      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
          self = .text(text)
        } else {
          self = .milliseconds(try container.decode(Int64.self))
        }
      }
    }

    var type: String
    var symbol: String?
    var ts: Time?
    var seq: Int64?
    var price, size, bid, ask, bidSize, askSize: Double?
    var venue, condition, message: String?
    var suspicious: Bool?

    enum CodingKeys: String, CodingKey {
      case type, symbol, ts, seq, price, size, bid, ask, venue, condition, message, suspicious
      case bidSize = "bid_size"
      case askSize = "ask_size"
    }
  }

  package func decode(_ bytes: [UInt8], received: Timestamp) throws -> [LiveMessage] {
    let data = Data(bytes)
    do {
      if bytes.first(where: { $0 > 0x20 }) != UInt8(ascii: "[") {
        return [try message(try JSONDecoder().decode(Wire.self, from: data), received)]
      }
      let wires = try JSONDecoder().decode([Element].self, from: data)
      guard wires.count <= Self.longestArray else { throw FeedError(.notJSON, "\(wires.count) messages in one array") }
      return wires.map { element in
        element.wire.flatMap { try? message($0, received) } ?? .unusable
      }
    } catch let error as FeedError {
      throw error
    } catch {
      throw FeedError(.notJSON, "a message is not of the documented format: \(text(bytes))")
    }
  }

  /// Of an array, with one that cannot be understood the others are not lost: the source would only send them again.
  private struct Element: Decodable {
    let wire: Wire?

    init(from decoder: any Decoder) { wire = try? Wire(from: decoder) }
  }

  private func message(_ wire: Wire, _ received: Timestamp) throws -> LiveMessage {
    switch wire.type {
    case "trade", "quote":
      guard let tick = tick(wire, received) else {
        throw FeedError(.notJSON, "a \(wire.type) lacks a symbol, ts, seq or price")
      }
      return .tick(tick)
    case "heartbeat": return .heartbeat
    case "restart":
      guard let symbol = wire.symbol else { throw FeedError(.notJSON, "a restart names no symbol") }
      return .restart(symbol: symbol)
    case "error": return .error(wire.message ?? "the source reports an error")
    default: throw FeedError(.notJSON, "a message of the unknown type \"\(wire.type.prefix(40))\"")
    }
  }

  private func tick(_ wire: Wire, _ received: Timestamp) -> LiveTick? {
    guard let symbol = wire.symbol, let number = wire.seq, number >= 0, let ts = wire.ts else { return nil }
    let time: Timestamp?
    switch ts {
    case .text(let text): time = try? Timestamp(text)
    case .milliseconds(let count):
      let (product, overflow) = count.multipliedReportingOverflow(by: 1_000)
      time =
        overflow || product < -62_000_000_000_000_000
        ? nil : try? Timestamp(microseconds: product - 946_684_800_000_000)
    }
    guard let time else { return nil }
    let kind: LiveTick.Kind
    if wire.type == "trade" {
      guard let price = wire.price, let size = wire.size else { return nil }
      kind = .trade(price: price, size: size, saleCondition: wire.condition, isSuspicious: wire.suspicious ?? false)
    } else {
      guard wire.bid != nil || wire.ask != nil else { return nil }
      kind = .quote(bid: wire.bid, ask: wire.ask, bidSize: wire.bidSize, askSize: wire.askSize)
    }
    return LiveTick(symbol: symbol, time: time, received: received, number: number, venue: wire.venue, kind: kind)
  }

  private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes.prefix(200), as: UTF8.self) }

  // MARK: Requests

  private struct Subscribe: Encodable {
    struct Position: Encodable {
      var symbol: String
      var after: Int64?
    }
    var op = "subscribe"
    var symbols: [Position]
  }

  private struct Replay: Encodable {
    var op = "replay"
    var symbol: String
    var after, before: Int64
  }

  package func subscribe(_ positions: [(symbol: String, after: Int64?)]) -> String {
    encode(Subscribe(symbols: positions.map { .init(symbol: $0.symbol, after: $0.after) }))
  }

  package func replay(symbol: String, after: Int64, before: Int64) -> String {
    encode(Replay(symbol: symbol, after: after, before: before))
  }

  private func encode(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Texts and whole numbers always have a form in JSON.
    return (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
}
