/// What an agent wanted to do with its position and why, and what came of it.
public struct Signal: Sendable {
  public enum Action: SQLSpelling {
    /// Opens a long position.
    case buy
    /// Opens a short position.
    case sell
    case exit

    public var sql: String {
      switch self {
      case .buy: "buy"
      case .sell: "sell"
      case .exit: "exit"
      }
    }
  }

  /// Why no order came of an entry.
  public enum Refusal: CaseIterable, Sendable {
    case schedule, maximumPositions
    /// The sizing gave nothing, or where the stop belongs is not known.
    case noQuantity
    case capital
    /// A position or an order is there already, or the portfolio holds the other side.
    case notFlat

    /// The error code.
    public var code: String {
      switch self {
      case .schedule: "TR520"
      case .maximumPositions: "TR521"
      case .noQuantity: "TR522"
      case .capital: "TR523"
      case .notFlat: "TR527"
      }
    }
  }

  /// Counted from 1; the same in every replay.
  public let number: Int64
  public let action: Action
  /// Of an exit.
  public let reason: ExitReason?
  /// The close, or the price of the fill of a stop or target; NaN when it is not known.
  public let price: Double
  /// The order that came of it: of an exit the one that follows once the resting orders are gone.
  public let clientOrderID: String?
  public let refusal: Refusal?
}
