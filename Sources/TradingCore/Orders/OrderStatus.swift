/// Where an order stands, and where it may go from there.
public enum OrderStatus: SQLSpelling {
  case new
  /// A child that waits for its parent's first fill.
  case held
  /// Waits for a second person's approval.
  case pendingApproval
  case accepted
  case working
  case partiallyFilled
  case filled
  case rejected
  case cancelled
  case expired
  case replaced
  /// Committed, to be sent to a broker.
  case pendingSubmit
  /// A cancel has been asked for and not been answered.
  case pendingCancel
  /// Sent without an answer: to be reconciled, never sent again blindly.
  case unknown

  public var sql: String {
    switch self {
    case .new: "new"
    case .held: "held"
    case .pendingApproval: "pending_approval"
    case .accepted: "accepted"
    case .working: "working"
    case .partiallyFilled: "partially_filled"
    case .filled: "filled"
    case .rejected: "rejected"
    case .cancelled: "cancelled"
    case .expired: "expired"
    case .replaced: "replaced"
    case .pendingSubmit: "pending_submit"
    case .pendingCancel: "pending_cancel"
    case .unknown: "unknown"
    }
  }

  /// No transition leaves a terminal status.
  public var isTerminal: Bool { successors.isEmpty }

  public func canBecome(_ status: OrderStatus) -> Bool { successors.contains(status) }

  /// The statuses that may follow, as `trading.order_transitions` lists them. A further partial fill keeps `partiallyFilled`, which is thus its own successor.
  public var successors: [OrderStatus] {
    switch self {
    case .new:
      [.held, .pendingApproval, .accepted, .rejected, .pendingSubmit]
    case .held:
      [.pendingApproval, .accepted, .pendingSubmit, .rejected, .cancelled, .expired]
    case .pendingApproval:
      [.held, .accepted, .pendingSubmit, .rejected, .cancelled, .expired]
    case .pendingSubmit:
      [.accepted, .working, .partiallyFilled, .filled, .rejected, .cancelled, .expired, .pendingCancel, .unknown]
    case .accepted:
      [.working, .partiallyFilled, .filled, .rejected, .cancelled, .expired, .replaced, .pendingCancel, .unknown]
    case .working:
      [.partiallyFilled, .filled, .rejected, .cancelled, .expired, .replaced, .pendingCancel, .unknown]
    case .partiallyFilled:
      [.partiallyFilled, .filled, .cancelled, .expired, .replaced, .pendingCancel, .unknown]
    case .pendingCancel:
      // The broker may refuse the cancel or the order itself, or fill first, in part, too.
      [
        .pendingCancel, .accepted, .working, .partiallyFilled, .filled, .rejected, .cancelled, .expired, .replaced,
        .unknown,
      ]
    case .unknown:
      [.accepted, .working, .partiallyFilled, .filled, .rejected, .cancelled, .expired, .replaced, .pendingCancel]
    case .filled, .rejected, .cancelled, .expired, .replaced:
      []
    }
  }
}
