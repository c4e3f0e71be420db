import Alerts
import EngineStore
import FoundationEssentials
import LibPQ
import Logging
import Secrets
import ServiceLifecycle

#if canImport(Glibc)
  import Glibc
#endif

/// Evaluates the rules of alerts every few seconds, and delivers what the outbox has: on connections of its own and beside the
/// runner, so that neither a slow condition nor a receiver that does not answer keeps anybody from trading.
///
/// All of it is in the database: killed at any moment, it goes on with what is there. Several may run at the same time.
package final class AlertService: Service {
  private let database: ConnectionOptions
  private let key: (@Sendable () throws -> SecretKey)?
  private let mail: MailServer?
  private let interval: Duration
  private let logger: Logger
  private let sender = Sender()

  /// How often the rules that take long are asked for; each has its own interval beside.
  private static let slowInterval = Duration.seconds(60)
  /// Rules are stopped after this, so that one that takes for ever keeps no other waiting.
  private static let statementTimeout = "10s"

  /// - Parameters:
  ///   - key: opens the secrets of channels; nil: none can be opened.
  ///   - mail: nil: letters wait.
  ///   - interval: between two evaluations.
  package init(
    database: ConnectionOptions, key: (@Sendable () throws -> SecretKey)?, mail: MailServer?,
    interval: Duration = .seconds(3), logger: Logger
  ) {
    self.database = database
    self.key = key
    self.mail = mail
    self.interval = interval
    self.logger = logger
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown { [self] in
      await withTaskGroup(of: Void.self) { group in
        group.addTask { [self] in await keep(every: interval, "evaluate alerts") { try await self.evaluate($0) } }
        group.addTask { [self] in await keep(every: .seconds(1), "deliver notifications") { try await self.deliver($0) }
        }
        group.addTask { [self] in
          await keep(every: .seconds(30), "measure the disk") { try await Self.measureDisk(AlertStore($0)) }
        }
        group.addTask { [self] in
          await keep(every: Self.slowInterval, "evaluate slow rules", within: "30min") {
            self.log(try await AlertStore($0).evaluate(slow: true))
          }
        }
      }
    }
  }

  /// Until it is cancelled. What fails is tried again on a new connection, and said once when that fails too: what ends the
  /// runner is the runner's to say.
  private func keep(
    every interval: Duration, _ what: String, within timeout: String = AlertService.statementTimeout,
    _ body: @escaping @Sendable (Connection) async throws -> Void
  ) async {
    var options = database
    options.settings["statement_timeout"] = timeout
    var failures = 0
    while !Task.isCancelled {
      do {
        try await Connection.with(options) { connection in
          while !Task.isCancelled {
            try await body(connection)
            failures = 0
            try await Task.sleep(for: interval)
          }
        }
      } catch {
        if Task.isCancelled { return }
        failures += 1
        if failures == 2 {
          logger.warning("cannot \(what); trying again", metadata: ["error": "\(error)"])
        }
        try? await Task.sleep(for: max(interval, .seconds(2)))
      }
    }
  }

  // MARK: Evaluation

  private func evaluate(_ connection: Connection) async throws {
    log(try await AlertStore(connection).evaluate(slow: false))
  }

  private func log(_ changes: [AlertChange]) {
    for change in changes {
      let metadata: Logger.Metadata = [
        "alert": "\(change.id)", "rule": "\(change.rule)", "subject": "\(change.subject)",
        "severity": "\(change.severity)",
      ]
      if change.event == "opened" {
        logger.warning("an alert is open", metadata: metadata)
      } else {
        logger.notice("an alert is over", metadata: metadata)
      }
    }
  }

  /// PostgreSQL does not say how full its disk is.
  private static func measureDisk(_ store: AlertStore) async throws {
    guard let folder = try await store.localDataFolder() else { return }
    var figures = statvfs()
    guard statvfs(folder, &figures) == 0, figures.f_blocks > 0 else { return }
    try await store.report("disk_free", of: folder, Double(figures.f_bavail) / Double(figures.f_blocks))
  }

  // MARK: Delivery

  /// Channels side by side, and what is for one channel one after the other.
  private func deliver(_ connection: Connection) async throws {
    let store = AlertStore(connection)
    while true {
      let claimed = Dictionary(grouping: try await store.claimNotifications(), by: \.channelID)
      if claimed.isEmpty { break }
      try await withThrowingTaskGroup(of: [(id: String, error: String?)].self) { group in
        for notifications in claimed.values {
          group.addTask { [self] in
            var outcomes: [(id: String, error: String?)] = []
            for notification in notifications {
              let error = await error { try await self.deliver(notification) }
              outcomes.append((notification.id, error))
              // The others would wait as long for the same answer.
              if error != nil { break }
            }
            return outcomes
          }
        }
        for try await outcomes in group {
          for outcome in outcomes {
            try await store.noteDelivery(outcome.id, error: outcome.error)
            if let error = outcome.error {
              logger.warning(
                "a notification was not delivered", metadata: ["id": "\(outcome.id)", "error": "\(error)"])
            }
          }
        }
      }
    }
    guard let mail else { return }
    for letter in try await store.claimLetters() {
      let error = await error {
        try await sender.send(
          Letter(
            kind: letter.kind, to: letter.email, username: letter.username, token: letter.token,
            until: letter.expiresAt, number: letter.id), by: mail, at: Self.now)
      }
      if let error {
        logger.warning("a letter was not sent", metadata: ["id": "\(letter.id)", "error": "\(error)"])
      } else {
        try await store.letterSent(letter.id)
      }
    }
  }

  private func error(_ body: () async throws -> Void) async -> String? {
    do {
      try await body()
      return nil
    } catch { return "\(error)" }
  }

  private func deliver(_ notification: ClaimedNotification) async throws {
    guard let kind = AlertChannel.Kind(rawValue: notification.kind) else {
      throw DeliveryError("this version knows no channel of kind \(notification.kind)")
    }
    if kind == .email {
      guard let mail else { throw DeliveryError("no mail server is named: bourse run --mail") }
      let message = try AlertMessage(payload: notification.payload)
      try await sender.send(
        Letter(to: notification.address ?? "", subject: message.title, text: message.text, id: message.id), by: mail,
        at: Self.now)
    } else {
      let channel = AlertChannel(
        kind: kind, address: notification.address, url: notification.connection?.url,
        secret: try notification.connection.map(open), isOfStaff: notification.isOfStaff)
      try await sender.post(WebRequest(notification.payload, to: channel, at: Self.now))
    }
  }

  private func open(_ sealed: SealedConnection) throws -> Secret {
    guard let key else { throw DeliveryError("there is no key for secrets") }
    return try SealedSecret.open(
      sealed.credentials,
      for: SecretPurpose(
        connectionID: sealed.connectionID, owner: sealed.owner, broker: sealed.broker, url: sealed.url),
      of: "\(sealed.owner)'s channel \(sealed.name)", keyID: sealed.keyID, under: try key())
  }

  /// Seconds since 1970.
  private static var now: Int { Int(Date.now.timeIntervalSince1970) }
}
